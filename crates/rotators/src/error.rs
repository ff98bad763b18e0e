use crate::credential::MalformedSecret;
use crate::database::DatabaseError;
use crate::http::HttpError;
use crate::options::InvalidOption;
use crate::secrets::SecretsError;

/// Why a step failed. The texts are those of AWS's templates where these have one; none holds a value.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// Rotation is switched off.
    #[error("Secret {0} is not enabled for rotation")]
    NotEnabled(String),
    /// The secret has no version with the token.
    #[error("Secret version {token} has no stage for rotation of secret {secret_id}.")]
    NoSuchVersion {
        /// The version.
        token: String,
        /// The secret.
        secret_id: String,
    },
    /// The version is not the one to be made.
    #[error("Secret version {token} not set as AWSPENDING for rotation of secret {secret_id}.")]
    NotPending {
        /// The version.
        token: String,
        /// The secret.
        secret_id: String,
    },
    /// Secrets Manager refused a call.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// A secret's value is not of the expected shape.
    #[error("{problem} (secret {secret_id})")]
    Malformed {
        /// The secret.
        secret_id: String,
        /// What is wrong.
        problem: MalformedSecret,
    },
    /// An option cannot be followed.
    #[error(transparent)]
    Option(#[from] InvalidOption),
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The operator's endpoint did not do it.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A check said no.
    #[error("{0}")]
    Unsafe(String),
}
