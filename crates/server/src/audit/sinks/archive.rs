//! A bucket: one compressed object for each batch.
//!
//! Rules kept here: the key follows from the numbers of the events, and the same events make the same
//! bytes, so an object that is put twice is there once. All objects of a sink one after the other are the
//! lines of the log as they stand in its segments.

use super::batch::{Batch, Head};
use super::sending::{Pace, SendError};
use crate::config;
use crate::error::chain;
use crate::s3::{Bucket, ObjectKind, S3Error};
use base::Clock;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write as _};
use std::sync::Arc;

/// Puts objects.
pub(super) struct ArchiveSender {
    bucket: Bucket,
    prefix: String,
}

impl ArchiveSender {
    pub(super) fn new(archive: &config::Archive, clock: &Arc<dyn Clock>) -> Self {
        Self {
            bucket: Bucket::new(archive.bucket.clone(), Arc::clone(clock)),
            prefix: archive.prefix.clone(),
        }
    }

    pub(super) async fn send(&self, batch: &Batch) -> Result<(), SendError> {
        let key = key(&self.prefix, batch);
        let bytes = compressed(plain(batch)).await;
        let bytes = bytes.map_err(|error| SendError::usual(error.to_string()))?;
        let put = self.bucket.put(&key, bytes, KIND).await;
        put.map_err(|error| SendError {
            text: chain(&error).trim_end().to_owned(),
            pace: pace(&error),
        })
    }
}

/// The lines as they stand in the log.
pub(super) fn plain(batch: &Batch) -> Vec<u8> {
    batch
        .lines
        .iter()
        .flat_map(|line| line.bytes.iter().copied())
        .collect()
}

/// As `gzip` makes it, with nothing in it of when and where it was made.
pub(super) async fn compressed(plain: Vec<u8>) -> io::Result<Bytes> {
    let compress = move || {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&plain)?;
        gzip.finish().map(Bytes::from)
    };
    // It takes some milliseconds, for which others are not to wait.
    let compressed = tokio::task::spawn_blocking(compress).await;
    compressed.map_err(io::Error::other)?
}

fn key(prefix: &str, batch: &Batch) -> String {
    let day = batch.lines.first().and_then(|line| {
        let head = Head::of(line);
        let (day, _) = head.time()?.split_once('T')?;
        Some(day.replace('-', "/"))
    });
    let day = day.unwrap_or_else(|| String::from("undated"));
    let (first, last) = batch.range();
    // Other events with these numbers (of another log, of one that was put back) are another object.
    let mark = batch
        .lines
        .last()
        .and_then(|line| line.hash.as_bytes().first_chunk::<8>());
    let mark = mark.map_or_else(String::new, |mark| HEXLOWER.encode(mark));
    format!("{prefix}{day}/{first:020}-{last:020}-{mark}.ndjson.gz")
}

fn pace(error: &S3Error) -> Pace {
    match error {
        S3Error::Refused {
            status,
            retry_after,
            ..
        } => match SendError::pace_of(*status, *retry_after) {
            // An object of these numbers is to have these events.
            Pace::Smaller => Pace::Slow,
            pace => pace,
        },
        S3Error::Outbound(_) | S3Error::Late => Pace::Usual,
        S3Error::Key(_)
        | S3Error::Credentials(_)
        | S3Error::Trust(_)
        | S3Error::Sign(_)
        | S3Error::Request(_) => Pace::Slow,
    }
}

const KIND: ObjectKind = ObjectKind {
    content_type: "application/x-ndjson",
    encoding: Some("gzip"),
};
