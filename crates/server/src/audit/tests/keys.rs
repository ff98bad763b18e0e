//! Another key for a log that is written to.

use super::*;
use ::audit::{FileName, SigningKey};

fn key(seed: u8) -> Arc<SigningKey> {
    Arc::new(SigningKey::from_seed(&[seed; 32]).unwrap())
}

fn rig() -> Rig {
    Rig::with(settings(SyncPolicy::Interval, 5, 60_000))
}

fn verified_by(rig: &Rig, seed: u8) -> Report {
    let keys = key(seed).public().clone().into();
    ::audit::verify(rig.file.copied().path(), &keys).unwrap()
}

#[tokio::test]
async fn the_next_segment_is_signed_by_the_new_key() {
    let rig = rig();
    rig.append("{\"n\":1}").await.unwrap();
    rig.append("{\"n\":2}").await.unwrap();

    let first = rig.sink.replace_key(key(8)).await.unwrap();
    rig.append("{\"n\":3}").await.unwrap();
    let second = rig.sink.replace_key(key(9)).await.unwrap();
    rig.append("{\"n\":4}").await.unwrap();
    rig.sink.close();

    assert_eq!((first, second), (3, 4));
    let names = rig.file.names();
    assert_eq!(
        names,
        [
            "1.log",
            "3.log",
            "4.log",
            "1.digest.json",
            "3.digest.json",
            "3.key.json",
            "4.key.json",
            "beginning.json",
            "head.json"
        ]
    );
    for seed in [7, 8, 9] {
        let report = verified_by(&rig, seed);
        assert_eq!(report.problems, [], "{seed}");
        assert_eq!((report.events, report.unsigned_events), (4, 0));
        let firsts: Vec<u64> = report
            .key_changes
            .iter()
            .map(|change| change.first)
            .collect();
        assert_eq!(firsts, [3, 4]);
    }
    assert!(!rig.sink.is_replacing_key());
}

#[tokio::test]
async fn events_that_come_meanwhile_are_neither_lost_nor_signed_twice() {
    let rig = rig();
    for round in 0..10 {
        let replaces = async {
            rig.append("{\"n\":1}").await.unwrap();
            rig.sink.replace_key(key(20 + round)).await.unwrap();
        };
        let appends = async {
            for _ in 0..20 {
                rig.append("{\"n\":2}").await.unwrap();
            }
        };
        tokio::join!(replaces, appends);
    }

    rig.sink.close();

    let report = verified_by(&rig, 7);
    assert_eq!(report.problems, []);
    assert_eq!((report.events, report.key_changes.len()), (210, 10));
}

#[tokio::test]
async fn on_a_full_disk_the_key_is_replaced_as_soon_as_there_is_room() {
    let rig = Rig::with(settings(SyncPolicy::Interval, 5, 60_000));
    rig.append("{\"n\":1}").await.unwrap();
    until(|| rig.file.0.lock().statements.contains_key(::audit::HEAD)).await;
    rig.file.0.lock().is_full = true;

    let told = rig.sink.replace_key(key(8));
    until(|| rig.sink.log.asked.lock().is_none()).await;
    let is_under_way = rig.sink.is_replacing_key();
    let before = rig.file.names();
    rig.file.0.lock().is_full = false;
    let first = told.await.unwrap();
    rig.append("{\"n\":2}").await.unwrap();
    rig.sink.close();

    assert!(is_under_way);
    assert!(
        !before.iter().any(|name| name.ends_with("key.json")),
        "{before:?}"
    );
    assert_eq!(first, 2);
    assert_eq!(verified_by(&rig, 7).problems, []);
}

#[tokio::test]
async fn at_the_end_a_key_that_was_asked_for_signs() {
    let rig = Rig::new();
    rig.append("{\"n\":1}").await.unwrap();
    let told = rig.sink.replace_key(key(8));

    rig.sink.close();

    assert_eq!(told.await, Ok(2));
    let names = rig.file.names();
    assert!(names.contains(&String::from("2.key.json")), "{names:?}");
    let head = rig.file.0.lock().statements[::audit::HEAD].clone();
    let opened = ::audit::Statement::open(&head, &key(8).public().clone().into());
    assert!(opened.is_ok(), "{opened:?}");
    assert_eq!(FileName::key(2).len(), 29);
}

#[tokio::test]
async fn a_log_that_cannot_be_closed_keeps_its_key() {
    let rig = Rig::with(settings(SyncPolicy::Interval, 5, 60_000));
    rig.append("{\"n\":1}").await.unwrap();
    rig.file.0.lock().sync_fails = true;

    let told = rig.sink.replace_key(key(8)).await;

    assert!(told.is_err());
    let names = rig.file.names();
    assert!(
        !names.iter().any(|name| name.ends_with("key.json")),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_key_does_not_wait_for_the_time_of_the_next_sync() {
    let rig = Rig::new();
    for seed in [8, 9] {
        rig.append("{\"n\":1}").await.unwrap();

        rig.sink.replace_key(key(seed)).await.unwrap();
    }

    let report = verified_by(&rig, 9);
    assert_eq!((report.problems, report.key_changes.len()), (vec![], 2));
}
