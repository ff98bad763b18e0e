//! `[[trail_buckets]]`: where trails of accounts may deliver to.

use super::s3::{self, S3, S3ConfigError};
use super::{ConfigError, account_id};
use base::AccountId;
use serde::Deserialize;
use std::path::PathBuf;

/// `[[trail_buckets]]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    /// What trails call it.
    name: String,
    /// A directory of this machine.
    directory: Option<PathBuf>,
    /// A bucket of an S3-compatible store.
    s3: Option<s3::Section>,
    /// Whose trails may deliver there.
    accounts: Vec<String>,
}

/// A bucket that trails may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrailBucket {
    /// What trails call it.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) place: BucketPlace,
    /// Whose trails may deliver there.
    pub(crate) accounts: Vec<AccountId>,
}

/// Where a bucket is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BucketPlace {
    /// In a directory of this machine.
    Directory(PathBuf),
    /// In an S3-compatible store.
    S3(Box<S3>),
}

/// Why a section cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrailBucketError {
    /// Not what a bucket can be called.
    #[error(
        "`{0}` is no name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens, with a \
         letter or digit at both ends"
    )]
    Name(String),
    /// Listed more than once.
    #[error("the bucket `{0}` has more than one section")]
    Twice(String),
    /// Neither or both.
    #[error("the bucket `{0}` needs either `directory` or `s3`")]
    Place(String),
    /// Nobody's.
    #[error("the bucket `{0}` is open to no account: name some in `accounts`")]
    Accounts(String),
    /// A directory that moves with the server.
    #[error("the directory of the bucket `{0}` has to begin with `/`")]
    Relative(String),
    /// The store.
    #[error(transparent)]
    S3(#[from] S3ConfigError),
}

impl TrailBucket {
    pub(super) fn resolve(sections: Vec<Section>) -> Result<Vec<Self>, ConfigError> {
        let mut buckets: Vec<Self> = Vec::new();
        for section in sections {
            let bucket = Self::of(section)?;
            if buckets.iter().any(|known| known.name == bucket.name) {
                return Err(TrailBucketError::Twice(bucket.name).into());
            }
            buckets.push(bucket);
        }
        Ok(buckets)
    }

    fn of(section: Section) -> Result<Self, ConfigError> {
        let name = section.name;
        if !s3::is_bucket(&name) {
            return Err(TrailBucketError::Name(name).into());
        }
        if section.accounts.is_empty() {
            return Err(TrailBucketError::Accounts(name).into());
        }
        let place = match (section.directory, section.s3) {
            (Some(directory), None) if directory.is_absolute() => BucketPlace::Directory(directory),
            (Some(_), None) => return Err(TrailBucketError::Relative(name).into()),
            (None, Some(s3)) => {
                BucketPlace::S3(Box::new(S3::resolve(s3).map_err(TrailBucketError::from)?))
            }
            _ => return Err(TrailBucketError::Place(name).into()),
        };
        let accounts = section.accounts.into_iter().map(account_id);
        Ok(Self {
            name,
            place,
            accounts: accounts.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> Result<Vec<TrailBucket>, String> {
        #[derive(Deserialize)]
        struct File {
            trail_buckets: Vec<Section>,
        }

        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        TrailBucket::resolve(file.trail_buckets).map_err(|error| error.to_string())
    }

    #[test]
    fn a_bucket_is_a_directory_or_in_a_store() {
        let buckets = resolved(
            "[[trail_buckets]]\nname = \"audit-archive\"\ndirectory = \"/var/audit\"\n\
             accounts = [\"111122223333\"]\n\
             [[trail_buckets]]\nname = \"far\"\naccounts = [\"111122223333\"]\n\
             s3 = { endpoint = \"https://s3.example\", bucket = \"real\", region = \"eu-west-1\", \
             credentials_file = \"/etc/keys\" }\n",
        )
        .unwrap();

        assert_eq!(
            buckets[0].place,
            BucketPlace::Directory("/var/audit".into())
        );
        assert_eq!(buckets[0].accounts[0].as_str(), "111122223333");
        let BucketPlace::S3(s3) = &buckets[1].place else {
            panic!("{:?}", buckets[1]);
        };
        assert_eq!(s3.bucket, "real");
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let account = "accounts = [\"111122223333\"]";
        for (section, text) in [
            (
                format!("name = \"A\"\ndirectory = \"/x\"\n{account}"),
                "is no name of a bucket",
            ),
            (format!("name = \"abc\"\n{account}"), "needs either"),
            (
                format!("name = \"abc\"\ndirectory = \"x\"\n{account}"),
                "has to begin with `/`",
            ),
            (
                String::from("name = \"abc\"\ndirectory = \"/x\"\naccounts = []"),
                "no account",
            ),
            (
                String::from("name = \"abc\"\ndirectory = \"/x\"\naccounts = [\"1\"]"),
                "cannot be used",
            ),
            (
                String::from("name = \"abc\"\ndirectory = \"/x\""),
                "missing field `accounts`",
            ),
        ] {
            let refused = resolved(&format!("[[trail_buckets]]\n{section}\n")).unwrap_err();
            assert!(refused.contains(text), "{section}: {refused}");
        }
        let one = format!("[[trail_buckets]]\nname = \"abc\"\ndirectory = \"/x\"\n{account}\n");
        let twice = resolved(&one.repeat(2)).unwrap_err();
        assert!(twice.contains("more than one section"), "{twice}");
    }
}
