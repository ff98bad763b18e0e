//! Digest files: what log files there are of an hour, each digest with the hash and the signature of the
//! one before.
//!
//! COMPAT: the shape, the signed text and the algorithm (SHA-256 with RSA) are AWS's, so that
//! `aws cloudtrail validate-logs` verifies them. A Region has digests from its first event on.

use super::files::{folder, gzip, sha256};
use super::keys::{Signer, signer};
use super::{NotDelivered, note};
use crate::app::App;
use crate::authorize::Permit;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::records::{Delivery, DigestChain, DigestedFile, PreviousDigest};
use crate::ports::BucketObject;
use base::{RegionName, Timestamp};
use serde::Serialize;

/// Notes a file of `region`, for the next digest.
pub(super) fn add(next: &mut Delivery, trail: &Trail, region: &RegionName, file: DigestedFile) {
    if !trail.is_validated {
        return;
    }
    let since = file.oldest;
    match next.chains.iter_mut().find(|chain| chain.region == *region) {
        Some(chain) => chain.files.push(file),
        None => next.chains.push(DigestChain {
            region: region.clone(),
            since,
            files: vec![file],
            previous: None,
        }),
    }
}

/// Makes the digests that are due; with `is_last`, also of files that came since the last ones, since none
/// follow.
///
/// COMPAT: CloudTrail closes with a last digest when a trail is stopped or deleted.
///
/// # Errors
/// When a bucket does not take one; those that were made are noted.
pub(super) async fn digest(
    app: &App,
    own: &Permit,
    trail: &Trail,
    next: &mut Delivery,
    is_last: bool,
) -> Result<(), NotDelivered> {
    let now = app.clock.now();
    let period = i64::from(app.trails.digest_seconds);
    let is_due = |chain: &DigestChain| {
        now >= chain.since.plus_seconds(period) || (is_last && !chain.files.is_empty())
    };
    if !next.chains.iter().any(is_due) {
        return Ok(());
    }
    let signer = signer(app, own, trail).await?;
    for place in 0..next.chains.len() {
        let Some(chain) = next.chains.get(place).filter(|chain| is_due(chain)) else {
            continue;
        };
        let made = put(app, trail, chain, &signer, now).await;
        note(&mut next.digests, now, &made);
        // What is not delivered is in the next digest, with what comes until then.
        if let (Ok(made), Some(chain)) = (made, next.chains.get_mut(place)) {
            *chain = made;
        }
    }
    Ok(())
}

/// Puts a digest. Gives the chain behind it.
async fn put(
    app: &App,
    trail: &Trail,
    chain: &DigestChain,
    signer: &Signer,
    end: Timestamp,
) -> Result<DigestChain, NotDelivered> {
    let key = key(trail, &chain.region, end);
    let digest = Digest::of(trail, chain, signer, &key, end);
    let text = serde_json::to_vec(&digest).map_err(base::CommonError::internal)?;
    let hash = sha256(&text);
    let signed = format!(
        "{}\n{}/{key}\n{hash}\n{}",
        digest.end,
        trail.bucket,
        digest.previous_signature.unwrap_or("null")
    );
    let signature = signer.sign(signed.as_bytes())?;
    let body = gzip(&text).map_err(base::CommonError::internal)?;
    let metadata = [
        ("signature", signature.clone()),
        ("signature-algorithm", ALGORITHM.to_owned()),
    ];
    let object = BucketObject {
        bucket: &trail.bucket,
        account: &trail.account,
        key: &key,
        body: &body,
        content_type: "application/json",
        content_encoding: "gzip",
        metadata: &metadata,
    };
    app.buckets.put(object).await?;
    Ok(DigestChain {
        region: chain.region.clone(),
        since: end,
        files: Vec::new(),
        previous: Some(PreviousDigest {
            bucket: trail.bucket.clone(),
            key,
            sha256: hash,
            signature,
        }),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Digest<'a> {
    aws_account_id: &'a str,
    #[serde(rename = "digestStartTime")]
    start: String,
    #[serde(rename = "digestEndTime")]
    end: String,
    #[serde(rename = "digestS3Bucket")]
    bucket: &'a str,
    #[serde(rename = "digestS3Object")]
    object: &'a str,
    #[serde(rename = "digestPublicKeyFingerprint")]
    fingerprint: &'a str,
    #[serde(rename = "digestSignatureAlgorithm")]
    algorithm: &'a str,
    newest_event_time: Option<String>,
    oldest_event_time: Option<String>,
    #[serde(rename = "previousDigestS3Bucket")]
    previous_bucket: Option<&'a str>,
    #[serde(rename = "previousDigestS3Object")]
    previous_object: Option<&'a str>,
    #[serde(rename = "previousDigestHashValue")]
    previous_hash: Option<&'a str>,
    #[serde(rename = "previousDigestHashAlgorithm")]
    previous_hash_algorithm: Option<&'a str>,
    #[serde(rename = "previousDigestSignature")]
    previous_signature: Option<&'a str>,
    log_files: Vec<LogFile<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogFile<'a> {
    #[serde(rename = "s3Bucket")]
    bucket: &'a str,
    #[serde(rename = "s3Object")]
    object: &'a str,
    hash_value: &'a str,
    hash_algorithm: &'a str,
    newest_event_time: String,
    oldest_event_time: String,
}

impl<'a> Digest<'a> {
    fn of(
        trail: &'a Trail,
        chain: &'a DigestChain,
        signer: &'a Signer,
        key: &'a str,
        end: Timestamp,
    ) -> Self {
        let previous = chain.previous.as_ref();
        let newest = chain.files.iter().map(|file| file.newest).max();
        let oldest = chain.files.iter().map(|file| file.oldest).min();
        Self {
            aws_account_id: trail.account.as_str(),
            start: chain.since.to_iso(),
            end: end.to_iso(),
            bucket: &trail.bucket,
            object: key,
            fingerprint: signer.fingerprint(),
            algorithm: ALGORITHM,
            newest_event_time: newest.map(Timestamp::to_iso),
            oldest_event_time: oldest.map(Timestamp::to_iso),
            previous_bucket: previous.map(|previous| previous.bucket.as_str()),
            previous_object: previous.map(|previous| previous.key.as_str()),
            previous_hash: previous.map(|previous| previous.sha256.as_str()),
            previous_hash_algorithm: previous.map(|_| HASH),
            previous_signature: previous.map(|previous| previous.signature.as_str()),
            log_files: chain.files.iter().map(LogFile::of).collect(),
        }
    }
}

impl<'a> LogFile<'a> {
    fn of(file: &'a DigestedFile) -> Self {
        Self {
            bucket: &file.bucket,
            object: &file.key,
            hash_value: &file.sha256,
            hash_algorithm: HASH,
            newest_event_time: file.newest.to_iso(),
            oldest_event_time: file.oldest.to_iso(),
        }
    }
}

fn key(trail: &Trail, region: &RegionName, end: Timestamp) -> String {
    format!(
        "{}/{}_CloudTrail-Digest_{region}_{}_{}_{}.json.gz",
        folder(
            &trail.destination(),
            &trail.account,
            ("CloudTrail-Digest", region),
            end
        ),
        trail.account,
        trail.name,
        trail.region,
        end.to_basic()
    )
}

const HASH: &str = "SHA-256";
const ALGORITHM: &str = "SHA256withRSA";
