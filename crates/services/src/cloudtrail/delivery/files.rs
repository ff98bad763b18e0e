//! Log files: the events of a trail, a file for each Region.
//!
//! Rules kept here:
//! - an event goes where the trail pointed when it happened, and is in one file;
//! - files are hashed and compressed where no request waits for it.

use super::NotDelivered;
use crate::app::App;
use crate::audit;
use crate::authorize::Permit;
use crate::blocking::blocking;
use crate::cloudtrail::EVENT_SOURCE;
use crate::cloudtrail::model::{Destination, Trail};
use crate::cloudtrail::records::{DigestedFile, Pending};
use crate::ports::{BucketObject, StreamedEvent, TopicMessage};
use ::audit::Described;
use aws_lc_rs::digest::{SHA256, digest};
use base::{AccountId, CommonError, RegionName, Timestamp};
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

/// What is delivered, and where.
pub(super) struct Route<'a> {
    pub(super) trail: &'a Trail,
    /// Whether everything goes where the trail points now: where it pointed takes nothing any more.
    pub(super) is_rerouted: bool,
}

impl Route<'_> {
    /// Where `event` goes. `None`: nowhere.
    fn of(&self, event: &Described<'_>) -> Option<Destination> {
        let destination = self.trail.destination_of(event)?;
        Some(match self.is_rerouted {
            true => self.trail.destination(),
            false => destination.clone(),
        })
    }
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
    files: Files,
    /// The last number that was looked at: less than the range has when a file would be too large.
    pub(super) reached: u64,
}

/// The files as they are made: a place has one of each Region.
type Files = BTreeMap<(Destination, RegionName), Collecting>;

/// A file, ready to be put into its bucket.
pub(super) struct Packed {
    pub(super) destination: Destination,
    pub(super) region: RegionName,
    body: Bytes,
    /// Of what it holds before compression.
    sha256: String,
    oldest: Timestamp,
    newest: Timestamp,
}

/// The keys of the files that were written, by their buckets.
pub(super) struct Written(BTreeMap<String, Vec<String>>);

/// Why files were not written, and where the first of them was to go.
pub(super) struct NotWritten {
    pub(super) destination: Destination,
    pub(super) why: NotDelivered,
}

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
        let pack = move || files.map(|(to, file)| file.packed(to)).collect();
        let packed: io::Result<Vec<Packed>> = blocking(pack).await?;
        packed.map_err(CommonError::internal)
    }
}

impl Packed {
    /// It, as a digest names it.
    pub(super) fn digested(&self, trail: &Trail, pending: &Pending) -> DigestedFile {
        DigestedFile {
            bucket: self.destination.bucket.clone(),
            key: self.key(trail, pending),
            sha256: self.sha256.clone(),
            newest: self.newest,
            oldest: self.oldest,
        }
    }

    fn key(&self, trail: &Trail, pending: &Pending) -> String {
        let (account, region) = (&trail.account, &self.region);
        let time = pending.at.to_basic();
        let minute = time.get(..13).unwrap_or_default();
        format!(
            "{}/{account}_CloudTrail_{region}_{minute}Z_{}.json.gz",
            folder(
                &self.destination,
                account,
                ("CloudTrail", region),
                pending.at
            ),
            pending.token
        )
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

    fn packed(mut self, (destination, region): (Destination, RegionName)) -> io::Result<Packed> {
        self.json.extend_from_slice(END);
        let (oldest, newest) = self.times.unwrap_or_default();
        let moment = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1_000));
        Ok(Packed {
            destination,
            region,
            body: gzip(&self.json)?,
            sha256: sha256(&self.json),
            oldest: moment(oldest),
            newest: moment(newest),
        })
    }
}

/// Reads the log, and keeps what is delivered.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn collect(
    app: &App,
    route: &Route<'_>,
    range: Range,
    most: Most,
) -> Result<Collected, CommonError> {
    let mut collected = Collected {
        files: Files::new(),
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
            kept = kept.saturating_add(keep(route, event, &mut collected.files));
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
fn keep(route: &Route<'_>, event: &StreamedEvent, files: &mut Files) -> usize {
    let account = route.trail.account.as_str().as_bytes();
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
    let Some(destination) = route.of(&described) else {
        return 0;
    };
    let Some(record) = audit::shown(&event.record) else {
        return 0;
    };
    let file = files.entry((destination, region)).or_default();
    file.add(&described, &record);
    record.len()
}

/// Puts the files where they go.
///
/// # Errors
/// When a bucket does not take one.
pub(super) async fn write(
    app: &App,
    trail: &Trail,
    pending: &Pending,
    files: &[Packed],
) -> Result<Written, NotWritten> {
    let mut written = BTreeMap::<String, Vec<String>>::new();
    for file in files {
        let key = file.key(trail, pending);
        let object = BucketObject {
            bucket: &file.destination.bucket,
            account: &trail.account,
            key: &key,
            body: &file.body,
            content_type: "application/json",
            content_encoding: "gzip",
            metadata: &[],
        };
        app.buckets.put(object).await.map_err(|error| NotWritten {
            destination: file.destination.clone(),
            why: error.into(),
        })?;
        let bucket = file.destination.bucket.clone();
        written.entry(bucket).or_default().push(key);
    }
    Ok(Written(written))
}

/// Tells a topic of files, in a message for each bucket. Gives whether it takes them.
///
/// # Errors
/// A failure of the store.
pub(super) async fn publish(
    app: &App,
    own: &Permit,
    trail: &Trail,
    topic: &str,
    Written(written): &Written,
) -> Result<bool, CommonError> {
    let arn = trail.arn();
    let mut tx = app.ledger.derive();
    for (bucket, keys) in written {
        let text = json!({ "s3Bucket": bucket, "s3ObjectKey": keys }).to_string();
        let message = TopicMessage {
            topic_arn: topic,
            by: EVENT_SOURCE,
            source_arn: &arn,
            source_account: &trail.account,
            subject: None,
            message: &text,
        };
        if !app.topics.publish(app, own, &mut tx, message).await? {
            return Ok(false);
        }
    }
    tx.commit().await?;
    Ok(true)
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
pub(super) fn folder(
    destination: &Destination,
    account: &AccountId,
    (kind, region): (&str, &RegionName),
    at: Timestamp,
) -> String {
    let prefix = destination.prefix.as_deref().unwrap_or_default();
    let slash = if prefix.is_empty() { "" } else { "/" };
    let date = at.to_iso();
    let date = date.get(..10).unwrap_or_default().replace('-', "/");
    format!("{prefix}{slash}AWSLogs/{account}/{kind}/{region}/{date}")
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
