//! Opening the audit log after whatever ended the server.
//!
//! Three things may be wrong. The log may end in the middle of an event: it is cut back to the last
//! whole one. The store may hold events whose change was committed and which never reached the
//! log, or reached it and were lost before a sync: those that the log does not have are appended.
//! And somebody may have changed the log, or put it back to an earlier state: that is an error, and
//! the operator has to take note of it ([`Stand::examine`](stand::Stand)).
//!
//! INVARIANT: the outbox is emptied only after the file with all of it was synced. Should the server
//! die during recovery, the next start does it again.
//!
//! Whether the log has an event is decided by its `eventID`, over the log's last
//! [`SEARCHED_BYTES`]. An event leaves the outbox about a second after it is written, so one that
//! is still there and stands further back than that is all but impossible, and would be written a
//! second time, never lost. (It takes a kill, and then a day of requests to a sealed server.)

mod examine;
mod stand;
mod tail;

use super::Outbox;
use super::log::{Directory, Handles};
use super::signing::Signer;
use super::writer::{End, Open};
use crate::files::{self, FileError};
use ::audit::{
    BEGINNING, Beginning, FileName, HEAD, HISTORY, Hash, Head, KeyError, Loss, PUBLIC_KEY,
    Position, Said,
};
use serde::Deserialize;
use stand::Stand;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::Path;
use std::time::Duration;
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
    let is_new = stand.beginning.is_none() && stand.statements.is_empty() && remembered.is_none();
    if is_new {
        stand.look_at_history()?;
        begin(dir, signer, &mut stand)?;
    }
    let mut examined = stand.examine(signer, remembered)?;
    let mut accepted = None;
    if let Some(reason) = examined.complaint.take() {
        if !accepts {
            return Err(RecoveryError::Altered(reason));
        }
        tracing::error!(reason, "going on with an audit log that is not what it was");
        accepted = Some(accept(dir, signer, &mut stand, &mut examined, reason)?);
    }
    write_key(dir, signer)?;
    let mut tail = Tail::at(dir, &signer.deployment, examined.last, examined.open.take())?;
    deliver(dir, &mut tail, outbox).await?;
    Ok(Recovered {
        end: end(dir, signer, tail, examined)?,
        shelf: Directory(dir.to_owned()),
        accepted,
    })
}

/// Appends events to the log while nobody else writes it: the server is sealed, and neither its
/// outbox nor its key can be read. Returns when they are safe on disk.
pub(crate) fn append(dir: &Path, deployment: &str, events: &[Vec<u8>]) -> Result<(), FileError> {
    let mut stand = Stand::read(dir, deployment)?;
    let (last, open) = stand.last_line()?;
    let open = open.map(|first| tail::OpenAt {
        first,
        previous_hash: None,
        age: Duration::ZERO,
    });
    Tail::at(dir, deployment, last, open)?.append(events)
}

/// The first statements of a log: what it begins with, and that it has nothing yet.
///
/// INVARIANT: a beginning is there only together with a head, so that no head means a head that was
/// removed.
fn begin(dir: &Path, signer: &Signer, stand: &mut Stand) -> Result<(), RecoveryError> {
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
    write_key(dir, signer)?;
    files::write(&dir.join(HEAD), 0o600, &head)?;
    files::write(&dir.join(BEGINNING), 0o600, &content)?;
    stand.read_statements()?;
    Ok(())
}

/// Puts the public key beside the log. One that is there and is another is kept under its own name.
fn write_key(dir: &Path, signer: &Signer) -> Result<(), FileError> {
    let path = dir.join(PUBLIC_KEY);
    let pem = signer.key.public().to_pem();
    let there = files::read_if_there(&path)?;
    if there.as_deref() == Some(pem.as_bytes()) {
        return Ok(());
    }
    let old = there.and_then(|text| String::from_utf8(text).ok());
    if let Some(old) = old.and_then(|text| ::audit::PublicKey::from_pem(&text).ok()) {
        let name = format!("public-key-{}.pem", old.id());
        files::write(&dir.join(name), 0o644, old.to_pem().as_bytes())?;
    }
    files::write(&path, 0o644, pem.as_bytes())
}

/// Says, signed, that the log is not what it was, and goes on behind all numbers that it ever had.
fn accept(
    dir: &Path,
    signer: &Signer,
    stand: &mut Stand,
    examined: &mut examine::Examined,
    reason: String,
) -> Result<Accepted, RecoveryError> {
    let after = examined.last;
    let mut last = after;
    for head in &examined.heads {
        if head.sequence > last.sequence {
            last = *head;
        }
    }
    let highest = stand.segments.iter().next_back().copied().unwrap_or(0);
    last.sequence = last.sequence.max(highest);
    let loss = Loss {
        after,
        last,
        reason: reason.clone(),
    };
    let content = signer.sign(Some(stand.previous), Said::Loss(loss))?;
    let first = after.sequence.saturating_add(1);
    files::write(&dir.join(FileName::loss(first)), 0o600, &content)?;
    stand.previous = Hash::of(&content);
    examined.previous = stand.previous;
    examined.last = last;
    examined.open = None;
    examined.closed.clear();
    Ok(Accepted {
        reason,
        first,
        last: last.sequence,
    })
}

/// Appends what only the outbox holds.
async fn deliver(dir: &Path, tail: &mut Tail, outbox: &impl Outbox) -> Result<(), RecoveryError> {
    let mut written: Option<HashSet<String>> = None;
    loop {
        let waiting = outbox.oldest(BATCH).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let known = match &mut written {
            Some(known) => known,
            None => written.insert(event_ids(dir)?),
        };
        let mut numbers = Vec::with_capacity(waiting.len());
        let mut missing = Vec::new();
        for (number, body) in waiting {
            numbers.push(number);
            let is_new = event_id(&body).is_none_or(|id| known.insert(id));
            if is_new {
                missing.push(body);
            }
        }
        tail.append(&missing)?;
        outbox.done(numbers).await?;
    }
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
        .map(|closed| (closed.first, closed.length));
    let (segment, length) = match &tail.open {
        Some((_, open)) => (open.first, tail.length),
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
            length: tail.length,
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

/// The ids of the events near the end of the log.
fn event_ids(dir: &Path) -> Result<HashSet<String>, FileError> {
    let mut paths: Vec<_> = tail::segments(dir)?
        .into_iter()
        .map(|first| dir.join(FileName::segment(first)))
        .collect();
    let history = dir.join(HISTORY);
    if files::is_there(&history)? {
        paths.insert(0, history);
    }
    let mut ids = HashSet::new();
    let mut left = SEARCHED_BYTES;
    for path in paths.iter().rev() {
        left = left
            .saturating_sub(read_ids(path, left, &mut ids).map_err(FileError::io("read", path))?);
        if left == 0 {
            break;
        }
    }
    Ok(ids)
}

/// Adds the ids of the events in the last `most` bytes of a file. Gives the file's length.
fn read_ids(path: &Path, most: u64, ids: &mut HashSet<String>) -> io::Result<u64> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    reader.seek(SeekFrom::Start(length.saturating_sub(most)))?;
    // The first line may begin before that; then it has no id that can be read.
    for line in reader.split(b'\n') {
        ids.extend(event_id(&line?));
    }
    Ok(length)
}

fn event_id(line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(rename = "eventID", borrow)]
        id: Cow<'a, str>,
    }

    let event: Event<'_> = serde_json::from_slice(line).ok()?;
    Some(event.id.into_owned())
}

const BATCH: usize = 1_000;
const SEARCHED_BYTES: u64 = 64 << 20;

#[cfg(test)]
mod tests;
