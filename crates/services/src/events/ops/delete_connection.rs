//! `DeleteConnection`: forgets what authorizes.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteConnection.html>
//!
//! COMPAT: API destinations that use it are inactive from now on, also when there is one of its name again.

use super::changed::Changed;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::holding::{Held, counter};
use crate::events::http_shapes::HOLDING_NAME;
use crate::events::records::Connection;
use crate::operation::Operation;
use crate::tx::Reply;
use store::Record as _;

pub(crate) struct DeleteConnection;

wire::input! {
    /// What `DeleteConnection` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" HOLDING_NAME,
    }
}

impl Operation for DeleteConnection {
    const NAME: &'static str = "DeleteConnection";
    type Input = Input;
    type Output = Changed;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Changed>, Error> {
        let mut tx = cx.begin();
        let held = Held::<Connection>::find(cx, &mut tx, &input.name).await?;
        let permit = held.permit(cx, Action("events:DeleteConnection"))?;

        let found = held.existing(&permit)?;
        let changed = Changed::of_connection(&found.record, "DELETING");
        let counter = counter::<Connection>(cx.account(), cx.region);
        tx.count(&permit, &counter, -1, None);
        tx.delete::<Connection>(&permit, &found.record.key(), found.rev);
        let recorded = tx.commit(changed.tell(cx.event(&permit))).await?;

        Ok(recorded.reply(changed))
    }
}
