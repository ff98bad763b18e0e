//! What is told of the seal.

use crate::boot::{Door, FirstSeal, Keys};
use base::Timestamp;
use seal::seals::{Collected, shares_of};
use seal::{BundledKey, Envelope, RingKey, SealKind, key_pages_are_protected};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};

/// The seal and the keys under it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SealStatus {
    /// Whether the root keys are here.
    pub(crate) state: SealPhase,
    /// The seal in force.
    pub(crate) seal: SealKind,
    /// During a migration: the seal that opens the data directory too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pending: Option<SealKind>,
    /// Whether the migration was begun before the server started, so that its end takes what opens
    /// the new seal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) inherited: bool,
    /// Why it is sealed, or what has to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notice: Option<String>,
    /// The sets of shares that open it or end its migration, and how many of each are here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) shares: Vec<SharesRow>,
    /// The recovery shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) recovery: Option<SharesRow>,
    /// The root key that seals.
    #[serde(default)]
    pub(crate) root_key: String,
    /// The root keys, oldest first.
    #[serde(default)]
    pub(crate) root_keys: Vec<RootKeyRow>,
    /// The keys of the ring, oldest first.
    #[serde(default)]
    pub(crate) keys: Vec<KeyRow>,
    /// Records under older keys of the ring. `None`: not counted yet.
    #[serde(default)]
    pub(crate) records_under_older_keys: Option<u64>,
    /// KMS keys under older root keys. `None`: not counted yet.
    #[serde(default)]
    pub(crate) kms_keys_under_older_root_keys: Option<u64>,
    /// Whether the pages with keys are locked and left out of dumps.
    #[serde(default)]
    pub(crate) key_pages_protected: bool,
}

/// Whether a server has its root keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SealPhase {
    /// It has.
    Open,
    /// Somebody has to open the seal.
    Sealed,
}

impl Display for SealPhase {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Sealed => "sealed",
        })
    }
}

/// A set of shares.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SharesRow {
    /// What stands in each of them.
    pub(crate) set: String,
    /// How many were given.
    pub(crate) given: u8,
    /// How many it takes.
    pub(crate) threshold: u8,
}

/// One root key.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RootKeyRow {
    /// Its number.
    pub(crate) number: u32,
    /// Its fingerprint.
    pub(crate) fingerprint: String,
    /// When it was made, in ISO 8601. `None` for that of a root key file, which does not say.
    pub(crate) created: Option<String>,
    /// Whether it is the one that seals.
    pub(crate) active: bool,
    /// Whether it waits for a node that does not have it yet, to seal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) waiting: bool,
}

/// One key of the ring.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyRow {
    /// Its number.
    pub(crate) id: u32,
    /// When it was made, in ISO 8601.
    pub(crate) created: String,
    /// Whether it is the one that seals.
    pub(crate) active: bool,
    /// Whether it waits for a node that does not have it yet, to seal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) waiting: bool,
}

impl SealStatus {
    /// Whether the server is sealed.
    pub(crate) fn is_sealed(&self) -> bool {
        self.state == SealPhase::Sealed
    }

    /// Of a server in `state` and in the seal `seal`, of which nothing else is known.
    pub(crate) fn bare(state: SealPhase, seal: SealKind) -> Self {
        Self {
            state,
            seal,
            pending: None,
            inherited: false,
            notice: None,
            shares: Vec::new(),
            recovery: None,
            root_key: String::new(),
            root_keys: Vec::new(),
            keys: Vec::new(),
            records_under_older_keys: None,
            kms_keys_under_older_root_keys: None,
            key_pages_protected: key_pages_are_protected(),
        }
    }

    /// Of a data directory whose first seal is `first`, which no server has opened yet.
    pub(crate) fn made(first: &FirstSeal) -> Self {
        let next = match first.kind() {
            SealKind::Shamir => {
                "hand the shares out; then start the server, and open it with `strongroom seal \
                 unseal`"
            }
            _ => "start the server with `strongroom serve`",
        };
        Self {
            notice: Some(String::from(next)),
            root_key: first
                .root_key()
                .map(|key| key.to_string())
                .unwrap_or_default(),
            ..Self::bare(SealPhase::Sealed, first.kind())
        }
    }

    /// Of a server that is open.
    pub(super) fn open(keys: &Keys) -> Self {
        let facts = keys.seal();
        let (pending, recovery) = match &facts.state {
            Some(state) => (state.pending.as_ref(), state.recovery.as_ref()),
            None => (None, None),
        };
        let in_force = facts.state.as_ref().map(|state| state.current.kind);
        let (roots, sealing) = (keys.list_roots(), keys.sealing_root());
        let in_use = roots.iter().find(|key| key.number == sealing);
        let in_use = in_use.map(|key| key.fingerprint.to_string());
        let known = keys.known();
        let progress = keys.progress();
        Self {
            state: SealPhase::Open,
            seal: in_force.unwrap_or(facts.kind),
            pending: pending.map(|envelope| envelope.kind),
            inherited: facts.inherited.is_some(),
            notice: facts.is_recovered.then(|| {
                String::from(
                    "opened with recovery shares: run `strongroom seal migrate` to give the data \
                     directory a seal that works",
                )
            }),
            shares: facts.collected.map(SharesRow::given).into_iter().collect(),
            recovery: recovery.and_then(SharesRow::of),
            root_key: in_use.unwrap_or_default(),
            root_keys: roots
                .into_iter()
                .map(|key| RootKeyRow::of(key, sealing))
                .collect(),
            keys: keys
                .list()
                .into_iter()
                .map(|key| KeyRow::of(key, known.ring_active))
                .collect(),
            records_under_older_keys: progress.records,
            kms_keys_under_older_root_keys: progress.kms_keys,
            key_pages_protected: key_pages_are_protected(),
        }
    }

    /// Of a server that is sealed.
    pub(super) fn sealed(door: &Door) -> Self {
        let state = door.state();
        let shares = door.collected().into_iter();
        let pending = state.pending.as_ref();
        Self {
            pending: pending.map(|envelope| envelope.kind),
            notice: Some(door.why()),
            shares: shares.map(SharesRow::given).collect(),
            recovery: state.recovery.as_ref().and_then(SharesRow::of),
            root_key: state.keys.last().cloned().unwrap_or_default(),
            ..Self::bare(SealPhase::Sealed, state.current.kind)
        }
    }
}

impl SharesRow {
    fn given((set, collected): (String, Collected)) -> Self {
        Self {
            set,
            given: collected.given,
            threshold: collected.threshold,
        }
    }

    /// `None` also for an envelope that makes no sense: nothing else is told less because of it.
    fn of(envelope: &Envelope) -> Option<Self> {
        shares_of(envelope).ok().map(Self::given)
    }
}

impl RootKeyRow {
    /// Of `key`, where that with the number `sealing` seals.
    fn of(key: BundledKey, sealing: u32) -> Self {
        let is_known = key.created > Timestamp::from_millis(0);
        Self {
            number: key.number,
            fingerprint: key.fingerprint.to_string(),
            created: is_known.then(|| key.created.to_iso()),
            active: key.number == sealing,
            waiting: key.number > sealing,
        }
    }
}

impl KeyRow {
    /// Of `key`, where that with the id `active` seals.
    fn of(key: RingKey, active: u32) -> Self {
        Self {
            id: key.id,
            created: key.created.to_iso(),
            active: key.active,
            waiting: key.id > active,
        }
    }
}
