use crate::support::{Bench, ITEM, TWIN, item, item_at, on_every_engine};
use base::Timestamp;
use std::time::Duration;
use strongroom_store::{LEASES, Store, StoreError};
use tokio::task::JoinSet;

on_every_engine! {
    one_at_a_time_has_a_lease,
    a_lease_that_ended_is_taken_over_and_its_holder_fenced_off,
    a_lease_that_was_given_back_is_free,
    a_renewal_is_in_nobodys_way,
    of_many_who_want_a_lease_one_gets_it,
    who_takes_a_lease_again_fences_off_what_he_did_before,
}

const LONG: Duration = Duration::from_secs(3_600);

/// A moment by the clock of who asks; the database may have another.
fn now() -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000)
}

fn store(bench: &Bench) -> Store {
    bench.store_of(&[&ITEM, &TWIN, &LEASES]).unwrap()
}

async fn one_at_a_time_has_a_lease(bench: Bench) {
    let store = store(&bench);

    let first = store.lease("purge", "one", LONG, now()).await.unwrap();
    let second = store.lease("purge", "two", LONG, now()).await.unwrap();
    let other = store.lease("prune", "two", LONG, now()).await.unwrap();

    let first = first.unwrap();
    assert_eq!((first.name(), first.token()), ("purge", 1));
    assert_eq!(second, None);
    assert!(other.is_some());
    assert!(store.renew(&first, LONG, now()).await.unwrap());
}

async fn a_lease_that_ended_is_taken_over_and_its_holder_fenced_off(bench: Bench) {
    let store = store(&bench);
    let none = Duration::ZERO;
    let first = store
        .lease("purge", "one", none, now())
        .await
        .unwrap()
        .unwrap();
    let mut late = store.begin();
    late.fence(&first).await.unwrap();
    late.insert(item("a", "late"));

    let second = store
        .lease("purge", "two", LONG, now())
        .await
        .unwrap()
        .unwrap();
    let late = late.commit(Vec::new()).await;
    let too_late = store.begin().fence(&first).await;
    let mut in_time = store.begin();
    in_time.fence(&second).await.unwrap();
    in_time.insert(item("a", "in time"));
    in_time.commit(Vec::new()).await.unwrap();

    assert!(second.token() > first.token());
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert!(matches!(too_late, Err(StoreError::Conflict)));
    assert_eq!(item_at(&store, "a", "late").await, None);
    assert!(item_at(&store, "a", "in time").await.is_some());
    assert!(!store.renew(&first, LONG, now()).await.unwrap());
    store.release(&first).await.unwrap();
    assert!(store.renew(&second, LONG, now()).await.unwrap());
}

async fn a_lease_that_was_given_back_is_free(bench: Bench) {
    let store = store(&bench);
    let first = store
        .lease("purge", "one", LONG, now())
        .await
        .unwrap()
        .unwrap();

    store.release(&first).await.unwrap();
    let fenced = store.begin().fence(&first).await;
    let second = store
        .lease("purge", "two", LONG, now())
        .await
        .unwrap()
        .unwrap();

    assert!(matches!(fenced, Err(StoreError::Conflict)));
    assert_eq!(second.token(), first.token() + 1);
}

async fn a_renewal_is_in_nobodys_way(bench: Bench) {
    let store = store(&bench);
    let lease = store
        .lease("purge", "one", LONG, now())
        .await
        .unwrap()
        .unwrap();
    let mut tx = store.begin();
    tx.fence(&lease).await.unwrap();
    tx.insert(item("a", "x"));

    assert!(store.renew(&lease, LONG, now()).await.unwrap());
    let answer = tx.commit(Vec::new()).await;

    assert!(answer.is_ok(), "{answer:?}");
}

async fn of_many_who_want_a_lease_one_gets_it(bench: Bench) {
    let store = store(&bench);
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let store = store.clone();
        let owner = number.to_string();
        tasks.spawn(async move { store.lease("purge", &owner, LONG, now()).await });
    }

    let answers = tasks.join_all().await;

    let taken = answers
        .iter()
        .filter(|answer| matches!(answer, Ok(Some(_))));
    assert_eq!(taken.count(), 1);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

async fn who_takes_a_lease_again_fences_off_what_he_did_before(bench: Bench) {
    let store = store(&bench);
    let before = store
        .lease("purge", "one", LONG, now())
        .await
        .unwrap()
        .unwrap();

    let after = store
        .lease("purge", "one", LONG, now())
        .await
        .unwrap()
        .unwrap();

    assert!(after.token() > before.token());
    assert!(!store.renew(&before, LONG, now()).await.unwrap());
}
