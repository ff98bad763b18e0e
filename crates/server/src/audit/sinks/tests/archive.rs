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

async fn write(rig: &Rig, count: u64) {
    for n in 0..count {
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
    let keys: Vec<&str> = objects.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "audit/2026/01/15/00000000000000000001-00000000000000000007.ndjson.gz",
            "audit/2026/01/15/00000000000000000008-00000000000000000014.ndjson.gz",
            "audit/2026/01/15/00000000000000000015-00000000000000000020.ndjson.gz",
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

/// A store that was seen to answer with `manners`, and the requests that it got.
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
    taken_heads.map(target).zip(taken).collect()
}

#[tokio::test]
async fn what_was_being_sent_before_a_restart_is_sent_again_as_it_was() {
    // Taken, and yet not acknowledged: the server that sent it died, and knows no better.
    let objects = tried(&[Manner::Close], 3).await;

    let keys: Vec<&str> = objects.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "/logs/audit/2026/01/15/00000000000000000001-00000000000000000003.ndjson.gz",
            "/logs/audit/2026/01/15/00000000000000000004-00000000000000000006.ndjson.gz",
        ]
    );
}

#[tokio::test]
async fn the_same_events_make_the_same_bytes() {
    let (once, again) = (tried(&[], 0).await, tried(&[Manner::Close], 0).await);

    assert_eq!(once, again);
}
