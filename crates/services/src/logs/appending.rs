//! Appending lines to a stream: chunks, what they take, and what the group's metric filters make of them.

use super::filtering;
use super::records::{Line, LogChunk, LogGroup, LogStream, LogUsage, MetricFilter};
use crate::app::App;
use crate::authorize::Permit;
use crate::tx::Deriving;
use base::{CommonError, Timestamp};
use std::collections::BTreeMap;
use store::{Record as _, Versioned};

/// Lines for a stream of a group.
#[derive(Clone, Copy)]
pub(super) struct Appending<'a> {
    pub(super) group: &'a LogGroup,
    /// It is made when it is not there.
    pub(super) stream: &'a str,
    /// In order of time.
    pub(super) events: &'a [(Timestamp, String)],
}

/// Appends in the caller's transaction. Lines longer than [`LONGEST_LINE`] are cut.
///
/// # Errors
/// When the store fails.
pub(super) async fn append(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    appending: Appending<'_>,
) -> Result<(), CommonError> {
    let Appending {
        group,
        stream: name,
        events,
    } = appending;
    let now = app.clock.now();
    let key = LogStream::key_of(&group.account, &group.region, &group.name, name);
    let found = tx.get::<LogStream>(&key).await?;
    let mut stream = match &found {
        Some(found) => LogStream::clone(&found.record),
        None => LogStream::new(group, name, now),
    };
    let added = add_lines(own, tx, &mut stream, events, now).await?;
    if let (Some(first), Some(last)) = (events.first(), events.last()) {
        stream.see(first.0, last.0, now);
    }
    stream.bytes = stream.bytes.saturating_add(added);
    note_usage(own, tx, group, &mut stream, added).await?;
    match found {
        Some(found) => tx.update(own, stream, found.rev),
        None => tx.insert(own, stream),
    }
    let query = MetricFilter::of_group(group, filtering::MOST_FILTERS);
    let filters = tx.query::<MetricFilter>(&query).await?;
    let filters: Vec<_> = filters.into_iter().map(|filter| filter.record).collect();
    let data = filtering::data(&filters, events).await;
    if data.is_empty() {
        return Ok(());
    }
    app.metrics.put(app, own, tx, &data).await
}

/// Writes the lines into chunks. Gives what they take.
async fn add_lines(
    own: &Permit,
    tx: &mut Deriving<'_>,
    stream: &mut LogStream,
    events: &[(Timestamp, String)],
    now: Timestamp,
) -> Result<u64, CommonError> {
    let last = match stream.chunks {
        0 => None,
        _ => {
            let query = LogChunk::of_stream(stream, 1).descending();
            tx.query::<LogChunk>(&query).await?.pop()
        }
    };
    let last = last.filter(|last| last.record.bytes < CHUNK);
    let line = |stream: &LogStream| i64::try_from(stream.lines).unwrap_or(i64::MAX);
    let mut rev = last.as_ref().map(|last| last.rev);
    let mut chunk = match &last {
        Some(last) => LogChunk::clone(&last.record),
        None => LogChunk::new(stream, line(stream), now),
    };
    let mut added = 0_u64;
    for (at, message) in events {
        if chunk.bytes >= CHUNK {
            let next = LogChunk::new(stream, line(stream), now);
            put(
                own,
                tx,
                stream,
                std::mem::replace(&mut chunk, next),
                rev.take(),
            );
        }
        let message = cut(message).to_owned();
        let size = size_of(&message);
        added = added.saturating_add(size);
        chunk.bytes = chunk.bytes.saturating_add(size);
        chunk.written = now;
        stream.lines = stream.lines.saturating_add(1);
        chunk.lines.push(Line {
            at: *at,
            ingested: now,
            message,
        });
    }
    if !events.is_empty() {
        put(own, tx, stream, chunk, rev);
    }
    Ok(added)
}

fn put(
    own: &Permit,
    tx: &mut Deriving<'_>,
    stream: &mut LogStream,
    chunk: LogChunk,
    rev: Option<store::Rev>,
) {
    match rev {
        Some(rev) => tx.update(own, chunk, rev),
        None => {
            stream.chunks = stream.chunks.saturating_add(1);
            tx.insert(own, chunk);
        }
    }
}

/// Notes what was `added` to `stream`, and has the oldest lines of a full group give way.
async fn note_usage(
    own: &Permit,
    tx: &mut Deriving<'_>,
    group: &LogGroup,
    stream: &mut LogStream,
    added: u64,
) -> Result<(), CommonError> {
    let found = tx.get::<LogUsage>(&LogUsage::key_of(group)).await?;
    let before = found
        .as_ref()
        .map_or(group.bytes, |found| found.record.bytes);
    let mut usage = LogUsage {
        account: group.account.clone(),
        region: group.region.clone(),
        group: group.name.clone(),
        bytes: before.saturating_add(added),
    };
    if usage.bytes > group.most_bytes {
        drop_old_streams(own, tx, group, &mut usage).await?;
    }
    if usage.bytes > group.most_bytes {
        drop_old_chunks(own, tx, group, stream, &mut usage).await?;
    }
    match found {
        Some(found) => tx.update(own, usage, found.rev),
        None => tx.insert(own, usage),
    }
    Ok(())
}

/// Removes streams that were written before there were chunks.
async fn drop_old_streams(
    own: &Permit,
    tx: &mut Deriving<'_>,
    group: &LogGroup,
    usage: &mut LogUsage,
) -> Result<(), CommonError> {
    // None came since chunks are there, so a group that never had them is not searched.
    if group.bytes == 0 {
        return Ok(());
    }
    let streams = LogStream::of_group(group, MOST_REMOVED);
    for old in tx.query::<LogStream>(&streams).await? {
        if usage.bytes <= group.most_bytes {
            break;
        }
        if !old.record.events.is_empty() && old.record.chunks == 0 {
            usage.bytes = usage.bytes.saturating_sub(old.record.bytes);
            tx.delete::<LogStream>(own, &old.record.key(), old.rev);
        }
    }
    Ok(())
}

/// Removes the chunks that were not written to for longest, and streams that have no lines left.
async fn drop_old_chunks(
    own: &Permit,
    tx: &mut Deriving<'_>,
    group: &LogGroup,
    stream: &mut LogStream,
    usage: &mut LogUsage,
) -> Result<(), CommonError> {
    let mut of_others: BTreeMap<String, Removed> = BTreeMap::new();
    let chunks = LogChunk::of_group(group, MOST_REMOVED);
    for old in tx.query::<LogChunk>(&chunks).await? {
        if usage.bytes <= group.most_bytes {
            break;
        }
        let chunk = &old.record;
        if chunk.stream == stream.name {
            // The lines that are being written stay.
            if stream.chunks == 1 {
                continue;
            }
            stream.chunks -= 1;
            stream.bytes = stream.bytes.saturating_sub(chunk.bytes);
        } else {
            of_others
                .entry(chunk.stream.clone())
                .or_default()
                .add(chunk.bytes);
        }
        usage.bytes = usage.bytes.saturating_sub(chunk.bytes);
        tx.delete::<LogChunk>(own, &chunk.key(), old.rev);
    }
    for (name, removed) in of_others {
        let key = LogStream::key_of(&group.account, &group.region, &group.name, &name);
        if let Some(found) = tx.get::<LogStream>(&key).await? {
            removed.take_from(own, tx, &found);
        }
    }
    Ok(())
}

/// What a stream lost.
#[derive(Default)]
struct Removed {
    chunks: u64,
    bytes: u64,
}

impl Removed {
    fn add(&mut self, bytes: u64) {
        self.chunks += 1;
        self.bytes += bytes;
    }

    fn take_from(&self, own: &Permit, tx: &mut Deriving<'_>, found: &Versioned<LogStream>) {
        let mut stream = LogStream::clone(&found.record);
        stream.chunks = stream.chunks.saturating_sub(self.chunks);
        stream.bytes = stream.bytes.saturating_sub(self.bytes);
        if stream.is_empty() {
            tx.delete::<LogStream>(own, &stream.key(), found.rev);
        } else {
            tx.update(own, stream, found.rev);
        }
    }
}

/// What a line counts, as AWS counts it.
pub(super) fn size_of(message: &str) -> u64 {
    message.len() as u64 + OVERHEAD
}

fn cut(message: &str) -> &str {
    let end = message.floor_char_boundary(LONGEST_LINE);
    message.get(..end).unwrap_or_default()
}

/// What a line counts beside its text.
pub(super) const OVERHEAD: u64 = 26;
/// The longest line that is stored: 256 KiB.
pub(super) const LONGEST_LINE: usize = 256 << 10;
/// A chunk that has as much gets no more lines.
const CHUNK: u64 = 64 << 10;
/// How many chunks or streams give way at once: what is left over gives way to the next lines.
const MOST_REMOVED: usize = 200;
