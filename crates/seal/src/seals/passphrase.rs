use super::held::{Held, HeldKey};
use super::{Ask, Seal, SecretSource};
use crate::failure::SHORTEST_PASSPHRASE;
use crate::key_bytes::KeyBytes;
use crate::{Envelope, Parameters, RootBundle, SealFailure, SealKind};
use argon2::{Algorithm, Argon2, Params, Version};
use base::{Entropy, SealError};
use std::sync::Arc;

/// The root keys under a key that Argon2id makes of a passphrase.
pub struct PassphraseSeal {
    source: SecretSource,
    entropy: Arc<dyn Entropy>,
    held: Held,
}

impl PassphraseSeal {
    /// Asks `source` when it has to.
    pub fn new(source: SecretSource, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            source,
            entropy,
            held: Held::default(),
        }
    }

    fn new_key(&self) -> Result<HeldKey, SealFailure> {
        let passphrase = self.source.read(&Ask::new_passphrase())?;
        if passphrase.len() < SHORTEST_PASSPHRASE {
            return Err(SealFailure::ShortPassphrase);
        }
        let mut salt = [0; SALT_SIZE];
        self.entropy.fill(&mut salt);
        let parameters = Parameters::default()
            .with_text(ALGORITHM, ARGON2ID)
            .with_number(MEMORY, MEMORY_KIB)
            .with_number(PASSES, PASSES_MADE)
            .with_number(LANES, LANES_MADE)
            .with_bytes(SALT, &salt);
        let cost = Cost {
            memory: MEMORY_KIB,
            passes: PASSES_MADE,
            lanes: LANES_MADE,
        };
        let key = derived(passphrase.expose(), &salt, &cost)?;
        Ok(HeldKey { key, parameters })
    }

    /// SECURITY: the cost is read from a file that somebody else may have written, so it is bounded
    /// from above before memory is taken, and from below so that nobody can make guessing cheap.
    fn key_of(&self, envelope: &Envelope) -> Result<KeyBytes, SealFailure> {
        if envelope.text(ALGORITHM)? != ARGON2ID {
            return Err(envelope.malformed(ALGORITHM));
        }
        let at_least = |name, least, most| match envelope.number(name, most)? {
            value if value >= least => Ok(value),
            _ => Err(envelope.malformed(name)),
        };
        let cost = Cost {
            memory: at_least(MEMORY, LEAST_MEMORY_KIB, MOST_MEMORY_KIB)?,
            passes: at_least(PASSES, 1, MOST_PASSES)?,
            lanes: at_least(LANES, 1, MOST_LANES)?,
        };
        let salt = envelope.bytes(SALT)?;
        if !(SALT_SIZE..=MOST_SALT).contains(&salt.len()) {
            return Err(envelope.malformed(SALT));
        }
        let passphrase = self.source.read(&Ask::passphrase())?;
        derived(passphrase.expose(), &salt, &cost)
    }
}

impl Seal for PassphraseSeal {
    fn kind(&self) -> SealKind {
        SealKind::Passphrase
    }

    fn wrap(&self, bundle: &RootBundle) -> Result<Envelope, SealFailure> {
        let entropy = self.entropy.as_ref();
        let make = || self.new_key();
        self.held
            .wrap_and_keep(SealKind::Passphrase, bundle, entropy, make)
    }

    fn unwrap(&self, envelope: &Envelope) -> Result<RootBundle, SealFailure> {
        envelope.expect(SealKind::Passphrase)?;
        let make = || self.key_of(envelope);
        self.held.unwrap(envelope, &self.entropy, make)
    }
}

struct Cost {
    memory: u32,
    passes: u32,
    lanes: u32,
}

fn derived(passphrase: &[u8], salt: &[u8], cost: &Cost) -> Result<KeyBytes, SealFailure> {
    let params = Params::new(cost.memory, cost.passes, cost.lanes, None);
    let params = params.map_err(|_| SealError::Cipher)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Ok(KeyBytes::made_by(|bytes| {
        let made = argon2.hash_password_into(passphrase, salt, bytes);
        made.map_err(|_| SealError::Cipher)
    })?)
}

const ALGORITHM: &str = "algorithm";
const ARGON2ID: &str = "argon2id-v19";
const MEMORY: &str = "memory_kib";
const PASSES: &str = "passes";
const LANES: &str = "lanes";
const SALT: &str = "salt";
const SALT_SIZE: usize = 16;
const MOST_SALT: usize = 64;
const MEMORY_KIB: u32 = 64 << 10;
const LEAST_MEMORY_KIB: u32 = 19 << 10;
const MOST_MEMORY_KIB: u32 = 1 << 20;
const PASSES_MADE: u32 = 3;
const MOST_PASSES: u32 = 16;
const LANES_MADE: u32 = 1;
const MOST_LANES: u32 = 16;

#[cfg(test)]
mod tests;
