//! What is known of a request that nobody has made.

use super::asked::ANY;
use super::subject::Subject;
use crate::audit::{Downstream, Facts};
use crate::authorize;
use crate::context::{Conditions, Keys};
use crate::identity::Vouched;
use crate::identity::{Identity, Principal};
use base::{RegionName, Timestamp};
use policy::{Context, Decision, Values};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The condition keys of the imagined request: those given, and those that follow from the caller,
/// the resource and the hour.
pub(super) struct Circumstances<'a> {
    principal: &'a Principal,
    has_known_tags: bool,
    given: BTreeMap<String, Vec<&'a str>>,
    known: Conditions<'a>,
}

/// What [`Circumstances`] are made from.
pub(super) struct World<'a> {
    principal: &'a Principal,
    subject: &'a Subject,
    region: &'a RegionName,
    given: &'a [(String, String)],
    now: Timestamp,
}

impl<'a> Circumstances<'a> {
    /// Whether only a request could tell the value of `key`, in whatever case it is written.
    pub(super) fn is_open(&self, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        if self.given.contains_key(&key) {
            return false;
        }
        self.is_of_the_session(&key)
            || (self.values(&key).is_none() && !self.is_surely_absent(&key))
    }

    /// Whether sessions of the caller's role differ in the key. A tag of a session goes before the
    /// role's tag of the same name.
    fn is_of_the_session(&self, key: &str) -> bool {
        let is_any = || {
            let session = self.principal.session();
            session.is_some_and(|session| session.name.as_deref() == Some(ANY))
        };
        matches!(self.principal.identity(), Identity::Role(_))
            && match key {
                "aws:tokenissuetime" => true,
                "aws:userid" => is_any(),
                key => key.starts_with("aws:principaltag/"),
            }
    }

    /// What `evaluate` decides in these circumstances.
    pub(super) fn decide<'b>(&self, evaluate: impl FnOnce() -> Decision<'b>) -> Decision<'b> {
        authorize::certain(&self.known, evaluate)
    }

    /// Whether no request of this caller about this resource has the key.
    fn is_surely_absent(&self, key: &str) -> bool {
        if let Some((name, _)) = key.split_once('/') {
            return match name {
                // Those of a session are open, whatever its role has.
                "aws:principaltag" => true,
                "aws:resourcetag" | "secretsmanager:resourcetag" | "iam:resourcetag" => {
                    self.has_known_tags
                }
                _ => false,
            };
        }
        NOBODYS.iter().any(|prefix| key.starts_with(prefix)) || NEVER.contains(&key)
    }
}

impl<'a> World<'a> {
    /// Of a request of `principal` about `subject`, with the keys in `given`.
    pub(super) fn new(
        principal: &'a Principal,
        subject: &'a Subject,
        region: &'a RegionName,
        given: &'a [(String, String)],
        now: Timestamp,
    ) -> Self {
        Self {
            principal,
            subject,
            region,
            given,
            now,
        }
    }

    /// Lends the circumstances to `then`.
    pub(super) fn look<T>(&self, then: impl FnOnce(&Circumstances<'_>) -> T) -> T {
        let vouched = Vouched::new();
        let downstream = Downstream::default();
        let facts = Facts {
            event_source: "",
            event_name: "",
            read_only: true,
            region: self.region.as_str(),
            now: self.now,
            request_id: "",
            source_ip: "",
            user_agent: "",
            principal: Some(self.principal),
            access_key_id: None,
            referer: None,
            is_secure: true,
            endpoint: None,
            vouched: &vouched,
            via: None,
            calling_service: None,
            downstream: &downstream,
            request_parameters: None,
        };
        let resource = self.subject.resource();
        let keys: Keys<'_> = self.subject.keys();
        let mut given: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (key, value) in self.given {
            given
                .entry(key.to_ascii_lowercase())
                .or_default()
                .push(value);
        }
        then(&Circumstances {
            principal: self.principal,
            has_known_tags: self.subject.has_known_tags(),
            given,
            known: Conditions::of(self.principal, &facts, &resource, &keys),
        })
    }
}

impl Context for Circumstances<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match self.given.get(key).map(Vec::as_slice) {
            Some([one]) => Some(Values::One(Cow::Borrowed(one))),
            Some(many) => Some(Values::Many(
                many.iter().map(|value| Cow::Borrowed(*value)).collect(),
            )),
            None if OF_THE_CONNECTION.contains(&key) => None,
            None => self.known.values(key),
        }
    }
}

/// What only a connection tells.
const OF_THE_CONNECTION: &[&str] = &[
    "aws:referer",
    "aws:securetransport",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:useragent",
    "aws:vpcsourceip",
];
/// What no caller of this server has: organizations, and services that call on somebody's behalf.
const NOBODYS: &[&str] = &[
    "aws:calledvia",
    "aws:principalorg",
    "aws:principalservicename",
    "aws:resourceorg",
    "aws:sourceorg",
];
/// What the caller would have by now if it ever did.
const NEVER: &[&str] = &["aws:username", "aws:sourceaccount", "aws:sourcearn"];
