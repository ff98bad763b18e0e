//! Web identity tokens: JSON Web Tokens of OpenID Connect issuers, such as those of Kubernetes
//! service accounts.
//!
//! Rules kept here:
//!
//! - SECURITY: what a token says is believed only after its signature was verified; before that,
//!   only its issuer and the id of its key are read, to find the key.
//! - SECURITY: the key decides which algorithms it verifies, not the token: an RSA key verifies RSA
//!   signatures and a P-256 key those of P-256. There is no `none` and no HMAC. Keys and addresses
//!   in the token's header (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
//! - SECURITY: a token cannot make the server ask an issuer more than once a minute, and never one
//!   that the operator did not name.
//! - The token is a secret: it is in no error and in no log.
//! - Time comes by argument.

mod claims;
mod error;
mod json;
mod keys;
mod token;

pub(crate) use claims::{Claims, SOURCE_IDENTITY, TAGS};
pub(crate) use error::WebIdentityError;

use crate::ports::{IssuerKeys, IssuerKeysError};
use base::{IssuerUrl, Plaintext, Timestamp};
use keys::{Algorithm, Choice, Key, KeySet};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use token::Token;

/// An OpenID Connect provider of IAM, as far as a token has to agree with it.
#[derive(Clone, Copy)]
pub(crate) struct Provider<'a> {
    /// The issuer.
    pub(crate) issuer: &'a IssuerUrl,
    /// The audiences that the provider accepts.
    pub(crate) client_ids: &'a [String],
}

/// Verifies web identity tokens.
pub(crate) struct WebIdentities {
    keys: Arc<dyn IssuerKeys>,
    known: Mutex<HashMap<String, Known>>,
}

/// What is remembered of an issuer.
struct Known {
    /// The set as it came.
    source: Arc<[u8]>,
    /// The set as it was understood.
    set: Arc<KeySet>,
    /// When the issuer was last asked for a fresh set.
    refreshed: Option<Timestamp>,
}

impl WebIdentities {
    /// With keys from `keys`.
    pub(crate) fn new(keys: Arc<dyn IssuerKeys>) -> Self {
        Self {
            keys,
            known: Mutex::default(),
        }
    }

    /// The issuer that a token claims, unverified: to find the IAM provider.
    ///
    /// # Errors
    /// [`WebIdentityError::NotAToken`] and [`WebIdentityError::IssuerForm`].
    pub(crate) fn claimed_issuer(token: &Plaintext) -> Result<IssuerUrl, WebIdentityError> {
        Token::parse(token)?.issuer()
    }

    /// What `token` says, once it is sure that the provider's issuer says so, to one of its
    /// clients, for now.
    ///
    /// # Errors
    /// [`WebIdentityError`].
    pub(crate) async fn verify(
        &self,
        provider: Provider<'_>,
        token: &Plaintext,
        now: Timestamp,
    ) -> Result<Claims, WebIdentityError> {
        let token = Token::parse(token)?;
        let issuer = token.issuer()?;
        if issuer != *provider.issuer {
            return Err(WebIdentityError::NoProvider(issuer.to_string()));
        }
        let algorithm = token.algorithm().ok_or(WebIdentityError::NoKey)?;
        let key = self
            .key(issuer.as_str(), algorithm, token.key_id(), now)
            .await?;
        if !key.has_signed(algorithm, token.signed(), token.signature()) {
            return Err(WebIdentityError::Signature);
        }
        Claims::read(issuer, token.claims(), provider.client_ids, now)
    }

    /// The one key of `issuer` that may have signed. An unknown id asks for a fresh set.
    async fn key(
        &self,
        issuer: &str,
        algorithm: Algorithm,
        id: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<Key>, WebIdentityError> {
        let set = self.key_set(issuer, false).await?;
        let choice = match set.choose(algorithm, id) {
            Choice::UnknownId if self.may_refresh(issuer, now) => {
                self.key_set(issuer, true).await?.choose(algorithm, id)
            }
            choice => choice,
        };
        match choice {
            Choice::Found(key) => Ok(key),
            Choice::UnknownId | Choice::NoneFits => Err(WebIdentityError::NoKey),
        }
    }

    async fn key_set(&self, issuer: &str, fresh: bool) -> Result<Arc<KeySet>, WebIdentityError> {
        let source = self
            .keys
            .key_set(issuer, fresh)
            .await
            .map_err(|error| match error {
                IssuerKeysError::Unknown => WebIdentityError::IssuerNotNamed(error),
                IssuerKeysError::Unreachable(_) => WebIdentityError::Unreachable(error),
            })?;
        self.understood(issuer, source)
    }

    /// Parses `source`, unless it is the set that was parsed last.
    fn understood(&self, issuer: &str, source: Arc<[u8]>) -> Result<Arc<KeySet>, WebIdentityError> {
        if let Some(known) = self.known.lock().get(issuer)
            && Arc::ptr_eq(&known.source, &source)
        {
            return Ok(Arc::clone(&known.set));
        }
        let set = Arc::new(KeySet::parse(&source).map_err(WebIdentityError::KeySet)?);
        let mut known = self.known.lock();
        let refreshed = known.get(issuer).and_then(|known| known.refreshed);
        // Only issuers that gave a set come here, and those are the operator's: few. The bound is
        // for a port that breaks this rule.
        if known.len() >= MOST_KNOWN && !known.contains_key(issuer) {
            known.clear();
        }
        let entry = Known {
            source,
            set: Arc::clone(&set),
            refreshed,
        };
        known.insert(issuer.to_owned(), entry);
        Ok(set)
    }

    /// SECURITY: anybody can write a token with an unknown key id; the issuer is not to suffer.
    fn may_refresh(&self, issuer: &str, now: Timestamp) -> bool {
        let mut known = self.known.lock();
        let Some(known) = known.get_mut(issuer) else {
            return false;
        };
        let recent = known.refreshed.is_some_and(|refreshed| {
            // A clock that was set back must not end refreshing.
            (refreshed..refreshed.plus_seconds(REFRESH_SECONDS)).contains(&now)
        });
        if !recent {
            known.refreshed = Some(now);
        }
        !recent
    }
}

/// The least time between two fresh sets of an issuer.
const REFRESH_SECONDS: i64 = 60;
const MOST_KNOWN: usize = 256;

#[cfg(test)]
mod tests;
