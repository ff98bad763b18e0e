//! `DeleteApiDestination`: forgets an endpoint.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteApiDestination.html>
//!
//! COMPAT: targets that mean it stay, and what they are told is a dead letter.

use super::Nothing;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::holding::{Held, counter};
use crate::events::http_shapes::HOLDING_NAME;
use crate::events::records::ApiDestination;
use crate::operation::Operation;
use crate::tx::Reply;
use store::Record as _;

pub(crate) struct DeleteApiDestination;

wire::input! {
    /// What `DeleteApiDestination` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" HOLDING_NAME,
    }
}

impl Operation for DeleteApiDestination {
    const NAME: &'static str = "DeleteApiDestination";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let mut tx = cx.begin();
        let held = Held::<ApiDestination>::find(cx, &mut tx, &input.name).await?;
        let permit = held.permit(cx, Action("events:DeleteApiDestination"))?;

        let found = held.existing(&permit)?;
        let counter = counter::<ApiDestination>(cx.account(), cx.region);
        tx.count(&permit, &counter, -1, None);
        tx.delete::<ApiDestination>(&permit, &found.record.key(), found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Nothing))
    }
}
