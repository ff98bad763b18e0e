//! The encryption context: names and values that a ciphertext is bound to.

use super::error::Error;
use crate::context::Keys;
use std::collections::BTreeMap;

/// As a request gives it. None is the same as one without pairs.
///
/// SECURITY: bounded, since it is compared with conditions and grants, and recorded.
///
/// # Errors
/// [`Error::Validation`] for more than 8 KiB.
pub(crate) fn pairs(given: Option<&BTreeMap<String, String>>) -> Result<Vec<(&str, &str)>, Error> {
    let pairs = given.into_iter().flatten();
    let pairs: Vec<(&str, &str)> = pairs
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let bytes: usize = pairs
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if bytes > MOST_BYTES {
        return Err(Error::Validation(TOO_LONG.to_owned()));
    }
    Ok(pairs)
}

/// The condition keys of a use of a key in `context`.
pub(crate) fn keys<'a>(keys: Keys<'a>, context: &[(&'a str, &'a str)]) -> Keys<'a> {
    let names = (!context.is_empty()).then(|| context.iter().map(|(name, _)| *name));
    keys.text("kms:encryptionalgorithm", super::model::SYMMETRIC_DEFAULT)
        .texts("kms:encryptioncontextkeys", names)
        .pairs("kms:encryptioncontext:", context.to_vec())
}

const MOST_BYTES: usize = 8_192;
const TOO_LONG: &str = "The encryption context is longer than 8192 bytes.";
