//! The operations measured: what is asked, and how the right answer is known.

use clap::ValueEnum;
use serde::{Serialize, Serializer};
use serde_json::json;

/// An operation of Secrets Manager or KMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Operation {
    #[value(name = "get")]
    Get,
    /// As a user with policies, of secrets with policies; measured beside the same as root.
    #[value(name = "get-as-user")]
    GetAsUser,
    /// Of secrets under a customer's key; measured beside their twins under the default key.
    #[value(name = "get-under-customer-key")]
    GetUnderCustomerKey,
    #[value(name = "describe")]
    Describe,
    #[value(name = "list")]
    List,
    #[value(name = "put")]
    Put,
    #[value(name = "batch")]
    Batch,
    #[value(name = "generate-data-key")]
    GenerateDataKey,
    #[value(name = "decrypt")]
    Decrypt,
    #[value(skip)]
    CreateKey,
    #[value(skip)]
    Create,
    #[value(skip)]
    Guard,
    #[value(skip)]
    Rotate,
    #[value(skip)]
    Administer,
}

impl Operation {
    /// What a run measures unless told otherwise. Writes come last: they change the store.
    pub(crate) const MEASURED: [Self; 9] = [
        Self::Get,
        Self::GetAsUser,
        Self::GetUnderCustomerKey,
        Self::Describe,
        Self::List,
        Self::Batch,
        Self::GenerateDataKey,
        Self::Decrypt,
        Self::Put,
    ];

    /// What it is called in the report: AWS's name, and what is special.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GetSecretValue",
            Self::GetAsUser => "GetSecretValue as a user",
            Self::GetUnderCustomerKey => "GetSecretValue under a customer key",
            Self::Describe => "DescribeSecret",
            Self::List => "ListSecrets",
            Self::Put => "PutSecretValue",
            Self::Batch => "BatchGetSecretValue",
            Self::GenerateDataKey => "GenerateDataKey",
            Self::Decrypt => "Decrypt",
            Self::CreateKey => "CreateKey",
            Self::Create => "CreateSecret",
            Self::Guard => "PutResourcePolicy",
            Self::Rotate => "RotateSecret",
            Self::Administer => "IAM",
        }
    }

    /// The header that names the operation.
    pub(crate) fn target(self) -> String {
        let name = match self {
            Self::GetAsUser | Self::GetUnderCustomerKey => Self::Get.name(),
            other => other.name(),
        };
        let prefix = match self.service() {
            KMS => "TrentService",
            _ => "secretsmanager",
        };
        format!("{prefix}.{name}")
    }

    /// The signing name of its service.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::GenerateDataKey | Self::Decrypt | Self::CreateKey => KMS,
            Self::Administer => "iam",
            _ => SECRETS_MANAGER,
        }
    }

    /// Whether it changes the store, so that every request has to be another one.
    pub(crate) fn writes(self) -> bool {
        matches!(
            self,
            Self::Put | Self::Create | Self::Guard | Self::CreateKey | Self::Rotate
        )
    }

    /// Whether it is compared with GetSecretValue on the same server, in place of a bare one.
    pub(crate) fn is_beside_get(self) -> bool {
        matches!(self, Self::GetAsUser | Self::GetUnderCustomerKey)
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
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

    /// The value of secret `number` under a customer's key. It never changes, so the right answer
    /// holds it.
    pub(crate) fn keyed(number: usize) -> Self {
        Self {
            operation: Operation::GetUnderCustomerKey,
            body: json!({"SecretId": keyed_name(number)}).to_string(),
            expected: format!("\"SecretString\":{}", json!(value(number, 0))),
        }
    }

    /// The description of secret `number` under a customer's key, which has to name `key`.
    pub(crate) fn describe_keyed(number: usize, key: &str) -> Self {
        Self {
            operation: Operation::Describe,
            body: json!({"SecretId": keyed_name(number)}).to_string(),
            expected: format!("\"KmsKeyId\":\"{key}\""),
        }
    }

    /// The twin of secret `number` under the customer's key `key`: the same value.
    pub(crate) fn create_keyed(number: usize, key: &str) -> Self {
        let body = json!({
            "Name": keyed_name(number),
            "ClientRequestToken": token(number, 0),
            "KmsKeyId": key,
            "SecretString": value(number, 0),
        });
        Self {
            operation: Operation::Create,
            body: body.to_string(),
            expected: format!("\"Name\":\"{}\"", keyed_name(number)),
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

    /// Secret `number` of those that are rotated, with its first value.
    pub(crate) fn create_rotated(number: usize) -> Self {
        let body = json!({
            "Name": rotated_name(number),
            "ClientRequestToken": token(number, 0),
            "SecretString": value(number, 0),
        });
        Self {
            operation: Operation::Create,
            body: body.to_string(),
            expected: format!("\"Name\":\"{}\"", rotated_name(number)),
        }
    }

    /// The rotation of secret `number` at once, for the `salt`th time, by `function`.
    pub(crate) fn rotate(number: usize, salt: u64, function: &str) -> Self {
        let body = json!({
            "SecretId": rotated_name(number),
            "ClientRequestToken": token(number, salt),
            "RotationLambdaARN": function,
            "RotationRules": {"AutomaticallyAfterDays": 30},
            "RotateImmediately": true,
        });
        Self {
            operation: Operation::Rotate,
            body: body.to_string(),
            expected: format!("\"VersionId\":\"{}\"", token(number, salt)),
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

/// The name of secret `number` of those that are rotated.
pub(crate) fn rotated_name(number: usize) -> String {
    format!("{PREFIX}rotated-{number:06}")
}

/// The name of secret `number` under a customer's key.
fn keyed_name(number: usize) -> String {
    format!("{PREFIX}keyed-{number:06}")
}

/// The order in which `count` secrets are visited: each once before any again, neighbours apart,
/// so that neither the server's caches nor its pages see a walk.
pub(crate) fn scattered(step: usize, count: usize) -> usize {
    step.wrapping_mul(STRIDE) % count.max(1)
}

/// How many secrets one BatchGetSecretValue names: AWS's most.
pub(crate) const BATCH: usize = 20;

/// The signing names of the services measured.
pub(crate) const SECRETS_MANAGER: &str = "secretsmanager";
pub(crate) const KMS: &str = "kms";

fn named(number: usize) -> String {
    format!("\"Name\":\"{}\"", name(number))
}

/// The version that secret `number` gets by the write with `salt`.
pub(crate) fn token(number: usize, salt: u64) -> String {
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
mod tests;
