use crate::options::PasswordRules;
use base::Plaintext;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

/// The calls to Secrets Manager that a rotation function makes, made as the function's role.
pub trait Secrets: Send + Sync {
    /// `DescribeSecret`.
    fn describe<'a>(&'a self, secret_id: &'a str) -> SecretsFuture<'a, Description>;

    /// `GetSecretValue`: the `SecretString` of the version with the label `stage`, which has to be
    /// `version_id` if that is given.
    ///
    /// # Errors
    /// [`SecretsError::NotFound`] when there is no such version, or it has no value yet.
    fn value<'a>(
        &'a self,
        secret_id: &'a str,
        version_id: Option<&'a str>,
        stage: &'a str,
    ) -> SecretsFuture<'a, Plaintext>;

    /// `PutSecretValue` with `VersionStages` `["AWSPENDING"]`: gives version `token` its value.
    fn put_pending<'a>(
        &'a self,
        secret_id: &'a str,
        token: &'a str,
        rotation_token: Option<&'a Plaintext>,
        value: Plaintext,
    ) -> SecretsFuture<'a, ()>;

    /// `UpdateSecretVersionStage`: moves `AWSCURRENT` to version `to`, away from `from`.
    fn move_current<'a>(
        &'a self,
        secret_id: &'a str,
        to: &'a str,
        from: Option<&'a str>,
    ) -> SecretsFuture<'a, ()>;

    /// `GetRandomPassword`.
    fn random_password<'a>(&'a self, rules: &'a PasswordRules) -> SecretsFuture<'a, Plaintext>;
}

/// What the calls of [`Secrets`] return.
pub type SecretsFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, SecretsError>> + Send + 'a>>;

/// What a rotation reads of `DescribeSecret`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// `RotationEnabled`, which is absent of a secret for which rotation was never configured.
    pub rotation_enabled: Option<bool>,
    /// `VersionIdsToStages`.
    pub versions: BTreeMap<String, Vec<String>>,
}

/// Why Secrets Manager did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// `ResourceNotFoundException`: no such secret or version, or one without a value.
    #[error("An error occurred (ResourceNotFoundException): {0}")]
    NotFound(String),
    /// Any other answer that is a refusal, such as `AccessDeniedException`.
    #[error("An error occurred ({code}): {message}")]
    Refused {
        /// The exception's name.
        code: String,
        /// Its text.
        message: String,
    },
    /// There was no answer.
    #[error("Secrets Manager cannot be reached: {0}")]
    Unavailable(String),
}
