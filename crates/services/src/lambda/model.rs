//! A function.

use super::environment::Environment;
use super::function_id::arn;
use crate::document::ResourceDocument;
use crate::ports::Package;
use crate::tags::Tags;
use base::{AccountId, Entropy, RegionName, Timestamp, random_uuid};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

/// A function, with everything but its zip file.
///
/// INVARIANT: no `Debug`, as its environment may hold secrets.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Function {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    pub(crate) description: String,
    /// The ARN of the role.
    pub(crate) role: String,
    pub(crate) handler: Option<String>,
    pub(crate) timeout_seconds: u32,
    pub(crate) memory_mib: u32,
    pub(crate) environment: Option<Environment>,
    pub(crate) form: Package,
    /// `x86_64` or `arm64`, as it was asked for.
    pub(crate) architecture: String,
    pub(crate) code_size: u64,
    /// SHA-256 of the code.
    pub(crate) digest: [u8; 32],
    pub(crate) revision_id: String,
    pub(crate) modified: Timestamp,
    pub(crate) tags: Tags,
    pub(crate) policy: Option<ResourceDocument>,
}

impl Function {
    /// The function's ARN.
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, &self.region, &self.name)
    }

    /// `CodeSha256`.
    pub(crate) fn code_sha256(&self) -> String {
        BASE64.encode(&self.digest)
    }

    /// Notes that it was changed.
    pub(crate) fn is_changed(&mut self, entropy: &dyn Entropy, now: Timestamp) {
        self.revision_id = random_uuid(entropy);
        self.modified = now;
    }

    /// Whether its code is a zip file.
    pub(crate) fn is_zip(&self) -> bool {
        matches!(self.form, Package::Zip { .. })
    }
}

impl Package {
    /// The runtime of a zip file.
    pub(crate) fn runtime(&self) -> Option<&str> {
        match self {
            Self::Zip { runtime } => Some(runtime),
            Self::Builtin { .. } | Self::Remote { .. } => None,
        }
    }

    /// The `ImageUri` that names what is no zip file.
    pub(crate) fn image_uri(&self) -> Option<String> {
        match self {
            Self::Zip { .. } => None,
            Self::Builtin { template } => Some(format!("{BUILTIN}{template}")),
            Self::Remote { url } => Some(url.clone()),
        }
    }
}

/// What stands before the name of a template in `ImageUri`.
pub(crate) const BUILTIN: &str = "builtin:";
