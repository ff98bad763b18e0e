//! Records sealed anew: their bytes change, and nothing that anybody sees of them.

use crate::support::{
    Bench, FakeSealer, ITEM, Item, SeededEntropy, TWIN, item, item_at, on_every_engine,
};
use base::{Context, Plaintext, SealError, Sealed, Sealer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use strongroom_store::{Database, Resealed, Store, StoreError, StoreOptions, key};

on_every_engine!(
    a_pass_seals_anew_what_is_due_and_a_second_finds_nothing,
    who_read_a_record_before_it_was_sealed_anew_may_still_write_it,
    a_record_that_is_not_authentic_is_left_and_told,
);

/// Puts the number of its key before what it seals.
#[derive(Default)]
struct Turning(AtomicU8);

impl Sealer for Turning {
    fn seal(&self, context: Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let sealed = FakeSealer.seal(context, plaintext)?;
        let number = self.0.load(Ordering::Relaxed);
        Ok(Sealed([&[number], sealed.0.as_slice()].concat()))
    }

    fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<Plaintext, SealError> {
        let (_, body) = sealed.split_first().ok_or(SealError::NotAuthentic)?;
        FakeSealer.open(context, body)
    }

    fn needs_reseal(&self, sealed: &[u8]) -> bool {
        sealed.first() != Some(&self.0.load(Ordering::Relaxed))
    }
}

struct Rig {
    sealer: Arc<Turning>,
    store: Store,
}

impl Rig {
    /// Five items, sealed by key 0, and key 1 in use.
    async fn new(database: Database) -> Self {
        let sealer = Arc::new(Turning::default());
        let store = Store::new(
            database,
            sealer.clone(),
            Arc::new(SeededEntropy::default()),
            &[&ITEM, &TWIN],
            &StoreOptions::default(),
        )
        .unwrap();
        let mut tx = store.begin();
        for name in ["a", "b", "c", "d", "e"] {
            tx.insert(item("x", name).text("secret"));
        }
        tx.commit(Vec::new()).await.unwrap();
        sealer.0.store(1, Ordering::Relaxed);
        Self { sealer, store }
    }

    /// One pass over all items, two at a time: examined, sealed, left.
    async fn pass(&self) -> (u64, u64, u64) {
        let (mut total, mut after) = ((0, 0, 0), None);
        loop {
            let Resealed {
                next,
                examined,
                sealed,
                left,
            } = self.store.reseal(&ITEM, after.as_ref(), 2).await.unwrap();
            total = (total.0 + examined, total.1 + sealed, total.2 + left);
            match next {
                Some(next) => after = Some(next),
                None => return total,
            }
        }
    }
}

async fn a_pass_seals_anew_what_is_due_and_a_second_finds_nothing(bench: Bench) {
    let rig = Rig::new(bench.database()).await;
    let before = item_at(&rig.store, "x", "c").await;

    let due = rig.store.count_due(&ITEM, None, 3).await.unwrap();
    assert_eq!((due.examined, due.sealed, due.left), (3, 0, 3));
    let due = rig
        .store
        .count_due(&ITEM, due.next.as_ref(), 3)
        .await
        .unwrap();
    assert_eq!((due.next, due.left), (None, 2));
    assert_eq!(rig.pass().await, (5, 5, 0));
    assert_eq!(rig.pass().await, (5, 0, 0));

    assert_eq!(item_at(&rig.store, "x", "c").await, before);
    let commits = rig.store.stats().commits;
    rig.sealer.0.store(2, Ordering::Relaxed);
    assert_eq!(rig.pass().await, (5, 5, 0));
    assert_eq!(rig.store.stats().commits, commits + 3);
}

async fn who_read_a_record_before_it_was_sealed_anew_may_still_write_it(bench: Bench) {
    let rig = Rig::new(bench.database()).await;
    let mut tx = rig.store.begin();
    let read = tx.get::<Item>(&key!["x", "a"]).await.unwrap().unwrap();

    rig.pass().await;
    tx.update(item("x", "a").text("changed"), read.rev);
    tx.commit(Vec::new()).await.unwrap();

    assert_eq!(rig.pass().await, (5, 0, 0));
}

async fn a_record_that_is_not_authentic_is_left_and_told(bench: Bench) {
    let database = bench.database();
    let foreign = Store::new(
        database.clone(),
        Arc::new(FakeSealer),
        Arc::new(SeededEntropy::default()),
        &[&ITEM, &TWIN],
        &StoreOptions::default(),
    )
    .unwrap();
    let mut tx = foreign.begin();
    tx.insert(item("x", "z").text("another's"));
    tx.commit(Vec::new()).await.unwrap();
    let rig = Rig::new(database).await;

    assert_eq!(rig.pass().await, (6, 5, 1));

    assert_eq!(rig.store.corrupt_rows(), 1);
    static UNKNOWN: strongroom_store::Kind = strongroom_store::Kind {
        name: "test_unknown",
        ..TWIN
    };
    let refused = rig.store.reseal(&UNKNOWN, None, 2).await;
    assert!(matches!(refused, Err(StoreError::Misuse { .. })));
}
