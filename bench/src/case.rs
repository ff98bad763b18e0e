//! One line of the report: an operation under a load, and the requests that make it up.

use crate::keys::Keys;
use crate::load::{Length, Load, Window};
use crate::operation::{Ask, Operation, scattered};
use crate::sign::{Signed, Signer};
use crate::{Error, clock::now};
use std::time::Duration;

/// An operation under a load.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) operation: Operation,
    pub(crate) connections: usize,
    pub(crate) rate: Option<u32>,
    pub(crate) window: Window,
    pub(crate) secrets: usize,
    /// What leads to each page of ListSecrets.
    pub(crate) pages: &'a [Option<String>],
    /// The customer's key and what is under it.
    pub(crate) keys: &'a Keys,
    /// How many writes one measurement may send.
    pub(crate) writes: usize,
}

impl Case<'_> {
    /// The load of one round. `first_salt` is above that of every write before; a bare server
    /// (`is_bare`) is sent the same and answers its own.
    pub(crate) fn load(
        &self,
        signer: &Signer,
        round: usize,
        first_salt: u64,
        is_bare: bool,
    ) -> Result<Load, Error> {
        let asks = self.asks(round, first_salt);
        let asks = asks.map(|ask| if is_bare { ask.of_bare() } else { ask });
        Ok(Load {
            requests: signed(signer, asks)?,
            connections: self.connections,
            rate: self.rate,
            length: if self.operation.writes() {
                Length::OnceWithin(self.window)
            } else {
                Length::Repeat(self.window)
            },
        })
    }

    /// How many different requests a round sends.
    pub(crate) fn distinct(&self) -> usize {
        match self.operation {
            Operation::Put | Operation::Create => self.writes,
            Operation::List => self.pages.len(),
            Operation::Batch => self.secrets.min(MOST_BATCHES),
            Operation::Decrypt => self.keys.data_keys(),
            Operation::Get
            | Operation::GetAsUser
            | Operation::GetUnderCustomerKey
            | Operation::GenerateDataKey
            | Operation::Describe => self.secrets.min(MOST_SIGNED),
            Operation::Guard | Operation::CreateKey | Operation::Rotate | Operation::Administer => {
                0
            }
        }
    }

    /// The questions of one round. Rounds go on where the last one ended, so that large stores are
    /// visited everywhere.
    fn asks(&self, round: usize, first_salt: u64) -> impl Iterator<Item = Ask> {
        let begin = round.saturating_mul(self.distinct());
        (begin..begin.saturating_add(self.distinct()))
            .zip(first_salt..)
            .map(|(step, salt)| {
                let number = scattered(step, self.secrets);
                match self.operation {
                    Operation::Get => Ask::get(number),
                    Operation::Describe => Ask::describe(number),
                    Operation::Put => Ask::put(number, salt),
                    Operation::Create => Ask::create(number),
                    Operation::GetAsUser => Ask::guarded(number),
                    Operation::GetUnderCustomerKey => Ask::keyed(number),
                    Operation::GenerateDataKey => self.keys.generate(number),
                    Operation::Decrypt => self.keys.decrypt(step),
                    // Of these nothing is distinct, so none is asked.
                    Operation::Guard
                    | Operation::CreateKey
                    | Operation::Rotate
                    | Operation::Administer => Ask::get(number),
                    Operation::Batch => Ask::batch(number, self.secrets),
                    Operation::List => {
                        let page = self.pages.get(step % self.pages.len().max(1));
                        Ask::list(page.and_then(Option::as_deref))
                    }
                }
            })
    }
}

/// Writes out `asks`, signed now.
pub(crate) fn signed(
    signer: &Signer,
    asks: impl Iterator<Item = Ask>,
) -> Result<Vec<Signed>, Error> {
    let now = now();
    asks.map(|ask| signer.sign(ask, now)).collect()
}

/// How many writes each of `measurements` may send, so that no secret gets more versions than the
/// server keeps, and not more than a measurement of length `window` can send.
pub(crate) fn writes_per_measurement(secrets: usize, measurements: usize, window: Window) -> usize {
    let share = secrets.saturating_mul(MOST_VERSIONS) / measurements.max(1);
    let most = (window.warm_up + window.measured).as_millis() * WRITES_PER_MILLISECOND;
    share.min(usize::try_from(most).unwrap_or(usize::MAX))
}

/// A measurement of length `measured` and its warming up.
pub(crate) fn window(measured: Duration) -> Window {
    Window {
        warm_up: (measured / 5).max(SHORTEST_WARM_UP),
        measured,
    }
}

/// Bounds what a round keeps in memory: about 40 MB.
const MOST_SIGNED: usize = 50_000;
const MOST_BATCHES: usize = 5_000;

/// The server refuses a secret's version after about 1,000 within 24 hours.
const MOST_VERSIONS: usize = 800;

/// More than a bare writer takes.
const WRITES_PER_MILLISECOND: u128 = 80;
const SHORTEST_WARM_UP: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::LazyLock;

    static KEYS: LazyLock<Keys> = LazyLock::new(Keys::stand_in);

    fn case(operation: Operation, secrets: usize) -> Case<'static> {
        Case {
            operation,
            connections: 1,
            rate: None,
            window: window(Duration::from_secs(1)),
            secrets,
            pages: &[],
            keys: &KEYS,
            writes: 500,
        }
    }

    #[test]
    fn rounds_go_on_where_the_last_ended() {
        let case = case(Operation::Get, MOST_SIGNED * 2);

        let asked: BTreeSet<String> = (0..2)
            .flat_map(|round| case.asks(round, 1))
            .map(|ask| ask.body)
            .collect();

        assert_eq!(asked.len(), MOST_SIGNED * 2);
    }

    #[test]
    fn pages_are_asked_for_in_turn() {
        let pages = [None, Some(String::from("a")), Some(String::from("b"))];
        let case = Case {
            pages: &pages,
            ..case(Operation::List, 300)
        };

        let asked: Vec<Ask> = case.asks(7, 1).collect();

        let all = [Ask::list(None), Ask::list(Some("a")), Ask::list(Some("b"))];
        assert_eq!(asked, all);
    }

    #[test]
    fn each_data_key_is_decrypted_in_every_round() {
        let case = case(Operation::Decrypt, 20);

        for round in 0..3 {
            let asked: BTreeSet<String> = case.asks(round, 1).map(|ask| ask.body).collect();

            assert_eq!(asked.len(), KEYS.data_keys());
        }
    }

    #[test]
    fn data_keys_are_asked_for_in_a_context_of_each_secret() {
        let asked: BTreeSet<String> = case(Operation::GenerateDataKey, 300)
            .asks(0, 1)
            .map(|ask| ask.body)
            .collect();

        assert_eq!(asked.len(), 300);
    }

    #[test]
    fn writes_are_spread_over_all_secrets_and_none_is_repeated() {
        let case = case(Operation::Put, 100);

        let asks: Vec<Ask> = case.asks(0, 1).chain(case.asks(1, 501)).collect();

        let mut per_secret = BTreeMap::new();
        for ask in &asks {
            *per_secret.entry(ask.expected.clone()).or_insert(0) += 1;
        }
        let distinct: BTreeSet<&String> = asks.iter().map(|ask| &ask.body).collect();
        assert_eq!(distinct.len(), 1_000);
        assert_eq!(per_secret.len(), 100);
        assert!(per_secret.values().all(|count| *count == 10));
    }

    #[test]
    fn only_writes_are_sent_once() {
        let signer = Signer {
            host: String::from("localhost"),
            region: String::from("us-east-1"),
            access_key_id: String::from("AKID"),
            secret_access_key: base::Plaintext::from(String::from("secret")),
            session_token: None,
        };

        let put = case(Operation::Put, 20).load(&signer, 0, 1, false).unwrap();
        let get = case(Operation::Get, 20).load(&signer, 0, 1, true).unwrap();

        assert!(matches!(put.length, Length::OnceWithin(_)));
        assert!(matches!(get.length, Length::Repeat(_)));
        assert_eq!((put.requests.len(), get.requests.len()), (500, 20));
        let expected: BTreeSet<&str> = get.requests.iter().map(|one| &*one.expected).collect();
        assert_eq!(
            expected.into_iter().collect::<Vec<_>>(),
            [r#""Name":"bench/000000""#]
        );
    }

    #[test]
    fn warming_up_takes_a_fifth_but_never_nothing() {
        let warm_up = |seconds| window(Duration::from_secs_f64(seconds)).warm_up;

        assert_eq!(warm_up(5.0), Duration::from_secs(1));
        assert_eq!(warm_up(0.1), SHORTEST_WARM_UP);
    }

    proptest! {
        #[test]
        fn no_secret_gets_more_versions_than_the_server_keeps(
            secrets in 20_usize..2_000,
            measurements in 1_usize..200,
            seconds in 1_u64..100,
        ) {
            let window = window(Duration::from_secs(seconds));

            let writes = writes_per_measurement(secrets, measurements, window);

            // Each measurement visits the secrets in turn, so their shares differ by one at most.
            let per_secret = measurements * writes.div_ceil(secrets);
            prop_assert!(per_secret <= MOST_VERSIONS + measurements);
        }
    }
}
