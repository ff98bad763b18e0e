//! Several nodes over one database: what one writes, the others' caches know.

use super::proxy::{Fault, Proxy};
use super::{impatient, until};
use crate::support::{Bench, ITEM, Item, item, item_at, put, read};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::Duration;
use strongroom_store::{Changed, Record, Rev, Store, StoreError, Tx, key};
use tokio::runtime::{Builder, Runtime};

/// Stores of so many nodes.
fn nodes(bench: &Bench, count: usize) -> Vec<Store> {
    (0..count)
        .map(|number| bench.store_with(&bench.node(&format!("node-{number}"))))
        .collect()
}

async fn due(store: &Store, name: &str) -> Option<i64> {
    item_at(store, "a", name).await.and_then(|item| item.due)
}

/// Reads until the cache answers: a node begins by forgetting everything once.
async fn warm_up(store: &Store, name: &str) {
    until(async || {
        let hits = store.stats().cache_hits;
        item_at(store, "a", name).await;
        store.stats().cache_hits > hits
    })
    .await;
}

async fn set(store: &Store, name: &str, due: i64) {
    let mut tx = store.begin();
    let seen = tx.get::<Item>(&key!["a", name]).await.unwrap().unwrap();
    tx.update(item("a", name).due(due), seen.rev);
    tx.commit(Vec::new()).await.unwrap();
}

#[tokio::test]
async fn what_one_node_wrote_the_next_reading_on_another_sees() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let nodes = nodes(&bench, 3);
    put(&nodes[0], [item("a", "x").due(0)]).await;

    for round in 1..=150_usize {
        let [writer, reader] = [round % 3, (round + 1) % 3];
        // In every cache.
        for node in &nodes {
            due(node, "x").await;
        }
        let number = i64::try_from(round).unwrap();
        set(&nodes[writer], "x", number).await;

        assert_eq!(due(&nodes[reader], "x").await, Some(number));
    }

    let hits: u64 = nodes.iter().map(|node| node.stats().cache_hits).sum();
    assert!(hits > 200, "{hits}");
}

#[tokio::test]
async fn a_record_that_another_node_made_or_removed_is_known_at_once() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let nodes = nodes(&bench, 2);

    for round in 0..20 {
        // That there is none is in the cache as well.
        assert_eq!(due(&nodes[1], "x").await, None, "{round}");
        put(&nodes[0], [item("a", "x").due(round)]).await;
        assert_eq!(due(&nodes[1], "x").await, Some(round));
        let mut tx = nodes[0].begin();
        let seen = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();
        tx.delete::<Item>(&key!["a", "x"], seen.rev);
        tx.commit(Vec::new()).await.unwrap();
    }
}

#[tokio::test]
async fn a_commit_that_took_long_is_known_when_it_ends() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let proxy = Proxy::to(bench.postgres.as_ref().unwrap().port);
    let mut options = impatient(&bench, proxy.port);
    options.commit_timeout = Duration::from_secs(30);
    options.idle_transaction_timeout = Duration::from_secs(30);
    let slow = bench.store_with(&options);
    let other = bench.store_with(&bench.node("two"));
    put(&slow, [item("a", "x").due(0), item("a", "y").due(0)]).await;
    due(&other, "x").await;

    // It has the lower number, and ends last.
    proxy.fail_next(Fault::Hold);
    let writing = set(&slow, "x", 1);
    let meanwhile = async {
        until(async || proxy.has_failed()).await;
        for number in 1..=5 {
            set(&other, "y", number).await;
            assert_eq!(due(&other, "x").await, Some(0));
        }
        proxy.let_go();
    };
    tokio::join!(writing, meanwhile);

    assert_eq!(due(&other, "x").await, Some(1));
}

#[tokio::test]
async fn a_nodes_own_writing_stays_in_its_cache() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let store = bench.store();
    put(&store, [item("a", "x").due(0)]).await;
    warm_up(&store, "x").await;
    let misses = store.stats().cache_misses;

    for number in 1..=10 {
        set(&store, "x", number).await;
        assert_eq!(due(&store, "x").await, Some(number));
    }
    // The changes have come back by now, and took nothing away.
    for _ in 0..3 {
        assert_eq!(due(&store, "x").await, Some(10));
    }

    assert_eq!(store.stats().cache_misses, misses);
}

#[tokio::test]
async fn while_changes_cannot_be_followed_the_cache_answers_nothing() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let proxy = Proxy::to(bench.postgres.as_ref().unwrap().port);
    let cut_off = bench.store_with(&impatient(&bench, proxy.port));
    let other = bench.store_with(&bench.node("two"));
    put(&other, [item("a", "x").due(0)]).await;
    warm_up(&cut_off, "x").await;

    proxy.take_down();
    set(&other, "x", 1).await;
    let answer = read::<Item>(&cut_off, &key!["a", "x"]).await;
    proxy.bring_up();

    assert!(
        matches!(answer, Err(StoreError::Unavailable(_))),
        "{answer:?}"
    );
    until(async || read::<Item>(&cut_off, &key!["a", "x"]).await.is_ok()).await;
    assert_eq!(due(&cut_off, "x").await, Some(1));
    // And the cache answers again.
    until(async || {
        let hits = cut_off.stats().cache_hits;
        due(&cut_off, "x").await == Some(1) && cut_off.stats().cache_hits > hits
    })
    .await;
}

#[tokio::test]
async fn a_node_that_was_paused_for_long_forgets_everything() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let proxy = Proxy::to(bench.postgres.as_ref().unwrap().port);
    let mut options = impatient(&bench, proxy.port);
    options.changes_kept = Duration::from_millis(1_200);
    let paused = bench.store_with(&options);
    let other = bench.store_with(&bench.node("two"));
    put(&other, [item("a", "x").due(0)]).await;
    warm_up(&paused, "x").await;
    let mut changes = paused.changes();

    proxy.freeze();
    set(&other, "x", 1).await;
    // All that tells of it is gone before the node looks.
    bench
        .postgres
        .as_ref()
        .unwrap()
        .sql("DELETE FROM change_log");
    tokio::time::sleep(Duration::from_millis(1_400)).await;
    proxy.let_go();

    assert_eq!(due(&paused, "x").await, Some(1));
    assert_eq!(changes.next().await, Some(Changed::Anything));
}

#[tokio::test]
async fn the_change_log_stays_short() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let mut options = bench.node("one");
    options.changes_kept = Duration::from_millis(1_000);
    let store = bench.store_with(&options);
    let place = bench.postgres.as_ref().unwrap();
    let rows = || place.sql("SELECT count(*) FROM change_log").parse::<u32>();
    for number in 0..50 {
        put(&store, [item("a", &number.to_string())]).await;
    }

    let at_first = rows().unwrap();
    until(async || rows().unwrap() == 0).await;

    assert!(at_first > 0);
    assert_eq!(due(&store, "0").await, None);
}

#[tokio::test]
async fn with_some_staleness_allowed_a_change_arrives_within_it() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let mut options = bench.node("one");
    options.max_staleness = Duration::from_millis(200);
    let stale = bench.store_with(&options);
    let other = bench.store_with(&bench.node("two"));
    put(&other, [item("a", "x").due(0)]).await;
    due(&stale, "x").await;

    for number in 1..=5 {
        set(&other, "x", number).await;
        let seen = due(&stale, "x").await.unwrap();
        assert!(seen == number || seen == number - 1, "{seen} of {number}");
        tokio::time::sleep(Duration::from_millis(250)).await;
        assert_eq!(due(&stale, "x").await, Some(number));
    }
}

#[tokio::test]
async fn changes_are_told_whoever_made_them() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let nodes = nodes(&bench, 2);
    put(&nodes[0], [item("a", "before")]).await;
    warm_up(&nodes[0], "before").await;
    let mut changes = nodes[0].changes();

    put(&nodes[1], [item("a", "x")]).await;
    let other = changes.next().await;
    put(&nodes[0], [item("a", "y")]).await;
    let own = changes.next().await;

    let changed = |name: &str| {
        Some(Changed::Record {
            kind: ITEM.name,
            key: key!["a", name],
        })
    };
    assert_eq!(other, changed("x"));
    assert_eq!(own, changed("y"));
}

#[tokio::test]
async fn each_node_has_its_own_outbox() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let nodes = nodes(&bench, 2);
    let tell =
        async |node: &Store, body: &str| node.begin().commit(vec![body.into()]).await.unwrap();

    let [first, second] = [tell(&nodes[0], "zero").await, tell(&nodes[1], "one").await];

    assert_ne!(first, second);
    for (node, expected) in nodes.iter().zip(["zero", "one"]) {
        let told = node.outbox(9).await.unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].body, expected.as_bytes());
    }
}

#[tokio::test]
async fn the_outbox_of_a_node_that_ended_is_taken_over() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let nodes = nodes(&bench, 2);
    let numbers = nodes[0].begin().commit(vec![b"left".to_vec()]).await;
    bench.end(nodes[0].clone()).await;

    let others = nodes[1].other_outboxes().await.unwrap();
    let adopted = nodes[1].adopt_outbox(&others[0]).await.unwrap();

    assert_eq!((others, adopted), (vec![String::from("node-0")], 1));
    let told = nodes[1].outbox(9).await.unwrap();
    assert_eq!(told[0].body, b"left");
    assert_eq!(numbers.unwrap(), [told[0].seq]);
    assert_eq!(
        nodes[1].other_outboxes().await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn nodes_that_count_the_same_do_not_conflict() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let nodes = nodes(&bench, 3);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..90 {
        let store = nodes[number % 3].clone();
        tasks.spawn(async move {
            let mut tx = store.begin();
            tx.insert(item("a", &number.to_string()));
            tx.count("items", 1, Some(60));
            tx.count("attempts", 1, None);
            tx.commit(Vec::new()).await
        });
    }

    let answers = tasks.join_all().await;

    let limited = |answer: &&Result<_, _>| matches!(answer, Err(StoreError::LimitReached { .. }));
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 60);
    assert_eq!(answers.iter().filter(limited).count(), 30);
    for node in &nodes {
        assert_eq!(node.counter("items").await.unwrap(), 60);
        assert_eq!(node.counter("attempts").await.unwrap(), 60);
    }
}

#[derive(Clone, Debug)]
enum Deed {
    Get(usize),
    Put(usize, i64),
    Remove(usize),
}

fn deeds() -> impl Strategy<Value = (usize, Deed)> {
    let deed = prop_oneof![
        5 => (0..NAMES.len()).prop_map(Deed::Get),
        3 => (0..NAMES.len(), 0_i64..1_000).prop_map(|(name, due)| Deed::Put(name, due)),
        1 => (0..NAMES.len()).prop_map(Deed::Remove),
    ];
    (0..NODES, deed)
}

async fn find(tx: &mut Tx, name: &str) -> Option<(i64, Rev)> {
    let found = tx.get::<Item>(&key!["a", name]).await.unwrap()?;
    Some((found.record.due.unwrap(), found.rev))
}

/// Does one thing on one node; gives what was there before.
async fn perform(store: &Store, deed: &Deed) -> Option<i64> {
    let mut tx = store.begin();
    let (Deed::Get(name) | Deed::Put(name, _) | Deed::Remove(name)) = deed;
    let name = NAMES[*name];
    let found = find(&mut tx, name).await;
    match (deed, found) {
        (Deed::Put(_, due), None) => tx.insert(item("a", name).due(*due)),
        (Deed::Put(_, due), Some((_, rev))) => tx.update(item("a", name).due(*due), rev),
        (Deed::Remove(_), Some((_, rev))) => tx.delete::<Item>(&item("a", name).key(), rev),
        _ => {}
    }
    // It conflicts with nothing: one after the other.
    tx.commit(Vec::new()).await.unwrap();
    found.map(|(due, _)| due)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_nodes_do_in_turns_is_as_if_there_were_one(
        history in prop::collection::vec(deeds(), 1..60),
    ) {
        let Some(bench) = Bench::postgres() else { return Ok(()) };
        let stores = nodes(&bench, NODES);
        let mut model: BTreeMap<usize, i64> = BTreeMap::new();
        for (node, deed) in &history {
            let (Deed::Get(name) | Deed::Put(name, _) | Deed::Remove(name)) = deed;
            let expected = model.get(name).copied();
            let found = runtime().block_on(perform(&stores[*node], deed));
            prop_assert_eq!(found, expected, "{:?} on {}", deed, node);
            match deed {
                Deed::Get(_) => None,
                Deed::Put(name, due) => model.insert(*name, *due),
                Deed::Remove(name) => model.remove(name),
            };
        }
    }
}

/// Writers on every node raise the numbers of three items, readers on every node watch them: nobody
/// sees less than what was acknowledged or seen, by anybody on any node, before he asked.
#[test]
fn nobody_on_any_node_sees_less_than_anybody_saw_before() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let nodes = nodes(&bench, NODES);
    runtime().block_on(put(&nodes[0], NAMES.map(|name| item("a", name).due(0))));
    let floors: [AtomicI64; 3] = Default::default();
    let done = AtomicBool::new(false);

    thread::scope(|scope| {
        let (floors, done) = (&floors, &done);
        let writers: Vec<_> = nodes
            .iter()
            .enumerate()
            .map(|(at, node)| scope.spawn(move || runtime().block_on(raise(node, floors, at))))
            .collect();
        for node in nodes.iter().chain(&nodes) {
            scope.spawn(move || runtime().block_on(watch(node, floors, done)));
        }
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::SeqCst);
    });

    let total: i64 = floors
        .iter()
        .map(|floor| floor.load(Ordering::SeqCst))
        .sum();
    assert_eq!(total, i64::try_from(NODES * ROUNDS).unwrap());
    let hits: u64 = nodes.iter().map(|node| node.stats().cache_hits).sum();
    assert!(hits > 0);
}

async fn raise(store: &Store, floors: &[AtomicI64; 3], writer: usize) {
    for round in 0..ROUNDS {
        let at = (round + writer) % NAMES.len();
        loop {
            let mut tx = store.begin();
            let (due, rev) = find(&mut tx, NAMES[at]).await.unwrap();
            tx.update(item("a", NAMES[at]).due(due + 1), rev);
            match tx.commit(Vec::new()).await {
                Ok(_) => {
                    floors[at].fetch_max(due + 1, Ordering::SeqCst);
                    break;
                }
                Err(StoreError::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

async fn watch(store: &Store, floors: &[AtomicI64; 3], done: &AtomicBool) {
    while !done.load(Ordering::SeqCst) {
        for at in 0..NAMES.len() {
            let floor = floors[at].load(Ordering::SeqCst);
            let (due, _) = find(&mut store.begin(), NAMES[at]).await.unwrap();

            assert!(due >= floor, "{due} after somebody saw {floor}");
            floors[at].fetch_max(due, Ordering::SeqCst);
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

const NODES: usize = 3;
const NAMES: [&str; 3] = ["x", "y", "z"];
const ROUNDS: usize = 100;
