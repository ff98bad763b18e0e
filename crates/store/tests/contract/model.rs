//! Random histories of interleaved transactions, run on every engine and on a naive model, give
//! the same answers everywhere.

use crate::support::{Bench, Item, item};
use naive::{Model, place_of};
use proptest::prelude::*;
use std::ops::{Bound, RangeBounds};
use strongroom_store::{Query, Record, Rev, Store, StoreError, Tx};

mod naive;

/// One step of one of the transactions that run at the same time.
#[derive(Clone, Debug)]
enum Step {
    Get(Place),
    Insert(Item),
    /// Replaces what is there, if the transaction finds something.
    Update(Item),
    /// Removes what is there, if the transaction finds something.
    Delete(Place),
    Query(Ask),
    Count(i64, Option<i64>),
    /// Ends the transaction, with so many outbox entries, and begins another.
    Commit(usize),
    Drop,
}

type Place = (String, String);

/// A query in terms that both sides understand.
#[derive(Clone, Debug)]
struct Ask {
    index: &'static str,
    equals: Option<Cell>,
    from: Bound<Cell>,
    to: Bound<Cell>,
    descending: bool,
    limit: usize,
}

/// A value in terms of the model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Number(i64),
    Text(String),
}

impl From<Cell> for strongroom_store::Value {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Number(number) => number.into(),
            Cell::Text(text) => text.into(),
        }
    }
}

impl Ask {
    fn query(&self) -> Query {
        let mut query = Query::on(self.index, self.limit);
        if let Some(value) = self.equals.clone() {
            query = query.equal(value);
        }
        query = query.from(self.from.clone()).to(self.to.clone());
        if self.descending {
            query.descending()
        } else {
            query
        }
    }

    /// The columns that the index orders by, spelled out; `None` when the item is not in it.
    fn cells(&self, item: &Item) -> Option<Vec<Cell>> {
        let text = |text: &String| Cell::Text(text.clone());
        let (account, name) = (text(&item.account), text(&item.name));
        Some(match self.index {
            "primary" => vec![account, name],
            "by_due" => vec![Cell::Number(item.due?), account, name],
            "by_owner" => vec![
                account,
                text(item.owner.as_ref()?),
                Cell::Number(item.due?),
                name,
            ],
            _ => vec![name, account],
        })
    }

    fn admits(&self, cells: &[Cell]) -> bool {
        let next = match &self.equals {
            Some(value) if cells[0] != *value => return false,
            Some(_) => &cells[1],
            None => &cells[0],
        };
        (self.from.as_ref(), self.to.as_ref()).contains(next)
    }

    fn sort(&self, found: &mut [(Vec<Cell>, Item, u64)]) {
        found.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        if self.descending {
            found.reverse();
        }
    }
}

/// The same history on a real store.
async fn run(store: &Store, history: &[(usize, Step)]) -> Vec<String> {
    let mut open: [Tx; SLOTS] = std::array::from_fn(|_| store.begin());
    let mut answers = Vec::new();
    for (slot, step) in history {
        let tx = &mut open[*slot];
        answers.push(match step {
            Step::Get(place) => format!("{:?}", get(tx, place).await.map(|(item, _)| item)),
            Step::Query(ask) => format!("{:?}", query(tx, ask).await),
            Step::Commit(entries) => {
                let tx = std::mem::replace(tx, store.begin());
                match tx.commit(vec![b"told".to_vec(); *entries]).await {
                    Ok(seqs) => format!("Ok({})", seqs.len()),
                    Err(StoreError::Conflict) => String::from("conflict"),
                    Err(StoreError::LimitReached { .. }) => String::from("limit"),
                    Err(error) => error.to_string(),
                }
            }
            other => {
                change(store, tx, other).await;
                String::new()
            }
        });
    }
    let rows = query(&mut store.begin(), &everything()).await;
    let counter = store.counter("things").await.unwrap();
    let outbox = store.outbox(10_000).await.unwrap().len();
    answers.push(format!("{rows:?} {counter} {outbox}"));
    answers
}

async fn change(store: &Store, tx: &mut Tx, step: &Step) {
    match step {
        Step::Insert(item) => tx.insert(item.clone()),
        Step::Update(item) => {
            if let Some((_, rev)) = get(tx, &place_of(item)).await {
                tx.update(item.clone(), rev);
            }
        }
        Step::Delete(place) => {
            if let Some((found, rev)) = get(tx, place).await {
                tx.delete::<Item>(&found.key(), rev);
            }
        }
        Step::Count(delta, max) => tx.count("things", *delta, *max),
        _ => *tx = store.begin(),
    }
}

async fn get(tx: &mut Tx, (account, name): &Place) -> Option<(Item, Rev)> {
    let found = tx.get::<Item>(&item(account, name).key()).await.unwrap()?;
    Some(((*found.record).clone(), found.rev))
}

async fn query(tx: &mut Tx, ask: &Ask) -> Vec<Item> {
    let found = tx.query::<Item>(&ask.query()).await.unwrap();
    found.iter().map(|found| (*found.record).clone()).collect()
}

fn everything() -> Ask {
    Ask {
        index: "primary",
        equals: None,
        from: Bound::Unbounded,
        to: Bound::Unbounded,
        descending: false,
        limit: 10_000,
    }
}

fn places() -> impl Strategy<Value = Place> {
    let one_of = |texts: &'static [&'static str]| prop::sample::select(texts);
    (one_of(&["a", "b"]), one_of(&["x", "y", "z"])).prop_map(|(a, n)| (a.into(), n.into()))
}

fn items() -> impl Strategy<Value = Item> {
    let owner = prop::option::of(prop::sample::select(&["o", "p"][..]));
    (places(), prop::option::of(0_i64..3), owner, 0_u8..100).prop_map(
        |((account, name), due, owner, text)| Item {
            due,
            owner: owner.map(str::to_owned),
            ..item(&account, &name).text(&text.to_string())
        },
    )
}

fn bounds(cells: BoxedStrategy<Cell>) -> impl Strategy<Value = Bound<Cell>> {
    prop_oneof![
        2 => Just(Bound::Unbounded),
        1 => cells.clone().prop_map(Bound::Included),
        1 => cells.prop_map(Bound::Excluded),
    ]
}

fn asks() -> impl Strategy<Value = Ask> {
    let text = |texts: &'static [&'static str]| {
        let cell = |text: &str| Cell::Text(text.to_owned());
        prop::sample::select(texts).prop_map(cell).boxed()
    };
    let number = || (0_i64..3).prop_map(Cell::Number).boxed();
    let (account, name) = (|| text(&["a", "b"]), || text(&["x", "y", "z"]));
    let owner = || text(&["o", "p"]);
    let shape = |index, equals: Option<BoxedStrategy<Cell>>, next: BoxedStrategy<Cell>| {
        let equals = match equals {
            Some(cells) => cells.prop_map(Some).boxed(),
            None => Just(None).boxed(),
        };
        (
            equals,
            bounds(next.clone()),
            bounds(next),
            any::<bool>(),
            0_usize..5,
        )
            .prop_map(move |(equals, from, to, descending, limit)| Ask {
                index,
                equals,
                from,
                to,
                descending,
                limit,
            })
    };
    prop_oneof![
        shape("primary", None, account()),
        shape("primary", Some(account()), name()),
        shape("by_due", None, number()),
        shape("by_due", Some(number()), account()),
        shape("by_owner", None, account()),
        shape("by_owner", Some(account()), owner()),
        shape("by_name", None, name()),
        shape("by_name", Some(name()), account()),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => places().prop_map(Step::Get),
        3 => items().prop_map(Step::Insert),
        4 => items().prop_map(Step::Update),
        2 => places().prop_map(Step::Delete),
        4 => asks().prop_map(Step::Query),
        1 => (-2_i64..4, prop::option::of(0_i64..6)).prop_map(|(d, m)| Step::Count(d, m)),
        6 => (0_usize..3).prop_map(Step::Commit),
        1 => Just(Step::Drop),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn engines_and_model_agree(
        history in prop::collection::vec((0..SLOTS, steps()), 1..80),
    ) {
        let expected = Model::default().run(&history);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for bench in Bench::all() {
            let store = bench.store();
            let answers = runtime.block_on(run(&store, &history));
            prop_assert_eq!(&answers, &expected);

            // And what is kept is the same as what was there.
            let store = runtime.block_on(bench.reopen(store));
            let kept = runtime.block_on(query(&mut store.begin(), &everything()));
            let before = answers.last().cloned().unwrap_or_default();
            let after = format!("{kept:?} ");
            prop_assert!(before.starts_with(&after), "{} became {}", before, after);
        }
    }
}

const SLOTS: usize = 3;
