//! `strongroom init`.

use super::sealing::tell;
use crate::admin::{AdminError, SealStatus, with_shares};
use crate::boot::Ground;
use crate::cli::{InitFlags, ServeFlags};
use crate::config::Config;
use crate::error::Error;
use crate::process;

/// Makes a data directory with its first seal, and prints the shares of it.
///
/// SECURITY: nothing is logged here; shares go to standard output and nowhere else. They are there
/// before the seal is in force: when they could not be written, nothing was made.
pub(crate) fn init(flags: &InitFlags, json: bool) -> Result<(), Error> {
    process::harden()?;
    let mut config = Config::load(&ServeFlags {
        config: flags.config.clone(),
        data_dir: flags.data_dir.clone(),
        ..ServeFlags::default()
    })?;
    config.seal.kind = flags.seal.unwrap_or(config.seal.kind);
    let taken = process::take_environment(&config.seal.variables())?;
    if config.seal.lock_memory {
        process::lock_memory();
    }
    let ground = Ground::take(&config, taken)?;
    let first = ground.first_seal(flags.shares.zip(flags.threshold))?;

    let status = serde_json::to_vec(&SealStatus::made(&first)).unwrap_or_default();
    let shown = with_shares(&status, first.shares());
    tell(
        std::str::from_utf8(&shown).map_err(|_| AdminError::NoAnswer)?,
        json,
    )?;
    match first.install() {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::NotMade(error)),
    }
}
