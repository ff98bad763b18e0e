//! `ListResourcePolicies`: the names of the policies attached to a secret, of which there is one at
//! most.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListResourcePolicies.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::resource_policy::DEFAULT_NAME;
use crate::secretsmanager::shapes::{MAX_RESULTS, NEXT_TOKEN, SECRET_ID};
use crate::secretsmanager::target::Target;
use crate::tx::Reply;
use wire::json;

pub(crate) struct ListResourcePolicies;

wire::input! {
    /// What `ListResourcePolicies` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        max_results: Option<i64> = audited "MaxResults" MAX_RESULTS,
        next_token: Option<String> = "NextToken" NEXT_TOKEN,
    }
}

pub(crate) struct Output {
    name: Option<&'static str>,
}

impl Operation for ListResourcePolicies {
    const NAME: &'static str = "ListResourcePolicies";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let permit = cx.authorize_with(
            Action("secretsmanager:ListResourcePolicies"),
            target.resource(),
            &target.keys(),
        )?;

        target.usable(&permit)?;
        // Every list fits on its first page, so no token was ever given out.
        if input.next_token.is_some() {
            return Err(Error::InvalidNextToken);
        }
        let name = target.resource_policy(&permit).map(|_| DEFAULT_NAME);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { name }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("ResourcePolicies", self.name, |name, entry| {
            entry.text("PolicyName", name);
        });
    }
}
