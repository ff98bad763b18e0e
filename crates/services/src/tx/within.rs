//! One transaction that several operations share.
//!
//! An operation that calls others in its caller's name lends them its transaction, one after the other:
//! each reads what those before it wrote, and what it commits goes back to the lender, events and all.
//! INVARIANT: all or nothing. An operation that begins and does not end, because it refuses, takes the
//! transaction with it: nothing of it can be committed any more.

use super::{Ledger, Lines, Recorded, Tx};
use base::CommonError;
use parking_lot::Mutex;

/// A transaction that is lent to operations.
pub(crate) struct Within(Mutex<State>);

struct State {
    lent: Option<Lent>,
    /// The events of the operations that ended.
    lines: Vec<Vec<u8>>,
}

/// What is left of a [`Tx`] while nobody has it.
struct Lent {
    inner: store::Tx,
    has_written: bool,
    is_whole: bool,
}

impl Within {
    /// Lends `tx`.
    pub(crate) fn lending(tx: Tx<'_>) -> Self {
        let lent = Lent {
            inner: tx.inner,
            has_written: tx.has_written,
            is_whole: true,
        };
        Self(Mutex::new(State {
            lent: Some(lent),
            lines: Vec::new(),
        }))
    }

    /// The transaction with all that was written, and the events that tell of it. `None` when an
    /// operation began and did not end.
    pub(crate) fn into_tx(self, ledger: &Ledger) -> Option<(Tx<'_>, Vec<Vec<u8>>)> {
        let State { lent, lines } = self.0.into_inner();
        let lent = lent.filter(|lent| lent.is_whole)?;
        let tx = Tx {
            ledger,
            inner: lent.inner,
            has_written: lent.has_written,
            within: None,
        };
        Some((tx, lines))
    }

    /// Takes part.
    pub(crate) fn begin<'a>(&'a self, ledger: &'a Ledger) -> Tx<'a> {
        let lent = self.0.lock().lent.take();
        match lent {
            Some(lent) if lent.is_whole => Tx {
                ledger,
                inner: lent.inner,
                has_written: lent.has_written,
                within: Some(self),
            },
            // Somebody has it, or took it away: what is written from now on is committed by nobody.
            _ => {
                let mut state = self.0.lock();
                let spoilt = ledger.begin();
                state.lent = Some(Lent {
                    inner: ledger.begin().inner,
                    has_written: false,
                    is_whole: false,
                });
                Tx {
                    within: Some(self),
                    ..spoilt
                }
            }
        }
    }

    /// Takes the transaction back from an operation that ends.
    pub(super) fn give_back(&self, tx: Tx<'_>, events: Lines) -> Result<Recorded, CommonError> {
        let mut state = self.0.lock();
        if state.lent.is_some() {
            return Err(CommonError::internal(
                "an operation took part in a transaction that was given up",
            ));
        }
        state.lent = Some(Lent {
            inner: tx.inner,
            has_written: tx.has_written,
            is_whole: true,
        });
        state.lines.extend(events.into_vec());
        Ok(Recorded(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::Permit;
    use crate::identity::model::Membership;
    use crate::secretsmanager::world::World;
    use base::AccountId;
    use store::Record as _;

    fn membership(user: &str) -> Membership {
        Membership {
            account: AccountId::parse("123456789012").unwrap(),
            group: String::from("g"),
            user: user.to_owned(),
        }
    }

    fn line(text: &str) -> Lines {
        Lines::of(text.as_bytes().to_vec())
    }

    #[tokio::test]
    async fn what_one_wrote_the_next_reads_and_the_lender_commits() {
        let app = World::new().app;
        let within = Within::lending(app.ledger.begin());
        let mut first = within.begin(&app.ledger);
        first.insert(&Permit::of_tests(), membership("a"));
        first.commit(line("first")).await.unwrap();
        let key = membership("a").key();
        let mut second = within.begin(&app.ledger);

        let seen = second.get::<Membership>(&key).await.unwrap();
        second.finish(line("second")).await.unwrap();
        let before = app.ledger.begin().get::<Membership>(&key).await.unwrap();
        let (tx, lines) = within.into_tx(&app.ledger).unwrap();
        tx.commit(line("whole")).await.unwrap();
        let after = app.ledger.begin().get::<Membership>(&key).await.unwrap();

        assert!(seen.is_some());
        assert!(before.is_none());
        assert!(after.is_some());
        assert_eq!(lines, [b"first".to_vec(), b"second".to_vec()]);
    }

    #[tokio::test]
    async fn who_begins_and_does_not_end_takes_everything_away() {
        let app = World::new().app;
        let within = Within::lending(app.ledger.begin());
        let mut first = within.begin(&app.ledger);
        first.insert(&Permit::of_tests(), membership("a"));
        first.commit(line("first")).await.unwrap();
        drop(within.begin(&app.ledger));

        let mut late = within.begin(&app.ledger);
        late.insert(&Permit::of_tests(), membership("b"));
        let refused = late.commit(line("late")).await;

        assert!(refused.is_err());
        assert!(within.into_tx(&app.ledger).is_none());
    }

    #[tokio::test]
    async fn two_at_once_is_a_mistake_that_nothing_is_committed_of() {
        let app = World::new().app;
        let within = Within::lending(app.ledger.begin());

        let one = within.begin(&app.ledger);
        let other = within.begin(&app.ledger);
        let one = one.commit(line("one")).await;
        let other = other.commit(line("other")).await;

        assert!(one.is_err() && other.is_err());
        assert!(within.into_tx(&app.ledger).is_none());
    }
}
