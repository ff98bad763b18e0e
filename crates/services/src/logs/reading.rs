//! The lines of a stream, by their numbers, and group by group of them.

use super::records::{Line, LogChunk, LogStream};
use crate::tx::Tx;
use std::ops::Bound;
use std::sync::Arc;
use store::StoreError;

/// Up to `limit` chunks with the lines from number `place` on, in order. The first may begin before it.
pub(super) async fn chunks_from(
    tx: &mut Tx<'_>,
    stream: &LogStream,
    place: i64,
    limit: usize,
) -> Result<Vec<Arc<LogChunk>>, StoreError> {
    let mut chunks: Vec<Arc<LogChunk>> = inline(stream)
        .filter(|inline| inline.end() > place)
        .map(Arc::new)
        .into_iter()
        .collect();
    let containing = LogChunk::of_stream(stream, 1)
        .to(Bound::Included(place))
        .descending();
    let containing = tx.query::<LogChunk>(&containing).await?.pop();
    let first = containing.map_or(place, |found| found.record.first_line);
    let query = LogChunk::of_stream(stream, limit).from(Bound::Included(first));
    let found = tx.query::<LogChunk>(&query).await?;
    chunks.extend(found.into_iter().map(|found| found.record));
    Ok(chunks)
}

/// Up to `limit` chunks with the lines before number `place`, from the last one to the first. The first
/// of them may end behind it.
pub(super) async fn chunks_before(
    tx: &mut Tx<'_>,
    stream: &LogStream,
    place: i64,
    limit: usize,
) -> Result<Vec<Arc<LogChunk>>, StoreError> {
    let query = LogChunk::of_stream(stream, limit)
        .to(Bound::Excluded(place))
        .descending();
    let found = tx.query::<LogChunk>(&query).await?;
    let is_all = found.len() < limit;
    let mut chunks: Vec<_> = found.into_iter().map(|found| found.record).collect();
    chunks.extend(inline(stream).filter(|_| is_all).map(Arc::new));
    Ok(chunks)
}

/// Lines of the time when there were no chunks.
fn inline(stream: &LogStream) -> Option<LogChunk> {
    if stream.events.is_empty() {
        return None;
    }
    let mut chunk = LogChunk::new(stream, 0, stream.written);
    chunk.lines = stream
        .events
        .iter()
        .map(|event| Line {
            at: event.at,
            ingested: stream.written,
            message: event.message.clone(),
        })
        .collect();
    Some(chunk)
}
