//! `GetPolicy`: a function's policy.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html>

use super::QUALIFIED;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::lambda::error::Error;
use crate::lambda::shapes::{NAMESPACED_NAME, QUALIFIER};
use crate::lambda::target::Target;
use crate::operation::{Operation, RestNames};
use crate::tx::Reply;
use wire::json;
use wire::rest::Http;

pub(crate) struct GetPolicy;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "GetPolicy20150331v2",
};

static HTTP: Http =
    Http::new("GET", "/2015-03-31/functions/{FunctionName}/policy", 200).query(QUALIFIED);

wire::input! {
    /// What `GetPolicy` takes.
    pub(crate) struct Input {
        name: String = required audited "FunctionName" NAMESPACED_NAME,
        qualifier: Option<String> = audited "Qualifier" QUALIFIER,
    }
}

pub(crate) struct Output {
    policy: String,
    revision_id: String,
}

impl Operation for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.name, input.qualifier.as_deref()).await?;
        let permit = target.permit(cx, Action("lambda:GetPolicy"))?;

        let function = &target.existing(&permit)?.record;
        let policy = function.policy.as_ref().ok_or(Error::PolicyNotFound)?;
        let output = Output {
            policy: policy.text().to_owned(),
            revision_id: function.revision_id.clone(),
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("Policy", &self.policy);
        object.text("RevisionId", &self.revision_id);
    }
}
