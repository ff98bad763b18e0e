//! What is known of a request that nobody has made.

use super::asked::ANY;
use super::part::{Imagined, Part};
use crate::audit::{Downstream, Facts};
use crate::authorize;
use crate::context::{Conditions, Keys};
use crate::cx::Cx;
use crate::identity::Vouched;
use crate::identity::{Identity, Principal};
use crate::kms::{self, questions};
use policy::{Context, Decision, Values};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The condition keys of the imagined request: those given, and those that follow from the caller,
/// the resource and the hour.
pub(super) struct Circumstances<'a> {
    principal: &'a Principal,
    part: &'a Part,
    given: BTreeMap<String, Vec<&'a str>>,
    known: Conditions<'a>,
}

/// What [`Circumstances`] are made from.
pub(super) struct World<'a> {
    principal: &'a Principal,
    part: &'a Part,
    imagined: Imagined<'a>,
}

impl<'a> Circumstances<'a> {
    /// Whether only a request could tell the value of `key`, in whatever case it is written.
    pub(super) fn is_open(&self, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        if self.given.contains_key(&key) {
            return false;
        }
        self.is_of_the_session(&key)
            || self.is_of_the_way(&key)
            || self.is_of_the_key(&key)
            || (self.values(&key).is_none() && !self.is_surely_absent(&key))
    }

    /// Whether the key tells of a service that may do it for the caller, or the caller itself.
    fn is_of_the_way(&self, key: &str) -> bool {
        let asked = self.part.subject.key();
        self.part.via.is_none()
            && asked.is_some_and(|asked| asked.action().is_done_by_services())
            && OF_THE_WAY.contains(&key)
    }

    /// Whether it is a matter of the encryption key what the condition key is.
    fn is_of_the_key(&self, key: &str) -> bool {
        // A service names a key by itself, unless by an alias that is known.
        let is_named = self.part.via.is_some() && key == "kms:requestalias";
        let asked = self.part.subject.key();
        !is_named && asked.is_some_and(|asked| asked.is_open(key))
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
                    self.part.subject.has_known_tags()
                }
                // The service asks for nothing that the caller says.
                "aws:requesttag" => self.part.via.is_some(),
                _ => self.is_no_matter_of_kms(key),
            };
        }
        if self.part.via.is_some() && NOT_BY_SERVICES.contains(&key) {
            return true;
        }
        self.is_no_matter_of_kms(key)
            || NOBODYS.iter().any(|prefix| key.starts_with(prefix))
            || NEVER.contains(&key)
    }
}

impl Circumstances<'_> {
    /// Whether a condition key of KMS has no value in requests about the key.
    fn is_no_matter_of_kms(&self, key: &str) -> bool {
        let asked = self.part.subject.key();
        asked.is_some_and(|asked| asked.is_surely_absent(key))
            || (self.part.via.is_some() && key.starts_with("kms:"))
    }
}

impl<'a> World<'a> {
    /// Of a request of `principal` for `part`.
    pub(super) fn new(principal: &'a Principal, part: &'a Part, imagined: Imagined<'a>) -> Self {
        Self {
            principal,
            part,
            imagined,
        }
    }

    /// Lends the circumstances to `then`.
    pub(super) fn look<T>(&self, then: impl FnOnce(&Circumstances<'_>) -> T) -> T {
        let vouched = Vouched::new();
        let downstream = Downstream::default();
        let Imagined { app, region, .. } = self.imagined;
        let facts = Facts {
            event_source: "",
            event_name: "",
            read_only: true,
            region: region.as_str(),
            now: app.clock.now(),
            request_id: "",
            source_ip: self.part.via.unwrap_or_default(),
            user_agent: self.part.via.unwrap_or_default(),
            principal: Some(self.principal),
            access_key_id: None,
            referer: None,
            is_secure: true,
            endpoint: None,
            vouched: &vouched,
            via: self.part.via,
            calling_service: None,
            downstream: &downstream,
            request_parameters: None,
        };
        let cx = Cx {
            app,
            service: &kms::SERVICE,
            principal: self.principal,
            region,
            facts: &facts,
            within: None,
        };
        let resource = self.part.subject.resource(self.principal.account());
        let keys: Keys<'_> = self.part.subject.keys(&cx);
        then(&Circumstances {
            principal: self.principal,
            part: self.part,
            given: self.given(),
            known: Conditions::of(self.principal, &facts, &resource, &keys),
        })
    }

    /// What the question gives for this part: a service passes on what tells of the caller, and no
    /// more; an encryption context is one of the key's.
    fn given(&self) -> BTreeMap<String, Vec<&'a str>> {
        let has_context = self
            .part
            .subject
            .key()
            .is_some_and(|key| key.takes_context());
        let mut given: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (key, value) in self.imagined.given {
            let key = key.to_ascii_lowercase();
            let stays_behind = || {
                key != "aws:sourceidentity"
                    && OF_THE_REQUEST.iter().any(|prefix| key.starts_with(prefix))
            };
            if self.part.via.is_some() && stays_behind() {
                continue;
            }
            if has_context && questions::is_of_context(&key) {
                continue;
            }
            given.entry(key).or_default().push(value);
        }
        given
    }
}

impl Context for Circumstances<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match self.given.get(key).map(Vec::as_slice) {
            Some([one]) => Some(Values::One(Cow::Borrowed(one))),
            Some(many) => Some(Values::Many(
                many.iter().map(|value| Cow::Borrowed(*value)).collect(),
            )),
            None if self.is_hidden(key) => None,
            None => self.known.values(key),
        }
    }
}

impl Circumstances<'_> {
    /// Whether what is known of the key is not known: only a request tells it.
    fn is_hidden(&self, key: &str) -> bool {
        match self.part.via {
            Some(_) => key == "aws:securetransport" || self.is_of_the_key(key),
            None => OF_THE_CONNECTION.contains(&key),
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
/// What is another in a request that a service makes for its caller.
const OF_THE_WAY: &[&str] = &[
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:viaawsservice",
    "kms:viaservice",
];
/// What no request has that a service makes for its caller.
const NOT_BY_SERVICES: &[&str] = &[
    "aws:referer",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tagkeys",
    "aws:vpcsourceip",
];
/// How those keys begin that a service does not pass on with a request.
const OF_THE_REQUEST: &[&str] = &[
    "aws:calledvia",
    "aws:referer",
    "aws:request",
    "aws:resource",
    "aws:source",
    "aws:tagkeys",
    "aws:useragent",
    "aws:viaaws",
    "aws:vpc",
    "kms:",
    "secretsmanager:",
];
