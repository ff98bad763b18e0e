//! Tags as IAM's requests give them.

use super::shapes::{TAG_KEY, TAG_VALUE};
use wire::{Input as _, Shape};

wire::input! {
    /// A tag.
    pub(crate) struct Tag {
        key: String = required audited "Key" TAG_KEY,
        value: String = required audited "Value" TAG_VALUE,
    }
}

/// A list of tags.
pub(crate) const TAGS: Shape = Shape::list(&TAG, 0, 50);
const TAG: Shape = Shape::structure(Tag::SHAPE);

impl Tag {
    /// Key and value, as conditions see them.
    pub(crate) fn shown(&self) -> (&str, &str) {
        (&self.key, &self.value)
    }

    /// Key and value, to be set.
    pub(crate) fn pair(&self) -> (Option<String>, String) {
        (Some(self.key.clone()), self.value.clone())
    }
}
