//! From a message to a delivery for each subscription.

use super::confirming::{Links, MOST_SUBSCRIPTIONS, patience};
use super::error::Error;
use super::filter::Filtered;
use super::ids::TopicId;
use super::message::Message;
use super::records::{Protocol, Subscription, Topic};
use super::rendering::Envelope;
use super::signing::Signer;
use crate::app::App;
use crate::authorize::Permit;
use crate::deliveries::{self, Delivery, Needed, Share};
use crate::tx::Tx;
use crate::work::Work;
use base::{CommonError, Timestamp, random_uuid};
use jobs::Job;
use std::sync::Arc;
use store::{Query, Versioned};

/// All subscriptions of a topic.
pub(super) fn subscriptions(topic: &TopicId) -> Query {
    Subscription::of_topic(topic, MOST_SUBSCRIPTIONS)
}

/// A message, and those that are to hear of it.
pub(super) struct Told {
    pub(super) message: Message,
    pub(super) audience: Vec<Arc<Subscription>>,
}

impl Told {
    /// `message`, with those of `subscriptions` that it is for.
    pub(super) async fn to(
        app: &App,
        subscriptions: &[Versioned<Subscription>],
        message: Message,
        work: &mut Work,
    ) -> Self {
        let filtered = Filtered::new(&app.filters, &message);
        let mut audience = Vec::new();
        let records = subscriptions.iter().map(|found| &found.record);
        for one in records.filter(|one| one.is_confirmed()) {
            if filtered.is_for(one) {
                audience.push(Arc::clone(one));
            }
            work.add(filtered.steps(one)).await;
        }
        drop(filtered);
        Self { message, audience }
    }
}

/// Makes the deliveries of one message.
pub(super) struct FanOut<'a> {
    app: &'a App,
    topic: &'a Topic,
    envelope: Envelope<'a>,
    now: Timestamp,
    /// How many bytes a delivery has, by its form.
    known: Vec<((Protocol, bool), i64)>,
}

impl<'a> FanOut<'a> {
    /// Of a message to `topic`.
    pub(super) fn new(
        app: &'a App,
        (topic, message): (&'a Topic, &'a Message),
        links: &'a Links,
        signer: &'a Signer,
    ) -> Self {
        let now = app.clock.now();
        Self {
            app,
            topic,
            envelope: Envelope::new((topic, message), links, signer, now),
            now,
            known: Vec::new(),
        }
    }

    /// How many bytes the delivery for `subscription` has, but for what the ARN and the endpoint of one
    /// are longer than those of another. The first of a form is made to know it.
    ///
    /// # Errors
    /// When the message cannot be signed.
    pub(super) fn bytes(&mut self, subscription: &Subscription) -> Result<i64, CommonError> {
        let form = (subscription.protocol, subscription.is_raw);
        if let Some((_, bytes)) = self.known.iter().find(|(known, _)| *known == form) {
            return Ok(*bytes);
        }
        let bytes = self.delivery(subscription)?.bytes();
        self.known.push((form, bytes));
        Ok(bytes)
    }

    /// The delivery for `subscription`.
    ///
    /// # Errors
    /// When the message cannot be signed.
    pub(super) fn delivery(
        &mut self,
        subscription: &Subscription,
    ) -> Result<Delivery, CommonError> {
        let destination = self.envelope.to(subscription)?;
        Ok(Delivery {
            account: self.topic.account.clone(),
            region: self.topic.region.clone(),
            id: random_uuid(self.app.entropy.as_ref()),
            source: subscription.id().arn(),
            patience: patience(&destination),
            destination,
            made: self.now,
            job: Job::due_at(Some(self.now)),
        })
    }
}

/// Stores a delivery for each of those that are `told`, in the transaction of the call that brought the
/// messages. What it gives is to be kept until that is committed.
///
/// SECURITY: a character may take six in JSON, for each subscription. So it is known how much it will be
/// before it is made, and there is memory for it.
///
/// # Errors
/// [`Error::TooManyWaiting`] when the account has no room for them; when they cannot be signed.
pub(super) async fn queue<'a>(
    app: &'a App,
    (tx, permit): (&mut Tx<'_>, &Permit),
    (id, topic): (&TopicId, &Topic),
    told: &[Told],
    work: &mut Work,
) -> Result<Option<Share<'a>>, Error> {
    if told.iter().all(|one| one.audience.is_empty()) {
        return Ok(None);
    }
    let links = Links::of(app);
    let signer = Signer::get(app, permit, id).await?;
    let mut needed = Needed::default();
    let mut making = Vec::new();
    for Told { message, audience } in told {
        let mut fan_out = FanOut::new(app, (topic, message), &links, &signer);
        for one in audience {
            needed.add(fan_out.bytes(one)?);
        }
        making.push((fan_out, audience));
        work.add(STEPS_OF_A_BYTE * message.size()).await;
    }
    let share = deliveries::share(app, &topic.account, needed).await?;
    let share = share.ok_or(Error::TooManyWaiting)?;
    for (mut fan_out, audience) in making {
        for one in audience {
            let delivery = fan_out.delivery(one)?;
            let bytes = usize::try_from(delivery.bytes()).unwrap_or_default();
            deliveries::queue(tx, permit, vec![delivery]);
            work.add(STEPS_OF_A_BYTE.saturating_mul(bytes)).await;
        }
    }
    Ok(Some(share))
}

/// What it takes to write, seal and store a message, for each of its bytes.
pub(super) const STEPS_OF_A_BYTE: usize = 16;

#[cfg(test)]
mod tests;
