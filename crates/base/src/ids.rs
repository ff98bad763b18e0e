use crate::{Entropy, random_below};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A 12-digit AWS account number: the tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountId(Box<str>);

impl AccountId {
    /// Reads an account number. Errors unless `text` is exactly 12 ASCII digits.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidId::Account)
        }
    }

    /// A random account number. The first digit is not zero, so that no tool drops it.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut digits = String::with_capacity(12);
        for position in 0..12 {
            let least = u32::from(position == 0);
            let digit = least + random_below(entropy, 10 - least);
            digits.extend(char::from_digit(digit, 10));
        }
        Self(digits.into())
    }

    /// The 12 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a Region, such as `eu-central-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RegionName(Box<str>);

impl RegionName {
    /// Reads a Region name of the form of AWS's `RegionType`: `([a-z]+-)+\d+`, at most 128 long.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let Some((words, number)) = text.rsplit_once('-') else {
            return Err(InvalidId::Region);
        };
        let words_fit = words
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()));
        let number_fits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        if words_fit && number_fits && text.len() <= 128 {
            Ok(Self(text.into()))
        } else {
            Err(InvalidId::Region)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition that the Region's ARNs begin with: `aws`, `aws-cn` or `aws-us-gov`.
    pub fn partition(&self) -> &'static str {
        if self.0.starts_with("cn-") {
            "aws-cn"
        } else if self.0.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }
}

impl fmt::Display for RegionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Not 12 digits.
    #[error("an account id is exactly 12 digits")]
    Account,
    /// Not shaped like a Region name.
    #[error("a Region name looks like `eu-central-1`")]
    Region,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_twelve_digits() {
        assert_eq!(
            AccountId::parse("123456789012").unwrap().as_str(),
            "123456789012"
        );
        for text in [
            "",
            "12345678901",
            "1234567890123",
            "12345678901x",
            "１２３４",
        ] {
            assert_eq!(AccountId::parse(text), Err(InvalidId::Account), "{text}");
        }
    }

    #[test]
    fn a_random_account_reads_back_and_does_not_begin_with_zero() {
        struct Ticking(std::sync::atomic::AtomicU8);
        impl Entropy for Ticking {
            fn fill(&self, buf: &mut [u8]) {
                buf.fill_with(|| self.0.fetch_add(37, std::sync::atomic::Ordering::Relaxed));
            }
        }
        let entropy = Ticking(std::sync::atomic::AtomicU8::new(0));

        for _ in 0..100 {
            let account = AccountId::random(&entropy);
            assert_eq!(AccountId::parse(account.as_str()), Ok(account.clone()));
            assert!(!account.as_str().starts_with('0'));
        }
    }

    #[test]
    fn a_region_is_words_and_a_number() {
        for text in ["us-east-1", "eu-isoe-west-1", "us-gov-west-1"] {
            assert_eq!(RegionName::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "us",
            "us-east-",
            "-1",
            "US-east-1",
            "us--east-1",
            "us-east-1 ",
        ] {
            assert_eq!(RegionName::parse(text), Err(InvalidId::Region), "{text}");
        }
    }

    #[test]
    fn a_partition_follows_from_the_region() {
        let partition = |text| RegionName::parse(text).unwrap().partition();

        assert_eq!(partition("eu-west-1"), "aws");
        assert_eq!(partition("cn-north-1"), "aws-cn");
        assert_eq!(partition("us-gov-west-1"), "aws-us-gov");
    }
}
