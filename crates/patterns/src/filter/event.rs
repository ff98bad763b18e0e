use serde_json::Value;
use std::cell::OnceCell;

/// A log event as patterns see it. Its JSON is read at most once, for however many patterns.
#[derive(Debug)]
pub struct Event<'a> {
    text: &'a str,
    json: OnceCell<Option<Value>>,
}

impl<'a> Event<'a> {
    /// The event with this message.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            json: OnceCell::new(),
        }
    }

    /// The message.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The message as a JSON object, if it is one.
    pub(super) fn json(&self) -> Option<&Value> {
        let read = || {
            let begins = self.text.trim_start().starts_with('{');
            begins
                .then(|| serde_json::from_str(self.text).ok())
                .flatten()
        };
        self.json.get_or_init(read).as_ref()
    }
}
