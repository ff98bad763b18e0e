//! Topics as other services of this server publish to them: in their own name, for a resource.

use super::fan_out::{audience, deliveries, subscriptions};
use super::ids::TopicId;
use super::message::Message;
use super::records::{Subscription, Topic};
use super::signing::Signer;
use super::topic_policy;
use crate::app::App;
use crate::authorize::Permit;
use crate::deliveries::{NO_ROOM, Unmade, bury_unmade, queue_derived, room};
use crate::ports::{PortFuture, TopicMessage, Topics};
use crate::tx::Deriving;
use base::{CommonError, random_uuid};

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
        Box::pin(publish(app, own, tx, message))
    }
}

async fn publish(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    sent: TopicMessage<'_>,
) -> Result<bool, CommonError> {
    let Some(id) = TopicId::of_arn(sent.topic_arn) else {
        return Ok(false);
    };
    let Some(topic) = tx.get::<Topic>(&Topic::key_of(&id)).await? else {
        return Ok(false);
    };
    let topic = topic.record;
    if !topic_policy::lets_service(&topic, &sent, &id.region, app.clock.now())? {
        return Ok(false);
    }
    let message_id = random_uuid(app.entropy.as_ref());
    let message = Message::of_service(message_id, sent.subject, sent.message);
    let found = tx.query::<Subscription>(&subscriptions(&id)).await?;
    let mut audience = audience(app, &found, &message);
    // Nothing is signed that would find no room.
    let bytes = i64::try_from(sent.message.len()).unwrap_or(i64::MAX);
    let fitting = room(tx, &topic.account).await?.holds(bytes);
    let messages = audience.len().saturating_sub(fitting);
    audience.truncate(fitting);
    if messages > 0 {
        let unmade = Unmade {
            account: &topic.account,
            region: &topic.region,
            source: sent.source_arn.to_owned(),
            endpoint: sent.topic_arn,
            why: NO_ROOM,
            messages,
        };
        bury_unmade(app, own, tx, unmade).await?;
    }
    if audience.is_empty() {
        return Ok(true);
    }
    let signer = Signer::get(app, own, &id).await?;
    let deliveries = deliveries(app, &topic, &message, &audience, &signer)?;
    queue_derived(app, own, tx, deliveries).await?;
    Ok(true)
}
