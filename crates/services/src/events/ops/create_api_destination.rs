//! `CreateApiDestination`: names an endpoint that rules may tell.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateApiDestination.html>
//!
//! SECURITY: endpoints are those that the operator allows, which is looked at again at each request. Who makes
//! one has the secrets of its connection sent there, and so needs leave for the connection too, as on AWS.

use super::changed::Changed;
use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::holding::{Held, Holding, by_arn, counter};
use crate::events::http_shapes::{
    CONNECTION_ARN, HOLDING_NAME, HTTPS_ENDPOINT, LINE, METHOD, RATE,
};
use crate::events::records::{ApiDestination, Connection, Method};
use crate::events::request;
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use base::random_uuid;
use std::sync::Arc;

pub(crate) struct CreateApiDestination;

wire::input! {
    /// What `CreateApiDestination` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" HOLDING_NAME,
        description: Option<String> = audited "Description" LINE,
        connection: String = required audited "ConnectionArn" CONNECTION_ARN,
        endpoint: String = required "InvocationEndpoint" HTTPS_ENDPOINT,
        method: String = required audited "HttpMethod" METHOD,
        rate: Option<i64> = audited "InvocationRateLimitPerSecond" RATE,
    }
}

impl Operation for CreateApiDestination {
    const NAME: &'static str = "CreateApiDestination";
    type Input = Input;
    type Output = Changed;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Changed>, Error> {
        let mut tx = cx.begin();
        let action = Action("events:CreateApiDestination");
        let held = Held::<ApiDestination>::find(cx, &mut tx, &input.name).await?;
        let id = random_uuid(cx.entropy());
        let permit = held.permit_as(cx, action, &id)?;
        let connection = connection(cx, &mut tx, action, &input.connection).await?;

        held.absent(&permit)?;
        check_endpoint(cx, &input.endpoint)?;
        let destination = ApiDestination {
            account: cx.account().clone(),
            region: cx.region.clone(),
            name: input.name.clone(),
            id,
            description: input.description.clone(),
            connection: connection.arn(),
            endpoint: input.endpoint.clone(),
            method: method(&input.method)?,
            per_second: per_second(input.rate),
            created: cx.now(),
            modified: cx.now(),
        };
        let changed = Changed::of_destination(&destination, connection.is_authorized());
        let counter = counter::<ApiDestination>(cx.account(), cx.region);
        tx.count(&permit, &counter, 1, Some(i64::from(ApiDestination::MOST)));
        tx.insert(&permit, destination);
        let recorded = tx.commit(changed.tell(cx.event(&permit))).await?;

        Ok(recorded.reply(changed))
    }
}

/// The connection that `arn` means, which the caller may use.
///
/// # Errors
/// The refusal in AWS's words; [`Error::NoSuchConnection`], also for one of somebody else.
pub(super) async fn connection(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    action: Action,
    arn: &str,
) -> Result<Arc<Connection>, Error> {
    cx.authorize(action, Resource::named(cx.account(), arn.to_owned()))?;
    let found = by_arn(tx, cx.account(), cx.region, arn).await?;
    found.ok_or_else(|| {
        let name = arn.split('/').nth(1).unwrap_or_default();
        Connection::missing(name)
    })
}

/// Checks that requests may be sent to `endpoint`.
///
/// # Errors
/// [`Error::Validation`].
pub(super) fn check_endpoint(cx: &Cx<'_>, endpoint: &str) -> Result<(), Error> {
    let invalid = |reason: &str| Error::invalid("InvocationEndpoint", reason);
    let sample = request::sample(endpoint);
    let sample = sample.ok_or_else(|| invalid("It is no URL with wildcards in its path alone."))?;
    match cx.app.messenger.may_post(&sample) {
        true => Ok(()),
        false => Err(invalid(NOT_ALLOWED)),
    }
}

/// The method that is called `name`.
///
/// # Errors
/// [`Error::Validation`]; the model has refused it before.
pub(super) fn method(name: &str) -> Result<Method, Error> {
    Method::parse(name).ok_or_else(|| Error::invalid("HttpMethod", "It is no method."))
}

/// How many requests there may be in a second.
pub(super) fn per_second(given: Option<i64>) -> u32 {
    let given = given.and_then(|rate| u32::try_from(rate).ok());
    given.unwrap_or(USUAL_RATE)
}

const NOT_ALLOWED: &str = "The operator of this server does not allow this endpoint.";
/// AWS's.
const USUAL_RATE: u32 = 300;
