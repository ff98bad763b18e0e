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
