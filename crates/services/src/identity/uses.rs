//! When credentials were last used, kept off the path of requests.
//!
//! A use is noted in memory at most once a minute for each access key and role, and stored by the
//! next round of background work. What a crash loses is a minute of it.

use super::model::LastUsed;
use super::principal::{Identity, Principal};
use crate::authorize::Permit;
use crate::tx::Ledger;
use base::{CommonError, RegionName, Timestamp};
use parking_lot::Mutex;
use quick_cache::sync::Cache;
use std::collections::BTreeMap;

/// The uses that are not stored yet.
pub(crate) struct Uses {
    /// When each was last noted.
    noted: Cache<String, Timestamp>,
    pending: Mutex<BTreeMap<String, LastUsed>>,
}

impl Default for Uses {
    fn default() -> Self {
        Self {
            noted: Cache::new(REMEMBERED),
            pending: Mutex::default(),
        }
    }
}

impl Uses {
    /// Notes that `principal` called `service` with the access key `access_key_id`.
    pub(crate) fn note(
        &self,
        access_key_id: &str,
        principal: &Principal,
        now: Timestamp,
        service: &str,
        region: &RegionName,
    ) {
        let id = match principal.identity() {
            Identity::Role(role) => &role.id,
            Identity::Root | Identity::User(_) => access_key_id,
        };
        let is_recent = self
            .noted
            .get(id)
            .is_some_and(|at| at.plus_seconds(INTERVAL_SECONDS) > now);
        if is_recent {
            return;
        }
        self.noted.insert(id.to_owned(), now);
        let used = LastUsed {
            id: id.to_owned(),
            at: now,
            service: service.to_owned(),
            region: region.as_str().to_owned(),
        };
        self.pending.lock().insert(id.to_owned(), used);
    }

    /// The use of `id` that is noted and not stored yet.
    pub(crate) fn pending(&self, id: &str) -> Option<LastUsed> {
        self.pending.lock().get(id).cloned()
    }

    /// Stores what was noted.
    ///
    /// # Errors
    /// When the store fails; what was not stored is kept for the next round.
    pub(crate) async fn flush(&self, ledger: &Ledger, permit: &Permit) -> Result<(), CommonError> {
        let pending = std::mem::take(&mut *self.pending.lock());
        let mut rest = pending.into_iter();
        while let Some((id, used)) = rest.next() {
            if let Err(error) = ledger.note(permit, used.clone()).await {
                let mut kept = self.pending.lock();
                for (id, used) in std::iter::once((id, used)).chain(rest) {
                    kept.entry(id).or_insert(used);
                }
                return Err(error);
            }
        }
        Ok(())
    }
}

/// How long a use counts as the last one.
const INTERVAL_SECONDS: i64 = 60;
const REMEMBERED: usize = 100_000;
