//! When credentials were last used, kept off the path of requests.
//!
//! A use is noted in memory at most once a minute for each access key and role, and stored by the
//! next round of background work, and by a stop in order. What a crash loses is a minute of it.

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

    /// Stores what was noted. What is not stored, as the store fails or the round is cut short, is
    /// kept for the next one.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn flush(&self, ledger: &Ledger, permit: &Permit) -> Result<(), CommonError> {
        let due: Vec<LastUsed> = self.pending.lock().values().cloned().collect();
        for used in due {
            ledger.note(permit, used.clone()).await?;
            let mut pending = self.pending.lock();
            // A later use may have taken its place meanwhile.
            if pending.get(&used.id) == Some(&used) {
                pending.remove(&used.id);
            }
        }
        Ok(())
    }
}

/// How long a use counts as the last one.
const INTERVAL_SECONDS: i64 = 60;
const REMEMBERED: usize = 100_000;
