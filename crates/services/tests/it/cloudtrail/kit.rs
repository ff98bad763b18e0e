//! The shortest way to trails.

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::io::Read as _;
use testkit::{Caller, Harness, KeptBuckets, with};

pub(super) const BUCKET: &str = KeptBuckets::OPEN;
pub(super) const SECOND: &str = KeptBuckets::OPEN_TOO;
pub(super) const ACCOUNT: &str = "123456789012";

/// The ARN of a trail of the first account in its Region.
pub(super) fn arn(name: &str) -> String {
    format!("arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/{name}")
}

/// A trail with these settings beside its name and bucket.
pub(super) async fn a_trail(h: &Harness, name: &str, more: Value) -> Value {
    let body = json!({ "Name": name, "S3BucketName": BUCKET });
    h.cloudtrail("CreateTrail", with(body, more)).await.ok()
}

/// The same, which logs.
pub(super) async fn a_logging_trail(h: &Harness, name: &str, more: Value) {
    a_trail(h, name, more).await;
    h.cloudtrail("StartLogging", json!({ "Name": name }))
        .await
        .ok();
}

pub(super) async fn status(h: &Harness, name: &str) -> Value {
    h.cloudtrail("GetTrailStatus", json!({ "Name": name }))
        .await
        .ok()
}

/// A user that may do one thing only.
pub(super) fn allow(action: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }],
    })
}

/// Lets so many seconds pass, and has delivered what is due.
pub(super) async fn deliver_after(h: &Harness, seconds: i64) {
    h.clock.advance_seconds(seconds);
    h.app.deliver_trails().await.unwrap();
}

/// What a compressed file holds.
pub(super) fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

/// The log files that were delivered: their keys, and the names of their events.
pub(super) fn files(h: &Harness) -> Vec<(String, Vec<String>)> {
    let objects = h.buckets.objects().into_iter();
    let files = objects.filter(|(key, _)| key.contains("/CloudTrail/"));
    files
        .map(|(key, object)| {
            let file: Value = serde_json::from_slice(&unpacked(&object.body)).unwrap();
            let records = file["Records"].as_array().unwrap().iter();
            let names = records.map(|record| record["eventName"].as_str().unwrap().to_owned());
            (key, names.collect())
        })
        .collect()
}

/// How often an event of the name is in the files of a bucket.
pub(super) fn count_in(h: &Harness, bucket: &str, name: &str) -> usize {
    let files = files(h).into_iter();
    let files = files.filter(|(key, _)| key.starts_with(&format!("{bucket}/")));
    files
        .flat_map(|(_, names)| names)
        .filter(|found| found == name)
        .count()
}

/// The names of the events of all files, in the order of the files.
pub(super) fn delivered(h: &Harness) -> Vec<String> {
    files(h).into_iter().flat_map(|(_, names)| names).collect()
}

/// The account whose secret is read by a user of the first one.
pub(super) const OWNER: &str = "444455556666";

/// A secret of another account that a user of the first one has looked at: the owner, and the user.
pub(super) async fn read_across_accounts(h: &Harness) -> (Caller, Caller) {
    let owner = h.another_account(OWNER).await;
    let alice = read_secret_of(h, &owner).await;
    (owner, alice)
}

/// Has `alice` of the first account look at a secret of `owner`.
pub(super) async fn read_secret_of(h: &Harness, owner: &Caller) -> Caller {
    let alice = allow("secretsmanager:*");
    let alice = h.a_user("alice", Some(&alice)).await;
    let token = "11111111-2222-4333-8444-555555555555";
    let secret = json!({ "Name": "db", "SecretString": "value", "ClientRequestToken": token });
    let secret = h.call_as(owner, "CreateSecret", secret).await.ok();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": "secretsmanager:DescribeSecret", "Resource": "*",
            "Principal": { "AWS": "arn:aws:iam::123456789012:user/alice" },
        }],
    });
    let body = json!({ "SecretId": "db", "ResourcePolicy": policy.to_string() });
    h.call_as(owner, "PutResourcePolicy", body).await.ok();
    let body = json!({ "SecretId": secret["ARN"] });
    h.call_as(&alice, "DescribeSecret", body).await.ok();
    alice
}

/// What an account is told of a record of its own call.
pub(super) fn as_told(mut record: Value) -> Value {
    let decided = record
        .as_object_mut()
        .unwrap()
        .remove("additionalEventData");
    assert!(decided.is_some(), "{record}");
    record
}

/// What the owner of a resource is told of a record of a call from another account.
pub(super) fn as_told_to_others(record: Value) -> Value {
    let mut record = as_told(record);
    let identity = record["userIdentity"].as_object_mut().unwrap();
    identity.remove("accessKeyId");
    identity.remove("userName");
    record
}
