//! `ListConnections`: the connections of the account in the Region, in the order of their names.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListConnections.html>

use super::{describe_connection, held_page};
use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::holding::arn;
use crate::events::http_shapes::{HOLDING_NAME, STATE};
use crate::events::records::Connection;
use crate::events::shapes::{LIMIT, TOKEN};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json::{self, Object};

pub(crate) struct ListConnections;

wire::input! {
    /// What `ListConnections` takes.
    pub(crate) struct Input {
        prefix: Option<String> = audited "NamePrefix" HOLDING_NAME,
        state: Option<String> = audited "ConnectionState" STATE,
        next: Option<String> = "NextToken" TOKEN,
        limit: Option<i64> = audited "Limit" LIMIT,
    }
}

pub(crate) struct Output {
    connections: Vec<Arc<Connection>>,
    next: Option<String>,
}

impl Operation for ListConnections {
    const NAME: &'static str = "ListConnections";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let everything = arn::<Connection>(cx.account(), cx.region, "*", "*");
        let resource = Resource::named(cx.account(), everything);
        let permit = cx.authorize(Action("events:ListConnections"), resource)?;

        let mut tx = cx.begin();
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let state = input.state.as_deref();
        let listing = Listing {
            operation: Self::NAME,
            question: &[prefix.as_bytes(), state.unwrap_or_default().as_bytes()],
        };
        let is_asked_for = |one: &Connection| state.is_none_or(|state| one.state() == state);
        let asked = (prefix, input.next.as_deref(), input.limit);
        let (connections, next) = held_page(cx, &mut tx, &listing, asked, is_asked_for).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { connections, next }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        object.objects("Connections", &self.connections, |one, entry| {
            describe_connection::write(entry, one);
        });
        object.opt_text("NextToken", self.next.as_deref());
    }
}
