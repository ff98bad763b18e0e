//! `strongroom audit …`: reads the files of the log, whether or not a server writes them. Only `sinks` and
//! `rotate-key` ask a server.

mod filter;
mod rotate_key;
mod shown;
mod sinks;
mod tail;
mod verify;

pub(crate) use filter::{Filter, filter};

use super::print;
use crate::boot::Layout;
use crate::cli::AuditCommand;
use crate::error::Error;
use crate::files::FileError;
use ::audit::{FileName, PUBLIC_KEY, PublicKey, PublicKeys};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// `strongroom audit …`.
pub(crate) fn audit(command: &AuditCommand, json: bool) -> Result<(), Error> {
    match command {
        AuditCommand::Verify {
            files,
            data_dir,
            public_key,
        } => {
            let dir = Layout::of(data_dir).audit();
            verify::verify(&dir, files, public_key, json)
        }
        AuditCommand::RotateKey(target) => rotate_key::rotate_key(target, json),
        AuditCommand::Sinks(target) => sinks::sinks(target, json),
        AuditCommand::Tail(flags) => tail::tail(flags, json),
        AuditCommand::PublicKey { data_dir } => public_key(&Layout::of(data_dir).audit(), json),
    }
}

fn public_key(dir: &Path, json: bool) -> Result<(), Error> {
    let key = read_key(&dir.join(PUBLIC_KEY))?;
    let (id, pem) = (key.id(), key.to_pem());
    if json {
        return print(&json!({ "keyId": id, "publicKey": pem }).to_string());
    }
    print(&format!("{}\n# key id: {id}", pem.trim_end()))
}

fn read_key(path: &Path) -> Result<PublicKey, Error> {
    let text = fs::read_to_string(path).map_err(FileError::io("read", path))?;
    PublicKey::from_pem(&text).map_err(|error| Error::AuditKey(path.to_owned(), error))
}

/// The keys in `paths`, or else those beside the log in `dir`.
fn read_keys(paths: &[PathBuf], dir: &Path) -> Result<PublicKeys, Error> {
    let mut keys = PublicKeys::default();
    for path in paths {
        keys.add(read_key(path)?);
    }
    if !paths.is_empty() {
        return Ok(keys);
    }
    let entries = fs::read_dir(dir).map_err(FileError::io("read", dir))?;
    for entry in entries {
        let path = entry.map_err(FileError::io("read", dir))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // What is no file is for the verification to tell; a pipe would be waited for.
        if FileName::parse(&name) == Some(FileName::PublicKey) && path.is_file() {
            keys.add(read_key(&path)?);
        }
    }
    if keys.ids().next().is_none() {
        return Err(Error::NoAuditKey(dir.to_owned()));
    }
    Ok(keys)
}
