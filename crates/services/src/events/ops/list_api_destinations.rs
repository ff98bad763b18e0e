//! `ListApiDestinations`: the API destinations of the account in the Region, in the order of their names.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListApiDestinations.html>

use super::{describe_api_destination, held_page};
use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::holding::arn;
use crate::events::http_shapes::{CONNECTION_ARN, HOLDING_NAME};
use crate::events::records::ApiDestination;
use crate::events::shapes::{LIMIT, TOKEN};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json::{self, Object};

pub(crate) struct ListApiDestinations;

wire::input! {
    /// What `ListApiDestinations` takes.
    pub(crate) struct Input {
        prefix: Option<String> = audited "NamePrefix" HOLDING_NAME,
        connection: Option<String> = audited "ConnectionArn" CONNECTION_ARN,
        next: Option<String> = "NextToken" TOKEN,
        limit: Option<i64> = audited "Limit" LIMIT,
    }
}

pub(crate) struct Output {
    /// With whether it is active.
    destinations: Vec<(Arc<ApiDestination>, bool)>,
    next: Option<String>,
}

impl Operation for ListApiDestinations {
    const NAME: &'static str = "ListApiDestinations";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let everything = arn::<ApiDestination>(cx.account(), cx.region, "*", "*");
        let resource = Resource::named(cx.account(), everything);
        let permit = cx.authorize(Action("events:ListApiDestinations"), resource)?;

        let mut tx = cx.begin();
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let connection = input.connection.as_deref();
        let listing = Listing {
            operation: Self::NAME,
            question: &[prefix.as_bytes(), connection.unwrap_or_default().as_bytes()],
        };
        let is_asked_for =
            |one: &ApiDestination| connection.is_none_or(|arn| one.connection == arn);
        let asked = (prefix, input.next.as_deref(), input.limit);
        let (page, next) = held_page(cx, &mut tx, &listing, asked, is_asked_for).await?;
        let mut destinations = Vec::with_capacity(page.len());
        for one in page {
            let is_active = super::is_active(&mut tx, &one).await?;
            destinations.push((one, is_active));
        }
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { destinations, next }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        object.objects(
            "ApiDestinations",
            &self.destinations,
            |(one, is_active), entry| {
                describe_api_destination::write(entry, one, *is_active);
            },
        );
        object.opt_text("NextToken", self.next.as_deref());
    }
}
