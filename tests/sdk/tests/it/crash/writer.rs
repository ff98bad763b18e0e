//! One connection that changes its own secrets, and one secret that everybody writes to.

use super::model::{Op, Secret};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::mpsc::Sender;
use strongroom_sdk_tests::{Client, Dice};

/// What one writer knows.
pub(super) struct Writer {
    dice: Dice,
    /// The secrets that nobody else changes.
    pub(super) own: Vec<Tracked>,
    /// The versions of the shared secret that were acknowledged in this round.
    pub(super) shared: Vec<String>,
    /// The request ids of every answer since they were last taken.
    pub(super) answered: Vec<String>,
}

/// A secret and what is known of it.
pub(super) struct Tracked {
    pub(super) name: String,
    /// What was acknowledged last.
    pub(super) known: Option<Secret>,
    /// The change whose answer never came.
    pub(super) cut: Option<Op>,
    /// The versions that were written since the last check.
    pub(super) fresh: BTreeSet<String>,
    /// Whether anything was asked since the last check.
    pub(super) is_touched: bool,
}

impl Writer {
    pub(super) fn new(number: usize, seed: u64) -> Self {
        let own = (0..OWN_SECRETS).map(|n| Tracked::new(format!("writer-{number}/{n}")));
        Self {
            dice: Dice::new(seed.wrapping_add(number as u64)),
            own: own.collect(),
            shared: Vec::new(),
            answered: Vec::new(),
        }
    }

    /// Writes until the server is gone. Tells `progress` about each answer.
    pub(super) fn run(&mut self, mut client: Client, shared: &str, progress: &Sender<()>) {
        loop {
            let goes_on = if self.dice.below(8) == 0 {
                self.write_to(shared, &mut client)
            } else {
                self.change_one(&mut client)
            };
            if !goes_on {
                return;
            }
            let _ = progress.send(());
        }
    }

    /// How many changes with a token of their own were never answered.
    pub(super) fn cut_changes(&self) -> usize {
        let cut = self.own.iter().filter_map(|tracked| tracked.cut.as_ref());
        cut.filter(|op| op.token().is_some()).count()
    }

    /// Gives whether the server is still there.
    fn change_one(&mut self, client: &mut Client) -> bool {
        let tracked = &mut self.own[self.dice.below(OWN_SECRETS)];
        let op = Op::choose(tracked.known.as_ref(), &mut self.dice);
        let (operation, body) = op.request(&tracked.name);
        tracked.is_touched = true;
        let Ok(answer) = client.call(operation, &body) else {
            tracked.cut = Some(op);
            return false;
        };
        self.answered.push(answer.request_id.clone());
        let next = op.apply(tracked.known.as_ref());
        let expected = if next.is_some() { 200 } else { 400 };
        assert_eq!(
            answer.status, expected,
            "{op:?} on {:?}: {}",
            tracked.known, answer.text
        );
        if let (Op::Read, Some(secret), 200) = (&op, &tracked.known, answer.status) {
            assert_eq!(
                answer.json()["SecretString"],
                secret.current(),
                "{}",
                tracked.name
            );
        }
        if let Some(next) = next {
            tracked.known = next;
            tracked.fresh.extend(op.token().map(str::to_owned));
        }
        true
    }

    fn write_to(&mut self, shared: &str, client: &mut Client) -> bool {
        let token = self.dice.token();
        let body =
            json!({ "SecretId": shared, "ClientRequestToken": token, "SecretString": token });
        let Ok(answer) = client.call("PutSecretValue", &body) else {
            return false;
        };
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.answered.push(answer.request_id);
        self.shared.push(token);
        true
    }
}

impl Tracked {
    fn new(name: String) -> Self {
        Self {
            name,
            known: None,
            cut: None,
            fresh: BTreeSet::new(),
            is_touched: false,
        }
    }

    /// The states that the secret may be in: as it was acknowledged, or with the change whose
    /// answer never came.
    pub(super) fn possible(&self) -> Vec<Option<Secret>> {
        let changed = self
            .cut
            .as_ref()
            .and_then(|op| op.apply(self.known.as_ref()));
        [Some(self.known.clone()), changed]
            .into_iter()
            .flatten()
            .collect()
    }
}

const OWN_SECRETS: usize = 8;
