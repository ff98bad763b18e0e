//! The operations measured: what is asked, and how the right answer is known.

use clap::ValueEnum;
use serde::Serialize;
use serde_json::json;

/// An operation of Secrets Manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
pub(crate) enum Operation {
    #[value(name = "get")]
    #[serde(rename = "GetSecretValue")]
    Get,
    /// As a user with policies, of secrets with policies; measured beside the same as root.
    #[value(name = "get-as-user")]
    #[serde(rename = "GetSecretValue as a user")]
    GetAsUser,
    #[value(name = "describe")]
    #[serde(rename = "DescribeSecret")]
    Describe,
    #[value(name = "list")]
    #[serde(rename = "ListSecrets")]
    List,
    #[value(name = "put")]
    #[serde(rename = "PutSecretValue")]
    Put,
    #[value(name = "batch")]
    #[serde(rename = "BatchGetSecretValue")]
    Batch,
    #[value(skip)]
    #[serde(rename = "CreateSecret")]
    Create,
    #[value(skip)]
    #[serde(rename = "PutResourcePolicy")]
    Guard,
    #[value(skip)]
    #[serde(rename = "IAM")]
    Administer,
}

impl Operation {
    /// What a run measures unless told otherwise. Writes come last: they change the store.
    pub(crate) const MEASURED: [Self; 6] = [
        Self::Get,
        Self::GetAsUser,
        Self::Describe,
        Self::List,
        Self::Batch,
        Self::Put,
    ];

    /// AWS's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GetSecretValue",
            Self::GetAsUser => "GetSecretValue as a user",
            Self::Describe => "DescribeSecret",
            Self::List => "ListSecrets",
            Self::Put => "PutSecretValue",
            Self::Batch => "BatchGetSecretValue",
            Self::Create => "CreateSecret",
            Self::Guard => "PutResourcePolicy",
            Self::Administer => "IAM",
        }
    }

    /// The header that names the operation.
    pub(crate) fn target(self) -> String {
        let name = match self {
            Self::GetAsUser => Self::Get.name(),
            other => other.name(),
        };
        format!("secretsmanager.{name}")
    }

    /// Whether it changes the store, so that every request has to be another one.
    pub(crate) fn writes(self) -> bool {
        matches!(self, Self::Put | Self::Create | Self::Guard)
    }
}

/// One thing to ask: the operation, the body, and a text that the right answer contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) operation: Operation,
    pub(crate) body: String,
    pub(crate) expected: String,
}

impl Ask {
    /// The value of secret `number`.
    pub(crate) fn get(number: usize) -> Self {
        Self::about(Operation::Get, number, &json!({"SecretId": name(number)}))
    }

    /// The description of secret `number`.
    pub(crate) fn describe(number: usize) -> Self {
        let body = json!({"SecretId": name(number)});
        Self::about(Operation::Describe, number, &body)
    }

    /// A new value for secret `number`; `salt` makes it another one than before.
    pub(crate) fn put(number: usize, salt: u64) -> Self {
        let body = json!({
            "SecretId": name(number),
            "ClientRequestToken": token(number, salt),
            "SecretString": value(number, salt),
        });
        Self::about(Operation::Put, number, &body)
    }

    /// Secret `number` with its first value.
    pub(crate) fn create(number: usize) -> Self {
        let body = json!({
            "Name": name(number),
            "ClientRequestToken": token(number, 0),
            "SecretString": value(number, 0),
        });
        Self::about(Operation::Create, number, &body)
    }

    /// The value of guarded secret `number`.
    pub(crate) fn guarded(number: usize) -> Self {
        Self {
            operation: Operation::GetAsUser,
            body: json!({"SecretId": guarded_name(number)}).to_string(),
            expected: format!("\"Name\":\"{}\"", guarded_name(number)),
        }
    }

    /// Guarded secret `number` with its first value.
    pub(crate) fn create_guarded(number: usize) -> Self {
        let body = json!({
            "Name": guarded_name(number),
            "ClientRequestToken": token(number, 0),
            "SecretString": value(number, 0),
        });
        Self {
            operation: Operation::Create,
            body: body.to_string(),
            expected: format!("\"Name\":\"{}\"", guarded_name(number)),
        }
    }

    /// The resource policy of guarded secret `number`.
    pub(crate) fn guard(number: usize) -> Self {
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue",
              "Resource": "*",
              "Condition": { "NotIpAddress": { "aws:SourceIp": ["127.0.0.0/8", "10.0.0.0/8"] } } },
            { "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:DeleteSecret",
              "Resource": "*" },
        ] });
        let body = json!({
            "SecretId": guarded_name(number),
            "ResourcePolicy": policy.to_string(),
        });
        Self {
            operation: Operation::Guard,
            body: body.to_string(),
            expected: format!("\"Name\":\"{}\"", guarded_name(number)),
        }
    }

    /// The values of 20 secrets, from `first` on and round the end of `count` of them.
    pub(crate) fn batch(first: usize, count: usize) -> Self {
        let numbers = (0..BATCH).map(|offset| (first + offset) % count.max(1));
        let names: Vec<String> = numbers.map(name).collect();
        let last = (first + BATCH - 1) % count.max(1);
        Self::about(Operation::Batch, last, &json!({"SecretIdList": names}))
    }

    /// A page of 100 secrets: the first, or the one that `page` leads to.
    pub(crate) fn list(page: Option<&str>) -> Self {
        let body = match page {
            Some(page) => json!({"MaxResults": PAGE, "NextToken": page}),
            None => json!({"MaxResults": PAGE}),
        };
        Self {
            operation: Operation::List,
            body: body.to_string(),
            expected: format!("\"Name\":\"{PREFIX}"),
        }
    }

    /// The same request to a bare server, whose answer is always about secret 0.
    pub(crate) fn of_bare(self) -> Self {
        Self {
            expected: named(0),
            ..self
        }
    }

    fn about(operation: Operation, number: usize, body: &serde_json::Value) -> Self {
        Self {
            operation,
            body: body.to_string(),
            expected: named(number),
        }
    }
}

/// The name of secret `number`.
pub(crate) fn name(number: usize) -> String {
    format!("{PREFIX}{number:06}")
}

/// The name of guarded secret `number`.
fn guarded_name(number: usize) -> String {
    format!("{PREFIX}guarded-{number:06}")
}

/// The order in which `count` secrets are visited: each once before any again, neighbours apart,
/// so that neither the server's caches nor its pages see a walk.
pub(crate) fn scattered(step: usize, count: usize) -> usize {
    step.wrapping_mul(STRIDE) % count.max(1)
}

/// How many secrets one BatchGetSecretValue names: AWS's most.
pub(crate) const BATCH: usize = 20;

fn named(number: usize) -> String {
    format!("\"Name\":\"{}\"", name(number))
}

fn token(number: usize, salt: u64) -> String {
    format!("{number:016x}{salt:016x}")
}

/// What people keep in a secret: a user, a password and a host, 60 to 100 bytes.
fn value(number: usize, salt: u64) -> String {
    json!({
        "username": format!("app_{number:06}"),
        "password": format!("{:016x}", salt.wrapping_mul(SCRAMBLE) ^ number as u64),
        "host": "db-1.example.internal",
    })
    .to_string()
}

const PREFIX: &str = "bench/";
const PAGE: usize = 100;

/// A prime above every allowed number of secrets, hence coprime to each.
const STRIDE: usize = 1_000_003;
const SCRAMBLE: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn bodies_are_those_of_the_api() {
        assert_eq!(Ask::get(7).body, r#"{"SecretId":"bench/000007"}"#);
        assert_eq!(Ask::describe(7).body, r#"{"SecretId":"bench/000007"}"#);
        assert_eq!(Ask::list(None).body, r#"{"MaxResults":100}"#);
        assert_eq!(
            Ask::list(Some("t")).body,
            r#"{"MaxResults":100,"NextToken":"t"}"#
        );
    }

    #[test]
    fn a_batch_goes_round_the_end() {
        let ask = Ask::batch(15, 20);

        let body: serde_json::Value = serde_json::from_str(&ask.body).unwrap();
        let names: BTreeSet<&str> = body["SecretIdList"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(serde_json::Value::as_str)
            .collect();
        assert_eq!(names.len(), BATCH);
        assert_eq!(ask.expected, r#""Name":"bench/000014""#);
    }

    #[test]
    fn tokens_have_the_length_that_aws_demands() {
        let body: serde_json::Value = serde_json::from_str(&Ask::put(999_999, 1).body).unwrap();

        assert_eq!(body["ClientRequestToken"].as_str().unwrap().len(), 32);
    }

    #[test]
    fn values_are_of_ordinary_size() {
        for (number, salt) in [(0, 0), (999_999, u64::MAX)] {
            let size = value(number, salt).len();
            assert!((60..=100).contains(&size), "{size}");
        }
    }

    #[test]
    fn a_bare_server_is_asked_the_same_and_expected_to_say_the_same_always() {
        let bare = Ask::get(41).of_bare();

        assert_eq!(bare.body, Ask::get(41).body);
        assert_eq!(bare.expected, r#""Name":"bench/000000""#);
    }

    #[test]
    fn only_changes_write() {
        let writing: Vec<Operation> = Operation::value_variants()
            .iter()
            .copied()
            .filter(|operation| operation.writes())
            .collect();

        assert_eq!(writing, [Operation::Put]);
        assert!(Operation::Create.writes());
    }

    #[test]
    fn names_on_the_wire_and_in_the_report_agree() {
        for operation in Operation::MEASURED {
            let reported = serde_json::to_value(operation).unwrap();
            assert_eq!(reported, operation.name());
        }
    }

    proptest! {
        #[test]
        fn scattered_visits_each_secret_once(count in 1_usize..5_000, start in 0_usize..10_000) {
            let visited: BTreeSet<usize> =
                (start..start + count).map(|step| scattered(step, count)).collect();
            prop_assert_eq!(visited.len(), count);
        }

        #[test]
        fn no_two_writes_are_alike(
            a in (0_usize..999_999, 0_u64..1_000_000),
            b in (0_usize..999_999, 0_u64..1_000_000),
        ) {
            prop_assert_eq!(Ask::put(a.0, a.1) == Ask::put(b.0, b.1), a == b);
        }
    }
}
