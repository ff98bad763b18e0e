//! Cutting the log into segments, signing them, and losing power meanwhile.

use super::*;
use std::num::NonZeroU64;

/// Segments of a few events.
fn small_segments(interval: u32) -> config::Audit {
    config::Audit {
        segment_bytes: NonZeroU64::new(300).unwrap(),
        ..settings(SyncPolicy::Interval, interval, 60_000)
    }
}

#[tokio::test]
async fn segments_are_closed_by_size_and_signed_and_verify() {
    let mut rig = Rig::with(small_segments(3_600_000));
    for n in 0..10 {
        rig.append_outbox(&format!("{{\"n\":{n}}}"), Some(n))
            .await
            .unwrap();
    }

    rig.sink.close();

    let report = rig.file.verified();
    assert_eq!(report.problems, []);
    assert_eq!((report.events, report.unsigned_events), (10, 0));
    assert!(report.segments > 2);
    let names = rig.file.names();
    let digests = { names.iter() }
        .filter(|name| name.ends_with(".digest.json"))
        .count();
    assert_eq!(digests as u64, report.segments - 1);
    assert!(rig.file.0.lock().is_synced());
    assert_eq!(rig.all_durable(), (0..10).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_closed_segment_is_synced_once() {
    let rig = Rig::with(small_segments(3_600_000));
    for n in 0..10 {
        rig.append(&format!("{{\"n\":{n}}}")).await.unwrap();
    }

    rig.sink.close();

    let disk = rig.file.0.lock();
    let closed = disk.segments.len() - 1;
    let syncs: Vec<usize> = disk.syncs.values().copied().collect();
    assert!(closed > 1);
    assert_eq!(syncs[..closed], vec![1; closed]);
}

#[tokio::test]
async fn a_loss_of_power_behind_a_closed_segment_leaves_no_gap() {
    for events in 1..10 {
        let rig = Rig::with(small_segments(3_600_000));
        let left = Left::default();
        for n in 0..events {
            let event = format!("{{\"eventID\":\"{n}\"}}");
            rig.append_outbox(&event, Some(n)).await.unwrap();
            left.put(n, &event);
        }
        until(|| rig.file.0.lock().statements.contains_key(::audit::HEAD)).await;
        let whole = rig.file.text();
        let named = rig.file.0.lock().segments.len();

        rig.file.lose_power();
        let lost = rig.file.copied();
        let recovered = open(lost.path(), &signer(), false, &left).await;

        recovered.unwrap();
        assert!(left.0.lock().is_empty());
        let keys = signer().public().into();
        let report = ::audit::verify(lost.path(), &keys).unwrap();
        assert_eq!((report.problems, report.events), (vec![], events));
        assert_eq!(report.segments, named as u64);
        let mut segments: Vec<_> = std::fs::read_dir(lost.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
            .collect();
        segments.sort();
        let text: String = { segments.iter() }
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        let ids = |text: &str| text.matches("eventID").count();
        assert_eq!(ids(&text), ids(&whole));
    }
}

#[tokio::test]
async fn what_could_not_be_synced_when_its_segment_was_closed_is_never_called_safe() {
    let mut rig = Rig::with(small_segments(3_600_000));
    rig.append_outbox(&format!("{{\"n\":\"{}\"}}", "x".repeat(300)), Some(1))
        .await
        .unwrap();
    rig.file.0.lock().one_sync_fails = true;

    let refused = rig.append_outbox("{\"n\":2}", Some(2)).await;
    rig.sink.close();

    assert_eq!(refused.unwrap_err(), "the audit log cannot be written");
    assert_eq!(rig.all_durable(), [0; 0]);
    assert_eq!(*rig.sink.synced().borrow(), 0);
    assert_eq!(rig.file.0.lock().segments.len(), 1);
}

#[tokio::test]
async fn a_digest_tells_what_was_written_and_not_what_stands_there_later() {
    let rig = Rig::with(small_segments(3_600_000));
    let event = |n: &str| format!("{{\"eventTime\":\"{n}\",\"x\":\"{}\"}}", "x".repeat(80));
    rig.append(&event("2026-01-01T00:00:00Z")).await.unwrap();
    rig.append(&event("2026-01-01T00:00:01Z")).await.unwrap();
    let name = ::audit::FileName::segment(1);
    let written = rig.file.0.lock().segments[&name].clone();
    let mut disk = rig.file.0.lock();
    disk.segments.get_mut(&name).unwrap().fill(b' ');
    drop(disk);

    rig.sink.close();

    let content = rig.file.0.lock().statements[&::audit::FileName::digest(1)].clone();
    let Said::Segment(segment) = ::audit::Statement::peek(&content).unwrap().statement.said else {
        panic!("no digest");
    };
    assert_eq!(segment.sha256, Hash::of(&written));
    assert_eq!(segment.length, written.len() as u64);
    let times = [segment.first_event_time, segment.last_event_time];
    let times = times.map(Option::unwrap);
    assert_eq!(times, ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"]);
}

#[tokio::test]
async fn a_segment_is_closed_when_it_is_old() {
    let rig = Rig::new();
    rig.append("{}").await.unwrap();
    { rig.sink.log.writer.lock() }.make_old();

    rig.append("{}").await.unwrap();
    rig.sink.close();

    let names = rig.file.names();
    assert_eq!(names[..3], ["1.log", "2.log", "1.digest.json"]);
    assert_eq!(rig.file.verified().problems, []);
}

#[tokio::test]
async fn the_head_is_signed_by_itself_and_told() {
    let mut rig = Rig::with(settings(SyncPolicy::Interval, 10, 60_000));
    rig.append("{\"n\":1}").await.unwrap();

    let told = loop {
        if let Some(Durable::Head(head)) = rig.durable.recv().await
            && head.sequence == 1
        {
            break head;
        }
    };

    let report = rig.file.verified();
    assert_eq!(report.problems, []);
    let head = report.head.unwrap();
    assert_eq!((head.sequence, head.hash), (told.sequence, told.hash));
}

#[tokio::test]
async fn no_head_is_told_after_a_sync_that_failed() {
    let mut rig = Rig::new();
    rig.append("{\"n\":1}").await.unwrap();
    rig.file.0.lock().sync_fails = true;

    rig.sink.close();

    while let Ok(durable) = rig.durable.try_recv() {
        assert!(matches!(
            durable,
            Durable::Head(Position { sequence: 0, .. })
        ));
    }
}

#[tokio::test]
async fn on_a_full_disk_no_segment_is_half_closed_and_all_are_signed_later() {
    let mut rig = Rig::with(small_segments(5));
    for _ in 0..4 {
        rig.append("{\"n\":1}").await.unwrap();
    }
    rig.file.0.lock().is_full = true;

    let refused = rig.append("{\"n\":2}").await;
    let again = rig.append("{\"n\":3}").await;
    let statements = rig.file.0.lock().statements.len();
    rig.file.0.lock().is_full = false;
    rig.append("{\"n\":4}").await.unwrap();
    rig.sink.close();

    assert_eq!(refused.unwrap_err(), "the audit log cannot be written");
    assert!(again.is_err());
    assert!(statements <= 2, "a digest on a full disk");
    let report = rig.file.verified();
    assert_eq!(report.problems, []);
    assert_eq!((report.events, report.unsigned_events), (5, 0));
    assert_eq!(rig.all_durable(), [0; 0]);
}

#[tokio::test]
async fn a_refused_event_leaves_no_gap_in_the_chain() {
    let rig = Rig::new();
    rig.append("{\"n\":1}").await.unwrap();
    {
        let mut disk = rig.file.0.lock();
        disk.room = Some(disk.used() + 20);
    }

    let refused = rig.append("{\"n\":2}").await;
    rig.file.0.lock().room = None;
    rig.append("{\"n\":3}").await.unwrap();
    rig.sink.close();

    assert!(refused.is_err());
    assert_eq!(rig.file.verified().problems, []);
    assert_eq!(rig.file.text(), "{\"n\":1}\n{\"n\":3}\n");
}
