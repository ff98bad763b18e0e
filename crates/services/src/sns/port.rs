//! Topics as other services of this server publish to them: in their own name, for a resource.

use super::confirming::Links;
use super::fan_out::{FanOut, STEPS_OF_A_BYTE, Told, subscriptions};
use super::ids::TopicId;
use super::message::Message;
use super::records::{Subscription, Topic};
use super::signing::Signer;
use super::topic_policy;
use crate::app::App;
use crate::authorize::Permit;
use crate::deliveries::{NO_ROOM, Unmade, bury_unmade, queue_derived, room};
use crate::ports::{PortFuture, Publisher, TopicMessage, Topics};
use crate::tx::Deriving;
use crate::work::Work;
use base::{CommonError, random_uuid};
use std::collections::HashMap;
use std::sync::Arc;
use store::Versioned;

/// SNS, for the services that publish.
pub(crate) struct Sns;

impl Topics for Sns {
    fn publish<'a>(
        &'a self,
        app: &'a App,
        own: &'a Permit,
        tx: &'a mut Deriving<'_>,
        message: TopicMessage<'a>,
    ) -> PortFuture<'a, bool, CommonError> {
        Box::pin(async move {
            let work = &mut Work::default();
            Desk::default().publish(app, own, tx, message, work).await
        })
    }

    fn publisher(&self) -> Box<dyn Publisher> {
        Box::new(Desk::default())
    }
}

impl Publisher for Desk {
    fn publish<'a>(
        &'a mut self,
        app: &'a App,
        own: &'a Permit,
        tx: &'a mut Deriving<'_>,
        message: TopicMessage<'a>,
        work: &'a mut Work,
    ) -> PortFuture<'a, bool, CommonError> {
        Box::pin(self.publish(app, own, tx, message, work))
    }
}

/// What is known of topics for as long as some messages are published.
///
/// It is read beside the transaction: that a topic changes meanwhile is no reason to begin again.
#[derive(Default)]
struct Desk {
    /// By their ARNs. `None`: there is none.
    topics: HashMap<String, Option<Arc<Known>>>,
    signer: Option<Signer>,
}

struct Known {
    id: TopicId,
    topic: Arc<Topic>,
    subscriptions: Vec<Versioned<Subscription>>,
}

impl Desk {
    async fn publish(
        &mut self,
        app: &App,
        own: &Permit,
        tx: &mut Deriving<'_>,
        sent: TopicMessage<'_>,
        work: &mut Work,
    ) -> Result<bool, CommonError> {
        let Some(known) = self.topic(app, sent.topic_arn).await? else {
            return Ok(false);
        };
        let topic = &known.topic;
        if !topic_policy::lets_service(topic, &sent, &known.id.region, app.clock.now())? {
            return Ok(false);
        }
        let message_id = random_uuid(app.entropy.as_ref());
        let message = Message::of_service(message_id, sent.subject, sent.message);
        let told = Told::to(app, &known.subscriptions, message, work).await;
        let left = self.tell(app, own, tx, (&known, &told), work).await?;
        if left > 0 {
            let unmade = Unmade {
                account: &topic.account,
                region: &topic.region,
                source: sent.source_arn.to_owned(),
                endpoint: sent.topic_arn,
                why: NO_ROOM,
                messages: left,
            };
            bury_unmade(app, own, tx, unmade).await?;
        }
        Ok(true)
    }

    /// Stores a delivery for each of those that are told and find room, and gives how many do not.
    async fn tell(
        &mut self,
        app: &App,
        own: &Permit,
        tx: &mut Deriving<'_>,
        (known, told): (&Known, &Told),
        work: &mut Work,
    ) -> Result<usize, CommonError> {
        let account = &known.topic.account;
        let bytes = i64::try_from(told.message.size()).unwrap_or(i64::MAX);
        // Nothing is signed that would find no room.
        if told.audience.is_empty() || room(tx, account).await?.holds(bytes) == 0 {
            return Ok(told.audience.len());
        }
        let signer = match &mut self.signer {
            Some(signer) => signer,
            none => none.insert(Signer::get(app, own, &known.id).await?),
        };
        let links = Links::of(app);
        let mut fan_out = FanOut::new(app, (&known.topic, &told.message), &links, signer);
        let mut left = 0;
        for one in &told.audience {
            let bytes = fan_out.bytes(one)?;
            if room(tx, account).await?.holds(bytes) == 0 {
                left += 1;
                continue;
            }
            let delivery = fan_out.delivery(one)?;
            queue_derived(app, own, tx, vec![delivery]).await?;
            let bytes = usize::try_from(bytes).unwrap_or_default();
            work.add(STEPS_OF_A_BYTE.saturating_mul(bytes)).await;
        }
        Ok(left)
    }

    async fn topic(&mut self, app: &App, arn: &str) -> Result<Option<Arc<Known>>, CommonError> {
        if let Some(known) = self.topics.get(arn) {
            return Ok(known.clone());
        }
        if self.topics.len() >= MOST_TOPICS {
            self.topics.clear();
        }
        let found = find(app, arn).await?.map(Arc::new);
        self.topics.insert(arn.to_owned(), found.clone());
        Ok(found)
    }
}

async fn find(app: &App, arn: &str) -> Result<Option<Known>, CommonError> {
    let Some(id) = TopicId::of_arn(arn) else {
        return Ok(None);
    };
    let mut tx = app.ledger.begin_reading();
    let Some(topic) = tx.get::<Topic>(&Topic::key_of(&id)).await? else {
        return Ok(None);
    };
    let subscriptions = tx.query(&subscriptions(&id)).await?;
    Ok(Some(Known {
        id,
        topic: topic.record,
        subscriptions,
    }))
}

/// How many topics are remembered, each with as many subscriptions as it may have.
const MOST_TOPICS: usize = 100;

#[cfg(test)]
mod tests;
