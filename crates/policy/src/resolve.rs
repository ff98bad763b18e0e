//! Policies without the keys that nobody knows: for questions about requests that nobody has made.
//!
//! A key is open when only a request could tell whether it is there, and with what value. A
//! statement that asks for an open key, in a test or by a variable, may apply or not. So a question
//! has two ends: every statement that may allow applies and only what surely denies does, or the
//! opposite. Whatever the open keys turn out to be, the answer lies between them; where both ends
//! agree it is the answer to every request.
//!
//! Rules kept here: open keys are taken for independent of each other and of themselves, so there
//! may be no request that reaches an end, but there is none beyond it; what is left of a policy
//! asks for no open key; statements keep their places.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::document::{Effect, Policy};
use crate::statement::Statement;

/// How statements are taken that may apply or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Towards {
    /// All that may apply do.
    Applying,
    /// Those that allow apply if they may, those that deny only if they surely do.
    Allowing,
    /// Those that deny apply if they may, those that allow only if they surely do.
    Denying,
}

impl Policy {
    /// The policy as far as it does not hang on open keys, taken `towards` one end. The policy
    /// itself when it asks for none of them.
    ///
    /// `is_open` is asked for keys in lower case, as a [`Context`](crate::Context) is.
    pub fn resolved(&self, towards: Towards, is_open: &dyn Fn(&str) -> bool) -> Cow<'_, Self> {
        let asks = |statement: &Statement| {
            let mut keys = BTreeSet::new();
            statement.keys(&mut keys);
            keys.iter().any(|key| is_open(&key.to_ascii_lowercase()))
        };
        if !self.statements.iter().any(asks) {
            return Cow::Borrowed(self);
        }
        let statements = self.statements.iter().map(|statement| {
            let bound = towards.bound(statement.effect);
            statement.resolved(Open { bound, is_open })
        });
        Cow::Owned(Self::of(statements.collect()))
    }

    /// The condition keys that the statement at `index` asks for, in conditions and variables, as
    /// written. None where there is no such statement.
    pub fn context_keys_of(&self, index: usize) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        if let Some(statement) = self.statements.get(index) {
            statement.keys(&mut keys);
        }
        keys
    }
}

impl Towards {
    fn bound(self, effect: Effect) -> Bound {
        match (self, effect) {
            (Self::Applying, _)
            | (Self::Allowing, Effect::Allow)
            | (Self::Denying, Effect::Deny) => Bound::Most,
            (Self::Allowing, Effect::Deny) | (Self::Denying, Effect::Allow) => Bound::Least,
        }
    }
}

/// What becomes of a part of a statement that hangs on open keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// It matches whatever it matches for some values of them.
    Most,
    /// It matches only what it matches for all their values, and without them.
    Least,
}

/// Which keys are open, and what becomes of them.
#[derive(Clone, Copy)]
pub(crate) struct Open<'a> {
    pub(crate) bound: Bound,
    is_open: &'a dyn Fn(&str) -> bool,
}

impl Open<'_> {
    /// Whether `key`, in lower case, is open.
    pub(crate) fn has(self, key: &str) -> bool {
        (self.is_open)(key)
    }

    /// For a part that counts by what it does not match.
    pub(crate) fn reversed_if(self, negated: bool) -> Self {
        let bound = match (self.bound, negated) {
            (bound, false) => bound,
            (Bound::Most, true) => Bound::Least,
            (Bound::Least, true) => Bound::Most,
        };
        Self { bound, ..self }
    }
}
