//! Who signs: the deployment's key, and those that it had before.
//!
//! Rules kept here:
//! - one key signs at a time. Who replaces it puts the statement of that first, which makes it so for whoever
//!   finds it; then what has no place in the chain, and is signed anew;
//! - nothing that the key before signed comes after that, so what is not in the chain is signed and put under
//!   the same lock.

use super::log::Shelf;
use ::audit::{FileName, Hash, KeyChange, KeyError, Position, PublicKey, PublicKeys, RETENTION};
use ::audit::{Said, SigningKey, Statement};
use base::Clock;
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;

/// The keys of a deployment's log.
pub(crate) struct SigningKeys {
    /// Signs.
    pub(crate) key: Arc<SigningKey>,
    /// Those that signed before, each with the first event that it does not stand for.
    pub(crate) replaced: Vec<(PublicKey, u64)>,
}

impl SigningKeys {
    /// Whom the log is believed.
    pub(crate) fn believed(&self) -> PublicKeys {
        let mut keys = PublicKeys::from(self.key.public().clone());
        for (key, before) in &self.replaced {
            keys.add_replaced(key.clone(), *before);
        }
        keys
    }
}

impl From<SigningKey> for SigningKeys {
    fn from(key: SigningKey) -> Self {
        Self {
            key: Arc::new(key),
            replaced: Vec::new(),
        }
    }
}

/// Who signs.
pub(crate) struct Signer {
    keys: Mutex<SigningKeys>,
    /// Whose log it is.
    pub(super) deployment: String,
    /// The time.
    pub(super) clock: Arc<dyn Clock>,
}

impl Signer {
    /// With the keys of `deployment`.
    pub(crate) fn new(keys: SigningKeys, deployment: &str, clock: Arc<dyn Clock>) -> Self {
        Self {
            keys: Mutex::new(keys),
            deployment: deployment.to_owned(),
            clock,
        }
    }

    /// What verifies that which is signed now.
    pub(crate) fn public(&self) -> PublicKey {
        self.keys.lock().key.public().clone()
    }

    /// Whom the log is believed.
    pub(crate) fn believed(&self) -> PublicKeys {
        self.keys.lock().believed()
    }

    /// The first event that the present key stands for. `None`: it never replaced another.
    pub(crate) fn since(&self) -> Option<u64> {
        let keys = self.keys.lock();
        keys.replaced.last().map(|(_, before)| *before)
    }

    /// The content of a statement's file, which follows the statement `previous`.
    pub(super) fn sign(&self, previous: Option<Hash>, said: Said) -> Result<Vec<u8>, KeyError> {
        self.sign_with(&self.keys.lock().key, previous, said)
    }

    fn sign_with(
        &self,
        key: &SigningKey,
        previous: Option<Hash>,
        said: Said,
    ) -> Result<Vec<u8>, KeyError> {
        let time = self.clock.now().to_iso();
        Statement::new(key, &self.deployment, time, previous, said).sign(key)
    }

    /// Puts the statement `name`, which is none of the chain, on `shelf`.
    pub(super) fn put(&self, shelf: &dyn Shelf, name: &str, said: Said) -> io::Result<()> {
        let keys = self.keys.lock();
        let content = self.sign_with(&keys.key, None, said);
        shelf.put(name, &content.map_err(io::Error::other)?)
    }

    /// Signs with `next` from now on, behind the line `after` and the statement `previous`. Gives the hash of
    /// the statement that says so. When it fails, that may be there or not, and the key before still signs: to
    /// be done again before anything else is signed.
    pub(super) fn replace(
        &self,
        shelf: &dyn Shelf,
        (previous, after): (Hash, Position),
        next: &Arc<SigningKey>,
    ) -> io::Result<Hash> {
        let mut keys = self.keys.lock();
        let replaced = keys.key.public().clone();
        let change = KeyChange {
            after,
            replaced: replaced.clone(),
            next: next.public().clone(),
        };
        let first = change.first();
        let content = self.sign_with(&keys.key, Some(previous), Said::Key(change));
        let content = content.map_err(io::Error::other)?;
        shelf.put(&FileName::key(first), &content)?;
        self.sign_anew(shelf, (&replaced, next))?;
        keys.key = Arc::clone(next);
        keys.replaced.push((replaced, first));
        Ok(Hash::of(&content))
    }

    /// Does what is left to do when a server died as it replaced the key `replaced` by the present one.
    pub(crate) fn finish_replacing(&self, shelf: &dyn Shelf) -> io::Result<()> {
        let keys = self.keys.lock();
        match keys.replaced.last() {
            Some((replaced, _)) => self.sign_anew(shelf, (replaced, &keys.key)),
            None => Ok(()),
        }
    }

    /// Signs what was deleted with `next`, if `replaced` signed it. What nobody is to believe stays as it is.
    fn sign_anew(
        &self,
        shelf: &dyn Shelf,
        (replaced, next): (&PublicKey, &SigningKey),
    ) -> io::Result<()> {
        let Some(content) = shelf.read(RETENTION)? else {
            return Ok(());
        };
        let Ok(opened) = Statement::open(&content, &replaced.clone().into()) else {
            return Ok(());
        };
        let content = self.sign_with(next, None, opened.statement.said);
        shelf.put(RETENTION, &content.map_err(io::Error::other)?)
    }
}
