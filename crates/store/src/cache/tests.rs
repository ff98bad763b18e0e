use super::*;
use crate::{Column, Key, Kind, key};
use std::hash::RandomState;

static KIND: Kind = Kind {
    name: "test_thing",
    service: "test",
    version: 1,
    key: &[Column::int("id")],
    columns: &[],
    indexes: &[],
    cached: true,
};

struct Bench {
    cache: Arc<Cache>,
    seed: RandomState,
}

impl Bench {
    fn new() -> Self {
        Self {
            cache: Arc::new(Cache::new(1 << 20)),
            seed: RandomState::new(),
        }
    }

    fn place(&self, key: &Key) -> Place {
        Place::new(&self.seed, &KIND, key)
    }

    fn rev_at(&self, place: &Place) -> Option<Option<i64>> {
        let entry = self.cache.get(place)?;
        Some(entry.found.map(|(_, rev)| rev.0))
    }

    fn commit(&self, place: &Place, entry: Entry) -> Invalidation {
        Invalidation::new(Arc::clone(&self.cache), vec![(place.clone(), entry)])
    }
}

fn entry(place: &Place, rev: i64) -> Entry {
    let record: Erased = Arc::new(rev);
    Entry::new(place, Some((record, Rev(rev))), 8)
}

#[test]
fn what_was_read_undisturbed_is_kept() {
    let bench = Bench::new();
    let place = bench.place(&key![1_i64]);

    let ticket = bench.cache.ticket(&place).unwrap();
    bench.cache.fill(&place, ticket, entry(&place, 7));

    assert_eq!(bench.rev_at(&place), Some(Some(7)));
    assert_eq!(bench.rev_at(&bench.place(&key![2_i64])), None);
    assert_eq!(bench.cache.misses(), 1);
    assert!(bench.cache.weight() > 8);
}

#[test]
fn absence_is_kept_as_well() {
    let bench = Bench::new();
    let place = bench.place(&key![1_i64]);

    let ticket = bench.cache.ticket(&place).unwrap();
    bench
        .cache
        .fill(&place, ticket, Entry::new(&place, None, 0));

    assert_eq!(bench.rev_at(&place), Some(None));
}

#[test]
fn a_commit_removes_the_entry_before_and_writes_it_after() {
    let bench = Bench::new();
    let place = bench.place(&key![1_i64]);
    let ticket = bench.cache.ticket(&place).unwrap();
    bench.cache.fill(&place, ticket, entry(&place, 7));
    let mut commit = bench.commit(&place, entry(&place, 8));

    commit.before();
    let during = bench.rev_at(&place);
    commit.after(true);

    assert_eq!(during, None);
    assert_eq!(bench.rev_at(&place), Some(Some(8)));
}

#[test]
fn a_commit_that_failed_leaves_nothing_behind() {
    let bench = Bench::new();
    let place = bench.place(&key![1_i64]);
    let mut commit = bench.commit(&place, entry(&place, 8));

    commit.before();
    commit.after(false);

    assert_eq!(bench.rev_at(&place), None);
    assert!(bench.cache.ticket(&place).is_some());
}

#[test]
fn nothing_is_filled_while_a_commit_is_under_way() {
    let bench = Bench::new();
    let place = bench.place(&key![1_i64]);
    let early = bench.cache.ticket(&place).unwrap();
    let mut commit = bench.commit(&place, entry(&place, 8));

    commit.before();
    let during = bench.cache.ticket(&place);
    bench.cache.fill(&place, early, entry(&place, 7));

    assert!(during.is_none());
    assert_eq!(bench.rev_at(&place), None);
}

#[test]
fn what_was_read_before_a_commit_is_not_filled_after_it() {
    for committed in [true, false] {
        let bench = Bench::new();
        let place = bench.place(&key![1_i64]);
        let early = bench.cache.ticket(&place).unwrap();
        let mut commit = bench.commit(&place, entry(&place, 8));

        commit.before();
        commit.after(committed);
        bench.cache.fill(&place, early, entry(&place, 7));

        assert_eq!(bench.rev_at(&place), committed.then_some(Some(8)));
    }
}

#[test]
fn of_two_commits_in_one_batch_the_later_is_kept() {
    let bench = Bench::new();
    let place = bench.place(&key![1_i64]);
    let mut earlier = bench.commit(&place, entry(&place, 8));
    let mut later = bench.commit(&place, entry(&place, 9));

    earlier.before();
    later.before();
    earlier.after(true);
    let between = bench.rev_at(&place);
    later.after(true);

    assert_eq!(between, None);
    assert_eq!(bench.rev_at(&place), Some(Some(9)));
}

#[test]
fn an_earlier_commit_that_ends_last_writes_nothing() {
    let bench = Bench::new();
    let place = bench.place(&key![1_i64]);
    let mut earlier = bench.commit(&place, entry(&place, 8));
    let mut later = bench.commit(&place, entry(&place, 9));

    earlier.before();
    later.before();
    later.after(true);
    earlier.after(true);

    assert_eq!(bench.rev_at(&place), None);
    assert!(bench.cache.ticket(&place).is_some());
}

#[test]
fn a_stripe_whose_commit_does_not_end_stays_shut_until_it_does() {
    let bench = Bench::new();
    let place = bench.place(&key![1_i64]);
    let mut commit = bench.commit(&place, entry(&place, 8));

    commit.before();
    let meanwhile = bench.cache.ticket(&place);
    commit.after(true);

    assert!(meanwhile.is_none());
    assert_eq!(bench.rev_at(&place), Some(Some(8)));
}

#[test]
fn what_another_node_changed_is_gone_and_shuts_out_who_read_before() {
    let everything = |bench: &Bench, _: &Place| bench.cache.invalidate_all();
    let one = |bench: &Bench, place: &Place| bench.cache.invalidate(place);
    for invalidate in [&everything as &dyn Fn(&Bench, &Place), &one] {
        let bench = Bench::new();
        let place = bench.place(&key![1_i64]);
        let ticket = bench.cache.ticket(&place).unwrap();
        bench.cache.fill(&place, ticket, entry(&place, 7));
        let early = bench.cache.ticket(&place).unwrap();

        invalidate(&bench, &place);
        let after = bench.rev_at(&place);
        bench.cache.fill(&place, early, entry(&place, 7));
        let filled_early = bench.rev_at(&place);
        let late = bench.cache.ticket(&place).unwrap();
        bench.cache.fill(&place, late, entry(&place, 8));

        assert_eq!((after, filled_early), (None, None));
        assert_eq!(bench.rev_at(&place), Some(Some(8)));
    }
}

#[test]
fn a_commit_that_another_nodes_followed_before_it_ended_writes_nothing() {
    let bench = Bench::new();
    let place = bench.place(&key![1_i64]);
    let mut commit = bench.commit(&place, entry(&place, 8));

    commit.before();
    bench.cache.invalidate(&place);
    commit.after(true);

    assert_eq!(bench.rev_at(&place), None);
    assert!(bench.cache.ticket(&place).is_some());
}

#[test]
fn the_weight_is_bounded() {
    let bench = Bench::new();

    for id in 0..10_000_i64 {
        let place = bench.place(&key![id]);
        let ticket = bench.cache.ticket(&place).unwrap();
        let record: Erased = Arc::new(id);
        let entry = Entry::new(&place, Some((record, Rev(id))), 1_000);
        bench.cache.fill(&place, ticket, entry);
    }

    assert!(bench.cache.weight() <= 1 << 20);
    assert!(bench.cache.weight() > 1 << 18);
}
