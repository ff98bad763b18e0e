//! How messages on their way are stored.

use super::patience::Patience;
use crate::stored::stored;
use crate::tx::Derived;
use aws_lc_rs::digest::{SHA256, digest};
use base::{AccountId, RegionName, Timestamp};
use data_encoding::HEXLOWER;
use jobs::Job;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Key, Kind, Query, Value, key};

/// The kind of [`Delivery`].
pub(crate) static DELIVERY: Kind = Kind {
    name: "delivery",
    service: "deliveries",
    version: 1,
    key: &[Column::text("account"), Column::text("delivery_id")],
    columns: &[Column::text("lane"), Column::int("due")],
    indexes: &[
        Index {
            name: BY_DUE,
            columns: &["due"],
        },
        Index {
            name: BY_LANE,
            columns: &["account", "lane", "due"],
        },
    ],
    cached: false,
};

/// The kind of [`DeadLetter`].
pub(crate) static DEAD_LETTER: Kind = Kind {
    name: "delivery_dead_letter",
    service: "deliveries",
    version: 1,
    key: &[Column::text("account"), Column::text("delivery_id")],
    columns: &[Column::int("died")],
    indexes: &[
        Index {
            name: BY_DEATH,
            columns: &["died"],
        },
        Index {
            name: BY_ACCOUNT_AND_DEATH,
            columns: &["account", "died"],
        },
    ],
    cached: false,
};

/// One message for one endpoint.
///
/// INVARIANT: no `Debug`, as messages are nobody's business.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Delivery {
    /// Whose message it is, and whose room it takes.
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) id: String,
    /// What sends it: the ARN of a subscription or of a rule.
    pub(crate) source: String,
    pub(crate) destination: Destination,
    pub(crate) patience: Patience,
    pub(crate) made: Timestamp,
    pub(crate) job: Job,
}

/// Where a message goes, in the form that it has there.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) enum Destination {
    /// An HTTP request.
    Url {
        url: String,
        headers: Vec<(String, String)>,
        body: String,
    },
    /// A mail.
    Mail {
        to: String,
        subject: String,
        body: String,
    },
    /// A call of a function.
    Function(CalledFunction),
    /// A line of a log group of the message's account and Region.
    LogGroup {
        arn: String,
        group: String,
        stream: String,
        line: String,
    },
    /// A request to an API destination of the message's account and Region.
    Api(InvokedDestination),
}

/// An API destination that is to be invoked. How, and with which credentials, is for it and for its
/// connection as they are by then.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct InvokedDestination {
    pub(crate) arn: String,
    pub(crate) role: String,
    pub(crate) path: Vec<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A function that is to be called, and for which resource.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct CalledFunction {
    pub(crate) arn: String,
    pub(crate) payload: String,
    pub(crate) by: Sender,
    pub(crate) source_arn: String,
    pub(crate) source_account: AccountId,
    /// How often it ran and failed.
    pub(crate) failed_runs: u32,
}

/// The service that calls a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Sender {
    Events,
    Sns,
}

impl Sender {
    /// Its principal.
    pub(crate) fn principal(self) -> &'static str {
        match self {
            Self::Events => "events.amazonaws.com",
            Self::Sns => "sns.amazonaws.com",
        }
    }
}

/// A message that was given up. Nothing of the message itself is kept.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct DeadLetter {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) endpoint: String,
    pub(crate) made: Timestamp,
    pub(crate) died: Timestamp,
    pub(crate) attempts: u32,
    pub(crate) why: String,
}

impl Derived for Delivery {}

impl Derived for DeadLetter {}

impl Delivery {
    /// The lane: what it must not overtake others in.
    pub(crate) fn lane(&self) -> String {
        let endpoint = digest(&SHA256, self.destination.endpoint().as_bytes());
        let (short, _) = endpoint
            .as_ref()
            .split_at(LANE_BYTES.min(endpoint.as_ref().len()));
        HEXLOWER.encode(short)
    }

    /// The room that it takes. INVARIANT: the same from its making to its end.
    pub(crate) fn bytes(&self) -> i64 {
        let bytes = self.destination.weight().saturating_add(OVERHEAD);
        i64::try_from(bytes).unwrap_or(i64::MAX)
    }

    fn next_look(&self) -> i64 {
        self.job.next_look().map_or(i64::MAX, Timestamp::as_millis)
    }

    /// What is left of it when it is given up at `now`.
    pub(crate) fn into_dead(self, now: Timestamp, why: &str) -> DeadLetter {
        DeadLetter {
            endpoint: self.destination.shown(),
            attempts: self.job.failures().saturating_add(1),
            account: self.account,
            region: self.region,
            id: self.id,
            source: self.source,
            made: self.made,
            died: now,
            why: why.chars().take(LONGEST_REASON).collect(),
        }
    }

    pub(crate) fn key_of(account: &AccountId, id: &str) -> Key {
        key![account, id]
    }

    /// The first message due in the lane after `after`, in the order of accounts.
    pub(crate) fn next_lane(after: Option<&(AccountId, String)>) -> Query {
        let query = Query::on(BY_LANE, 1);
        match after {
            // No message is due then, so this is behind the last one of the lane.
            Some((account, lane)) => query.after(vec![
                Value::from(account),
                Value::from(lane),
                Value::Int(i64::MAX),
                Value::from("\u{10ffff}"),
            ]),
            None => query,
        }
    }

    /// Messages that are to be looked at by `now`.
    pub(crate) fn due(now: Timestamp, limit: usize) -> Query {
        jobs::due(BY_DUE, now, limit)
    }

    /// Those of an account.
    pub(crate) fn of_account(account: &AccountId, limit: usize) -> Query {
        Query::primary(limit).equal(account)
    }
}

impl Destination {
    fn endpoint(&self) -> &str {
        match self {
            Self::Url { url, .. } => url,
            Self::Mail { to, .. } => to,
            Self::Function(called) => &called.arn,
            Self::LogGroup { arn, .. } => arn,
            Self::Api(invoked) => &invoked.arn,
        }
    }

    /// What may be shown of it. SECURITY: the path and the query of a URL may be a secret of theirs.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Url { url, .. } => {
                let end = url.find("://").map_or(0, |at| at + 3);
                let authority = url.get(end..).unwrap_or_default();
                let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
                let host = authority.rsplit('@').next().unwrap_or_default();
                format!("{}{host}/", url.get(..end).unwrap_or_default())
            }
            Self::Mail { to, .. } => format!("mailto:{to}"),
            Self::Function(called) => called.arn.clone(),
            Self::LogGroup { arn, .. } => arn.clone(),
            Self::Api(invoked) => invoked.arn.clone(),
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Url { url, headers, body } => url.len() + of_pairs(headers) + body.len(),
            Self::Mail { to, subject, body } => to.len() + subject.len() + body.len(),
            Self::Function(called) => called.arn.len() + called.payload.len(),
            Self::LogGroup { line, .. } => line.len(),
            Self::Api(invoked) => {
                let path = invoked.path.iter().map(String::len).sum::<usize>();
                let parameters = path + of_pairs(&invoked.headers) + of_pairs(&invoked.query);
                invoked.arn.len() + invoked.role.len() + parameters + invoked.body.len()
            }
        }
    }
}

fn of_pairs(pairs: &[(String, String)]) -> usize {
    let pairs = pairs.iter();
    pairs.map(|(name, value)| name.len() + value.len()).sum()
}

impl DeadLetter {
    /// Those that died before `moment`.
    pub(crate) fn before(moment: Timestamp, limit: usize) -> Query {
        Query::on(BY_DEATH, limit).to(Bound::Excluded(moment.as_millis()))
    }

    /// Those of all accounts, the latest first.
    pub(crate) fn latest(limit: usize) -> Query {
        Query::on(BY_DEATH, limit).descending()
    }

    /// Those of an account, the latest first.
    pub(crate) fn latest_of(account: &AccountId, limit: usize) -> Query {
        Query::on(BY_ACCOUNT_AND_DEATH, limit)
            .equal(account)
            .descending()
    }
}

stored!(
    Delivery as DELIVERY,
    key: |delivery| Delivery::key_of(&delivery.account, &delivery.id),
    columns: |delivery| vec![Value::from(delivery.lane()), Value::Int(delivery.next_look())],
    weight: |delivery| delivery.destination.weight()
);

stored!(
    DeadLetter as DEAD_LETTER,
    key: |letter| key![&letter.account, letter.id.as_str()],
    columns: |letter| vec![Value::Int(letter.died.as_millis())],
    weight: |letter| letter.source.len() + letter.why.len()
);

/// The counter of the messages of an account that wait.
pub(super) fn counter(account: &AccountId) -> String {
    format!("deliveries/waiting/{account}")
}

/// The counter of their bytes.
pub(super) fn bytes_counter(account: &AccountId) -> String {
    format!("deliveries/bytes/{account}")
}

/// The counter of the dead letters of an account.
pub(super) fn dead_counter(account: &AccountId) -> String {
    format!("deliveries/dead/{account}")
}

const BY_DUE: &str = "by_due";
const BY_LANE: &str = "by_lane";
const BY_DEATH: &str = "by_death";
const BY_ACCOUNT_AND_DEATH: &str = "by_account_and_death";
/// Enough to tell the endpoints of an account apart.
const LANE_BYTES: usize = 16;
const LONGEST_REASON: usize = 300;
/// What a message takes beside its text, about.
const OVERHEAD: usize = 1_024;

#[cfg(test)]
mod tests;
