//! How often an account has somebody asked whether they want to hear.
//!
//! SECURITY: whoever may subscribe could else fill somebody's mailbox. What counts is kept by itself, so that
//! ending a subscription and making it again does not start anew:
//! - for one topic and endpoint: once a minute. Who subscribes again within it is not asked again;
//! - for one endpoint, of all topics: 60 times a day;
//! - for all endpoints of an account: 500 times an hour, as mail systems take many addresses for one mailbox.
//!
//! Each time begins with the first that is asked in it.

use super::error::Error;
use super::ids::TopicId;
use super::records::{Asked, Protocol};
use crate::app::App;
use crate::authorize::Permit;
use crate::tx::Tx;
use aws_lc_rs::digest::{Context, SHA256};
use base::{AccountId, CommonError, Timestamp};
use data_encoding::HEXLOWER;
use store::{Record as _, Versioned};

/// Counts that `account` has `endpoint` asked for `topic`, and tells whether it may be by now: not within the
/// minute after the last time.
///
/// # Errors
/// [`Error::TooManyWaiting`] when the endpoint was asked too often today, or the account asked too many in
/// this hour; a failure of the store.
pub(super) async fn count(
    tx: &mut Tx<'_>,
    permit: &Permit,
    account: &AccountId,
    (topic, protocol, endpoint): (&TopicId, Protocol, &str),
    now: Timestamp,
) -> Result<bool, Error> {
    let endpoint = mailbox(protocol, endpoint);
    let arn = topic.arn();
    let counts = [
        (["topic", &arn, &endpoint], MINUTE, 1),
        (["endpoint", "", &endpoint], DAY, MOST_A_DAY),
        (["account", "", ""], HOUR, MOST_AN_HOUR),
    ];
    let mut counted = Vec::new();
    for (number, (of, seconds, most)) in counts.into_iter().enumerate() {
        let of = digest_of(&of);
        let found = tx.get::<Asked>(&Asked::key_of(account, &of)).await?;
        let times = match &found {
            Some(found) if now < found.record.expires => found.record.times,
            _ => 0,
        };
        if times >= most {
            return match number {
                0 => Ok(false),
                _ => Err(Error::TooManyWaiting),
            };
        }
        let next = Asked {
            account: account.clone(),
            of,
            times: times + 1,
            expires: match &found {
                Some(found) if times > 0 => found.record.expires,
                _ => now.plus_seconds(seconds),
            },
        };
        counted.push((next, found));
    }
    for (next, found) in counted {
        match found {
            Some(Versioned { rev, .. }) => tx.update(permit, next, rev),
            None => tx.insert(permit, next),
        }
    }
    Ok(true)
}

/// Removes the counts whose time is over.
///
/// # Errors
/// When the store fails.
pub(crate) async fn forget(app: &App, own: &Permit) -> Result<(), CommonError> {
    let now = app.clock.now();
    loop {
        let mut tx = app.ledger.derive();
        let found = tx.query::<Asked>(&Asked::expired(now, PAGE)).await?;
        let is_last = found.len() < PAGE;
        for one in found {
            tx.delete::<Asked>(own, &one.record.key(), one.rev);
        }
        match tx.commit().await {
            // Somebody is asked again at this moment: the next time is soon enough.
            Err(CommonError::Conflict) => return Ok(()),
            Err(error) => return Err(error),
            Ok(()) if is_last => return Ok(()),
            Ok(()) => {}
        }
    }
}

/// Addresses of mail are one mailbox in any case.
fn mailbox(protocol: Protocol, endpoint: &str) -> String {
    match protocol {
        Protocol::Email | Protocol::EmailJson => endpoint.to_lowercase(),
        Protocol::Http | Protocol::Https | Protocol::Lambda => endpoint.to_owned(),
    }
}

/// Endpoints may be secrets of theirs: they are kept here as digests only.
fn digest_of(parts: &[&str]) -> String {
    let mut digest = Context::new(&SHA256);
    for part in parts {
        digest.update(&part.len().to_be_bytes());
        digest.update(part.as_bytes());
    }
    HEXLOWER.encode(digest.finish().as_ref())
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const MOST_A_DAY: u32 = 60;
const MOST_AN_HOUR: u32 = 500;
const PAGE: usize = 100;
