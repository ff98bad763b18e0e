//! Secrets Manager as a built-in rotation function calls it: as its role, from inside the process.

use base::Plaintext;
use rotators::{Description, PasswordRules, Secrets, SecretsError, SecretsFuture};
use serde::Deserialize;
use services::ports::{Api, ApiError};
use std::collections::BTreeMap;
use wire::json::{Object, Writer};

/// The calls, made with the role's leave.
pub(super) struct RoleSecrets<'a> {
    api: &'a dyn Api,
}

impl<'a> RoleSecrets<'a> {
    pub(super) fn new(api: &'a dyn Api) -> Self {
        Self { api }
    }

    async fn call(
        &self,
        operation: &str,
        write: impl FnOnce(&mut Object<'_>),
    ) -> Result<Plaintext, SecretsError> {
        let body = Writer::object(write)
            .map_err(|_| SecretsError::Unavailable(String::from("the value is not text")))?;
        let body = Plaintext::new(body.as_ref().to_vec());
        let answer = self.api.call("secretsmanager", operation, body).await;
        answer.map_err(refusal)
    }
}

wire::input! {
    /// What is read of an answer of GetSecretValue.
    struct Value {
        secret_string: Option<Plaintext> = "SecretString" TEXT,
    }
}

wire::input! {
    /// What is read of an answer of GetRandomPassword.
    struct Password {
        random_password: Option<Plaintext> = "RandomPassword" TEXT,
    }
}

/// What is read of an answer of DescribeSecret.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    rotation_enabled: Option<bool>,
    #[serde(default)]
    version_ids_to_stages: BTreeMap<String, Vec<String>>,
}

impl Secrets for RoleSecrets<'_> {
    fn describe<'a>(&'a self, secret_id: &'a str) -> SecretsFuture<'a, Description> {
        Box::pin(async move {
            let answer = self.call("DescribeSecret", |body| body.text("SecretId", secret_id));
            let described: Described = serde_json::from_slice(answer.await?.expose())
                .map_err(|_| malformed("DescribeSecret"))?;
            Ok(Description {
                rotation_enabled: described.rotation_enabled,
                versions: described.version_ids_to_stages,
            })
        })
    }

    fn value<'a>(
        &'a self,
        secret_id: &'a str,
        version_id: Option<&'a str>,
        stage: &'a str,
    ) -> SecretsFuture<'a, Plaintext> {
        Box::pin(async move {
            let answer = self.call("GetSecretValue", |body| {
                body.text("SecretId", secret_id);
                body.opt_text("VersionId", version_id);
                body.text("VersionStage", stage);
            });
            let value: Value = read(&answer.await?, "GetSecretValue")?;
            value.secret_string.ok_or_else(|| SecretsError::Refused {
                code: String::from("KeyError"),
                message: String::from("the secret has no SecretString"),
            })
        })
    }

    fn put_pending<'a>(
        &'a self,
        secret_id: &'a str,
        token: &'a str,
        rotation_token: Option<&'a Plaintext>,
        value: Plaintext,
    ) -> SecretsFuture<'a, ()> {
        Box::pin(async move {
            let answer = self.call("PutSecretValue", |body| {
                body.text("SecretId", secret_id);
                body.text("ClientRequestToken", token);
                body.plaintext("SecretString", &value);
                body.texts("VersionStages", ["AWSPENDING"]);
                if let Some(rotation_token) = rotation_token {
                    body.plaintext("RotationToken", rotation_token);
                }
            });
            answer.await.map(drop)
        })
    }

    fn move_current<'a>(
        &'a self,
        secret_id: &'a str,
        to: &'a str,
        from: Option<&'a str>,
    ) -> SecretsFuture<'a, ()> {
        Box::pin(async move {
            let answer = self.call("UpdateSecretVersionStage", |body| {
                body.text("SecretId", secret_id);
                body.text("VersionStage", "AWSCURRENT");
                body.text("MoveToVersionId", to);
                body.opt_text("RemoveFromVersionId", from);
            });
            answer.await.map(drop)
        })
    }

    fn random_password<'a>(&'a self, rules: &'a PasswordRules) -> SecretsFuture<'a, Plaintext> {
        Box::pin(async move {
            let answer = self.call("GetRandomPassword", |body| {
                body.integer("PasswordLength", i64::from(rules.length));
                if !rules.exclude_characters.is_empty() {
                    body.text("ExcludeCharacters", &rules.exclude_characters);
                }
                body.boolean("ExcludeNumbers", rules.exclude_numbers);
                body.boolean("ExcludePunctuation", rules.exclude_punctuation);
                body.boolean("ExcludeUppercase", rules.exclude_uppercase);
                body.boolean("ExcludeLowercase", rules.exclude_lowercase);
                body.boolean("RequireEachIncludedType", rules.require_each_included_type);
                body.boolean("IncludeSpace", false);
            });
            let drawn: Password = read(&answer.await?, "GetRandomPassword")?;
            drawn
                .random_password
                .ok_or_else(|| malformed("GetRandomPassword"))
        })
    }
}

/// SECURITY: read by the parser of requests, which leaves no copy of a value behind.
fn read<T: wire::Input>(answer: &Plaintext, operation: &str) -> Result<T, SecretsError> {
    wire::parse(T::SHAPE, answer.expose())
        .ok()
        .and_then(|parsed| parsed.into_input().ok())
        .ok_or_else(|| malformed(operation))
}

fn malformed(operation: &str) -> SecretsError {
    SecretsError::Unavailable(format!("the answer to {operation} cannot be read"))
}

fn refusal(error: ApiError) -> SecretsError {
    match error {
        ApiError { code, message, .. } if code == "ResourceNotFoundException" => {
            SecretsError::NotFound(message)
        }
        ApiError { status: 500.., .. } => SecretsError::Unavailable(error.to_string()),
        ApiError { code, message, .. } => SecretsError::Refused { code, message },
    }
}

const TEXT: wire::Shape = wire::Shape::text(0, 65_536).sensitive();

#[cfg(test)]
mod tests;
