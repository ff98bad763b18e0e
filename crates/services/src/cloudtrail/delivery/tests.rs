use super::files::Most;
use super::*;
use crate::cloudtrail::model::LogDestination;
use crate::cloudtrail::model::tests::{a_record, a_trail, a_trail_with};
use crate::cloudtrail::records::{DigestedFile, LogDelivery};
use crate::document::Document;
use crate::fixtures::World;
use crate::follow;
use crate::identity::model::{Grants, Role};
use crate::ports::{AppendedLog, LogGroups, PortFuture};
use crate::tags::Tags;
use crate::tx::{Deriving, Lines};
use parking_lot::Mutex;
use std::sync::Arc;

/// Log groups in memory: there is `CloudTrail`.
#[derive(Default)]
struct KeptGroups(Mutex<Vec<(String, String, Timestamp, String)>>);

impl LogGroups for KeptGroups {
    fn append<'a>(
        &'a self,
        _: &'a App,
        _: &'a Permit,
        _: &'a mut Deriving<'_>,
        appended: AppendedLog<'a>,
    ) -> PortFuture<'a, bool, CommonError> {
        let is_there = appended.group == "CloudTrail";
        let mut kept = self.0.lock();
        for (at, line) in appended.events.iter().filter(|_| is_there) {
            let (group, stream) = (appended.group.to_owned(), appended.stream.to_owned());
            kept.push((group, stream, *at, line.clone()));
        }
        Box::pin(async move { Ok(is_there) })
    }
}

struct Stage {
    world: World,
    groups: Arc<KeptGroups>,
}

impl Stage {
    /// A trail to the log group `group`, whose role may do `action`, and a follower that has begun.
    async fn new(group: &str, action: &str) -> Self {
        let mut world = World::new();
        let groups = Arc::new(KeptGroups::default());
        world.app.log_groups = groups.clone();
        let trail = a_trail_with(|trail| {
            trail.is_multi_region = true;
            trail.logs = Some(LogDestination {
                group_arn: format!("arn:aws:logs:eu-central-1:123456789012:log-group:{group}:*"),
                role_arn: String::from("arn:aws:iam::123456789012:role/trail"),
            });
        });
        let permit = Permit::of_tests();
        let mut tx = world.app.ledger.begin();
        tx.insert(&permit, trail);
        tx.insert(&permit, role(action));
        tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();
        let stage = Self { world, groups };
        stage.follow().await;
        stage
    }

    async fn follow(&self) {
        let permit = Permit::of_tests();
        while follow::step(&self.world.app, &permit, &ToLogGroups)
            .await
            .unwrap()
        {}
    }

    async fn happens(&self, record: Vec<u8>) {
        let recorded = self.world.app.ledger.record(record, Vec::new());
        recorded.await.unwrap();
    }

    async fn told(&self) -> Option<Told> {
        let mut tx = self.world.app.ledger.begin();
        let found = tx.get::<LogDelivery>(&a_trail().key()).await.unwrap();
        found.map(|found| found.record.told.clone())
    }
}

/// A role that CloudTrail may assume, and that may do `action`.
fn role(action: &str) -> Role {
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"arn:aws:logs:eu-central-1:123456789012:*"}}}}"#
    );
    Role {
        account: a_trail().account,
        name: String::from("trail"),
        path: String::from("/"),
        id: String::from("AROAIOSFODNN7EXAMPLE1"),
        created: a_trail().created,
        description: None,
        trust: Document::stored(trust),
        max_session_seconds: 3_600,
        tags: Tags::default(),
        boundary: None,
        grants: Grants {
            attached: Vec::new(),
            inline: [(String::from("p"), Document::stored(&policy))].into(),
        },
    }
}

#[tokio::test]
async fn events_go_to_the_stream_of_their_region() {
    let stage = Stage::new("CloudTrail", "logs:*").await;
    let (later, earlier) = (
        a_record("eu-west-1", "kms.amazonaws.com", 5),
        a_record("eu-west-1", "kms.amazonaws.com", 3),
    );
    let other = a_record("eu-central-1", "iam.amazonaws.com", 4);
    for record in [&later, &other, &earlier] {
        stage.happens(record.clone()).await;
    }

    stage.follow().await;
    stage.follow().await;

    let line = |record: &[u8]| String::from_utf8(record.to_vec()).unwrap();
    let at = |seconds| Timestamp::from_millis(1_768_478_400_000).plus_seconds(seconds);
    let group = || String::from("CloudTrail");
    let stream = |region: &str| format!("123456789012_CloudTrail_{region}");
    let expected = vec![
        (group(), stream("eu-central-1"), at(4), line(&other)),
        (group(), stream("eu-west-1"), at(3), line(&earlier)),
        (group(), stream("eu-west-1"), at(5), line(&later)),
    ];
    assert_eq!(*stage.groups.0.lock(), expected);
    let now = stage.world.app.clock.now();
    let told = Told {
        attempted: Some(now),
        succeeded: Some(now),
        error: None,
    };
    assert_eq!(stage.told().await, Some(told));
}

#[tokio::test]
async fn events_that_the_trail_does_not_cover_go_nowhere() {
    let stage = Stage::new("CloudTrail", "logs:*").await;
    let of_others = String::from_utf8(a_record("eu-central-1", "kms.amazonaws.com", 1)).unwrap();
    let of_others = of_others.replace("123456789012", "444455556666");
    stage.happens(of_others.into_bytes()).await;
    stage
        .happens(a_record("eu-central-1", "kms.amazonaws.com", -9))
        .await;
    stage.happens(b"{}".to_vec()).await;

    stage.follow().await;

    assert_eq!(stage.groups.0.lock().len(), 0);
    assert_eq!(stage.told().await, None);
}

#[tokio::test]
async fn what_decided_does_not_come_to_a_log_group() {
    let stage = Stage::new("CloudTrail", "logs:*").await;
    let record = a_record("eu-central-1", "kms.amazonaws.com", 1);
    let shown = String::from_utf8(record).unwrap();
    let decided = r#","additionalEventData":{"decision":{"policy":"p"}}}"#;
    let kept = format!("{}{decided}", shown.strip_suffix('}').unwrap());
    stage.happens(kept.into_bytes()).await;

    stage.follow().await;

    let kept = stage.groups.0.lock();
    let lines: Vec<&str> = kept.iter().map(|(_, _, _, line)| line.as_str()).collect();
    assert_eq!(lines, [shown]);
}

#[tokio::test]
async fn what_is_looked_at_for_one_delivery_is_bounded() {
    let stage = Stage::new("CloudTrail", "logs:*").await;
    let before = stage.world.app.stream.newest();
    for second in 0..3 {
        stage
            .happens(a_record("eu-west-1", "kms.amazonaws.com", second))
            .await;
    }
    let range = Range {
        after: before,
        through: stage.world.app.stream.newest(),
    };
    let of_one = Most {
        kept: 1,
        looked_at: usize::MAX,
    };
    let of_none = Most {
        kept: usize::MAX,
        looked_at: 1,
    };
    let all = a_trail_with(|trail| trail.is_multi_region = true);
    let one = a_trail();
    let route = |trail| Route {
        trail,
        is_rerouted: false,
    };
    let app = &stage.world.app;

    let kept = collect(app, &route(&all), range, of_one).await.unwrap();
    let looked = collect(app, &route(&one), range, of_none).await.unwrap();
    let whole = collect(app, &route(&all), range, MOST).await.unwrap();

    let reached = [kept.reached, looked.reached, whole.reached];
    assert_eq!(reached, [before + 1, before + 1, range.through]);
    assert_eq!(kept.packed().await.unwrap().len(), 1);
    assert_eq!(looked.packed().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_role_that_may_not_write_any_more_delivers_nothing() {
    let stage = Stage::new("CloudTrail", "logs:CreateLogStream").await;
    stage
        .happens(a_record("eu-central-1", "kms.amazonaws.com", 1))
        .await;

    stage.follow().await;

    assert_eq!(stage.groups.0.lock().len(), 0);
    let told = stage.told().await.unwrap();
    assert_eq!(
        (told.succeeded, told.error.as_deref()),
        (None, Some("AccessDenied"))
    );
}

#[tokio::test]
async fn a_log_group_that_is_gone_is_told() {
    let stage = Stage::new("Gone", "logs:*").await;
    stage
        .happens(a_record("eu-central-1", "kms.amazonaws.com", 1))
        .await;

    stage.follow().await;

    let told = stage.told().await.unwrap();
    let error = Some("ResourceNotFoundException");
    assert_eq!((told.succeeded, told.error.as_deref()), (None, error));
}

#[tokio::test]
async fn a_trail_that_is_ahead_of_a_log_that_was_put_back_delivers_what_comes() {
    let stage = Stage::new("CloudTrail", "logs:*").await;
    let (app, permit) = (&stage.world.app, Permit::of_tests());
    let newest = app.stream.newest();
    let ahead = Delivery {
        after: newest + 1_000,
        due: Some(app.clock.now()),
        pending: Some(Pending {
            through: newest + 2_000,
            at: app.clock.now(),
            token: String::from("t"),
        }),
        ..begin(&a_trail(), None, app)
    };
    let mut tx = app.ledger.begin();
    tx.insert(&permit, ahead.clone());
    tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();

    let claimed = claim(app, &permit, &ahead).await.unwrap().unwrap();

    let reached = app.stream.newest();
    assert_eq!(
        (claimed.after, claimed.pending.unwrap().through),
        (reached, reached)
    );
}

#[tokio::test]
async fn delivering_leaves_no_event() {
    let stage = Stage::new("CloudTrail", "logs:*").await;
    stage
        .happens(a_record("eu-central-1", "kms.amazonaws.com", 1))
        .await;
    let before = stage.world.app.stream.newest();

    stage.follow().await;

    assert_eq!(stage.world.app.stream.newest(), before);
    assert_eq!(stage.groups.0.lock().len(), 1);
    assert_eq!(ToLogGroups::NAME, "cloudtrail logs");
}

#[test]
fn a_file_is_named_by_letters_and_digits() {
    let token = draw_token(&testkit::SeededEntropy::new(7));

    assert_eq!(token.len(), 16);
    assert!(
        token.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{token}"
    );
}

/// A delivery that has got so far.
fn delivered_until(moment: Timestamp) -> Delivery {
    let world = World::new();
    Delivery {
        delivered: Some(moment),
        ..begin(&a_trail(), None, &world.app)
    }
}

#[test]
fn a_trail_that_was_stopped_is_looked_after_for_a_while() {
    let noon = Timestamp::from_millis(1_768_478_400_000);
    let later = |seconds| noon.plus_seconds(seconds);
    let due = |trail: &Trail, until, is_all, now| {
        next_due(trail, &delivered_until(until), is_all, (now, 300))
    };
    let mut trail = a_trail();
    let logging = due(&trail, noon, true, noon);
    trail.stop(noon);

    assert_eq!(logging, Some(later(300)));
    assert_eq!(due(&trail, later(600), false, later(900)), Some(later(900)));
    assert_eq!(due(&trail, later(60), true, later(60)), Some(later(360)));
    assert_eq!(due(&trail, later(121), true, later(121)), None);
    // What was planned before the end, and delivered late, is not all.
    assert_eq!(due(&trail, later(60), true, later(900)), Some(later(1_200)));
}

#[test]
fn a_trail_that_was_stopped_is_looked_after_until_all_files_are_in_digests() {
    let noon = Timestamp::from_millis(1_768_478_400_000);
    let mut trail = a_trail();
    trail.stop(noon);
    let mut delivery = delivered_until(noon.plus_days(1));
    let file = DigestedFile {
        bucket: trail.bucket.clone(),
        key: String::from("AWSLogs/x.json.gz"),
        sha256: "ab".repeat(32),
        newest: noon,
        oldest: noon,
    };
    let region = trail.region.clone();
    digests::add(&mut delivery, &trail, &region, file);

    let owing = next_due(&trail, &delivery, true, (noon, 300));
    delivery.chains[0].files.clear();
    let done = next_due(&trail, &delivery, true, (noon, 300));

    assert_eq!((owing, done), (Some(noon.plus_seconds(300)), None));
}
