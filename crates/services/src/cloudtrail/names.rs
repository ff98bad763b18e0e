//! How trails and buckets may be called, and the ARNs of trails.

use super::error::Error;
use base::{AccountId, RegionName};

/// Which trail of which account a caller named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TrailId {
    pub(super) account: AccountId,
    /// The home Region, as far as it was said.
    pub(super) region: RegionName,
    pub(super) name: String,
    /// Whether it was named by its ARN.
    pub(super) is_arn: bool,
}

impl TrailId {
    /// What `sent`, a name or an ARN, means to a caller of `account` in `region`.
    ///
    /// # Errors
    /// [`Error::ArnInvalid`] for an ARN of something else.
    pub(super) fn parse(
        sent: &str,
        account: &AccountId,
        region: &RegionName,
    ) -> Result<Self, Error> {
        if sent.starts_with("arn:") {
            return Self::of_arn(sent).ok_or_else(|| Error::ArnInvalid(sent.to_owned()));
        }
        Ok(Self {
            account: account.clone(),
            region: region.clone(),
            name: sent.to_owned(),
            is_arn: false,
        })
    }

    /// The trail with this ARN.
    pub(super) fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (_, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let region = RegionName::parse(parts.next()?).ok()?;
        let account = AccountId::parse(parts.next()?).ok()?;
        let name = parts.next()?.strip_prefix("trail/")?;
        let is_sound = service == "cloudtrail" && partition == region.partition();
        (is_sound && check_name(name).is_ok()).then(|| Self {
            account,
            region,
            name: name.to_owned(),
            is_arn: true,
        })
    }

    pub(super) fn arn(&self) -> String {
        arn(&self.account, &self.region, &self.name)
    }
}

/// The ARN of a trail.
pub(super) fn arn(account: &AccountId, region: &RegionName, name: &str) -> String {
    format!(
        "arn:{}:cloudtrail:{region}:{account}:trail/{name}",
        region.partition()
    )
}

/// Checks what a trail is called.
///
/// # Errors
/// [`Error::InvalidTrailName`] in AWS's words.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let refuse = |text: String| Err(Error::InvalidTrailName(text));
    let length = name.chars().count();
    if length == 0 {
        return refuse(BLANK.to_owned());
    }
    if length < SHORTEST {
        return refuse(format!(
            "Trail name too short. Minimum allowed length: {SHORTEST} characters. Specified name \
             length: {length} characters."
        ));
    }
    if length > LONGEST {
        return refuse(format!(
            "Trail name too long. Maximum allowed length: {LONGEST} characters. Specified name \
             length: {length} characters."
        ));
    }
    if !name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    {
        return refuse(CHARACTERS.to_owned());
    }
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return refuse(String::from(
            "Trail name must starts with a letter or number.",
        ));
    }
    if !name.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return refuse(String::from(
            "Trail name must ends with a letter or number.",
        ));
    }
    let has_adjacent = name
        .as_bytes()
        .windows(2)
        .any(|pair| pair.iter().all(|byte| b"._-".contains(byte)));
    let is_address = name.parse::<std::net::Ipv4Addr>().is_ok();
    match has_adjacent || is_address {
        true => refuse(ADJACENT.to_owned()),
        false => Ok(()),
    }
}

/// Checks what a bucket is called.
///
/// # Errors
/// [`Error::InvalidBucketName`].
pub(super) fn check_bucket(name: &str) -> Result<(), Error> {
    let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_sound = (3..=63).contains(&name.len())
        && name.chars().all(|c| is_label(c) || ".-".contains(c))
        && name.starts_with(is_label)
        && name.ends_with(is_label)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err();
    match is_sound {
        true => Ok(()),
        false => Err(Error::InvalidBucketName(name.to_owned())),
    }
}

/// Checks what stands before the keys of objects.
///
/// SECURITY: a prefix becomes part of a path, so that it may hold neither an empty part nor `.` or `..`; nor
/// `AWSLogs`, below which accounts have their files.
///
/// # Errors
/// [`Error::InvalidPrefix`].
pub(super) fn check_prefix(prefix: &str) -> Result<(), Error> {
    let refuse = |text: &str| Err(Error::InvalidPrefix(text.to_owned()));
    if prefix.chars().count() > LONGEST_PREFIX {
        return refuse("The S3 key prefix is longer than 200 characters.");
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "!-_.*'()/".contains(c);
    if !prefix.chars().all(is_allowed) {
        return refuse("The S3 key prefix has characters that are not allowed.");
    }
    let is_part = |part: &str| !part.is_empty() && part != "." && part != "..";
    let inner = prefix.strip_suffix('/').unwrap_or(prefix);
    if !inner.split('/').all(is_part) {
        return refuse("The S3 key prefix has an empty part, `.` or `..`.");
    }
    match inner.split('/').any(|part| part == OWN_FOLDER) {
        true => refuse("The S3 key prefix has a part `AWSLogs`."),
        false => Ok(()),
    }
}

const SHORTEST: usize = 3;
const LONGEST: usize = 128;
const LONGEST_PREFIX: usize = 200;
const OWN_FOLDER: &str = "AWSLogs";
const BLANK: &str = "Trail name cannot be blank!";
const CHARACTERS: &str = "Trail name or ARN can only contain uppercase letters, lowercase letters, \
                          numbers, periods (.), hyphens (-), and underscores (_).";
const ADJACENT: &str = "Trail name cannot have adjacent periods, hyphens or underscores, and cannot \
                        be in IP address format.";

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str) -> String {
        check_name(name).unwrap_err().to_string()
    }

    #[test]
    fn names_are_held_against_the_rules() {
        for name in ["abc", "My.Trail_1", "a-b", &"x".repeat(128)] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        assert_eq!(refused(""), BLANK);
        assert_eq!(
            refused("ab"),
            "Trail name too short. Minimum allowed length: 3 characters. Specified name length: 2 \
             characters."
        );
        assert_eq!(
            refused(&"x".repeat(129)),
            "Trail name too long. Maximum allowed length: 128 characters. Specified name length: \
             129 characters."
        );
        assert_eq!(refused("a/b"), CHARACTERS);
        assert_eq!(
            refused("-abc"),
            "Trail name must starts with a letter or number."
        );
        assert_eq!(
            refused("abc-"),
            "Trail name must ends with a letter or number."
        );
        assert_eq!(refused("a--b"), ADJACENT);
        assert_eq!(refused("192.168.5.4"), ADJACENT);
    }

    #[test]
    fn an_arn_means_the_trail_that_has_it() {
        let arn = "arn:aws:cloudtrail:eu-west-1:123456789012:trail/my-trail";

        let parsed = TrailId::of_arn(arn).unwrap();

        assert_eq!(parsed.arn(), arn);
        assert_eq!(parsed.name, "my-trail");
    }

    #[test]
    fn an_arn_of_something_else_means_no_trail() {
        for arn in [
            "arn:aws:cloudtrail:eu-west-1:123456789012:eventdatastore/x",
            "arn:aws:s3:eu-west-1:123456789012:trail/abc",
            "arn:aws-cn:cloudtrail:eu-west-1:123456789012:trail/abc",
            "arn:aws:cloudtrail:eu-west-1:1234:trail/abc",
            "arn:aws:cloudtrail:eu-west-1:123456789012:trail/a",
            "arn:aws:cloudtrail",
        ] {
            assert_eq!(TrailId::of_arn(arn), None, "{arn}");
        }
    }

    #[test]
    fn a_bucket_is_called_as_s3_has_it() {
        for name in ["abc", "audit-archive", "a.b.c", "1a2"] {
            assert!(check_bucket(name).is_ok(), "{name}");
        }
        for name in [
            "ab",
            "Abc",
            "a_b",
            "-abc",
            "abc.",
            "a..b",
            "10.0.0.1",
            "a/b",
            &"x".repeat(64),
        ] {
            assert!(check_bucket(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_prefix_leads_nowhere_else() {
        for prefix in ["a", "a/b", "a/b/", "logs_2026.1", "AWSLogs2"] {
            assert!(check_prefix(prefix).is_ok(), "{prefix}");
        }
        for prefix in [
            "",
            "/",
            "/a",
            "a//b",
            "..",
            "a/../b",
            "./a",
            "a b",
            "a\n",
            "AWSLogs",
            "a/AWSLogs/444455556666",
            &"x".repeat(201),
        ] {
            assert!(check_prefix(prefix).is_err(), "{prefix:?}");
        }
    }
}
