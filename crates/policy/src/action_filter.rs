//! A Bloom filter over the actions of each statement of a policy.
//!
//! Most statements of most policies are about other actions than the one in question. The filters
//! of a policy lie beside each other, so that these statements cost a comparison and not a walk
//! through memory.
//!
//! INVARIANT: a statement that applies is never left out. Two actions may share a bit, which only
//! costs time.

use crate::pattern::{Action, ActionPattern};
use crate::statement::Statement;

/// The actions that a statement may be about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ActionFilter {
    /// A bit for each action without wildcards.
    actions: u64,
    /// A bit for each service of an action with some.
    services: u64,
}

/// An action, hashed once for all filters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ActionHash {
    action: u64,
    service: u64,
}

impl ActionFilter {
    pub(crate) fn of(statement: &Statement) -> Self {
        let actions = &statement.actions;
        if actions.except {
            return Self::ALL;
        }
        let each = actions.patterns.iter().map(Self::of_pattern);
        each.fold(Self::default(), |all, one| Self {
            actions: all.actions | one.actions,
            services: all.services | one.services,
        })
    }

    fn of_pattern(pattern: &ActionPattern) -> Self {
        match (pattern.exact(), pattern.service()) {
            (Some(action), _) => Self {
                actions: bit(action),
                services: 0,
            },
            (None, Some(service)) => Self {
                actions: 0,
                services: bit(&service),
            },
            (None, None) => Self::ALL,
        }
    }

    /// Whether the statement may be about the action.
    pub(crate) fn admits(self, hash: ActionHash) -> bool {
        self.actions & hash.action != 0 || self.services & hash.service != 0
    }

    const ALL: Self = Self {
        actions: u64::MAX,
        services: u64::MAX,
    };
}

impl ActionHash {
    pub(crate) fn of(Action(action): &Action) -> Self {
        let service = action.split_once(':').map_or("", |(service, _)| service);
        Self {
            action: bit(action),
            service: bit(service),
        }
    }
}

/// One of 64 bits for a text: the upper ones of FNV-1a.
fn bit(text: &str) -> u64 {
    let hash = text.bytes().fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    1 << (hash >> 58)
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Form, Policy};

    fn is_admitted(actions: &str, action: &str) -> bool {
        let text = format!(r#"{{"Statement": {{"Effect": "Allow", {actions}, "Resource": "*"}}}}"#);
        let policy = Policy::parse(&text, Form::Identity).unwrap();
        let filter = ActionFilter::of(policy.statements.first().unwrap());
        filter.admits(ActionHash::of(&Action::new(action)))
    }

    #[test]
    fn what_a_statement_may_be_about_is_admitted() {
        for actions in [
            r#""Action": "*""#,
            r#""Action": "secretsmanager:*""#,
            r#""Action": "SecretsManager:get*""#,
            r#""Action": "secretsmanager:?etSecretValue""#,
            r#""Action": ["s3:GetObject", "SECRETSMANAGER:GETSECRETVALUE"]"#,
            r#""NotAction": "secretsmanager:*""#,
            r#""NotAction": "s3:*""#,
        ] {
            let admitted = is_admitted(actions, "secretsmanager:GetSecretValue");
            assert!(admitted, "{actions}");
        }
    }

    #[test]
    fn most_others_are_not() {
        for actions in [
            r#""Action": "s3:*""#,
            r#""Action": ["sqs:Send*", "s3:GetObject"]"#,
            r#""Action": "secretsmanager:DeleteSecret""#,
        ] {
            let admitted = is_admitted(actions, "secretsmanager:GetSecretValue");
            assert!(!admitted, "{actions}");
        }
    }
}
