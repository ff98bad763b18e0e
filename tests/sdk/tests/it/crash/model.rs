//! What a secret should look like: the simplest thing that follows the rules of labels.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use strongroom_sdk_tests::Dice;

/// A secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Secret {
    /// The values by the id of their version, those without a label included.
    pub(super) versions: BTreeMap<String, String>,
    /// Which version each label is on.
    pub(super) labels: BTreeMap<String, String>,
    /// What is said about it.
    pub(super) description: Option<String>,
    /// Whether its deletion is scheduled.
    pub(super) is_deleted: bool,
}

/// A change, or a read.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Create {
        token: String,
        value: String,
    },
    Put {
        token: String,
        value: String,
        label: Option<&'static str>,
    },
    Move {
        label: &'static str,
        from: Option<String>,
        to: Option<String>,
    },
    Describe {
        description: String,
    },
    Delete,
    Restore,
    Destroy,
    Read,
}

impl Op {
    /// Something to do with `secret`, which may not exist. Now and then it is refused.
    pub(super) fn choose(secret: Option<&Secret>, dice: &mut Dice) -> Self {
        let Some(secret) = secret else {
            return Self::Create {
                token: dice.token(),
                value: dice.letters(40),
            };
        };
        if secret.is_deleted {
            return match dice.below(6) {
                0 => Self::put(dice),
                1 => Self::Read,
                2 => Self::Destroy,
                _ => Self::Restore,
            };
        }
        if secret.versions.len() >= MOST_VERSIONS {
            return Self::Destroy;
        }
        match dice.below(20) {
            0 => Self::Delete,
            1 => Self::Destroy,
            2 | 3 => Self::Describe {
                description: dice.letters(20),
            },
            4..8 => Self::relabel(secret, dice),
            8..11 => Self::Read,
            _ => Self::put(dice),
        }
    }

    /// The operation and its input, for the secret `name`.
    pub(super) fn request(&self, name: &str) -> (&'static str, Value) {
        match self {
            Self::Create { token, value } => (
                "CreateSecret",
                json!({ "Name": name, "ClientRequestToken": token, "SecretString": value }),
            ),
            Self::Put {
                token,
                value,
                label,
            } => {
                let mut body =
                    json!({ "SecretId": name, "ClientRequestToken": token, "SecretString": value });
                if let Some(label) = label {
                    body["VersionStages"] = json!([label]);
                }
                ("PutSecretValue", body)
            }
            Self::Move { label, from, to } => {
                let mut body = json!({ "SecretId": name, "VersionStage": label });
                if let Some(from) = from {
                    body["RemoveFromVersionId"] = json!(from);
                }
                if let Some(to) = to {
                    body["MoveToVersionId"] = json!(to);
                }
                ("UpdateSecretVersionStage", body)
            }
            Self::Describe { description } => (
                "UpdateSecret",
                json!({ "SecretId": name, "Description": description }),
            ),
            Self::Delete => ("DeleteSecret", json!({ "SecretId": name })),
            Self::Restore => ("RestoreSecret", json!({ "SecretId": name })),
            Self::Destroy => (
                "DeleteSecret",
                json!({ "SecretId": name, "ForceDeleteWithoutRecovery": true }),
            ),
            Self::Read => ("GetSecretValue", json!({ "SecretId": name })),
        }
    }

    /// What becomes of `secret`, or `None` when the server must refuse.
    pub(super) fn apply(&self, secret: Option<&Secret>) -> Option<Option<Secret>> {
        let Some(secret) = secret else {
            return match self {
                Self::Create { token, value } => {
                    let mut secret = Secret::default();
                    secret.add(token, value);
                    secret.promote(token);
                    Some(Some(secret))
                }
                _ => None,
            };
        };
        if secret.is_deleted && !matches!(self, Self::Restore | Self::Destroy) {
            return None;
        }
        let mut next = secret.clone();
        match self {
            Self::Create { .. } => return None,
            Self::Put {
                token,
                value,
                label,
            } => {
                next.add(token, value);
                match label {
                    Some(label) => next.attach(label, token),
                    None => next.promote(token),
                }
            }
            Self::Move { label, to, .. } => match to {
                Some(to) if *label == CURRENT => next.promote(to),
                Some(to) => next.attach(label, to),
                None => {
                    next.labels.remove(*label);
                }
            },
            Self::Describe { description } => next.description = Some(description.clone()),
            Self::Delete => next.is_deleted = true,
            Self::Restore => next.is_deleted = false,
            Self::Destroy => return Some(None),
            Self::Read => {}
        }
        Some(Some(next))
    }

    /// The token of the version it makes.
    pub(super) fn token(&self) -> Option<&str> {
        match self {
            Self::Create { token, .. } | Self::Put { token, .. } => Some(token),
            _ => None,
        }
    }

    fn put(dice: &mut Dice) -> Self {
        let label = *dice.pick(&[None, None, Some("BLUE"), Some("GREEN")]);
        Self::Put {
            token: dice.token(),
            value: dice.letters(40),
            label,
        }
    }

    /// Moves a label to any version, or takes away one that may go. `AWSPREVIOUS` is never put on a
    /// version by hand, so that it is never on the current one.
    fn relabel(secret: &Secret, dice: &mut Dice) -> Self {
        let label = *dice.pick(&[CURRENT, CURRENT, PREVIOUS, "BLUE", "GREEN"]);
        let from = secret.labels.get(label).cloned();
        let versions: Vec<_> = secret.versions.keys().collect();
        let to = (*dice.pick(&versions)).clone();
        let goes =
            from.is_some() && (label == PREVIOUS || (label != CURRENT && dice.below(3) == 0));
        match label {
            _ if goes => Self::Move {
                label,
                from,
                to: None,
            },
            PREVIOUS => Self::Read,
            _ => Self::Move {
                label,
                from,
                to: Some(to),
            },
        }
    }
}

impl Secret {
    /// The value that readers get.
    pub(super) fn current(&self) -> &str {
        &self.versions[&self.labels[CURRENT]]
    }

    fn add(&mut self, id: &str, value: &str) {
        self.versions.insert(id.to_owned(), value.to_owned());
    }

    fn attach(&mut self, label: &str, id: &str) {
        self.labels.insert(label.to_owned(), id.to_owned());
    }

    fn promote(&mut self, id: &str) {
        match self.labels.get(CURRENT).cloned() {
            Some(old) if old == id => {}
            Some(old) => {
                // A version that becomes current is not the previous one any more.
                self.attach(PREVIOUS, &old);
                self.attach(CURRENT, id);
            }
            None => self.attach(CURRENT, id),
        }
    }
}

pub(super) const CURRENT: &str = "AWSCURRENT";
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";
/// A secret with so many versions is destroyed, so that checks stay quick.
const MOST_VERSIONS: usize = 40;
