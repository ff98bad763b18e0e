//! Bringing to the log what only the outbox holds.
//!
//! Whether the log has an event is decided by its `eventID`, over the log's last
//! [`SEARCHED_BYTES`]. An event leaves the outbox about a second after it is written, so one that
//! is still there and stands further back than that is all but impossible, and would be written a
//! second time, never lost. (It takes a kill, and then a day of requests to a sealed server.)

use super::RecoveryError;
use super::tail::{self, Tail};
use crate::audit::Outbox;
use crate::files::{self, FileError};
use ::audit::{FileName, HISTORY};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::Path;

/// Appends what only the outbox holds.
pub(super) async fn deliver(
    dir: &Path,
    tail: &mut Tail,
    outbox: &impl Outbox,
) -> Result<(), RecoveryError> {
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

/// The id of an event, if it has one that can be read.
pub(super) fn event_id(line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(rename = "eventID", borrow)]
        id: Cow<'a, str>,
    }

    let event: Event<'_> = serde_json::from_slice(line).ok()?;
    Some(event.id.into_owned())
}

/// How many events are taken from the outbox at once.
pub(super) const BATCH: usize = 1_000;
const SEARCHED_BYTES: u64 = 64 << 20;
