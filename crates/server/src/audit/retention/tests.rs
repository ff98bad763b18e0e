use super::expired::Obstacle;
use super::*;
use crate::audit::log::Directory;
use ::audit::{
    BEGINNING, Beginning, Chain, FileName, HEAD, HISTORY, Hash, Head, History, Loss, Position,
    Report, SigningKey, Statement,
};
use base::Clock;
use parking_lot::Mutex;
use services::AppendFuture;
use std::fs;
use std::path::Path;

const DEPLOYMENT: &str = "111122223333";
const FIRST_DAY: i64 = 1_440_892_800_000;

struct FixedClock(i64);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0)
    }
}

/// Takes events, or refuses them.
#[derive(Default)]
struct FakeSink {
    events: Mutex<Vec<serde_json::Value>>,
    refuses: bool,
}

impl AuditSink for FakeSink {
    fn append(&self, entry: AuditEntry) -> AppendFuture<'_> {
        Box::pin(async move {
            if self.refuses {
                return Err(AuditError(String::from("full")));
            }
            let event = serde_json::from_slice(&entry.line).unwrap();
            self.events.lock().push(event);
            Ok(())
        })
    }
}

struct Rig {
    dir: tempfile::TempDir,
    sink: Arc<FakeSink>,
    retention: Retention,
}

impl Rig {
    /// A log of four days: a history, a closed segment of one event for each, and a signed head. It
    /// is looked at `days` after the first, and three days are kept.
    fn after(days: i64, refuses: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let signer = |millis| {
            let key = SigningKey::from_seed(&[7; 32]).unwrap();
            let clock = Arc::new(FixedClock(millis));
            Arc::new(Signer::new(key.into(), DEPLOYMENT, clock))
        };
        write_log(dir.path(), &signer(FIRST_DAY));
        let sink = Arc::new(FakeSink {
            refuses,
            ..FakeSink::default()
        });
        let retention = Retention {
            dir: dir.path().to_owned(),
            days: 3,
            signer: signer(FIRST_DAY + days * DAY_MILLIS + 1_000),
            shelf: Arc::new(Directory(dir.path().to_owned())),
            sinks: Arc::default(),
            sink: Arc::clone(&sink) as Arc<dyn AuditSink>,
            entropy: Arc::new(crate::outside::SystemEntropy),
            account: AccountId::parse(DEPLOYMENT).unwrap(),
            region: RegionName::parse("eu-west-1").unwrap(),
        };
        Self {
            dir,
            sink,
            retention,
        }
    }

    /// The logs that are there.
    fn logs(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".log"))
            .map(|name| name.trim_start_matches('0').to_owned())
            .collect();
        names.sort();
        names
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.dir.path().join(name)).unwrap();
    }

    async fn obstacle(&self) -> Option<Obstacle> {
        let now = self.retention.signer.clock.now();
        self.retention.expired(now).await.unwrap().obstacle
    }

    /// Up to which event deletions are signed.
    fn through(&self) -> Option<u64> {
        let content = fs::read(self.dir.path().join(RETENTION)).ok()?;
        match Statement::peek(&content).unwrap().statement.said {
            Said::Retention(retention) => Some(retention.deleted_through),
            _ => None,
        }
    }

    fn verified(&self) -> Report {
        let keys = self.retention.signer.public().into();
        ::audit::verify(self.dir.path(), &keys).unwrap()
    }
}

fn write_log(dir: &Path, signer: &Signer) {
    let old = b"{}\n";
    fs::write(dir.join(HISTORY), old).unwrap();
    let history = History {
        length: old.len() as u64,
        sha256: Hash::of(old),
    };
    let position = Position::beginning(DEPLOYMENT, Some(&history));
    let put = |name: &str, previous, said| {
        let content = signer.sign(previous, said).unwrap();
        fs::write(dir.join(name), &content).unwrap();
        Some(Hash::of(&content))
    };
    let beginning = Beginning {
        history: Some(history),
        position,
    };
    let mut previous = put(BEGINNING, None, Said::Beginning(beginning));
    let mut chain = Chain::after(DEPLOYMENT, position);
    for day in 0..4 {
        let before = chain.position();
        let mut line = Vec::new();
        chain.append(b"{}", &mut line).unwrap();
        let first = chain.position().sequence;
        fs::write(dir.join(FileName::segment(first)), &line).unwrap();
        let time = Timestamp::from_millis(FIRST_DAY + day * DAY_MILLIS).to_iso();
        let segment = ::audit::Segment {
            first_sequence: first,
            first_previous_hash: before.hash,
            last_sequence: first,
            last_hash: chain.position().hash,
            length: line.len() as u64,
            sha256: Hash::of(&line),
            first_event_time: Some(time.clone()),
            last_event_time: Some(time),
        };
        previous = put(&FileName::digest(first), previous, Said::Segment(segment));
    }
    let head = Head {
        segment: 4,
        position: chain.position(),
        length: 0,
    };
    put(HEAD, previous, Said::Head(head));
}

#[tokio::test]
async fn what_is_old_enough_is_deleted_and_the_log_still_verifies() {
    let rig = Rig::after(4, false);

    rig.retention.tick().await.unwrap();
    rig.retention.tick().await.unwrap();

    assert_eq!(rig.logs(), ["3.log", "4.log"]);
    let report = rig.verified();
    assert_eq!(report.problems, []);
    assert_eq!(report.gone.len(), 3);
    let events = rig.sink.events.lock();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["eventName"], "DeleteAuditSegments");
    assert_eq!(
        events[0]["requestParameters"],
        serde_json::json!({ "segments": 2, "throughSequence": 2, "history": true, "retentionDays": 3 })
    );
}

#[tokio::test]
async fn nothing_is_deleted_before_its_time() {
    let rig = Rig::after(2, false);

    rig.retention.tick().await.unwrap();

    assert_eq!(
        rig.logs(),
        ["1.log", "2.log", "3.log", "4.log", "audit.log"]
    );
    assert!(rig.sink.events.lock().is_empty());
}

#[tokio::test]
async fn nothing_is_deleted_without_its_event() {
    let rig = Rig::after(10, true);

    let refused = rig.retention.tick().await;

    assert!(matches!(refused, Err(RetentionError::Event(_))));
    assert_eq!(rig.logs().len(), 5);
    assert!(!rig.dir.path().join(RETENTION).exists());
}

#[tokio::test]
async fn a_deletion_that_died_is_completed_and_what_was_deleted_stays_said() {
    let rig = Rig::after(4, false);
    let first = rig.dir.path().join(FileName::segment(1));
    let kept = fs::read(&first).unwrap();
    rig.retention.tick().await.unwrap();
    fs::write(&first, kept).unwrap();

    rig.retention.tick().await.unwrap();

    assert_eq!(rig.logs(), ["3.log", "4.log"]);
    assert_eq!(rig.verified().problems, []);
}

#[tokio::test]
async fn a_segment_whose_digest_is_not_ours_keeps_everything_after_it() {
    let rig = Rig::after(10, false);
    fs::write(rig.dir.path().join(FileName::digest(2)), "{}").unwrap();

    rig.retention.tick().await.unwrap();

    assert_eq!(rig.logs(), ["2.log", "3.log", "4.log"]);
}

#[tokio::test]
async fn a_segment_that_somebody_removed_is_never_excused() {
    let rig = Rig::after(10, false);
    rig.remove(&FileName::segment(2));

    rig.retention.tick().await.unwrap();
    let first_problems = rig.verified().problems;
    rig.retention.tick().await.unwrap();

    assert_eq!(rig.logs(), ["3.log", "4.log"]);
    assert_eq!(rig.through(), Some(1));
    let removed = Obstacle::Removed(FileName::segment(2));
    assert_eq!(rig.obstacle().await, Some(removed));
    assert_eq!(first_problems.len(), 1);
    assert_eq!(first_problems[0].file, FileName::segment(2));
    assert_eq!(rig.verified().problems, first_problems);
}

#[tokio::test]
async fn a_segment_removed_with_its_digest_is_never_excused() {
    let rig = Rig::after(10, false);
    rig.remove(&FileName::segment(2));
    rig.remove(&FileName::digest(2));

    rig.retention.tick().await.unwrap();

    assert_eq!(rig.logs(), ["3.log", "4.log"]);
    assert_eq!(rig.through(), Some(1));
    assert_eq!(
        rig.obstacle().await,
        Some(Obstacle::Gap(FileName::segment(3)))
    );
}

#[tokio::test]
async fn a_digest_of_another_segment_excuses_nothing() {
    let rig = Rig::after(10, false);
    let path = |name: String| rig.dir.path().join(name);
    fs::copy(path(FileName::digest(3)), path(FileName::digest(2))).unwrap();

    rig.retention.tick().await.unwrap();

    assert_eq!(rig.logs(), ["2.log", "3.log", "4.log"]);
    let undigested = Obstacle::Undigested(FileName::segment(2));
    assert_eq!(rig.obstacle().await, Some(undigested));
}

#[tokio::test]
async fn a_segment_without_digest_before_others_is_an_obstacle_and_the_last_is_none() {
    let rig = Rig::after(10, false);
    rig.remove(&FileName::digest(4));
    let at_the_end = rig.obstacle().await;
    rig.remove(&FileName::digest(2));
    let amid = rig.obstacle().await;

    assert_eq!(at_the_end, None);
    assert_eq!(amid, Some(Obstacle::Undigested(FileName::segment(2))));
}

#[tokio::test]
async fn events_that_an_operator_gave_up_are_no_gap() {
    let rig = Rig::after(10, false);
    let digest = |first| fs::read(rig.dir.path().join(FileName::digest(first))).unwrap();
    let last_of = |first| match Statement::peek(&digest(first)).unwrap().statement.said {
        Said::Segment(segment) => segment.last(),
        _ => panic!("no digest"),
    };
    let loss = Said::Loss(Loss {
        after: last_of(1),
        last: last_of(2),
        reason: String::from("restored"),
        beginning: false,
    });
    let previous = Some(Hash::of(&digest(1)));
    let content = rig.retention.signer.sign(previous, loss).unwrap();
    fs::write(rig.dir.path().join(FileName::loss(2)), content).unwrap();
    rig.remove(&FileName::segment(2));
    rig.remove(&FileName::digest(2));

    rig.retention.tick().await.unwrap();

    assert_eq!(rig.logs(), [""; 0]);
    assert_eq!(rig.through(), Some(4));
}
