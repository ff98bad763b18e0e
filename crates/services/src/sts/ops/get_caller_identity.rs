//! `GetCallerIdentity`: which account and identity the caller's credentials belong to.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
//!
//! COMPAT: needs no permission, as on AWS; so there is nothing to find and nobody to ask.

use super::super::{Error, NAMESPACE};
use crate::cx::Cx;
use crate::gateway::Refusal;
use base::CommonError;
use wire::xml::{Element, Output};
use wire::{Body, query};

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Body, Refusal> {
    let finished = cx.begin().finish(cx.unasked_event()).await;
    let recorded = finished.map_err(|error: CommonError| Refusal::of(&Error::from(error)))?;

    let answer = Answer {
        user_id: cx.principal.id(),
        account: cx.account().as_str(),
        arn: cx.principal.arn(),
    };
    let body = query::response(NAMESPACE, "GetCallerIdentity", cx.facts.request_id, &answer)
        .map_err(|error| Refusal::of(&Error::from(CommonError::internal(error))))?;
    Ok(recorded.reply(body).into_output())
}

struct Answer<'a> {
    user_id: String,
    account: &'a str,
    arn: String,
}

impl Output for Answer<'_> {
    fn write(&self, result: &mut Element<'_>) {
        result.text("UserId", &self.user_id);
        result.text("Account", self.account);
        result.text("Arn", &self.arn);
    }
}
