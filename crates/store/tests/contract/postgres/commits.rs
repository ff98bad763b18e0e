//! Commits whose answer does not come.

use super::proxy::{Fault, Proxy};
use super::{impatient, total, until};
use crate::support::postgres::Server;
use crate::support::{Bench, Item, Twin, item, item_at, put, read};
use std::time::Duration;
use strongroom_store::{Store, StoreError, key};

struct Rig {
    bench: Bench,
    proxy: Proxy,
    store: Store,
}

impl Rig {
    async fn new() -> Option<Self> {
        let bench = Bench::postgres()?;
        let proxy = Proxy::to(bench.postgres.as_ref()?.port);
        let mut options = impatient(&bench, proxy.port);
        options.resolve_timeout = Duration::from_secs(20);
        let store = bench.store_with(&options);
        put(&store, [item("a", "x").due(0)]).await;
        Some(Self {
            bench,
            proxy,
            store,
        })
    }

    /// Raises the number of an item and a counter, and tells of it.
    async fn raise(&self) -> Result<Vec<u64>, StoreError> {
        let mut tx = self.store.begin();
        let seen = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();
        let due = seen.record.due.unwrap() + 1;
        tx.update(item("a", "x").due(due), seen.rev);
        tx.count("raised", 1, None);
        tx.commit(vec![format!("raised to {due}").into_bytes()])
            .await
    }

    /// That it was raised to `due`, in every respect.
    async fn assert_raised_to(&self, due: i64) {
        assert_eq!(
            item_at(&self.store, "a", "x").await,
            Some(item("a", "x").due(due))
        );
        assert_eq!(total(&self.store, "raised").await, due);
        let told = self.store.outbox(99).await.unwrap();
        let told: Vec<_> = told.into_iter().map(|entry| entry.body).collect();
        let expected = (1..=due).map(|due| format!("raised to {due}").into_bytes());
        assert_eq!(told, expected.collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_connection_cut_around_a_commit_makes_it_neither_lost_nor_done_twice() {
    let Some(rig) = Rig::new().await else { return };
    let faults = [
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::Swallow,
        Fault::SwallowAnswer,
    ];

    for (fault, due) in faults.into_iter().cycle().take(12).zip(1..) {
        rig.proxy.fail_next(fault);
        let numbers = rig.raise().await.unwrap();

        assert!(rig.proxy.has_failed());
        rig.assert_raised_to(due).await;
        let told = rig.store.outbox(99).await.unwrap();
        assert_eq!(numbers, [told.last().unwrap().seq], "{fault:?}");
    }
}

#[tokio::test]
async fn an_outcome_that_stays_unknown_is_told_and_found_out_later() {
    let Some(mut rig) = Rig::new().await else {
        return;
    };
    let mut options = impatient(&rig.bench, rig.proxy.port);
    options.resolve_timeout = Duration::from_millis(300);
    rig.store = rig.bench.store_with(&options);
    rig.raise().await.unwrap();

    rig.proxy.fail_next(Fault::CutAfterAndStayDown);
    let unknown = rig.raise().await.unwrap_err();
    let away = read::<Item>(&rig.store, &key!["a", "x"]).await;
    rig.proxy.bring_up();

    assert!(matches!(unknown, StoreError::Unknown(_)), "{unknown:?}");
    assert!(!unknown.surely_not_committed());
    assert!(matches!(away, Err(StoreError::Unavailable(_))), "{away:?}");
    assert!(!rig.store.failed());
    // The server got it. The cache is right at any time, and works again in the end.
    until(async || read::<Item>(&rig.store, &key!["a", "x"]).await.is_ok()).await;
    rig.assert_raised_to(2).await;
    until(async || {
        let hits = rig.store.stats().cache_hits;
        item_at(&rig.store, "a", "x").await == Some(item("a", "x").due(2))
            && rig.store.stats().cache_hits > hits
    })
    .await;
    rig.raise().await.unwrap();
    rig.assert_raised_to(3).await;
}

#[tokio::test]
async fn a_commit_takes_two_round_trips() {
    let Some(rig) = Rig::new().await else { return };
    let mut fewest = u64::MAX;

    for _ in 0..10 {
        let mut tx = rig.store.begin();
        let seen = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();
        tx.update(item("a", "x").due(0), seen.rev);
        tx.get::<Twin>(&key!["a", "x"]).await.unwrap();
        tx.insert(item("a", &rig.proxy.turns().to_string()));
        tx.count("raised", 1, None);
        let before = rig.proxy.turns();
        tx.commit(vec![b"told".to_vec()]).await.unwrap();

        // A poll may come between.
        fewest = fewest.min(rig.proxy.turns() - before);
    }

    assert_eq!(fewest, 2);
}

#[tokio::test]
async fn a_meta_value_is_swapped_once() {
    let Some(rig) = Rig::new().await else { return };
    let database = rig.store.database();

    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::SwallowAnswer] {
        let before = database.meta("ring").await.unwrap();
        rig.proxy.fail_next(fault);
        let swapped = database
            .put_meta("ring", before.as_deref(), format!("{fault:?}").as_bytes())
            .await;

        assert!(swapped.is_ok(), "{fault:?}: {swapped:?}");
        assert!(rig.proxy.has_failed());
    }
}

#[tokio::test]
async fn what_no_standby_has_is_not_acknowledged() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let bench = Bench::at(server.place());
    let mut options = impatient(&bench, server.port);
    options.commit_timeout = Duration::from_secs(20);
    options.resolve_timeout = Duration::from_secs(1);
    let store = bench.store_with(&options);
    put(&store, [item("a", "x")]).await;
    server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    server.sql("SELECT pg_reload_conf()");
    until(async || server.sql("SHOW synchronous_standby_names") == "nobody").await;

    let mut tx = store.begin();
    tx.insert(item("a", "y"));
    let commit = tx.commit(Vec::new());
    // The wait is cut short whenever somebody waits.
    let cut = async {
        loop {
            server.sql(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let answer = tokio::select! {
        answer = commit => answer,
        () = cut => panic!("it ends with the answer"),
    };

    assert!(matches!(answer, Err(StoreError::Unknown(_))), "{answer:?}");
    server.sql("ALTER SYSTEM RESET synchronous_standby_names");
    server.sql("SELECT pg_reload_conf()");
    until(async || {
        let hits = store.stats().cache_hits;
        item_at(&store, "a", "y").await == Some(item("a", "y")) && store.stats().cache_hits > hits
    })
    .await;
}
