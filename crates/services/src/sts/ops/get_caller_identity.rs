//! `GetCallerIdentity`: which account and identity the caller's credentials belong to.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
//!
//! COMPAT: needs no permission, as on AWS, and no policy of the caller's can forbid it: only that of
//! a private endpoint can.

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sts::error::Error;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct GetCallerIdentity;

wire::input! {
    /// What `GetCallerIdentity` takes.
    pub(crate) struct Input {}
}

pub(crate) struct Output {
    user_id: String,
    account: String,
    arn: String,
}

impl Operation for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, _: &Input) -> Result<Reply<Output>, Error> {
        let event = cx.unasked_event(Action("sts:GetCallerIdentity"))?;

        let output = Output {
            user_id: cx.principal.id(),
            account: cx.account().to_string(),
            arn: cx.principal.arn().to_owned(),
        };
        let recorded = cx.begin().finish(event).await?;

        Ok(recorded.reply(output))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.text("UserId", &self.user_id);
        result.text("Account", &self.account);
        result.text("Arn", &self.arn);
    }
}
