//! `DescribeApiDestination`: what an API destination is like.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeApiDestination.html>

use super::changed::state_of_destination;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::holding::{Held, Holding as _};
use crate::events::http_shapes::HOLDING_NAME;
use crate::events::records::ApiDestination;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json::{self, Object};

pub(crate) struct DescribeApiDestination;

wire::input! {
    /// What `DescribeApiDestination` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" HOLDING_NAME,
    }
}

pub(crate) struct Output {
    destination: Arc<ApiDestination>,
    is_active: bool,
}

impl Operation for DescribeApiDestination {
    const NAME: &'static str = "DescribeApiDestination";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let held = Held::<ApiDestination>::find(cx, &mut tx, &input.name).await?;
        let permit = held.permit(cx, Action("events:DescribeApiDestination"))?;

        let destination = Arc::clone(&held.existing(&permit)?.record);
        let is_active = super::is_active(&mut tx, &destination).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output {
            destination,
            is_active,
        }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        write(object, &self.destination, self.is_active);
        object.opt_text("Description", self.destination.description.as_deref());
    }
}

/// Writes what lists show of an API destination too.
pub(super) fn write(object: &mut Object<'_>, destination: &ApiDestination, is_active: bool) {
    object.text("ApiDestinationArn", &destination.arn());
    object.text("Name", &destination.name);
    object.text("ApiDestinationState", state_of_destination(is_active));
    object.text("ConnectionArn", &destination.connection);
    object.text("InvocationEndpoint", &destination.endpoint);
    object.text("HttpMethod", destination.method.name());
    let rate = i64::from(destination.per_second);
    object.integer("InvocationRateLimitPerSecond", rate);
    object.timestamp("CreationTime", destination.created);
    object.timestamp("LastModifiedTime", destination.modified);
}
