//! How topics, subscriptions and the key that signs messages are stored.

use super::ids::{SubscriptionId, TopicId};
use crate::document::ResourceDocument;
use crate::stored::stored;
use crate::tags::Tags;
use crate::tx::Derived;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Key, Kind, Query, Value, key};

/// The kind of [`Topic`].
pub(crate) static TOPIC: Kind = Kind {
    name: "sns_topic",
    service: "sns",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("topic"),
    ],
    columns: &[],
    indexes: &[],
    cached: true,
};

/// The kind of [`Subscription`].
pub(crate) static SUBSCRIPTION: Kind = Kind {
    name: "sns_subscription",
    service: "sns",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("topic"),
        Column::text("subscription"),
    ],
    columns: &[Column::text("owner"), Column::int("expires")],
    indexes: &[
        Index {
            name: BY_OWNER,
            columns: &["owner", "region"],
        },
        Index {
            name: BY_EXPIRY,
            columns: &["expires"],
        },
    ],
    cached: false,
};

/// The kind of [`Asked`].
pub(crate) static ASKED: Kind = Kind {
    name: "sns_asked",
    service: "sns",
    version: 1,
    key: &[Column::text("account"), Column::text("counted")],
    columns: &[Column::int("expires")],
    indexes: &[Index {
        name: BY_EXPIRY,
        columns: &["expires"],
    }],
    cached: false,
};

/// The kind of [`SigningKey`].
pub(crate) static SIGNING_KEY: Kind = Kind {
    name: "sns_signing_key",
    service: "sns",
    version: 1,
    key: &[Column::text("signing_key")],
    columns: &[],
    indexes: &[],
    cached: true,
};

/// A topic.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Topic {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    pub(crate) display_name: String,
    /// `None`: the default, which lets the account's own alarms publish.
    pub(crate) policy: Option<ResourceDocument>,
    pub(crate) tags: Tags,
    pub(crate) created: Timestamp,
}

/// A subscription.
///
/// INVARIANT: no `Debug`, as its endpoint may be a secret of theirs.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Subscription {
    /// The topic's.
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) topic: String,
    pub(crate) id: String,
    /// The account of who subscribed.
    pub(crate) owner: AccountId,
    /// The ARN of who subscribed.
    pub(crate) principal: String,
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: String,
    pub(crate) state: State,
    pub(crate) is_raw: bool,
    /// As it was written.
    pub(crate) filter_policy: Option<String>,
    pub(crate) filters_body: bool,
    pub(crate) created: Timestamp,
}

/// How a subscription is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Protocol {
    Email,
    EmailJson,
    Http,
    Https,
    Lambda,
}

/// Whether the endpoint agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// Not yet.
    Pending {
        /// Of the token that confirms it.
        digest: [u8; 32],
        /// When it was asked.
        asked: Timestamp,
        expires: Timestamp,
    },
    /// Yes.
    Confirmed {
        /// By a request that was signed.
        authenticated: bool,
        /// Whether it takes a signature to end it.
        authenticate_on_unsubscribe: bool,
    },
}

/// How often an account had somebody asked for a confirmation, in one stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) account: AccountId,
    /// A digest of what is counted.
    pub(crate) of: String,
    pub(crate) times: u32,
    /// When it does not count any more.
    pub(crate) expires: Timestamp,
}

/// It is counted with the events of `Subscribe`, and forgotten without one.
impl Derived for Asked {}

/// The key that signs messages, with its certificate.
///
/// It is no secret as it is stored.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct SigningKey {
    /// What its certificate is called.
    pub(crate) id: String,
    /// In PEM form.
    pub(crate) certificate: String,
    /// The private half as PKCS #8 has it, sealed.
    pub(crate) sealed: Vec<u8>,
    pub(crate) expires: Timestamp,
}

impl Topic {
    pub(crate) fn key_of(id: &TopicId) -> Key {
        key![&id.account, &id.region, id.name.as_str()]
    }

    pub(crate) fn id(&self) -> TopicId {
        TopicId {
            account: self.account.clone(),
            region: self.region.clone(),
            name: self.name.clone(),
        }
    }

    pub(crate) fn arn(&self) -> String {
        self.id().arn()
    }

    /// The counter of the topics of an account in a Region.
    pub(crate) fn counter(account: &AccountId, region: &RegionName) -> String {
        format!("sns/topics/{account}/{region}")
    }
}

impl Subscription {
    pub(crate) fn key_of(id: &SubscriptionId) -> Key {
        let topic = &id.topic;
        key![
            &topic.account,
            &topic.region,
            topic.name.as_str(),
            id.id.as_str()
        ]
    }

    pub(crate) fn id(&self) -> SubscriptionId {
        SubscriptionId {
            topic: TopicId {
                account: self.account.clone(),
                region: self.region.clone(),
                name: self.topic.clone(),
            },
            id: self.id.clone(),
        }
    }

    pub(crate) fn is_confirmed(&self) -> bool {
        matches!(self.state, State::Confirmed { .. })
    }

    /// How lists name it.
    pub(crate) fn listed_arn(&self) -> String {
        match self.state {
            State::Confirmed { .. } => self.id().arn(),
            State::Pending { .. } => String::from(PENDING),
        }
    }

    fn expires(&self) -> i64 {
        match self.state {
            State::Pending { expires, .. } => expires.as_millis(),
            State::Confirmed { .. } => i64::MAX,
        }
    }

    /// Those of a topic.
    pub(crate) fn of_topic(id: &TopicId, limit: usize) -> Query {
        Query::primary(limit)
            .equal(&id.account)
            .equal(&id.region)
            .equal(id.name.as_str())
    }

    /// Those that an account made.
    pub(crate) fn of_owner(owner: &AccountId, region: &RegionName, limit: usize) -> Query {
        Query::on(BY_OWNER, limit).equal(owner).equal(region)
    }

    /// Those that nobody confirmed in time.
    pub(crate) fn expired(now: Timestamp, limit: usize) -> Query {
        Query::on(BY_EXPIRY, limit).to(Bound::Included(now.as_millis()))
    }
}

impl Protocol {
    /// As the API names it. `None`: it has no such protocol here.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "email" => Self::Email,
            "email-json" => Self::EmailJson,
            "http" => Self::Http,
            "https" => Self::Https,
            "lambda" => Self::Lambda,
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Http => "http",
            Self::Https => "https",
            Self::Lambda => "lambda",
        }
    }
}

impl Asked {
    pub(crate) fn key_of(account: &AccountId, of: &str) -> Key {
        key![account, of]
    }

    /// Those that do not count any more.
    pub(crate) fn expired(now: Timestamp, limit: usize) -> Query {
        Query::on(BY_EXPIRY, limit).to(Bound::Included(now.as_millis()))
    }
}

impl SigningKey {
    /// Where the one in use is stored.
    pub(crate) fn current() -> Key {
        key![CURRENT]
    }
}

stored!(
    Topic as TOPIC,
    key: |topic| Topic::key_of(&topic.id()),
    columns: |_topic| Vec::new(),
    weight: |topic| {
        let policy = topic.policy.as_ref().map_or(0, ResourceDocument::weight);
        topic.display_name.len() + topic.tags.weight() + policy
    }
);

stored!(
    Subscription as SUBSCRIPTION,
    key: |subscription| Subscription::key_of(&subscription.id()),
    columns: |subscription| vec![
        Value::from(&subscription.owner),
        Value::Int(subscription.expires()),
    ],
    weight: |subscription| subscription.endpoint.len()
        + subscription.filter_policy.as_ref().map_or(0, String::len)
);

stored!(
    Asked as ASKED,
    key: |asked| Asked::key_of(&asked.account, &asked.of),
    columns: |asked| vec![Value::Int(asked.expires.as_millis())],
    weight: |asked| asked.of.len()
);

stored!(
    SigningKey as SIGNING_KEY,
    key: |_key| SigningKey::current(),
    columns: |_key| Vec::new(),
    weight: |key| key.certificate.len() + key.sealed.len()
);

/// How lists name a subscription that waits for its confirmation.
pub(crate) const PENDING: &str = "PendingConfirmation";
const BY_OWNER: &str = "by_owner";
const BY_EXPIRY: &str = "by_expiry";
const CURRENT: &str = "current";

#[cfg(test)]
mod tests;
