use super::receivers::{Manner, Receiver, Speaks};
use super::*;
use crate::config::Archive;
use crate::s3::tests::{SECRET, Store, bucket};
use flate2::read::GzDecoder;
use std::fs;
use std::io::Read as _;

fn archive(bucket: config::S3) -> Rig {
    Rig::new(SinkKind::S3(Archive {
        bucket,
        prefix: String::from("audit/"),
    }))
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

/// The key of an object without the part that tells its events from others of the same numbers.
fn unmarked(key: &str) -> &str {
    let (name, mark) = key.rsplit_once('-').unwrap();
    let mark = mark.strip_suffix(".ndjson.gz").unwrap();
    assert!(mark.len() == 16 && mark.bytes().all(|b| b.is_ascii_hexdigit()));
    name
}

async fn write(rig: &Rig, count: u64) {
    write_from(rig, 0, count).await;
}

async fn write_from(rig: &Rig, first: u64, count: u64) {
    for n in first..first + count {
        let event = format!("{{\"eventTime\":\"2026-01-15T12:00:00Z\",\"n\":{n}}}");
        rig.log.write(&event).await;
    }
}

/// The objects of a store, with its keys.
fn objects(store: &Store) -> Vec<(String, String)> {
    let objects = store.objects().into_iter();
    let own = objects.filter(|(key, _)| !key.starts_with('.'));
    own.map(|(key, bytes)| (key, unpacked(&bytes))).collect()
}

#[tokio::test]
async fn objects_one_after_the_other_are_the_log() {
    let Some(store) = Store::start() else { return };
    let rig = archive(store.bucket(SECRET));
    write(&rig, 20).await;

    rig.send_all().await;

    let objects = objects(&store);
    let keys: Vec<&str> = objects.iter().map(|(key, _)| unmarked(key)).collect();
    assert_eq!(
        keys,
        [
            "audit/2026/01/15/00000000000000000001-00000000000000000007",
            "audit/2026/01/15/00000000000000000008-00000000000000000014",
            "audit/2026/01/15/00000000000000000015-00000000000000000020",
        ]
    );
    let text: String = objects.into_iter().map(|(_, text)| text).collect();
    assert_eq!(text, rig.log.text());
}

#[tokio::test]
async fn a_store_that_does_not_know_the_key_keeps_everything_waiting() {
    let Some(store) = Store::start() else { return };
    let rig = archive(store.bucket("wrong"));
    write(&rig, 3).await;
    let runner = rig.runner();

    let refused = run_until(&runner, |state| state.failing).await;
    // The key is read at each call.
    store.bucket(SECRET);
    run_until(&runner, |state| state.behind_events == 0).await;

    assert_eq!(
        refused.last_error.as_deref(),
        Some("it answered with status 403 SignatureDoesNotMatch")
    );
    assert_eq!(objects(&store).len(), 1);
}

#[tokio::test]
async fn other_events_with_the_same_numbers_take_no_object_away() {
    let Some(store) = Store::start() else { return };
    let (one, other) = (archive(store.bucket(SECRET)), archive(store.bucket(SECRET)));
    write(&one, 3).await;
    write_from(&other, 10, 3).await;

    one.send_all().await;
    other.send_all().await;

    let objects = objects(&store);
    let keys: Vec<&str> = objects.iter().map(|(key, _)| unmarked(key)).collect();
    let name = "audit/2026/01/15/00000000000000000001-00000000000000000003";
    assert_eq!(keys, [name, name]);
    let mut kept: Vec<&str> = objects.iter().map(|(_, text)| text.as_str()).collect();
    let mut written = [one.log.text(), other.log.text()];
    kept.sort_unstable();
    written.sort_unstable();
    assert_eq!(kept, written);
}

/// The objects that a store got which first answered with `manners`.
async fn tried(manners: &[Manner], events_between: u64) -> Vec<(String, Vec<u8>)> {
    let server = Receiver::start(Speaks::Http, None, manners).await;
    let dir = tempfile::tempdir().unwrap();
    let credentials = dir.path().join("key");
    let key = "[default]\naws_access_key_id = A\naws_secret_access_key = b\n";
    crate::files::write(&credentials, 0o600, key.as_bytes()).unwrap();
    let rig = archive(bucket(
        &format!("http://127.0.0.1:{}", server.port),
        credentials,
    ));
    write(&rig, 3).await;
    run_until(&rig.runner(), |state| state.failing || state.sent > 0).await;
    write(&rig, events_between).await;

    rig.send_all().await;

    let cursor = fs::read_to_string(rig.cursor()).unwrap();
    assert_eq!(cursor, format!("{{\"after\":{}}}", 3 + events_between));
    let heads = server.shared.heads.lock().clone();
    let target = |head: &String| head.split(' ').nth(1).unwrap().to_owned();
    let taken = server.shared.taken.lock().clone();
    let taken_heads = heads.iter().skip(heads.len() - taken.len());
    let mut objects: Vec<_> = taken_heads.map(target).zip(taken).collect();
    // Who was stopped while it sent one sends it again.
    objects.dedup();
    objects
}

#[tokio::test]
async fn what_was_being_sent_before_a_restart_is_sent_again_as_it_was() {
    // Taken, and yet not acknowledged: the server that sent it died, and knows no better.
    let objects = tried(&[Manner::Close], 3).await;

    let keys: Vec<&str> = objects.iter().map(|(key, _)| unmarked(key)).collect();
    assert_eq!(
        keys,
        [
            "/logs/audit/2026/01/15/00000000000000000001-00000000000000000003",
            "/logs/audit/2026/01/15/00000000000000000004-00000000000000000006",
        ]
    );
}

#[tokio::test]
async fn the_same_events_make_the_same_bytes() {
    let (once, again) = (tried(&[], 0).await, tried(&[Manner::Close], 0).await);

    assert_eq!(once, again);
}
