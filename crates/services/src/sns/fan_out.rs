//! From one message to a delivery for each subscription.

use super::confirming::{Links, MOST_SUBSCRIPTIONS, patience};
use super::filter::Filtered;
use super::ids::TopicId;
use super::message::Message;
use super::records::{Subscription, Topic};
use super::rendering::Envelope;
use super::signing::Signer;
use crate::app::App;
use crate::deliveries::Delivery;
use base::{CommonError, random_uuid};
use jobs::Job;
use std::sync::Arc;
use store::{Query, Versioned};

/// All subscriptions of a topic.
pub(super) fn subscriptions(topic: &TopicId) -> Query {
    Subscription::of_topic(topic, MOST_SUBSCRIPTIONS)
}

/// Those that are to hear of `message`.
pub(super) fn audience(
    app: &App,
    found: &[Versioned<Subscription>],
    message: &Message,
) -> Vec<Arc<Subscription>> {
    let records = found.iter().map(|found| &found.record);
    let message = Filtered::new(&app.filters, message);
    let meant = records.filter(|one| one.is_confirmed() && message.is_for(one));
    meant.cloned().collect()
}

/// A delivery for each of `audience`.
///
/// # Errors
/// When the message cannot be signed.
pub(super) fn deliveries(
    app: &App,
    topic: &Topic,
    message: &Message,
    audience: &[Arc<Subscription>],
    signer: &Signer,
) -> Result<Vec<Delivery>, CommonError> {
    let now = app.clock.now();
    let links = Links::of(app);
    let mut envelope = Envelope::new((topic, message), &links, signer, now);
    let made = audience.iter().map(|subscription| {
        let destination = envelope.to(subscription)?;
        Ok(Delivery {
            account: topic.account.clone(),
            region: topic.region.clone(),
            id: random_uuid(app.entropy.as_ref()),
            source: subscription.id().arn(),
            patience: patience(&destination),
            destination,
            made: now,
            job: Job::due_at(Some(now)),
        })
    });
    made.collect()
}
