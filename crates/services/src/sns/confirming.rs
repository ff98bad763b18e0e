//! Asking an endpoint whether it wants to hear.
//!
//! SECURITY: a token is of 64 random bytes, is kept as a digest, and is good for two days. It proves that
//! who has it can read what is sent to the endpoint, and nothing else.

use super::error::Error;
use super::ids::{SubscriptionId, TopicId};
use super::records::{State, Subscription};
use super::rendering;
use super::signing::Signer;
use crate::app::App;
use crate::authorize::Permit;
use crate::deliveries::{self, Delivery, Patience};
use crate::tx::Tx;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base::{Entropy, Timestamp, random_uuid};
use data_encoding::HEXLOWER;
use jobs::Job;
use std::sync::Arc;
use store::Versioned;

/// The URLs that messages carry.
pub(super) struct Links(String);

impl Links {
    /// Those of this server.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] while nobody knows where it is reached.
    pub(super) fn of(app: &App) -> Self {
        Self(app.messenger.own_url().unwrap_or_default())
    }

    pub(super) fn certificate(&self, file: &str) -> String {
        format!("{}/{file}", self.0)
    }

    pub(super) fn unsubscribe(&self, id: &SubscriptionId) -> String {
        format!(
            "{}/?Action=Unsubscribe&SubscriptionArn={}",
            self.0,
            id.arn()
        )
    }

    pub(super) fn confirm(&self, topic_arn: &str, token: &str) -> String {
        format!(
            "{}/?Action=ConfirmSubscription&TopicArn={topic_arn}&Token={token}",
            self.0
        )
    }
}

/// A token, and the state of a subscription that waits for it.
pub(super) fn ask(entropy: &dyn Entropy, now: Timestamp) -> (String, State) {
    let mut bytes = [0; TOKEN_BYTES];
    entropy.fill(&mut bytes);
    let token = HEXLOWER.encode(&bytes);
    let state = State::Pending {
        digest: digest_of(&token),
        asked: now,
        expires: now.plus_days(TOKEN_DAYS),
    };
    (token, state)
}

/// Stores the request for a confirmation of `subscription` as a message to its endpoint.
///
/// # Errors
/// When it cannot be signed.
pub(super) async fn send(
    app: &App,
    tx: &mut Tx<'_>,
    permit: &Permit,
    subscription: &Subscription,
    token: &str,
) -> Result<(), Error> {
    let now = app.clock.now();
    let signer = Signer::get(app, permit, &subscription.id().topic).await?;
    let id = random_uuid(app.entropy.as_ref());
    let links = Links::of(app);
    let destination = rendering::confirmation(subscription, &id, token, &links, &signer, now)?;
    let delivery = Delivery {
        account: subscription.account.clone(),
        region: subscription.region.clone(),
        id: random_uuid(app.entropy.as_ref()),
        source: subscription.id().arn(),
        patience: patience(&destination),
        destination,
        made: now,
        job: Job::due_at(Some(now)),
    };
    deliveries::queue(tx, permit, vec![delivery]);
    Ok(())
}

/// How long it is worth trying to reach `destination`.
pub(super) fn patience(destination: &deliveries::Destination) -> Patience {
    match destination {
        deliveries::Destination::Mail { .. } => Patience::Mail,
        _ => Patience::Subscription,
    }
}

/// The subscription of the topic that `token` confirms.
///
/// # Errors
/// [`Error::InvalidParameter`] when it confirms none.
pub(super) async fn find(
    tx: &mut Tx<'_>,
    topic: &TopicId,
    token: &str,
    now: Timestamp,
) -> Result<Versioned<Subscription>, Error> {
    let wanted = digest_of(token);
    let all = Subscription::of_topic(topic, MOST_SUBSCRIPTIONS);
    let found = tx.query::<Subscription>(&all).await?;
    let mut found = found.into_iter().filter(|one| match &one.record.state {
        State::Pending {
            digest, expires, ..
        } => verify_slices_are_equal(digest, &wanted).is_ok() && now < *expires,
        State::Confirmed { .. } => false,
    });
    let found = found.next();
    found.ok_or_else(|| Error::InvalidParameter(String::from("Token")))
}

/// Confirms it.
pub(super) fn confirmed(
    found: &Arc<Subscription>,
    authenticated: bool,
    authenticate_on_unsubscribe: bool,
) -> Subscription {
    Subscription {
        state: State::Confirmed {
            authenticated,
            authenticate_on_unsubscribe,
        },
        ..Subscription::clone(found)
    }
}

fn digest_of(token: &str) -> [u8; 32] {
    let digest = digest(&SHA256, token.as_bytes());
    digest.as_ref().try_into().unwrap_or_default()
}

/// How many subscriptions a topic may have, those that wait included.
pub(super) const MOST_SUBSCRIPTIONS: usize = 100;
const TOKEN_BYTES: usize = 64;
const TOKEN_DAYS: i64 = 2;
