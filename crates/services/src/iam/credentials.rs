//! Access keys: drawing them, sealing their secrets, and the signing keys derived from them.

use super::records::AccessKey;
use crate::principal::Principal;
use crate::tx::Ledger;
use base::{AccountId, CommonError, Context, Entropy, Plaintext, Sealed, Sealer, random_below};
use quick_cache::sync::Cache;
use sigv4::{Scope, SigningKey};
use std::sync::Arc;
use store::Rev;

/// An access key that exists, and whose it is.
pub(crate) struct Credential {
    pub(crate) principal: Principal,
    access_key: Arc<AccessKey>,
    rev: Rev,
}

/// Finds access keys and remembers the signing keys derived from them.
pub(crate) struct Credentials {
    sealer: Arc<dyn Sealer>,
    signing_keys: Cache<SigningKeyName, Arc<SigningKey>>,
}

/// INVARIANT: the revision is part of the name, so a changed access key never finds the signing
/// key of the old one.
#[derive(Clone, PartialEq, Eq, Hash)]
struct SigningKeyName {
    access_key_id: String,
    rev: Rev,
    date: String,
    region: String,
    service: String,
}

impl Credentials {
    pub(crate) fn new(sealer: Arc<dyn Sealer>) -> Self {
        Self {
            sealer,
            signing_keys: Cache::new(SIGNING_KEYS),
        }
    }

    /// The access key with this id.
    pub(crate) async fn find(
        &self,
        ledger: &Ledger,
        access_key_id: &str,
    ) -> Result<Option<Credential>, CommonError> {
        let mut tx = ledger.begin();
        let found = tx
            .get::<AccessKey>(&AccessKey::key_of(access_key_id))
            .await?;
        Ok(found.map(|found| Credential {
            principal: Principal::root(AccountId::clone(&found.record.account)),
            access_key: found.record,
            rev: found.rev,
        }))
    }

    /// The signing key of `credential` for `scope`, derived at most once.
    pub(crate) fn signing_key(
        &self,
        credential: &Credential,
        scope: Scope<'_>,
    ) -> Result<Arc<SigningKey>, CommonError> {
        let name = SigningKeyName {
            access_key_id: credential.access_key.id.clone(),
            rev: credential.rev,
            date: scope.date.to_owned(),
            region: scope.region.to_owned(),
            service: scope.service.to_owned(),
        };
        if let Some(known) = self.signing_keys.get(&name) {
            return Ok(known);
        }
        let id = &credential.access_key.id;
        let secret = self
            .sealer
            .open(Context(&context(id)), &credential.access_key.sealed_secret)
            .map_err(CommonError::internal)?;
        let derived = Arc::new(SigningKey::derive(secret.expose(), scope));
        self.signing_keys.insert(name, derived.clone());
        Ok(derived)
    }

    /// Seals the secret of the access key `id`.
    pub(crate) fn seal(&self, id: &str, secret: &Plaintext) -> Result<Vec<u8>, CommonError> {
        let Sealed(bytes) = self
            .sealer
            .seal(Context(&context(id)), secret.expose())
            .map_err(CommonError::internal)?;
        Ok(bytes)
    }
}

/// A new access key in AWS's shape: `AKIA` and 16 characters, and a secret of 40.
pub(crate) fn draw(entropy: &dyn Entropy) -> (String, Plaintext) {
    let id = draw_from(entropy, ID_CHARACTERS, 16);
    let secret = draw_from(entropy, SECRET_CHARACTERS, 40);
    (
        format!("AKIA{}", String::from_utf8_lossy(&id)),
        Plaintext::new(secret),
    )
}

fn draw_from(entropy: &dyn Entropy, characters: &[u8], length: usize) -> Vec<u8> {
    let bound = u32::try_from(characters.len()).unwrap_or(u32::MAX);
    let mut drawn = Vec::with_capacity(length);
    while drawn.len() < length {
        drawn.extend(characters.get(random_below(entropy, bound) as usize));
    }
    drawn
}

fn context(access_key_id: &str) -> [&[u8]; 3] {
    [b"iam", b"access-key-secret", access_key_id.as_bytes()]
}

const ID_CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET_CHARACTERS: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Each is a few hundred bytes; a key lives for the day in its scope.
const SIGNING_KEYS: usize = 10_000;
