//! Names of secrets, and the identifiers by which a request may mean one.
//!
//! Behaviour reference §2: a name, a complete ARN, or a partial ARN (without the six random
//! characters).

use super::error::Error;
use base::{AccountId, Arn, RegionName};

/// The name of a secret: 1 to 512 of `A-Z a-z 0-9 /_+=.@-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretName(String);

impl SecretName {
    /// Reads the name of a secret to be created. The length is the model's to check.
    ///
    /// COMPAT: `!` belongs to secrets that AWS services manage (`rds!cluster-…`), so it is refused
    /// in a new name although the text of the refusal lists it.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        if !text.is_empty() && text.bytes().all(is_name_byte) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::InvalidName)
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a `SecretId` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretId {
    /// The account whose secret is meant.
    pub(crate) account: AccountId,
    /// The Region that the identifier names; the request's own for a name.
    pub(crate) region: RegionName,
    /// The name.
    pub(crate) name: String,
    /// The six random characters, when a complete ARN was given.
    pub(crate) suffix: Option<String>,
    /// The identifier as it was sent.
    pub(crate) sent: String,
}

impl SecretId {
    /// Reads an identifier as `account` in `region` sends it.
    ///
    /// Whatever begins with `arn:` is taken as it is: what is no ARN of a secret becomes an
    /// identifier that no secret has.
    ///
    /// # Errors
    /// [`Error::InvalidName`] for a name with characters that no name has.
    pub(crate) fn parse(
        text: &str,
        account: &AccountId,
        region: &RegionName,
    ) -> Result<Self, Error> {
        if text.starts_with("arn:") {
            return Ok(Self::from_arn(text).unwrap_or_else(|| Self::nothing(text, account, region)));
        }
        if text.is_empty() || !text.bytes().all(|byte| is_name_byte(byte) || byte == b'!') {
            return Err(Error::InvalidName);
        }
        Ok(Self {
            account: account.clone(),
            region: region.clone(),
            name: text.to_owned(),
            suffix: None,
            sent: text.to_owned(),
        })
    }

    /// Reads the ARN of a secret, complete or partial.
    pub(crate) fn from_arn(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).ok()?;
        let region = RegionName::parse(&arn.region).ok()?;
        let account = AccountId::parse(&arn.account).ok()?;
        let resource = arn.resource.strip_prefix("secret:")?;
        if arn.service != "secretsmanager" || arn.partition != region.partition() {
            return None;
        }
        let (name, suffix) = match split_suffix(resource) {
            Some((name, suffix)) => (name, Some(suffix.to_owned())),
            None => (resource, None),
        };
        Some(Self {
            account,
            region,
            name: name.to_owned(),
            suffix,
            sent: text.to_owned(),
        })
    }

    /// No secret has an empty name.
    fn nothing(text: &str, account: &AccountId, region: &RegionName) -> Self {
        Self {
            account: account.clone(),
            region: region.clone(),
            name: String::new(),
            suffix: None,
            sent: text.to_owned(),
        }
    }
}

/// Splits `name-AbCdEf`. COMPAT: a partial ARN of a name that itself ends in a hyphen and six
/// alphanumerics is taken for a complete one, as on AWS.
fn split_suffix(resource: &str) -> Option<(&str, &str)> {
    let (name, suffix) = resource.rsplit_once('-')?;
    let is_suffix = suffix.len() == 6 && suffix.bytes().all(|b| b.is_ascii_alphanumeric());
    (is_suffix && !name.is_empty()).then_some((name, suffix))
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SecretId, Error> {
        let account = AccountId::parse("123456789012").unwrap();
        let region = RegionName::parse("us-east-1").unwrap();
        SecretId::parse(text, &account, &region)
    }

    fn meant(text: &str) -> (String, String, Option<String>) {
        let id = parse(text).unwrap();
        (id.account.to_string(), id.name, id.suffix)
    }

    #[test]
    fn a_new_name_has_only_the_listed_characters() {
        assert_eq!(
            SecretName::parse("/prod/App_1+=.@-").unwrap().as_str(),
            "/prod/App_1+=.@-"
        );
        for text in [
            "", " a", "a ", "a b", "a*", "a?", "a]", "a\\", "a!b", "ä", "a\n",
        ] {
            assert!(
                matches!(SecretName::parse(text), Err(Error::InvalidName)),
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_identifier_may_be_the_name_of_a_managed_secret() {
        assert_eq!(parse("rds!cluster-1").unwrap().name, "rds!cluster-1");
        assert!(matches!(parse("a b"), Err(Error::InvalidName)));
    }

    #[test]
    fn a_name_ending_like_a_suffix_is_still_a_name() {
        assert_eq!(
            meant("db-a1b2c3"),
            ("123456789012".into(), "db-a1b2c3".into(), None)
        );
    }

    #[test]
    fn arns_are_complete_or_partial() {
        let prefix = "arn:aws:secretsmanager:us-east-1:999988887777:secret";
        let account = String::from("999988887777");

        assert_eq!(
            meant(&format!("{prefix}:a/b-AbCd12")),
            (account.clone(), "a/b".into(), Some("AbCd12".into()))
        );
        assert_eq!(
            meant(&format!("{prefix}:a/b")),
            (account.clone(), "a/b".into(), None)
        );
        assert_eq!(
            meant(&format!("{prefix}:x-a1b2")),
            (account.clone(), "x-a1b2".into(), None)
        );
        assert_eq!(
            meant(&format!("{prefix}:x-a1b2c3-")),
            (account, "x-a1b2c3-".into(), None)
        );
    }

    #[test]
    fn the_region_of_an_arn_is_kept() {
        let id = parse("arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf").unwrap();

        assert_eq!(id.region.as_str(), "eu-west-1");
    }

    #[test]
    fn other_arns_mean_no_secret() {
        for text in [
            "arn:",
            "arn:aws:iam::123456789012:root",
            "arn:aws:secretsmanager:us-east-1:123456789012:thing:a",
            "arn:aws:secretsmanager:us-east-1:12345:secret:a-AbCdEf",
            "arn:aws-cn:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf",
        ] {
            let id = parse(text).unwrap();
            assert_eq!((id.name.as_str(), id.sent.as_str()), ("", text));
        }
    }
}
