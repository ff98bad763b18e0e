//! The cache is never older than what anyone has seen: writers and readers at once.

use crate::support::{Bench, Item, item, put};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use strongroom_store::{Record, Store, StoreError};
use tokio::runtime::{Builder, Runtime};

const NAMES: [&str; 3] = ["x", "y", "z"];
const ROUNDS: usize = 120;

#[test]
fn a_memory_stores_cache_is_coherent() {
    stress(&Bench::memory());
}

#[test]
fn a_sqlite_stores_cache_is_coherent() {
    stress(&Bench::sqlite());
}

#[cfg(feature = "postgres")]
#[test]
fn a_postgres_stores_cache_is_coherent() {
    if let Some(bench) = Bench::postgres() {
        stress(&bench);
    }
}

#[test]
fn a_cache_too_small_for_all_or_anything_is_coherent() {
    for cache_bytes in [0, 900] {
        let mut bench = Bench::sqlite();
        bench.cache_bytes = cache_bytes;
        stress(&bench);
    }
}

#[tokio::test]
async fn a_second_reading_comes_from_the_cache() {
    let bench = Bench::sqlite();
    let store = bench.store();
    put(&store, [item("a", "x")]).await;
    let read = async |name: &str| {
        let mut tx = store.begin();
        tx.get::<Item>(&item("a", name).key()).await.unwrap()
    };

    // Written through by the commit; an absence is remembered as well.
    assert!(read("x").await.is_some());
    assert_eq!(store.stats().cache_misses, 0);
    for _ in 0..3 {
        assert!(read("none").await.is_none());
    }

    assert_eq!(store.stats().cache_misses, 1);
    assert!(store.stats().cache_bytes > 0);
    put(&store, [item("a", "none")]).await;
    assert!(read("none").await.is_some());
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// Two writers raise the numbers of three items, three readers watch them.
fn stress(bench: &Bench) {
    let store = bench.store();
    runtime().block_on(put(&store, NAMES.map(|name| item("a", name).due(0))));
    // What has been acknowledged, per item.
    let floors: Arc<[AtomicI64; 3]> = Arc::default();
    let done = Arc::new(AtomicBool::new(false));

    thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                let (store, floors) = (&store, &floors);
                scope.spawn(move || runtime().block_on(write(store, floors, writer)))
            })
            .collect();
        for _ in 0..3 {
            let (store, floors, done) = (&store, &floors, &done);
            scope.spawn(move || runtime().block_on(watch(store, floors, done)));
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
    assert_eq!(total, i64::try_from(2 * ROUNDS).unwrap());
}

async fn write(store: &Store, floors: &[AtomicI64; 3], writer: usize) {
    for round in 0..ROUNDS {
        let at = (round + writer) % NAMES.len();
        let mut conflicts = 0;
        loop {
            let mut tx = store.begin();
            let key = item("a", NAMES[at]).key();
            let seen = tx.get::<Item>(&key).await.unwrap().unwrap();
            let raised = seen.record.due.unwrap() + 1;
            tx.update(item("a", NAMES[at]).due(raised), seen.rev);
            match tx.commit(Vec::new()).await {
                Ok(_) => {
                    floors[at].fetch_max(raised, Ordering::SeqCst);
                    break;
                }
                // Someone else's write came between; many in a row would be a stale reading.
                Err(StoreError::Conflict) if conflicts < 1_000 => conflicts += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

async fn watch(store: &Store, floors: &[AtomicI64; 3], done: &AtomicBool) {
    let mut last = [(0, 0); 3];
    while !done.load(Ordering::SeqCst) {
        for at in 0..NAMES.len() {
            let floor = floors[at].load(Ordering::SeqCst);

            let key = item("a", NAMES[at]).key();
            let seen = store.begin().get::<Item>(&key).await.unwrap().unwrap();

            let now = (seen.record.due.unwrap(), seen.rev.as_i64());
            assert!(now.0 >= floor, "{now:?} after {floor} was acknowledged");
            assert!(now >= last[at], "{now:?} after {:?}", last[at]);
            last[at] = now;
        }
    }
}
