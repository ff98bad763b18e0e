//! Filter policies: which messages a subscription is for.

use super::message::{Message, MessageValue};
use super::records::Subscription;
use patterns::event::{EventPattern, Invalid, Limits};
use serde_json::{Map, Number, Value};

/// Reads a policy.
///
/// # Errors
/// Why it is none.
pub(super) fn parse(text: &str) -> Result<EventPattern, Invalid> {
    EventPattern::parse(text, LIMITS)
}

/// Whether `message` is for `subscription`.
///
/// SECURITY: a policy that cannot be read lets nothing through.
pub(super) fn admits(subscription: &Subscription, message: &Message) -> bool {
    let Some(policy) = &subscription.filter_policy else {
        return true;
    };
    let Ok(pattern) = parse(policy) else {
        return false;
    };
    let event = match subscription.filters_body {
        // What is no JSON object is for nobody who asks for a part of it.
        true => serde_json::from_str(&message.text).unwrap_or_default(),
        false => Value::Object(attributes(message)),
    };
    pattern.matches(&event)
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
