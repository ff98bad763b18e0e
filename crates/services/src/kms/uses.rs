//! What uses of a key have in common.

use super::error::Error;
use super::model::{KmsKey, SYMMETRIC_DEFAULT};

/// Refuses an algorithm that the key has not.
///
/// # Errors
/// [`Error::InvalidKeyUsage`].
pub(crate) fn check_algorithm(key: &KmsKey, algorithm: Option<&str>) -> Result<(), Error> {
    match algorithm {
        None | Some(SYMMETRIC_DEFAULT) => Ok(()),
        Some(_) => Err(Error::InvalidKeyUsage(key.arn())),
    }
}

/// Refuses to answer to an enclave.
///
/// # Errors
/// [`Error::Unsupported`].
pub(crate) fn check_recipient(is_given: bool) -> Result<(), Error> {
    if is_given {
        return Err(unsupported("Recipient"));
    }
    Ok(())
}

/// Ends a request that is only to be tried, and whose ciphertext is not to be looked at.
///
/// # Errors
/// [`Error::DryRun`]; [`Error::Validation`] when it is not only to be tried.
pub(crate) fn check_ignored(
    dry_run: Option<bool>,
    modifiers: Option<&[String]>,
) -> Result<(), Error> {
    match (dry_run, modifiers) {
        (_, None | Some([])) => Ok(()),
        (Some(true), Some(_)) => Err(Error::DryRun),
        (None | Some(false), Some(_)) => Err(Error::Validation(MODIFIERS.to_owned())),
    }
}

/// The refusal of what AWS has and this server has not.
pub(crate) fn unsupported(what: &str) -> Error {
    Error::Unsupported(format!("{what} is not supported by this server yet."))
}

/// Ends a request that is only to be tried, once it could be done.
///
/// # Errors
/// [`Error::DryRun`].
pub(crate) fn check_dry_run(dry_run: Option<bool>) -> Result<(), Error> {
    match dry_run {
        Some(true) => Err(Error::DryRun),
        None | Some(false) => Ok(()),
    }
}

const MODIFIERS: &str = "DryRunModifiers can be specified only when DryRun is true.";
