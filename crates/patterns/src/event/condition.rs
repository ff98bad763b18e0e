//! What one item of a leaf asks of a value.

use super::text::{Wildcard, begins_with_letters, ends_with_letters, same_letters};
use serde_json::{Number, Value};
use std::net::IpAddr;

/// A condition on one value, which is no object and no array.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    /// `null`, a truth value, a number or a text.
    Equals(Value),
    /// On a text.
    Text(TextCondition),
    /// `anything-but`: no value that one of these admits.
    AnythingBut(Vec<Self>),
    /// `numeric`: all of these.
    Numeric(Vec<(Comparison, f64)>),
    /// `cidr`.
    Network(Network),
    /// `exists: true`.
    Present,
    /// `exists: false`. Whether there is no value is for the leaf to tell.
    Absent,
}

/// A condition on a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TextCondition {
    Prefix(String),
    PrefixIgnoringCase(String),
    Suffix(String),
    SuffixIgnoringCase(String),
    EqualsIgnoringCase(String),
    Wildcard(Wildcard),
}

/// How a number compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

/// A range of IP addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    first: IpAddr,
    bits: u8,
}

impl Condition {
    pub(super) fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Equals(wanted) => value == wanted,
            Self::Text(condition) => value.as_str().is_some_and(|text| condition.admits(text)),
            Self::AnythingBut(conditions) => !conditions.iter().any(|one| one.admits(value)),
            Self::Numeric(bounds) => {
                value
                    .as_number()
                    .and_then(Number::as_f64)
                    .is_some_and(|number| {
                        bounds
                            .iter()
                            .all(|(comparison, bound)| comparison.holds(number, *bound))
                    })
            }
            Self::Network(network) => {
                let address = value.as_str().and_then(|text| text.parse().ok());
                address.is_some_and(|address| network.contains(address))
            }
            Self::Present => true,
            Self::Absent => false,
        }
    }
}

impl TextCondition {
    fn admits(&self, text: &str) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::PrefixIgnoringCase(prefix) => begins_with_letters(text, prefix),
            Self::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Self::SuffixIgnoringCase(suffix) => ends_with_letters(text, suffix),
            Self::EqualsIgnoringCase(wanted) => same_letters(text, wanted),
            Self::Wildcard(wildcard) => wildcard.matches(text),
        }
    }
}

impl Comparison {
    pub(super) fn parse(sign: &str) -> Option<Self> {
        Some(match sign {
            "=" => Self::Equal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::More,
            ">=" => Self::MoreOrEqual,
            _ => return None,
        })
    }

    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number == bound,
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::More => number > bound,
            Self::MoreOrEqual => number >= bound,
        }
    }
}

impl Network {
    /// Reads an address, or a range such as `10.0.0.0/24`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().ok()?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most)?,
            None => most,
        };
        Some(Self { first, bits })
    }

    fn contains(self, address: IpAddr) -> bool {
        let differing = match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros()
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros()
            }
            _ => return false,
        };
        differing >= u32::from(self.bits)
    }
}
