//! Filter policies: which messages a subscription is for.
//!
//! A policy is read when it is first asked, and not again for each message. What is kept goes by the text of
//! the policy, so there is nothing to be told when one changes.

use super::message::{Message, MessageValue};
use super::records::Subscription;
use crate::work::steps_of_matching;
use patterns::event::{EventPattern, Invalid, Limits};
use quick_cache::sync::Cache;
use serde_json::{Map, Number, Value};
use std::cell::OnceCell;
use std::sync::Arc;

/// Policies that were read. `None`: it is none.
pub(crate) struct Filters(Cache<String, Option<Arc<EventPattern>>>);

impl Default for Filters {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Filters {
    /// What the policy says.
    fn pattern(&self, policy: &str) -> Option<Arc<EventPattern>> {
        if let Some(known) = self.0.get(policy) {
            return known;
        }
        let pattern = parse(policy).ok().map(Arc::new);
        self.0.insert(policy.to_owned(), pattern.clone());
        pattern
    }
}

/// Reads a policy.
///
/// # Errors
/// Why it is none.
pub(super) fn parse(text: &str) -> Result<EventPattern, Invalid> {
    EventPattern::parse(text, LIMITS)
}

/// A message, as policies look at it.
pub(super) struct Filtered<'a> {
    filters: &'a Filters,
    message: &'a Message,
    bytes: usize,
    attributes: OnceCell<Value>,
    body: OnceCell<Value>,
}

impl<'a> Filtered<'a> {
    /// `message`, to be held against policies that `filters` keeps.
    pub(super) fn new(filters: &'a Filters, message: &'a Message) -> Self {
        Self {
            filters,
            message,
            bytes: message.size(),
            attributes: OnceCell::new(),
            body: OnceCell::new(),
        }
    }

    /// Whether it is for `subscription`.
    ///
    /// SECURITY: a policy that cannot be read lets nothing through.
    pub(super) fn is_for(&self, subscription: &Subscription) -> bool {
        let Some(policy) = &subscription.filter_policy else {
            return true;
        };
        let Some(pattern) = self.filters.pattern(policy) else {
            return false;
        };
        let text = &self.message.text;
        let event = match subscription.filters_body {
            // What is no JSON object is for nobody who asks for a part of it.
            true => self
                .body
                .get_or_init(|| serde_json::from_str(text).unwrap_or_default()),
            false => self
                .attributes
                .get_or_init(|| Value::Object(attributes(self.message))),
        };
        pattern.matches(event)
    }

    /// How many steps it takes at most to find that out.
    pub(super) fn steps(&self, subscription: &Subscription) -> usize {
        let policy = subscription.filter_policy.as_deref();
        policy.map_or(0, |policy| steps_of_matching(self.bytes, policy))
    }
}

/// The attributes as values to be matched. Bytes are none.
fn attributes(message: &Message) -> Map<String, Value> {
    let mut members = Map::new();
    for attribute in &message.attributes {
        let MessageValue::Text(text) = &attribute.value else {
            continue;
        };
        let value = match attribute.data_type.split('.').next() {
            Some("Number") => text.parse::<Number>().map_or(Value::Null, Value::Number),
            _ if attribute.data_type == "String.Array" => {
                serde_json::from_str(text).unwrap_or_default()
            }
            _ => Value::String(text.clone()),
        };
        members.insert(attribute.name.clone(), value);
    }
    members
}

/// COMPAT: SNS's own bound is 256 KB for all policies of a topic.
const LIMITS: Limits = Limits {
    characters: 4_096,
    depth: 8,
};
/// How many policies are kept, of all accounts.
const KEPT: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_once() {
        let filters = Filters::default();
        let policy = r#"{"store":["a"]}"#;

        let first = filters.pattern(policy).unwrap();
        let again = filters.pattern(policy).unwrap();
        let other = filters.pattern(r#"{"store":["b"]}"#).unwrap();

        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(*first, parse(policy).unwrap());
        assert_ne!(first, other);
    }

    #[test]
    fn what_is_no_policy_stays_none() {
        let filters = Filters::default();

        let read = [0, 1].map(|_| filters.pattern("{").is_some());

        assert_eq!((read, filters.0.len()), ([false; 2], 1));
    }

    #[test]
    fn no_more_policies_are_kept_than_there_is_room_for() {
        let filters = Filters::default();

        for n in 0..2 * KEPT {
            filters.pattern(&format!(r#"{{"n":[{n}]}}"#));
        }

        assert!(filters.0.len() <= KEPT, "{}", filters.0.len());
    }
}
