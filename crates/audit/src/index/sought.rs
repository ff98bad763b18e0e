//! What is looked for, and the key that an index has it under.

use crate::described::Described;
use crate::hash::Hasher;

/// What events are looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// The access key that signed.
    AccessKeyId,
    /// The event's id.
    EventId,
    /// The operation.
    EventName,
    /// The service.
    EventSource,
    /// `true` or `false`.
    ReadOnly,
    /// An ARN, a name or an id of what it was done to.
    ResourceName,
    /// The type of that.
    ResourceType,
    /// The user's name, `root`, or the name of the session.
    Username,
}

impl Attribute {
    /// INVARIANT: part of the keys that are on file, so never to be changed.
    const fn number(self) -> u8 {
        match self {
            Self::AccessKeyId => 1,
            Self::EventId => 2,
            Self::EventName => 3,
            Self::EventSource => 4,
            Self::ReadOnly => 5,
            Self::ResourceName => 6,
            Self::ResourceType => 7,
            Self::Username => 8,
        }
    }
}

/// Which events of which account and Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// Whose.
    pub account: String,
    /// Where.
    pub region: String,
    /// With which value of which attribute. `None`: all of them.
    pub attribute: Option<(Attribute, String)>,
}

/// What an index has events under: 64 bits of a hash over account, Region, attribute and value. Others may
/// have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchKey(pub(super) u64);

impl Sought {
    /// The key.
    #[must_use]
    pub fn key(&self) -> SearchKey {
        let attribute = self.attribute.as_ref();
        let attribute = attribute.map(|(attribute, value)| (*attribute, value.as_str()));
        key(&self.account, &self.region, attribute)
    }

    /// Whether `event` is one of those.
    #[must_use]
    pub fn matches(&self, event: &Described<'_>) -> bool {
        event.account == self.account
            && event.region == self.region
            && self.attribute.as_ref().is_none_or(|(sought, value)| {
                let mut has = false;
                attributes(event, |attribute, found| {
                    has |= attribute == *sought && found == value
                });
                has
            })
    }
}

/// The keys of `event`, each once or more.
pub(super) fn keys(event: &Described<'_>, mut each: impl FnMut(SearchKey)) {
    each(key(&event.account, &event.region, None));
    attributes(event, |attribute, value| {
        each(key(&event.account, &event.region, Some((attribute, value))));
    });
}

fn attributes(event: &Described<'_>, mut each: impl FnMut(Attribute, &str)) {
    each(Attribute::EventId, &event.event_id);
    each(Attribute::EventName, &event.event_name);
    each(Attribute::EventSource, &event.event_source);
    each(
        Attribute::ReadOnly,
        if event.read_only { "true" } else { "false" },
    );
    if let Some(key) = &event.access_key_id {
        each(Attribute::AccessKeyId, key);
    }
    if let Some(name) = &event.username {
        each(Attribute::Username, name);
    }
    for resource in &event.resources {
        each(Attribute::ResourceName, &resource.name);
        if let Some(kind) = &resource.kind {
            each(Attribute::ResourceType, kind);
        }
    }
}

fn key(account: &str, region: &str, attribute: Option<(Attribute, &str)>) -> SearchKey {
    let mut hasher = Hasher::default();
    for part in [account, region] {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    match attribute {
        None => hasher.update(&[0]),
        Some((attribute, value)) => {
            hasher.update(&[attribute.number()]);
            hasher.update(value.as_bytes());
        }
    }
    let hash = hasher.finish();
    let first = hash.as_bytes().first_chunk().copied();
    SearchKey(first.map_or(0, u64::from_be_bytes))
}
