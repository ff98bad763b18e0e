//! The versions of a secret and their staging labels: a pure state machine.
//!
//! Rules (behaviour reference §3):
//! - a label sits on at most one version; the quota bounds the labels in all;
//! - a secret that has a version has exactly one `AWSCURRENT`; one that never had may be without it
//!   while a rotation makes its first value;
//! - only labels move, a version's content never changes;
//! - a version without labels is deprecated: only counted here, and in time pruned;
//! - the version that a rotation begins with has no value, and carries `AWSPENDING` until it has one.

use crate::quotas::Limits;
use serde::{Deserialize, Serialize};

/// The label of the version that readers get.
pub(crate) const AWSCURRENT: &str = "AWSCURRENT";
/// The label of the version that was current before.
pub(crate) const AWSPREVIOUS: &str = "AWSPREVIOUS";
/// The label of a version that a rotation is preparing.
pub(crate) const AWSPENDING: &str = "AWSPENDING";
/// Versions in all, however many an account may have: what removes a secret reads all of them.
pub(crate) const MOST_VERSIONS: usize = 10_000;

/// A version that carries a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// The `ClientRequestToken` of the call that made it.
    pub(crate) id: String,
    /// Its labels, in the order in which they arrived.
    pub(crate) stages: Vec<String>,
}

impl Version {
    /// Whether it carries `label`.
    pub(crate) fn has(&self, label: &str) -> bool {
        self.stages.iter().any(|stage| stage == label)
    }
}

/// The labelled versions of a secret, and how many others there are.
///
/// Deprecated versions are only counted, so that a secret with many of them stays small.
///
/// INVARIANT: a version without a value carries `AWSPENDING` and nothing else, so there is at most one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Versions {
    labelled: Vec<Version>,
    deprecated: usize,
    /// The version that has no value yet. It is gone when it loses its label.
    valueless: Option<String>,
}

/// Why labels or versions could not change. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// More labels than these would be attached.
    TooManyLabels(usize),
    /// More versions than the quota would exist, and none is older than these hours.
    TooManyVersions(u32),
    /// Neither a version to move to nor one to remove from was named.
    NothingToDo,
    /// The label is on `holder`, which the caller did not name.
    HeldBy { label: String, holder: String },
    /// The label is not on the version it should be removed from.
    NotAttached { label: String, version: String },
    /// `AWSCURRENT` can only move.
    CurrentCannotBeRemoved,
}

impl Versions {
    /// The versions that carry a label.
    pub(crate) fn labelled(&self) -> impl Iterator<Item = &Version> {
        self.labelled.iter()
    }

    /// The version with this id, when it carries a label.
    pub(crate) fn find(&self, id: &str) -> Option<&Version> {
        self.labelled.iter().find(|version| version.id == id)
    }

    /// The version that carries `label`.
    pub(crate) fn holder(&self, label: &str) -> Option<&Version> {
        self.labelled.iter().find(|version| version.has(label))
    }

    /// Whether the version `id` has no value yet.
    pub(crate) fn is_valueless(&self, id: &str) -> bool {
        self.valueless.as_deref() == Some(id)
    }

    /// The version that carries `AWSPENDING` and is not the current one: that of a rotation that is not
    /// complete.
    pub(crate) fn pending(&self) -> Option<&Version> {
        self.holder(AWSPENDING)
            .filter(|version| !version.has(AWSCURRENT))
    }

    /// Versions as they were stored before there were rotations.
    pub(crate) fn of_old(labelled: Vec<Version>, deprecated: usize) -> Self {
        Self {
            labelled,
            deprecated,
            valueless: None,
        }
    }

    /// Adds the version that a rotation begins with: without a value, and with `AWSPENDING`.
    ///
    /// # Errors
    /// When a quota would be exceeded. Nothing has changed then.
    pub(crate) fn prepare(&mut self, id: &str, most_labels: usize) -> Result<(), Refused> {
        let mut next = self.clone();
        next.labelled.push(Version {
            id: id.to_owned(),
            stages: Vec::new(),
        });
        next.attach(AWSPENDING, id);
        next.valueless = Some(id.to_owned());
        *self = next.settled(most_labels)?;
        Ok(())
    }

    /// Takes `AWSPENDING` from the version `id`. Gives whether it is gone with that: it carried no
    /// other label, and is not counted as deprecated.
    pub(crate) fn withdraw(&mut self, id: &str) -> bool {
        let Some(version) = self.find_mut(id) else {
            return false;
        };
        version.stages.retain(|stage| stage != AWSPENDING);
        if !version.stages.is_empty() {
            return false;
        }
        self.labelled.retain(|version| version.id != id);
        if self.is_valueless(id) {
            self.valueless = None;
        }
        true
    }

    /// Adds a version with these labels (transitions T1, T3 to T8), or gives its value to the one that
    /// has none. Each label moves from its holder. The first version gets `AWSCURRENT` in any case.
    ///
    /// # Errors
    /// When a quota would be exceeded. Nothing has changed then.
    pub(crate) fn add(
        &mut self,
        id: &str,
        labels: &[String],
        most_labels: usize,
    ) -> Result<(), Refused> {
        let mut next = self.clone();
        let is_awaited = self.is_valueless(id);
        if is_awaited {
            next.labelled.retain(|version| version.id != id);
            next.valueless = None;
        }
        next.labelled.push(Version {
            id: id.to_owned(),
            stages: Vec::new(),
        });
        let mut labels = labels.to_vec();
        // The first value of a rotation becomes current when the rotation says so.
        let is_first = self.holder(AWSCURRENT).is_none() && !is_awaited;
        if is_first && !labels.iter().any(|label| label == AWSCURRENT) {
            labels.push(AWSCURRENT.to_owned());
        }
        if labels.iter().any(|label| label == AWSCURRENT) {
            next.promote(id);
            next.abandon_pending(id);
        }
        for label in &labels {
            next.attach(label, id);
        }
        *self = next.settled(most_labels)?;
        Ok(())
    }

    /// `UpdateSecretVersionStage` (transitions T9 to T13). The versions that are named exist.
    ///
    /// # Errors
    /// See [`Refused`]; nothing has changed then.
    pub(crate) fn move_label(
        &mut self,
        label: &str,
        remove_from: Option<&str>,
        move_to: Option<&str>,
        most_labels: usize,
    ) -> Result<(), Refused> {
        if remove_from.is_none() && move_to.is_none() {
            return Err(Refused::NothingToDo);
        }
        let holder = self.holder(label).map(|version| version.id.as_str());
        may_leave(label, holder, remove_from, move_to)?;
        let mut next = self.clone();
        if let Some(target) = move_to.filter(|target| self.find(target).is_none()) {
            next.labelled.push(Version {
                id: target.to_owned(),
                stages: Vec::new(),
            });
            next.deprecated = next.deprecated.saturating_sub(1);
        }
        match move_to {
            Some(target) if label == AWSCURRENT => next.promote(target),
            Some(target) => next.attach(label, target),
            None => next.detach(label),
        }
        *self = next.settled(most_labels)?;
        Ok(())
    }

    /// How many deprecated versions there are beyond those that stay however old they are.
    pub(crate) fn surplus(&self, limits: &Limits) -> usize {
        self.deprecated.saturating_sub(limits.unlabelled_versions)
    }

    /// Notes that `count` deprecated versions were removed.
    pub(crate) fn forget(&mut self, count: usize) {
        self.deprecated = self.deprecated.saturating_sub(count);
    }

    /// Whether the number of versions is within the quota. Ask after pruning.
    ///
    /// # Errors
    /// [`Refused::TooManyVersions`].
    pub(crate) fn within_version_quota(&self, limits: &Limits) -> Result<(), Refused> {
        let all = self.labelled.len().saturating_add(self.deprecated);
        if all > limits.versions.min(MOST_VERSIONS) {
            return Err(Refused::TooManyVersions(limits.unlabelled_hours));
        }
        Ok(())
    }

    /// Counts versions that have lost their last label as deprecated.
    fn settled(mut self, most_labels: usize) -> Result<Self, Refused> {
        let valueless = self.valueless.take();
        let is_lost = |version: &Version| {
            version.stages.is_empty() && valueless.as_ref() == Some(&version.id)
        };
        self.labelled.retain(|version| !is_lost(version));
        self.valueless = valueless.filter(|id| self.find(id).is_some());
        let before = self.labelled.len();
        self.labelled.retain(|version| !version.stages.is_empty());
        let lost = before.saturating_sub(self.labelled.len());
        self.deprecated = self.deprecated.saturating_add(lost);
        let labels: usize = self
            .labelled
            .iter()
            .map(|version| version.stages.len())
            .sum();
        if labels > most_labels {
            Err(Refused::TooManyLabels(most_labels))
        } else {
            Ok(self)
        }
    }

    /// Moves `AWSCURRENT` to `id`, and `AWSPREVIOUS` to the version that had it.
    fn promote(&mut self, id: &str) {
        let old = self.holder(AWSCURRENT).map(|version| version.id.clone());
        if old.as_deref() == Some(id) {
            return;
        }
        if let Some(old) = old {
            self.detach(AWSCURRENT);
            self.attach(AWSPREVIOUS, &old);
        }
        self.attach(AWSCURRENT, id);
    }

    /// Takes `AWSPENDING` from every version but `id`: a new current value made by hand abandons
    /// the rotation in flight (T4, T5).
    fn abandon_pending(&mut self, id: &str) {
        if self
            .holder(AWSPENDING)
            .is_some_and(|version| version.id != id)
        {
            self.detach(AWSPENDING);
        }
    }

    fn attach(&mut self, label: &str, id: &str) {
        if self.find(id).is_some_and(|version| version.has(label)) {
            return;
        }
        self.detach(label);
        if let Some(version) = self.find_mut(id) {
            version.stages.push(label.to_owned());
        }
    }

    fn detach(&mut self, label: &str) {
        for version in &mut self.labelled {
            version.stages.retain(|stage| stage != label);
        }
    }

    fn find_mut(&mut self, id: &str) -> Option<&mut Version> {
        self.labelled.iter_mut().find(|version| version.id == id)
    }
}

/// Whether `label` may leave its holder, given what the caller named.
fn may_leave(
    label: &str,
    holder: Option<&str>,
    remove_from: Option<&str>,
    move_to: Option<&str>,
) -> Result<(), Refused> {
    match (holder, remove_from) {
        // Attaching a label where it already is changes nothing and needs no permission to
        // leave.
        (Some(holder), None) if move_to != Some(holder) => Err(Refused::HeldBy {
            label: label.to_owned(),
            holder: holder.to_owned(),
        }),
        (holder, Some(named)) if holder != Some(named) => Err(Refused::NotAttached {
            label: label.to_owned(),
            version: named.to_owned(),
        }),
        _ if label == AWSCURRENT && move_to.is_none() => Err(Refused::CurrentCannotBeRemoved),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
