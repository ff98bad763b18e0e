//! `DeauthorizeConnection`: forgets the secrets of a connection and keeps the rest.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeauthorizeConnection.html>
//!
//! COMPAT: it is done when the answer comes, so that no state tells that it is under way. The name that goes
//! with the secret stays, as it is none.

use super::changed::Changed;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::holding::Held;
use crate::events::http_shapes::HOLDING_NAME;
use crate::events::records::Connection;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeauthorizeConnection;

wire::input! {
    /// What `DeauthorizeConnection` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" HOLDING_NAME,
    }
}

impl Operation for DeauthorizeConnection {
    const NAME: &'static str = "DeauthorizeConnection";
    type Input = Input;
    type Output = Changed;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Changed>, Error> {
        let mut tx = cx.begin();
        let held = Held::<Connection>::find(cx, &mut tx, &input.name).await?;
        let permit = held.permit(cx, Action("events:DeauthorizeConnection"))?;

        let found = held.existing(&permit)?;
        let connection = Connection {
            parameters: None,
            sealed: None,
            modified: cx.now(),
            ..Connection::clone(&found.record)
        };
        let changed = Changed::of_connection(&connection, connection.state());
        tx.update(&permit, connection, found.rev);
        let recorded = tx.commit(changed.tell(cx.event(&permit))).await?;

        Ok(recorded.reply(changed))
    }
}
