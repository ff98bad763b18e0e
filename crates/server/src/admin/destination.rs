use super::hidden::Hidden;
use seal::SealKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What a migration is to, with what makes the new seal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Destination {
    /// A root key file.
    File {
        /// Which one; the configuration has to name it. `None`: the one that it names.
        key_file: Option<PathBuf>,
    },
    /// A passphrase.
    Passphrase(Hidden),
    /// The program of the configuration.
    Command,
    /// The token of the configuration.
    Pkcs11,
    /// Shares, which are made now.
    Shamir {
        /// How many to make.
        shares: u8,
        /// How many of them are to be needed.
        threshold: u8,
    },
}

impl Destination {
    /// Which seal it is.
    pub(super) fn kind(&self) -> SealKind {
        match self {
            Self::File { .. } => SealKind::File,
            Self::Passphrase(_) => SealKind::Passphrase,
            Self::Command => SealKind::Command,
            Self::Pkcs11 => SealKind::Pkcs11,
            Self::Shamir { .. } => SealKind::Shamir,
        }
    }

    /// What an audit event shows of it. SECURITY: nothing of what opens the seal.
    pub(super) fn shown(&self) -> Value {
        let to = self.kind();
        match self {
            Self::Shamir { shares, threshold } => {
                json!({ "to": to, "shares": shares, "threshold": threshold })
            }
            Self::File { .. } | Self::Passphrase(_) | Self::Command | Self::Pkcs11 => {
                json!({ "to": to })
            }
        }
    }
}
