//! `GetCallerIdentity`: which account and identity the caller's credentials belong to.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
//!
//! COMPAT: needs no permission, as on AWS; so there is nothing to find and nobody to ask.

use super::super::{Error, NAMESPACE};
use crate::cx::Cx;
use crate::gateway::Refusal;
use base::CommonError;
use wire::{Body, query};

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Body, Refusal> {
    let finished = cx.begin().finish(cx.unasked_event()).await;
    let recorded = finished.map_err(|error: CommonError| Refusal::of(&Error::from(error)))?;

    let body = query::response(
        NAMESPACE,
        "GetCallerIdentity",
        cx.facts.request_id,
        |result| {
            result.text("UserId", &cx.principal.id());
            result.text("Account", cx.account().as_str());
            result.text("Arn", &cx.principal.arn());
        },
    );
    Ok(recorded.reply(body).into_output())
}
