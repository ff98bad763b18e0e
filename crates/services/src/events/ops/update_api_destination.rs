//! `UpdateApiDestination`: changes an endpoint that rules tell.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateApiDestination.html>
//!
//! - COMPAT: what is not given stays as it is.
//! - SECURITY: who names a connection has its secrets sent to the endpoint, and so needs leave for the
//!   connection too.

use super::changed::Changed;
use super::create_api_destination::{check_endpoint, connection, method, per_second};
use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::holding::{Held, Holding as _};
use crate::events::http_shapes::{
    CONNECTION_ARN, HOLDING_NAME, HTTPS_ENDPOINT, LINE, METHOD, RATE,
};
use crate::events::records::ApiDestination;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UpdateApiDestination;

wire::input! {
    /// What `UpdateApiDestination` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" HOLDING_NAME,
        description: Option<String> = audited "Description" LINE,
        connection: Option<String> = audited "ConnectionArn" CONNECTION_ARN,
        endpoint: Option<String> = "InvocationEndpoint" HTTPS_ENDPOINT,
        method: Option<String> = audited "HttpMethod" METHOD,
        rate: Option<i64> = audited "InvocationRateLimitPerSecond" RATE,
    }
}

impl Operation for UpdateApiDestination {
    const NAME: &'static str = "UpdateApiDestination";
    type Input = Input;
    type Output = Changed;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Changed>, Error> {
        let mut tx = cx.begin();
        let action = Action("events:UpdateApiDestination");
        let held = Held::<ApiDestination>::find(cx, &mut tx, &input.name).await?;
        let permit = held.permit(cx, action)?;

        let found = held.existing(&permit)?;
        let mut destination = ApiDestination::clone(&found.record);
        if let Some(arn) = &input.connection {
            destination.connection = connection(cx, &mut tx, action, arn).await?.arn();
        }
        if let Some(endpoint) = &input.endpoint {
            check_endpoint(cx, endpoint)?;
            destination.endpoint.clone_from(endpoint);
        }
        if let Some(name) = &input.method {
            destination.method = method(name)?;
        }
        if input.rate.is_some() {
            destination.per_second = per_second(input.rate);
        }
        if let Some(description) = &input.description {
            destination.description = Some(description.clone());
        }
        destination.modified = cx.now();
        let is_active = super::is_active(&mut tx, &destination).await?;
        let changed = Changed::of_destination(&destination, is_active);
        tx.update(&permit, destination, found.rev);
        let recorded = tx.commit(changed.tell(cx.event(&permit))).await?;

        Ok(recorded.reply(changed))
    }
}
