use super::Seal;
use super::held::Held;
use crate::key_bytes::KeyBytes;
use crate::shamir::{self, Share, ShareError};
use crate::{Envelope, Parameters, RootBundle, SealFailure, SealKind};
use base::{Entropy, Plaintext};
use std::sync::Arc;

/// The root keys under a key that exists only as shares; any `threshold` of them give it.
pub struct ShamirSeal {
    entropy: Arc<dyn Entropy>,
    held: Held,
}

impl ShamirSeal {
    /// Draws a key and splits it. The shares are shown once, here.
    pub fn create(
        shares: u8,
        threshold: u8,
        entropy: Arc<dyn Entropy>,
    ) -> Result<(Self, Vec<Plaintext>), SealFailure> {
        let key = KeyBytes::generate(entropy.as_ref())?;
        let shares = shamir::split(&key, shares, threshold, entropy.as_ref())?;
        let held = Held::with(key, parameters_of(&shares));
        let texts = shares.iter().map(Share::to_text).collect();
        Ok((Self { entropy, held }, texts))
    }
}

impl Seal for ShamirSeal {
    fn kind(&self) -> SealKind {
        SealKind::Shamir
    }

    fn wrap(&self, bundle: &RootBundle) -> Result<Envelope, SealFailure> {
        let none = || Err(no_shares());
        self.held
            .wrap(SealKind::Shamir, bundle, self.entropy.as_ref(), none)
    }

    fn unwrap(&self, envelope: &Envelope) -> Result<RootBundle, SealFailure> {
        envelope.expect(SealKind::Shamir)?;
        let none = || Err(SealFailure::WrongKey(SealKind::Shamir));
        self.held.unwrap(envelope, &self.entropy, none)
    }
}

/// Takes the shares of one envelope, one by one.
///
/// SECURITY: the envelope has a digest of each share, so that a wrong one is told at once and does
/// not spoil the others. A share has the entropy of a key, so that its digest tells nothing.
pub struct Collector {
    envelope: Envelope,
    entropy: Arc<dyn Entropy>,
    set: String,
    threshold: u8,
    digests: Vec<String>,
    given: Vec<Share>,
}

/// How far a [`Collector`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collected {
    /// How many different shares are here.
    pub given: u8,
    /// How many it takes.
    pub threshold: u8,
}

impl Collected {
    /// Whether there are enough.
    pub fn is_enough(self) -> bool {
        self.given >= self.threshold
    }
}

impl Collector {
    /// For the shares of `envelope`: of a seal, or of recovery.
    pub fn of(envelope: &Envelope, entropy: Arc<dyn Entropy>) -> Result<Self, SealFailure> {
        let (set, Collected { threshold, .. }) = shares_of(envelope)?;
        let digests = envelope.text(DIGESTS)?;
        Ok(Self {
            entropy,
            set,
            threshold,
            digests: digests.split(' ').map(str::to_owned).collect(),
            given: Vec::new(),
            envelope: envelope.clone(),
        })
    }

    /// Takes one share. An error changes nothing; the same share twice counts once.
    pub fn add(&mut self, text: &[u8]) -> Result<Collected, ShareError> {
        let share = Share::parse(text)?;
        if share.set() != self.set {
            return Err(ShareError::OtherSet {
                number: share.number(),
                set: share.set(),
                wanted: self.set.clone(),
            });
        }
        if !self.digests.contains(&share.digest()) {
            return Err(ShareError::Forged {
                number: share.number(),
            });
        }
        if !self.given.iter().any(|one| one.number() == share.number()) {
            self.given.push(share);
        }
        Ok(self.collected())
    }

    /// How far it is.
    pub fn collected(&self) -> Collected {
        Collected {
            given: u8::try_from(self.given.len()).unwrap_or(u8::MAX),
            threshold: self.threshold,
        }
    }

    /// Which shares are wanted: the fingerprint that stands in each of them.
    pub fn set(&self) -> &str {
        &self.set
    }

    /// Forgets the shares that were given.
    pub fn forget(&mut self) {
        self.given.clear();
    }

    /// Opens the envelope, and gives the seal that can wrap the next bundle.
    pub fn open(&self) -> Result<(ShamirSeal, RootBundle), SealFailure> {
        if !self.collected().is_enough() {
            return Err(SealFailure::MoreShares {
                given: self.collected().given,
                threshold: self.threshold,
            });
        }
        let key = shamir::combine(&self.given)?;
        let seal = ShamirSeal {
            entropy: Arc::clone(&self.entropy),
            held: Held::with(key, self.envelope.parameters.clone()),
        };
        let bundle = seal.unwrap(&self.envelope)?;
        Ok((seal, bundle))
    }
}

/// Which shares open `envelope`, by what stands in each of them, and how many it takes.
pub fn shares_of(envelope: &Envelope) -> Result<(String, Collected), SealFailure> {
    envelope.expect(SealKind::Shamir)?;
    let threshold = envelope.number(THRESHOLD, u32::from(u8::MAX))?;
    let threshold = u8::try_from(threshold)
        .ok()
        .filter(|threshold| *threshold > 0)
        .ok_or_else(|| envelope.malformed(THRESHOLD))?;
    let collected = Collected {
        given: 0,
        threshold,
    };
    Ok((envelope.text(SET)?.to_owned(), collected))
}

/// A bundle with a new recovery key, its envelope, and the recovery shares, which are shown once.
/// Shares of an earlier key open no envelope that is made from now on.
pub fn recovery_envelope(
    bundle: &RootBundle,
    shares: u8,
    threshold: u8,
    entropy: &Arc<dyn Entropy>,
) -> Result<(RootBundle, Envelope, Vec<Plaintext>), SealFailure> {
    let key = Arc::new(KeyBytes::generate(entropy.as_ref())?);
    let shares = shamir::split(&key, shares, threshold, entropy.as_ref())?;
    let bundle = bundle.with_recovery(Some(key));
    let envelope = under_recovery(&bundle, parameters_of(&shares), entropy.as_ref())?;
    let texts = shares.iter().map(Share::to_text).collect();
    Ok((bundle, envelope, texts))
}

/// The envelope that the recovery shares of `old` open, for another bundle with the same recovery
/// key.
pub fn rewrap_recovery(
    old: &Envelope,
    bundle: &RootBundle,
    entropy: &dyn Entropy,
) -> Result<Envelope, SealFailure> {
    under_recovery(bundle, old.parameters.clone(), entropy)
}

fn under_recovery(
    bundle: &RootBundle,
    parameters: Parameters,
    entropy: &dyn Entropy,
) -> Result<Envelope, SealFailure> {
    let key = bundle.recovery().ok_or_else(no_shares)?;
    Envelope::under(&key.aead()?, SealKind::Shamir, parameters, bundle, entropy)
}

fn parameters_of(shares: &[Share]) -> Parameters {
    let digests: Vec<String> = shares.iter().map(Share::digest).collect();
    let (set, threshold) = shares
        .first()
        .map(|one| (one.set(), one.threshold()))
        .unwrap_or_default();
    Parameters::default()
        .with_text(SET, &set)
        .with_number(THRESHOLD, threshold.into())
        .with_number(SHARES, u32::try_from(shares.len()).unwrap_or(u32::MAX))
        .with_text(DIGESTS, &digests.join(" "))
}

fn no_shares() -> SealFailure {
    SealFailure::MoreShares {
        given: 0,
        threshold: 0,
    }
}

const SET: &str = "set";
const THRESHOLD: &str = "threshold";
const SHARES: &str = "shares";
const DIGESTS: &str = "digests";

#[cfg(test)]
mod tests;
