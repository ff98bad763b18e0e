use base::Timestamp;
use serde::{Deserialize, Serialize};

/// When a piece of work is due, and who is at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// `None`: nothing is due, or what is due is being done.
    due: Option<Timestamp>,
    lease: Option<Lease>,
    /// That of the last claim. Rises with every one.
    fence: u64,
    /// Failures in a row.
    failures: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Lease {
    owner: String,
    until: Timestamp,
}

/// A worker's hold on a job. Good until somebody else has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    fence: u64,
}

impl Claim {
    /// Its number: larger than that of every claim before it.
    pub fn fence(&self) -> u64 {
        self.fence
    }
}

/// The claim is good no more: another worker has the job, or it was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the job was taken over by another worker")]
pub struct Lost;

impl Job {
    /// Work that is due at `moment`; with `None`, none for now.
    pub fn due_at(moment: Option<Timestamp>) -> Self {
        Self {
            due: moment,
            ..Self::default()
        }
    }

    /// When to look at it next: the column to find it by. `None`: it need not be looked at.
    pub fn next_look(&self) -> Option<Timestamp> {
        match &self.lease {
            Some(lease) => Some(lease.until),
            None => self.due,
        }
    }

    /// When it is due, if nobody is at it.
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// Who is at it.
    pub fn owner(&self) -> Option<&str> {
        self.lease.as_ref().map(|lease| lease.owner.as_str())
    }

    /// Whether somebody is at it whose lease has not ended.
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.lease.as_ref().is_some_and(|lease| lease.until > now)
    }

    /// How often it failed in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Takes the job for `lease_millis`, when it is due or its last worker is overdue.
    pub fn claim(&mut self, owner: &str, now: Timestamp, lease_millis: i64) -> Option<Claim> {
        if self.next_look().is_none_or(|moment| moment > now) {
            return None;
        }
        self.fence = self.fence.saturating_add(1);
        self.due = None;
        self.lease = Some(Lease {
            owner: owner.to_owned(),
            until: now.plus_millis(lease_millis),
        });
        Some(Claim { fence: self.fence })
    }

    /// Whether `claim` is still good. A lease that has ended is good until somebody takes over: to
    /// store something is safe as long as nobody else has begun.
    ///
    /// # Errors
    /// [`Lost`].
    pub fn check(&self, claim: &Claim) -> Result<(), Lost> {
        match &self.lease {
            Some(_) if self.fence == claim.fence => Ok(()),
            _ => Err(Lost),
        }
    }

    /// Takes notice of what came up until now: the holder has looked at it, so it is not due for that.
    ///
    /// # Errors
    /// [`Lost`].
    pub fn heed(&mut self, claim: &Claim) -> Result<(), Lost> {
        self.check(claim)?;
        self.due = None;
        Ok(())
    }

    /// Holds the job for another `lease_millis` from `now` on.
    ///
    /// # Errors
    /// [`Lost`].
    pub fn renew(&mut self, claim: &Claim, now: Timestamp, lease_millis: i64) -> Result<(), Lost> {
        self.check(claim)?;
        if let Some(lease) = &mut self.lease {
            lease.until = now.plus_millis(lease_millis);
        }
        Ok(())
    }

    /// Has the lease end with one that begins at `now`, at the latest. One that ends later was taken by
    /// a clock that was ahead; a holder who is alive renews it in time. Gives whether it was so.
    pub fn shorten(&mut self, now: Timestamp, lease_millis: i64) -> bool {
        let latest = now.plus_millis(lease_millis);
        match &mut self.lease {
            Some(lease) if lease.until > latest => {
                lease.until = latest;
                true
            }
            _ => false,
        }
    }

    /// Gives the job back: the work went well, or was given up. It is due next at `next`, or earlier
    /// when a nudge came meanwhile.
    ///
    /// # Errors
    /// [`Lost`].
    pub fn finish(&mut self, claim: &Claim, next: Option<Timestamp>) -> Result<(), Lost> {
        self.check(claim)?;
        self.failures = 0;
        self.release(next);
        Ok(())
    }

    /// Gives the job back to be tried again at `next`, and counts a failure.
    ///
    /// # Errors
    /// [`Lost`].
    pub fn retry(&mut self, claim: &Claim, next: Timestamp) -> Result<(), Lost> {
        self.check(claim)?;
        self.failures = self.failures.saturating_add(1);
        self.release(Some(next));
        Ok(())
    }

    /// Has the work done at `now`, or as soon as it is given back.
    pub fn nudge(&mut self, now: Timestamp) {
        self.due = Some(self.due.map_or(now, |due| due.min(now)));
    }

    /// Puts the work off, or forward, to `moment`, and forgets what failed before. What is held stays
    /// held.
    pub fn reschedule(&mut self, moment: Option<Timestamp>) {
        self.due = moment;
        self.failures = 0;
    }

    fn release(&mut self, next: Option<Timestamp>) {
        self.lease = None;
        self.due = match (self.due, next) {
            (Some(nudged), Some(next)) => Some(nudged.min(next)),
            (nudged, next) => nudged.or(next),
        };
    }
}

#[cfg(test)]
mod tests;
