//! Opening the audit log after whatever ended the server.
//!
//! Three things may be wrong. The log may end in the middle of an event: it is cut back to the last
//! whole one. The store may hold events whose change was committed and which never reached the
//! log, or reached it and were lost before a sync: those that the log does not have are appended.
//! And somebody may have changed the log, or put it back to an earlier state: that is an error, and
//! the operator has to take note of it ([`Stand::examine`](stand::Stand)).
//!
//! INVARIANT: a start that refuses changes nothing: everything is looked at before anything is cut or
//! written.
//!
//! INVARIANT: the outbox is emptied only after the file with all of it was synced. Should the server
//! die during recovery, the next start does it again.

mod accepting;
mod delivery;
mod examine;
mod sealed;
mod stand;
mod tail;

pub(crate) use sealed::append;
pub(super) use tail::names;

use super::Outbox;
use super::log::{Directory, Handles};
use super::signer::Signer;
use super::writer::{End, Open};
use crate::files::{self, FileError};
use ::audit::{BEGINNING, Beginning, FileName, HEAD, Hash, Head, KeyError};
use ::audit::{PUBLIC_KEY, Position, PublicKey, Said};
use delivery::deliver;
use stand::Stand;
use std::path::Path;
use store::StoreError;
use tail::Tail;
use tokio::time::Instant;

/// Why the audit log could not be made ready.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecoveryError {
    /// A file could not be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The outbox could not be read or emptied.
    #[error("cannot read the audit events in the store")]
    Outbox(#[from] StoreError),
    /// The key could not be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log is not what it was.
    #[error(
        "{0}. Somebody changed the log, or it was put back to an earlier state: look at it with \
         `strongroom audit verify`, and if you know why, start once with `--accept-audit-loss`"
    )]
    Altered(String),
}

/// A log that can be gone on with.
pub(crate) struct Recovered {
    /// Its end.
    pub(crate) end: End,
    /// Its files.
    pub(crate) shelf: Directory,
    /// What the operator took note of.
    pub(crate) accepted: Option<Accepted>,
}

/// A loss that an operator took note of just now.
pub(crate) struct Accepted {
    /// What was found.
    pub(crate) reason: String,
    /// The number of the first event that is lost.
    pub(crate) first: u64,
    /// The number of the last one. Less than `first` when none is.
    pub(crate) last: u64,
}

/// Opens the log in `dir`, mends its end and appends what only `outbox` holds. A log that is not
/// what it was is gone on with only if `accepts`.
pub(crate) async fn open(
    dir: &Path,
    signer: &Signer,
    accepts: bool,
    outbox: &impl Outbox,
) -> Result<Recovered, RecoveryError> {
    let remembered = outbox.remembered().await?;
    let mut stand = Stand::read(dir, &signer.deployment)?;
    let mut examined = stand.examine(signer, remembered)?;
    let complaint = examined.complaint.take();
    if let Some(reason) = &complaint
        && !accepts
    {
        return Err(RecoveryError::Altered(reason.clone()));
    }
    write_key(dir, &signer.public())?;
    if examined.is_new {
        begin(dir, signer, &mut stand)?;
        examined.previous = stand.previous;
    }
    if let Some((first, length)) = examined.torn_at {
        let last = examined.last.sequence;
        tracing::warn!("the audit log was torn after event {last}, and is cut there");
        tail::cut(&dir.join(FileName::segment(first)), length)?;
    }
    let mut accepted = None;
    if let Some(reason) = complaint {
        tracing::error!(reason, "going on with an audit log that is not what it was");
        accepted = Some(accepting::accept(
            dir,
            signer,
            &mut stand,
            &mut examined,
            reason,
        )?);
    }
    let mut tail = Tail::at(dir, &signer.deployment, examined.last, examined.open.take())?;
    deliver(dir, &mut tail, outbox).await?;
    Ok(Recovered {
        end: end(dir, signer, tail, examined)?,
        shelf: Directory(dir.to_owned()),
        accepted,
    })
}

/// The first statements of a log: what it begins with, and that it has nothing yet.
///
/// INVARIANT: a beginning is there only together with a head, so that no head means a head that was
/// removed.
fn begin(dir: &Path, signer: &Signer, stand: &mut Stand) -> Result<(), RecoveryError> {
    stand.mend_history()?;
    let position = Position::beginning(&signer.deployment, stand.history.as_ref());
    let beginning = Beginning {
        history: stand.history,
        position,
    };
    let content = signer.sign(None, Said::Beginning(beginning))?;
    let previous = Hash::of(&content);
    let head = Head {
        segment: 0,
        position,
        length: 0,
    };
    let head = signer.sign(Some(previous), Said::Head(head))?;
    files::write(&dir.join(HEAD), 0o600, &head)?;
    files::write(&dir.join(BEGINNING), 0o600, &content)?;
    stand.read_statements()?;
    Ok(())
}

/// Puts the public key beside the log. One that is there and is another is kept under its own name.
pub(super) fn write_key(dir: &Path, key: &PublicKey) -> Result<(), FileError> {
    let path = dir.join(PUBLIC_KEY);
    let pem = key.to_pem();
    let there = files::read_if_there(&path)?;
    if there.as_deref() == Some(pem.as_bytes()) {
        return Ok(());
    }
    let old = there.and_then(|text| String::from_utf8(text).ok());
    if let Some(old) = old.and_then(|text| PublicKey::from_pem(&text).ok()) {
        let name = format!("public-key-{}.pem", old.id());
        files::write(&dir.join(name), 0o644, old.to_pem().as_bytes())?;
    }
    files::write(&path, 0o644, pem.as_bytes())
}

/// What the sink goes on from.
fn end(
    dir: &Path,
    signer: &Signer,
    tail: Tail,
    examined: examine::Examined,
) -> Result<End, FileError> {
    let last_closed = examined
        .closed
        .last()
        .map(|closed| (closed.first, closed.survey.length));
    let (segment, length) = match &tail.open {
        Some((_, open)) => (open.first, open.contents.length()),
        None => last_closed.unwrap_or(examined.before),
    };
    let tip = Head {
        segment,
        position: tail.chain.position(),
        length,
    };
    let open = match tail.open {
        Some((file, open)) => Some(Open {
            first: open.first,
            previous_hash: open.previous_hash.unwrap_or(examined.last.hash),
            handles: Handles::of(file).map_err(FileError::io("open", dir))?,
            contents: open.contents,
            since: Instant::now()
                .checked_sub(open.age)
                .unwrap_or_else(Instant::now),
        }),
        None => None,
    };
    Ok(End {
        chain: ::audit::Chain::after(&signer.deployment, tail.chain.position()),
        tip,
        open,
        closed: examined.closed,
        previous: examined.previous,
    })
}

#[cfg(test)]
mod tests;
