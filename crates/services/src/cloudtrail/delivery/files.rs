//! Log files: the events of a trail, a file for each Region.
//!
//! Rule kept here: files are hashed and compressed where no request waits for it.

use super::NotDelivered;
use crate::app::App;
use crate::audit;
use crate::authorize::Permit;
use crate::blocking::blocking;
use crate::cloudtrail::EVENT_SOURCE;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::records::{DigestedFile, Pending};
use crate::ports::{BucketObject, StreamedEvent, TopicMessage};
use ::audit::Described;
use aws_lc_rs::digest::{SHA256, digest};
use base::{CommonError, RegionName, Timestamp};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, Write as _};

/// Between which two events of the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    /// Behind this one.
    pub(super) after: u64,
    /// Up to this one.
    pub(super) through: u64,
}

/// After how many bytes of the log the files of one delivery end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    /// Bytes that are kept.
    pub(super) kept: usize,
    /// Bytes that are looked at, kept or not.
    pub(super) looked_at: usize,
}

/// The events of a trail in a range of the log.
pub(super) struct Collected {
    files: BTreeMap<RegionName, Collecting>,
    /// The last number that was looked at: less than the range has when a file would be too large.
    pub(super) reached: u64,
}

/// A file, ready to be put into its bucket.
pub(super) struct Packed {
    pub(super) region: RegionName,
    body: Bytes,
    /// Of what it holds before compression.
    sha256: String,
    oldest: Timestamp,
    newest: Timestamp,
}

/// The keys of the files that were written.
pub(super) struct Written(Vec<String>);

/// A file as it is made.
#[derive(Default)]
struct Collecting {
    json: Vec<u8>,
    times: Option<(i64, i64)>,
}

impl Collected {
    /// The files, compressed.
    ///
    /// # Errors
    /// A failure of ours.
    pub(super) async fn packed(self) -> Result<Vec<Packed>, CommonError> {
        let files = self.files.into_iter();
        let pack = || files.map(|(region, file)| file.packed(region)).collect();
        let packed: io::Result<Vec<Packed>> = blocking(pack).await?;
        packed.map_err(CommonError::internal)
    }
}

impl Packed {
    /// It, as a digest names it.
    pub(super) fn digested(&self, trail: &Trail, pending: &Pending) -> DigestedFile {
        DigestedFile {
            bucket: trail.bucket.clone(),
            key: key(trail, &self.region, pending),
            sha256: self.sha256.clone(),
            newest: self.newest,
            oldest: self.oldest,
        }
    }
}

impl Collecting {
    fn add(&mut self, event: &Described<'_>, record: &[u8]) {
        let before: &[u8] = if self.json.is_empty() { BEGIN } else { b"," };
        self.json.extend_from_slice(before);
        self.json.extend_from_slice(record);
        let (oldest, newest) = self.times.unwrap_or((event.time, event.time));
        self.times = Some((oldest.min(event.time), newest.max(event.time)));
    }

    fn packed(mut self, region: RegionName) -> io::Result<Packed> {
        self.json.extend_from_slice(END);
        let (oldest, newest) = self.times.unwrap_or_default();
        let moment = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1_000));
        Ok(Packed {
            region,
            body: gzip(&self.json)?,
            sha256: sha256(&self.json),
            oldest: moment(oldest),
            newest: moment(newest),
        })
    }
}

/// Reads the log, and keeps what `trail` delivers.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn collect(
    app: &App,
    trail: &Trail,
    range: Range,
    most: Most,
) -> Result<Collected, CommonError> {
    let mut collected = Collected {
        files: BTreeMap::new(),
        reached: range.after,
    };
    let (mut kept, mut looked_at) = (0_usize, 0_usize);
    while collected.reached < range.through {
        let events = app.stream.read(collected.reached, STRIDE).await?;
        if events.is_empty() {
            break;
        }
        for event in &events {
            if event.sequence > range.through {
                break;
            }
            kept = kept.saturating_add(keep(trail, event, &mut collected.files));
            looked_at = looked_at.saturating_add(event.record.len());
            collected.reached = event.sequence;
            // INVARIANT: where a file ends depends on the log alone, so that it is the same the next time.
            if kept >= most.kept || looked_at >= most.looked_at {
                return Ok(collected);
            }
        }
        if events
            .last()
            .is_some_and(|last| last.sequence > range.through)
        {
            break;
        }
    }
    // What is not there any more does not come.
    collected.reached = range.through;
    Ok(collected)
}

/// Gives how many bytes it took.
fn keep(
    trail: &Trail,
    event: &StreamedEvent,
    files: &mut BTreeMap<RegionName, Collecting>,
) -> usize {
    let account = trail.account.as_str().as_bytes();
    // Most events are of others, and understanding one takes longer than looking for a text.
    if !event
        .record
        .windows(account.len())
        .any(|part| part == account)
    {
        return 0;
    }
    let Some(described) = Described::of(&event.record) else {
        return 0;
    };
    let Ok(region) = RegionName::parse(&described.region) else {
        return 0;
    };
    if !trail.covers(&described) {
        return 0;
    }
    let Some(record) = audit::shown(&event.record) else {
        return 0;
    };
    files.entry(region).or_default().add(&described, &record);
    record.len()
}

/// Puts the files into the bucket of the trail.
///
/// # Errors
/// When it does not take one.
pub(super) async fn write(
    app: &App,
    trail: &Trail,
    pending: &Pending,
    files: &[Packed],
) -> Result<Written, NotDelivered> {
    let mut keys = Vec::with_capacity(files.len());
    for file in files {
        let key = key(trail, &file.region, pending);
        let object = BucketObject {
            bucket: &trail.bucket,
            account: &trail.account,
            key: &key,
            body: &file.body,
            content_type: "application/json",
            content_encoding: "gzip",
            metadata: &[],
        };
        app.buckets.put(object).await?;
        keys.push(key);
    }
    Ok(Written(keys))
}

/// Tells a topic of files. Gives whether it takes the message.
///
/// # Errors
/// A failure of the store.
pub(super) async fn publish(
    app: &App,
    own: &Permit,
    trail: &Trail,
    topic: &str,
    Written(keys): &Written,
) -> Result<bool, CommonError> {
    let text = json!({ "s3Bucket": trail.bucket, "s3ObjectKey": keys }).to_string();
    let arn = trail.arn();
    let message = TopicMessage {
        topic_arn: topic,
        by: EVENT_SOURCE,
        source_arn: &arn,
        source_account: &trail.account,
        subject: None,
        message: &text,
    };
    let mut tx = app.ledger.derive();
    let is_taken = app.topics.publish(app, own, &mut tx, message).await?;
    if is_taken {
        tx.commit().await?;
    }
    Ok(is_taken)
}

/// Compressed, and the same for the same bytes: without a time.
pub(super) fn gzip(bytes: &[u8]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.into())
}

/// In hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}

/// What stands before the keys of a trail's objects: `prefix/AWSLogs/123456789012/…`.
pub(super) fn folder(trail: &Trail, kind: &str, region: &RegionName, at: Timestamp) -> String {
    let prefix = trail.prefix.as_deref().unwrap_or_default();
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    let slash = if prefix.is_empty() { "" } else { "/" };
    let date = at.to_iso();
    let date = date.get(..10).unwrap_or_default().replace('-', "/");
    format!(
        "{prefix}{slash}AWSLogs/{}/{kind}/{region}/{date}",
        trail.account
    )
}

fn key(trail: &Trail, region: &RegionName, pending: &Pending) -> String {
    let time = pending.at.to_basic();
    let minute = time.get(..13).unwrap_or_default();
    format!(
        "{}/{}_CloudTrail_{region}_{minute}Z_{}.json.gz",
        folder(trail, "CloudTrail", region, pending.at),
        trail.account,
        pending.token
    )
}

const BEGIN: &[u8] = b"{\"Records\":[";
const END: &[u8] = b"]}";
/// How many events are read at once.
const STRIDE: usize = 1_000;
/// Those of a delivery.
pub(super) const MOST: Most = Most {
    kept: 16 << 20,
    looked_at: 256 << 20,
};
