//! A secret, without its values.

use super::rotation::Rotation;
use super::versions::Versions;
use crate::ports::KeyChoice;
use crate::tags::Tags;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};

/// A secret and its versions. The values are kept apart, in [`SecretValue`] records.
///
/// [`SecretValue`]: super::records::SecretValue
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    /// The six characters at the end of the ARN: fixed for the life of the secret, and other ones
    /// for a later secret of the same name.
    pub(crate) suffix: String,
    /// `None` when empty.
    pub(crate) description: Option<String>,
    /// The key that new versions are encrypted under.
    pub(crate) key: KeyChoice,
    /// `None` when the secret was never tagged.
    pub(crate) tags: Option<Tags>,
    pub(crate) versions: Versions,
    pub(crate) created: Timestamp,
    pub(crate) changed: Timestamp,
    /// The day of the last read, at midnight UTC.
    pub(crate) accessed: Option<Timestamp>,
    pub(crate) deletion: Option<Deletion>,
    /// Whether a resource policy is attached.
    pub(crate) has_resource_policy: bool,
    /// `None` when rotation was never configured.
    pub(crate) rotation: Option<Rotation>,
}

/// A deletion that can still be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deletion {
    /// When DeleteSecret was called.
    pub(crate) requested: Timestamp,
    /// When the recovery window ends.
    pub(crate) due: Timestamp,
}

impl Secret {
    /// `arn:aws:secretsmanager:<region>:<account>:secret:<name>-<suffix>`.
    pub(crate) fn arn(&self) -> String {
        arn(&self.region, &self.account, &self.name, &self.suffix)
    }

    /// Whether DeleteSecret was called and the recovery window is open.
    pub(crate) fn is_scheduled_for_deletion(&self) -> bool {
        self.deletion.is_some()
    }

    /// The function that rotates it, once one was configured.
    pub(crate) fn rotation_function(&self) -> Option<&str> {
        let rotation = self.rotation.as_ref()?;
        Some(&rotation.function)
    }

    /// The tags, none when there never were any.
    pub(crate) fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.iter().flat_map(Tags::iter)
    }
}

/// The ARN of a secret with these parts.
pub(crate) fn arn(region: &RegionName, account: &AccountId, name: &str, suffix: &str) -> String {
    // Every reply and event has one, so it is put together without the formatter.
    [
        "arn:",
        region.partition(),
        ":secretsmanager:",
        region.as_str(),
        ":",
        account.as_str(),
        ":secret:",
        name,
        "-",
        suffix,
    ]
    .concat()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn a_secret(name: &str) -> Secret {
        Secret {
            account: AccountId::parse("123456789012").unwrap(),
            region: RegionName::parse("us-east-1").unwrap(),
            name: name.to_owned(),
            suffix: "AbCdEf".to_owned(),
            description: None,
            key: KeyChoice::default(),
            tags: None,
            versions: Versions::default(),
            created: Timestamp::from_millis(1_000),
            changed: Timestamp::from_millis(1_000),
            accessed: None,
            deletion: None,
            has_resource_policy: false,
            rotation: None,
        }
    }

    impl Secret {
        pub(crate) fn set_tags<const N: usize>(&mut self, pairs: [(&str, &str); N]) {
            let pairs = pairs
                .into_iter()
                .map(|(key, value)| (Some(key.to_owned()), value.to_owned()));
            self.tags.get_or_insert_default().set(pairs).unwrap();
        }
    }

    #[test]
    fn the_arn_has_the_partition_of_its_region() {
        let mut secret = a_secret("db");

        assert_eq!(
            secret.arn(),
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
        );
        secret.region = RegionName::parse("cn-north-1").unwrap();
        assert_eq!(
            secret.arn(),
            "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db-AbCdEf"
        );
    }
}
