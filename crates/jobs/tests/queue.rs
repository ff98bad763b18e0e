//! Workers that share work over a store, on every engine.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use base::{Entropy, Sealer, Timestamp};
use seal::KeyRing;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{
    CodecError, Column, Database, Index, Key, Kind, Record, SqliteOptions, Store, StoreError,
    StoreOptions, Value, decode_body, encode_body, key,
};
use strongroom_jobs::{Claim, Job, advance, due};
use tempfile::TempDir;

/// Something to be counted once.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Parcel {
    id: i64,
    job: Job,
    /// How often it was delivered.
    delivered: u32,
}

static PARCEL: Kind = Kind {
    name: "test_parcel",
    service: "test",
    version: 1,
    key: &[Column::int("id")],
    columns: &[Column::int("look_at")],
    indexes: &[Index {
        name: "by_look",
        columns: &["look_at"],
    }],
    cached: false,
};

impl Record for Parcel {
    const KIND: &'static Kind = &PARCEL;

    fn key(&self) -> Key {
        key![self.id]
    }

    fn columns(&self) -> Vec<Value> {
        vec![Value::from(self.job.next_look())]
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        encode_body(self)
    }

    fn decode(_: u16, body: &[u8]) -> Result<Self, CodecError> {
        decode_body(body)
    }

    fn weight(&self) -> usize {
        size_of::<Self>()
    }
}

#[derive(Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buf: &mut [u8]) {
        for byte in buf {
            let n = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            *byte = n.to_be_bytes()[0];
        }
    }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A store on each engine, and the directory that holds it.
fn stores() -> Vec<(Store, Option<TempDir>)> {
    let entropy = Arc::new(Counting::default());
    let ring: Arc<dyn Sealer> = Arc::new(KeyRing::generate(entropy.clone(), at(0)).unwrap());
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("jobs.db");
    let sqlite = Database::sqlite(&path, &SqliteOptions::default()).unwrap();
    [(Database::memory(), None), (sqlite, Some(directory))]
        .into_iter()
        .map(|(database, directory)| {
            let options = StoreOptions::default();
            let kinds = &[&PARCEL];
            let store = Store::new(database, ring.clone(), entropy.clone(), kinds, &options);
            (store.unwrap(), directory)
        })
        .collect()
}

async fn post(store: &Store, parcels: i64) {
    let mut tx = store.begin();
    for id in 0..parcels {
        tx.insert(Parcel {
            id,
            job: Job::due_at(Some(at(id % 7))),
            delivered: 0,
        });
    }
    tx.commit(Vec::new()).await.unwrap();
}

/// Changes one parcel; `None` when somebody else was at it.
async fn change<T>(
    store: &Store,
    id: i64,
    step: impl FnOnce(&mut Parcel) -> Option<T>,
) -> Option<T> {
    let mut tx = store.begin();
    let done = advance::<Parcel, T>(&mut tx, &key![id], step)
        .await
        .unwrap();
    match tx.commit(Vec::new()).await {
        Ok(_) => done,
        Err(StoreError::Conflict) => None,
        Err(error) => panic!("{error}"),
    }
}

async fn claim(store: &Store, id: i64, worker: &str, now: Timestamp) -> Option<Claim> {
    change(store, id, |parcel| parcel.job.claim(worker, now, 1_000)).await
}

async fn deliver(store: &Store, id: i64, claim: &Claim) -> bool {
    change(store, id, |parcel| {
        parcel.job.finish(claim, None).ok()?;
        parcel.delivered += 1;
        Some(())
    })
    .await
    .is_some()
}

async fn delivered(store: &Store, id: i64) -> u32 {
    let found = store.begin().get::<Parcel>(&key![id]).await.unwrap();
    found.unwrap().record.delivered
}

/// Claims and delivers until nothing is due; every third time it dies with the claim in hand.
async fn work(store: &Store, name: &str, now: Timestamp, dies: bool) {
    let mut turns = 0;
    loop {
        let query = due("by_look", now, 5);
        let page = store.begin().query::<Parcel>(&query).await.unwrap();
        if page.is_empty() {
            return;
        }
        for found in page {
            turns += 1;
            if let Some(claim) = claim(store, found.record.id, name, now).await {
                if dies && turns % 3 == 0 {
                    continue;
                }
                deliver(store, found.record.id, &claim).await;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn two_workers_deliver_each_parcel_once_although_one_keeps_dying() {
    for (store, _directory) in stores() {
        post(&store, 40).await;
        let now = at(10);

        tokio::join!(work(&store, "a", now, true), work(&store, "b", now, false));
        // Whoever died with a claim is overdue now.
        work(&store, "c", at(5_000), false).await;

        for id in 0..40 {
            assert_eq!(delivered(&store, id).await, 1, "{id}");
        }
    }
}

#[tokio::test]
async fn a_worker_that_was_overtaken_stores_nothing() {
    for (store, _directory) in stores() {
        post(&store, 1).await;
        let slow = claim(&store, 0, "slow", at(10)).await.unwrap();
        assert_eq!(claim(&store, 0, "fast", at(1_009)).await, None);
        let fast = claim(&store, 0, "fast", at(1_010)).await.unwrap();

        assert!(!deliver(&store, 0, &slow).await);
        assert!(deliver(&store, 0, &fast).await);

        assert_eq!(delivered(&store, 0).await, 1);
        let query = due("by_look", at(i64::MAX), 5);
        assert!(
            store
                .begin()
                .query::<Parcel>(&query)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn of_two_who_claim_at_once_one_wins() {
    for (store, _directory) in stores() {
        post(&store, 1).await;

        let (a, b) = tokio::join!(claim(&store, 0, "a", at(10)), claim(&store, 0, "b", at(10)),);

        assert!(a.is_some() != b.is_some());
    }
}

#[tokio::test]
async fn the_longest_due_come_first() {
    for (store, _directory) in stores() {
        post(&store, 14).await;

        let query = due("by_look", at(1), 14);
        let page = store.begin().query::<Parcel>(&query).await.unwrap();

        let ids: Vec<i64> = page.iter().map(|found| found.record.id).collect();
        assert_eq!(ids, [0, 7, 1, 8]);
    }
}
