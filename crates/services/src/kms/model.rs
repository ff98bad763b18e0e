//! A key, without the material in the clear.

use crate::audit::ServiceEvent;
use crate::document::ResourceDocument;
use crate::tags::Tags;
use aws_lc_rs::digest::{SHA256, digest};
use base::{AccountId, Context, Entropy, RegionName, Timestamp, random_uuid};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

/// A symmetric key for encryption: the only spec, usage and origin there are here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KmsKey {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    /// A UUID.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) manager: Manager,
    pub(crate) description: String,
    pub(crate) state: State,
    pub(crate) policy: ResourceDocument,
    pub(crate) tags: Tags,
    /// The names of its aliases, for conditions and lists; what they point to is in [`Alias`].
    ///
    /// [`Alias`]: super::aliases::Alias
    pub(crate) aliases: Vec<String>,
    /// Whether it ever had a grant: most keys never have, and cost no search for one.
    pub(crate) has_grants: bool,
    /// When its material is renewed. `None` when it is not.
    pub(crate) rotation: Option<Rotation>,
    /// The material, oldest first; the last one encrypts, all decrypt.
    pub(crate) material: Vec<Material>,
}

/// Who manages a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Manager {
    /// A service of AWS's, such as Secrets Manager.
    Aws,
    Customer,
}

/// What a key can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Enabled,
    Disabled,
    /// To be deleted, unless that is taken back.
    PendingDeletion {
        due: Timestamp,
    },
}

/// Automatic renewal of the material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rotation {
    pub(crate) period_days: i64,
    pub(crate) next: Timestamp,
}

/// One generation of key material: 32 bytes, sealed by the root key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Material {
    /// From one.
    pub(crate) number: u32,
    pub(crate) sealed: Vec<u8>,
    pub(crate) created: Timestamp,
    pub(crate) cause: Cause,
}

/// Why there is a generation of material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cause {
    /// The key was made.
    Creation,
    /// Its period was over.
    Schedule,
    /// `RotateKeyOnDemand`.
    Demand,
}

impl KmsKey {
    /// `arn:aws:kms:<region>:<account>:key/<id>`.
    pub(crate) fn arn(&self) -> String {
        arn(&self.region, &self.account, &format!("key/{}", self.id))
    }

    /// The line of an event that nobody asked for at the moment, such as `DeleteKey`.
    pub(crate) fn service_event(
        &self,
        name: &str,
        entropy: &dyn Entropy,
        now: Timestamp,
        additional: serde_json::Value,
    ) -> Vec<u8> {
        let event = ServiceEvent {
            event_source: super::EVENT_SOURCE,
            event_name: name,
            region: self.region.as_str(),
            account: self.account.as_str(),
            now,
            request_id: &random_uuid(entropy),
            response_elements: None,
            additional,
        };
        event.to_line(&random_uuid(entropy))
    }

    /// How many times its material was renewed at somebody's demand.
    pub(crate) fn rotations_on_demand(&self) -> usize {
        let causes = self.material.iter().map(|one| one.cause);
        causes.filter(|cause| *cause == Cause::Demand).count()
    }

    /// The id that AWS gives to the generation `number` of the material: 64 hexadecimal digits that
    /// tell nothing.
    pub(crate) fn material_id(&self, number: u32) -> String {
        let number = number.to_be_bytes();
        let name = Context(&[
            b"kms",
            b"key-material-id",
            self.account.as_str().as_bytes(),
            self.region.as_str().as_bytes(),
            self.id.as_bytes(),
            &number,
        ]);
        HEXLOWER.encode(digest(&SHA256, &name.to_aad()).as_ref())
    }
}

impl State {
    /// As AWS calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion { .. } => "PendingDeletion",
        }
    }
}

impl Manager {
    /// As AWS calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Customer => "CUSTOMER",
        }
    }
}

/// The ARN of `resource`, a `key/…` or an `alias/…`.
pub(crate) fn arn(region: &RegionName, account: &AccountId, resource: &str) -> String {
    // Every use of a key has one, so it is put together without the formatter.
    [
        "arn:",
        region.partition(),
        ":kms:",
        region.as_str(),
        ":",
        account.as_str(),
        ":",
        resource,
    ]
    .concat()
}

/// The one key spec.
pub(crate) const SYMMETRIC_DEFAULT: &str = "SYMMETRIC_DEFAULT";
/// The one key usage.
pub(crate) const ENCRYPT_DECRYPT: &str = "ENCRYPT_DECRYPT";
/// The one origin of material.
pub(crate) const AWS_KMS: &str = "AWS_KMS";

#[cfg(test)]
pub(crate) mod tests;
