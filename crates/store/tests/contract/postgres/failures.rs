//! A database that goes away and comes back.

use super::proxy::Proxy;
use super::{impatient, until};
use crate::support::postgres::Server;
use crate::support::{Bench, Item, item, item_at, put, read};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use strongroom_store::{PostgresOptions, Query, Store, StoreError, key};
use tokio::runtime::Builder;
use tokio::time::Instant;

#[tokio::test]
async fn every_call_is_refused_in_time_while_the_database_is_away() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let proxy = Proxy::to(bench.postgres.as_ref().unwrap().port);
    let store = bench.store_with(&impatient(&bench, proxy.port));
    put(&store, [item("a", "x")]).await;
    let database = store.database();

    proxy.take_down();
    let started = Instant::now();
    for _ in 0..20 {
        let mut tx = store.begin();
        let mut inserting = store.begin();
        inserting.insert(item("a", "y"));
        let errors = [
            tx.get::<Item>(&key!["a", "x"]).await.err(),
            tx.query::<Item>(&Query::primary(9)).await.err(),
            inserting.commit(Vec::new()).await.err(),
            store.counter("things").await.err(),
            store.outbox(9).await.err(),
            store.outbox_done(vec![1]).await.err(),
            database.meta("ring").await.err(),
            database.put_meta("ring", None, b"").await.err(),
        ];
        for error in errors {
            assert!(
                matches!(error, Some(StoreError::Unavailable(_))),
                "{error:?}"
            );
        }
    }
    let took = started.elapsed();
    proxy.bring_up();

    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(!store.failed());
    until(async || read::<Item>(&store, &key!["a", "x"]).await.is_ok()).await;
    assert_eq!(item_at(&store, "a", "y").await, None);
    put(&store, [item("a", "y")]).await;
    assert_eq!(item_at(&store, "a", "y").await, Some(item("a", "y")));
}

#[tokio::test]
async fn connections_that_are_gone_are_not_noticed_by_callers() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let place = bench.postgres.as_ref().unwrap();
    let mut options = PostgresOptions::parse(&format!("{}?application_name=ended", place.url()));
    let options = options.as_mut().unwrap();
    options.schema.clone_from(&place.schema);
    let store = bench.store_with(options);

    for round in 0..5 {
        let name = round.to_string();
        put(&store, [item("a", &name)]).await;
        let ended = place.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE application_name = 'ended'",
        );

        assert!(ended.parse::<u32>().unwrap() > 0);
        assert_eq!(item_at(&store, "a", &name).await, Some(item("a", &name)));
    }
}

#[tokio::test]
async fn a_server_that_is_killed_loses_nothing_that_was_acknowledged() {
    let Some(mut server) = Server::start(&[]) else {
        return;
    };
    let bench = Bench::at(server.place());
    let mut options = impatient(&bench, server.port);
    options.resolve_timeout = Duration::from_secs(30);
    let store = bench.store_with(&options);
    let is_over = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (store, is_over) = (store.clone(), Arc::clone(&is_over));
            let writing = write(store, writer, is_over, Arc::clone(&acknowledged));
            let runtime = Builder::new_current_thread().enable_time().build().unwrap();
            thread::spawn(move || runtime.block_on(writing))
        })
        .collect();

    for round in 1..=3 {
        until(async || acknowledged.load(Ordering::SeqCst) > round * 100).await;
        server.kill();
        server.run();
    }
    let so_far = acknowledged.load(Ordering::SeqCst);
    until(async || acknowledged.load(Ordering::SeqCst) > so_far + 50).await;
    is_over.store(true, Ordering::SeqCst);

    let (mut done, mut surely_not) = (BTreeSet::new(), BTreeSet::new());
    for writer in writers {
        let (written, refused) = writer.join().unwrap();
        done.extend(written);
        surely_not.extend(refused);
    }
    let everything = Query::primary(100_000);
    let found = store.begin().query::<Item>(&everything).await.unwrap();
    let found: BTreeSet<String> = found
        .iter()
        .map(|found| found.record.name.clone())
        .collect();
    assert_eq!(done.difference(&found).next(), None, "lost");
    assert_eq!(surely_not.intersection(&found).next(), None, "not refused");
    let counted = store.counter("items").await.unwrap();
    assert_eq!(usize::try_from(counted).unwrap(), found.len());
    assert!(!store.failed());
    let recoveries = server.log().matches("not properly shut down").count();
    assert_eq!(recoveries, 3);
}

/// Inserts items until told to stop. Gives those that were acknowledged and those surely refused.
async fn write(
    store: Store,
    writer: usize,
    is_over: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
) -> (Vec<String>, Vec<String>) {
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for number in 0.. {
        if is_over.load(Ordering::SeqCst) {
            break;
        }
        let name = format!("{writer}/{number:06}");
        let mut tx = store.begin();
        tx.insert(item("a", &name));
        tx.count("items", 1, None);
        match tx.commit(Vec::new()).await {
            Ok(_) => {
                acknowledged.fetch_add(1, Ordering::SeqCst);
                done.push(name);
            }
            Err(error) if error.surely_not_committed() => {
                refused.push(name);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(_) => {}
        }
    }
    (done, refused)
}
