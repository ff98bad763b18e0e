//! `GetCallerIdentity`: which account and identity the caller's credentials belong to.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
//!
//! COMPAT: needs no permission, as on AWS; so there is nothing to find and nobody to ask.

use super::super::{Error, NAMESPACE};
use crate::audit;
use crate::cx::Cx;
use crate::gateway::Refusal;
use crate::tx::Lines;
use base::{CommonError, random_uuid};
use wire::{Body, query};

pub(crate) async fn run(cx: &Cx<'_>) -> Result<Body, Refusal> {
    let event_id = random_uuid(cx.entropy());
    let line = audit::api_call(cx.facts, &event_id, audit::Outcome::default());
    let finished = cx.begin().finish(Lines(vec![line])).await;
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
