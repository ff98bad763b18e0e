//! Forgets stacks that were deleted long ago. Idempotent.

use crate::app::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::cloudformation::EVENT_SOURCE;
use crate::cloudformation::error::Error;
use crate::cloudformation::model::Stack;
use crate::tx::Lines;
use base::random_uuid;
use serde_json::json;
use std::sync::Arc;
use store::Record as _;

/// Removes what is due, each stack in its own transaction.
///
/// # Errors
/// The last failure, after all that can be removed is.
pub(crate) async fn forget_deleted(app: &App, permit: &Permit) -> Result<(), Error> {
    let due = Stack::to_forget(app.clock.now());
    app.ledger
        .sweep(due, |stack| forget(app, stack, permit))
        .await
}

async fn forget(app: &App, due: Arc<Stack>, permit: &Permit) -> Result<(), Error> {
    let mut tx = app.ledger.begin();
    let Some(found) = tx.get::<Stack>(&due.key()).await? else {
        return Ok(());
    };
    tx.delete::<Stack>(permit, &due.key(), found.rev);
    let event = ServiceEvent {
        event_source: EVENT_SOURCE,
        event_name: "ForgetStack",
        region: due.region.as_str(),
        account: due.account.as_str(),
        now: app.clock.now(),
        request_id: &random_uuid(app.entropy.as_ref()),
        response_elements: None,
        additional: json!({ "stackId": due.arn() }),
    };
    let line = event.to_line(&random_uuid(app.entropy.as_ref()));
    tx.commit(Lines::of(line)).await?;
    Ok(())
}
