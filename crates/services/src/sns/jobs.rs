//! Subscriptions that nobody confirmed are taken away.

use super::records::Subscription;
use crate::app::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::sns::EVENT_SOURCE;
use crate::sns::error::Error;
use crate::tx::{CommitError, Lines};
use base::{CommonError, random_uuid};
use serde_json::json;
use std::sync::Arc;
use store::Record as _;

/// Removes those whose token has expired.
///
/// # Errors
/// The last failure of the store or the audit log.
pub(crate) async fn forget_unconfirmed(app: &App, own: &Permit) -> Result<(), CommonError> {
    let expired = Subscription::expired(app.clock.now(), 1);
    app.ledger
        .sweep(expired, |subscription: Arc<Subscription>| async move {
            Ok::<(), Error>(forget(app, own, &subscription).await?)
        })
        .await
        .map_err(|error| match error {
            Error::Common(error) => error,
            error => CommonError::internal(error),
        })
}

async fn forget(app: &App, own: &Permit, expired: &Subscription) -> Result<(), CommitError> {
    let mut tx = app.ledger.begin();
    let found = tx.get::<Subscription>(&expired.key()).await;
    let Some(found) = found.map_err(CommonError::from)? else {
        return Ok(());
    };
    if found.record.is_confirmed() {
        return Ok(());
    }
    tx.delete::<Subscription>(own, &expired.key(), found.rev);
    let id = random_uuid(app.entropy.as_ref());
    let event = ServiceEvent {
        event_source: EVENT_SOURCE,
        event_name: "SubscriptionExpired",
        region: expired.region.as_str(),
        account: expired.account.as_str(),
        now: app.clock.now(),
        request_id: &id,
        response_elements: None,
        additional: json!({ "subscriptionArn": expired.id().arn() }),
    };
    let line = event.to_line(&random_uuid(app.entropy.as_ref()));
    tx.commit(Lines::of(line)).await?;
    Ok(())
}
