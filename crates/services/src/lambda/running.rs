//! How many functions run at once.
//!
//! INVARIANT: a [`Slot`] is given back when it is dropped, however a run ends.

use base::AccountId;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// How many runs there may be at once.
#[derive(Clone, Copy, Debug)]
pub struct Concurrency {
    /// Of all functions of one account.
    pub of_account: usize,
    /// Of one function.
    pub of_function: usize,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self {
            of_account: 16,
            of_function: 8,
        }
    }
}

/// The runs there are.
pub(super) struct Running {
    limits: Concurrency,
    counts: Arc<Mutex<HashMap<String, usize>>>,
}

/// Leave for one run.
pub(super) struct Slot {
    counts: Arc<Mutex<HashMap<String, usize>>>,
    taken: [String; 2],
}

impl Running {
    pub(super) fn new(limits: Concurrency) -> Self {
        Self {
            limits,
            counts: Arc::default(),
        }
    }

    /// Leave for one more run of `function`, unless there are too many.
    pub(super) fn slot(&self, account: &AccountId, function: &str) -> Option<Slot> {
        let mut counts = self.counts.lock();
        let count = |name: &str| counts.get(name).copied().unwrap_or_default();
        if count(account.as_str()) >= self.limits.of_account
            || count(function) >= self.limits.of_function
        {
            return None;
        }
        let taken = [account.to_string(), function.to_owned()];
        for name in &taken {
            *counts.entry(name.clone()).or_default() += 1;
        }
        Some(Slot {
            counts: Arc::clone(&self.counts),
            taken,
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        for name in &self.taken {
            if let Some(count) = counts.get_mut(name) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    counts.remove(name);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_bounded_by_account_and_by_function() {
        let limits = Concurrency {
            of_account: 3,
            of_function: 2,
        };
        let running = Running::new(limits);
        let account = AccountId::parse("123456789012").unwrap();
        let other = AccountId::parse("210987654321").unwrap();

        let first = running.slot(&account, "f").unwrap();
        let second = running.slot(&account, "f").unwrap();
        assert!(running.slot(&account, "f").is_none());
        let third = running.slot(&account, "g").unwrap();
        assert!(running.slot(&account, "h").is_none());
        let foreign = running.slot(&other, "h");
        assert!(foreign.is_some());
        drop(first);
        assert!(running.slot(&account, "h").is_some());

        drop((second, third, foreign));
        assert!(running.counts.lock().is_empty());
    }
}
