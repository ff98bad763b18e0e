//! Keys that another node has made since this one looked.

use crate::support::{Bench, FakeSealer, ITEM, Item, SeededEntropy, TWIN, item, on_every_engine};
use base::{Context, Plaintext, Renewal, SealError, Sealed, Sealer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use strongroom_store::{Database, Query, Store, StoreError, StoreOptions, key};

on_every_engine!(
    a_record_under_a_key_that_was_missed_is_read_once_the_keys_are_renewed,
    a_list_leaves_nothing_out_for_a_key_that_was_missed,
    what_cannot_be_read_because_the_keys_are_away_is_not_corrupt,
    what_names_a_key_that_nobody_has_is_corrupt,
    outbox_and_sealing_anew_renew_the_keys_too,
);

/// The keys of a deployment: the newest of them.
type Newest = Arc<AtomicU8>;

/// A node's sealer: it has the keys up to `known`, and seals with the newest of these.
struct Node {
    newest: Newest,
    known: AtomicU8,
    is_away: AtomicBool,
    renewals: AtomicU8,
}

impl Node {
    fn of(newest: &Newest) -> Arc<Self> {
        Arc::new(Self {
            newest: Arc::clone(newest),
            known: AtomicU8::new(newest.load(Ordering::Relaxed)),
            is_away: AtomicBool::new(false),
            renewals: AtomicU8::new(0),
        })
    }

    /// Makes a key that the others do not have yet.
    fn rotate(&self) {
        let next = self.newest.fetch_add(1, Ordering::Relaxed) + 1;
        self.known.store(next, Ordering::Relaxed);
    }

    fn renewals(&self) -> u8 {
        self.renewals.load(Ordering::Relaxed)
    }
}

impl Sealer for Node {
    fn seal(&self, context: Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let sealed = FakeSealer.seal(context, plaintext)?;
        let number = self.known.load(Ordering::Relaxed);
        Ok(Sealed([&[number], sealed.0.as_slice()].concat()))
    }

    fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<Plaintext, SealError> {
        let (number, body) = sealed.split_first().ok_or(SealError::NotAuthentic)?;
        if *number > self.known.load(Ordering::Relaxed) {
            return Err(SealError::UnknownKey);
        }
        FakeSealer.open(context, body)
    }

    fn needs_reseal(&self, _: &[u8]) -> bool {
        true
    }

    fn renew(&self) -> Option<Renewal<'_>> {
        Some(Box::pin(async {
            self.renewals.fetch_add(1, Ordering::Relaxed);
            if self.is_away.load(Ordering::Relaxed) {
                return Err("the keys are away".into());
            }
            let newest = self.newest.load(Ordering::Relaxed);
            self.known.store(newest, Ordering::Relaxed);
            Ok(())
        }))
    }
}

/// Two nodes over one database. `a` has stored two items under a key that `b` does not have.
struct Rig {
    a: Arc<Node>,
    b: Arc<Node>,
    at_a: Store,
    at_b: Store,
}

impl Rig {
    async fn new(database: &Database) -> Self {
        let newest = Newest::default();
        let (a, b) = (Node::of(&newest), Node::of(&newest));
        let (at_a, at_b) = (store(database, &a), store(database, &b));
        a.rotate();
        let rig = Self { a, b, at_a, at_b };
        rig.put("one", Some("told")).await;
        rig.put("two", None).await;
        rig
    }

    /// Stores an item at `a`.
    async fn put(&self, name: &str, outbox: Option<&str>) {
        let mut tx = self.at_a.begin();
        tx.insert(item("x", name).text("secret"));
        let outbox = outbox.map(|body| body.as_bytes().to_vec());
        tx.commit(outbox.into_iter().collect()).await.unwrap();
    }

    async fn read(&self, name: &str) -> Result<bool, StoreError> {
        let mut tx = self.at_b.begin();
        Ok(tx.get::<Item>(&key!["x", name]).await?.is_some())
    }

    async fn list(&self) -> Result<usize, StoreError> {
        let mut tx = self.at_b.begin();
        Ok(tx.query::<Item>(&Query::primary(10)).await?.len())
    }
}

fn store(database: &Database, node: &Arc<Node>) -> Store {
    Store::new(
        database.clone(),
        node.clone(),
        Arc::new(SeededEntropy::default()),
        &[&ITEM, &TWIN],
        &StoreOptions::default(),
    )
    .unwrap()
}

async fn a_record_under_a_key_that_was_missed_is_read_once_the_keys_are_renewed(bench: Bench) {
    let rig = Rig::new(&bench.database()).await;

    assert!(rig.read("one").await.unwrap());

    assert_eq!((rig.b.renewals(), rig.a.renewals()), (1, 0));
    assert!(rig.read("two").await.unwrap());
    assert_eq!(rig.b.renewals(), 1, "it has the key now");
    assert_eq!(rig.at_b.corrupt_rows(), 0);
}

async fn a_list_leaves_nothing_out_for_a_key_that_was_missed(bench: Bench) {
    let rig = Rig::new(&bench.database()).await;

    assert_eq!(rig.list().await.unwrap(), 2);

    assert_eq!((rig.b.renewals(), rig.at_b.corrupt_rows()), (1, 0));
}

async fn what_cannot_be_read_because_the_keys_are_away_is_not_corrupt(bench: Bench) {
    let rig = Rig::new(&bench.database()).await;
    rig.b.is_away.store(true, Ordering::Relaxed);

    let (read, list) = (rig.read("one").await, rig.list().await);
    let anew = rig.at_b.reseal(&ITEM, None, 10).await;

    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    assert!(matches!(list, Err(StoreError::Unavailable(_))), "{list:?}");
    assert!(matches!(anew, Err(StoreError::Unavailable(_))), "{anew:?}");
    assert_eq!(rig.at_b.corrupt_rows(), 0);
    rig.b.is_away.store(false, Ordering::Relaxed);
    assert_eq!(rig.list().await.unwrap(), 2);
}

/// Its number was changed by somebody with the database, or its ring was never stored.
async fn what_names_a_key_that_nobody_has_is_corrupt(bench: Bench) {
    let rig = Rig::new(&bench.database()).await;
    rig.a.known.store(9, Ordering::Relaxed);
    rig.put("three", None).await;

    let (read, list) = (rig.read("three").await, rig.list().await);

    assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
    assert_eq!(list.unwrap(), 2);
    assert_eq!(rig.at_b.corrupt_rows(), 1);
}

async fn outbox_and_sealing_anew_renew_the_keys_too(bench: Bench) {
    let rig = Rig::new(&bench.database()).await;

    let outbox = rig.at_b.outbox(10).await.unwrap();
    rig.b.known.store(0, Ordering::Relaxed);
    let anew = rig.at_b.reseal(&ITEM, None, 10).await.unwrap();

    assert!(outbox.iter().all(|entry| entry.body == b"told"));
    assert_eq!((anew.sealed, anew.left), (2, 0));
    assert_eq!(rig.at_b.corrupt_rows(), 0);
}
