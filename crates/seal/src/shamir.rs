//! Shamir's secret sharing of a key over GF(256), and how a share is written down.
//!
//! Rules kept here: the arithmetic takes the same time whatever the values are; coefficients are
//! drawn from the whole field, also zero (not doing so was the flaw of the crate `sharks`); a share
//! says of which set it is, how many are needed, and carries a checksum.

mod field;
mod share;

pub use share::{Share, ShareError};

use crate::key_bytes::{KEY_SIZE, KeyBytes};
use base::{Entropy, SealError};
use field::Element;
use zeroize::Zeroizing;

/// Splits `key` into `shares`, of which any `threshold` give it back and fewer tell nothing.
pub fn split(
    key: &KeyBytes,
    shares: u8,
    threshold: u8,
    entropy: &dyn Entropy,
) -> Result<Vec<Share>, ShareError> {
    if threshold < LEAST_THRESHOLD || shares < threshold {
        return Err(ShareError::Count { shares, threshold });
    }
    let set = share::set_of(key)?;
    // Of each byte a polynomial whose value at zero it is: the coefficients above, highest first.
    let degree = usize::from(threshold) - 1;
    let mut coefficients = Zeroizing::new(vec![0; KEY_SIZE * degree]);
    entropy.fill(&mut coefficients);
    (1..=shares)
        .map(|number| {
            let body = KeyBytes::made_by(|body| {
                let polynomials = coefficients.chunks_exact(degree).zip(key.expose());
                for (to, (coefficients, constant)) in body.iter_mut().zip(polynomials) {
                    *to = evaluated(coefficients, *constant, number);
                }
                Ok(())
            })?;
            Ok(Share::of(set, threshold, number, body))
        })
        .collect()
}

/// The key of which `shares` are. Errors when they are too few or do not fit together.
pub fn combine(shares: &[Share]) -> Result<KeyBytes, ShareError> {
    let first = shares.first().ok_or(ShareError::DoNotFit)?;
    let threshold = usize::from(first.threshold());
    let chosen = shares.get(..threshold).ok_or(ShareError::DoNotFit)?;
    let distinct = chosen.iter().enumerate().all(|(index, share)| {
        let earlier = chosen.get(..index).unwrap_or_default();
        earlier.iter().all(|one| one.number() != share.number())
    });
    if !distinct || chosen.iter().any(|share| share.set() != first.set()) {
        return Err(ShareError::DoNotFit);
    }
    let key = KeyBytes::made_by(|key| {
        for share in chosen {
            let weight = weight_of(share, chosen);
            for (to, value) in key.iter_mut().zip(share.body()) {
                *to ^= weight.times(Element(*value)).0;
            }
        }
        Ok(())
    })?;
    if share::set_of(&key)? != first.set_bytes() {
        return Err(ShareError::DoNotFit);
    }
    Ok(key)
}

/// The value at `number` of the polynomial with these coefficients and this constant.
fn evaluated(coefficients: &[u8], constant: u8, number: u8) -> u8 {
    let x = Element(number);
    let above = coefficients.iter().fold(Element(0), |value, coefficient| {
        value.times(x).plus(Element(*coefficient))
    });
    above.times(x).plus(Element(constant)).0
}

/// How much `share` counts in the value at zero: Lagrange's formula.
fn weight_of(share: &Share, all: &[Share]) -> Element {
    let own = Element(share.number());
    let others = all.iter().map(|one| Element(one.number()));
    others
        .filter(|other| *other != own)
        .fold(Element(1), |weight, other| {
            weight.times(other).times(other.plus(own).inverse())
        })
}

impl From<SealError> for ShareError {
    fn from(error: SealError) -> Self {
        Self::Cipher(error)
    }
}

/// One share of one would be the key itself in a form that looks divided.
const LEAST_THRESHOLD: u8 = 2;

/// `share` with another body, as somebody may write one who has seen a real one.
#[cfg(test)]
pub(crate) fn forged(share: &Share, body: KeyBytes) -> Share {
    Share::of(share.set_bytes(), share.threshold(), share.number(), body)
}

#[cfg(test)]
mod tests;
