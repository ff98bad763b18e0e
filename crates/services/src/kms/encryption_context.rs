//! The encryption context: names and values that a ciphertext is bound to.

use crate::context::Keys;
use crate::ports::EncryptionContext;
use std::collections::BTreeMap;

/// As a request gives it. None is the same as one without pairs.
pub(crate) fn pairs(given: Option<&BTreeMap<String, String>>) -> Vec<(&str, &str)> {
    let pairs = given.into_iter().flatten();
    pairs
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// The condition keys of a use of a key in `context`.
pub(crate) fn keys<'a>(keys: Keys<'a>, context: EncryptionContext<'a>) -> Keys<'a> {
    let names = (!context.is_empty()).then(|| context.iter().map(|(name, _)| *name));
    keys.text("kms:encryptionalgorithm", super::model::SYMMETRIC_DEFAULT)
        .texts("kms:encryptioncontextkeys", names)
        .pairs("kms:encryptioncontext:", context.to_vec())
}
