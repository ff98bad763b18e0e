//! Patterns, compiled.

use parking_lot::Mutex;
use patterns::event::{EventPattern, Invalid, Limits};
use std::collections::HashMap;
use std::sync::Arc;

/// Patterns by their texts. What a text means never changes, so nothing here grows stale.
#[derive(Default)]
pub(crate) struct Compiled(Mutex<HashMap<Box<str>, Option<Arc<EventPattern>>>>);

impl Compiled {
    /// The pattern that `text` is. `None`: it is none.
    pub(super) fn get(&self, text: &str) -> Option<Arc<EventPattern>> {
        let mut known = self.0.lock();
        if let Some(found) = known.get(text) {
            return found.clone();
        }
        if known.len() >= MOST {
            known.clear();
        }
        let read = compile(text).ok().map(Arc::new);
        known.insert(text.into(), read.clone());
        read
    }
}

/// Reads a pattern.
///
/// # Errors
/// Why it is none.
pub(super) fn compile(text: &str) -> Result<EventPattern, Invalid> {
    EventPattern::parse(text, LIMITS)
}

/// AWS's quota is of 2,048 characters.
const LIMITS: Limits = Limits {
    characters: 2_048,
    depth: 32,
};
/// About 10 MB at most.
const MOST: usize = 2_000;
