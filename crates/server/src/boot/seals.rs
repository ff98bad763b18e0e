//! From the configuration to seals that work.

use crate::boot::Layout;
use crate::config::{SealConfig, SecretFrom};
use crate::process::Taken;
use base::{Entropy, Plaintext};
use seal::seals::{Ask, CommandSeal, FileSeal, PassphraseSeal, SecretSource};
use seal::{Seal, SealFailure, SealKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Makes the seals that are set up.
#[derive(Clone)]
pub(crate) struct Seals {
    pub(crate) config: SealConfig,
    taken: Taken,
    layout: Layout,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl Seals {
    /// For the data directory `layout`.
    pub(crate) fn new(
        config: SealConfig,
        taken: Taken,
        layout: Layout,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            config,
            taken,
            layout,
            entropy,
        }
    }

    /// What was taken out of the environment.
    pub(super) fn taken(&self) -> &Taken {
        &self.taken
    }

    /// The same with another configuration.
    pub(crate) fn with(&self, config: SealConfig) -> Self {
        Self {
            config,
            ..self.clone()
        }
    }

    /// The file seal.
    pub(crate) fn file(&self) -> FileSeal {
        FileSeal::new(self.key_file(), Arc::clone(&self.entropy))
    }

    /// Where the root key file is.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.beside_data(&self.config.key_file)
    }

    /// `path`, in the data directory unless it says otherwise.
    pub(crate) fn beside_data(&self, path: &Path) -> PathBuf {
        self.layout.dir().join(path)
    }

    /// The seal of `kind` that opens what is sealed. `None` when it is not set up, or is made of
    /// shares.
    pub(crate) fn opening(&self, kind: SealKind) -> Result<Option<Arc<dyn Seal>>, SealFailure> {
        match kind {
            SealKind::Passphrase => {
                let passphrase = self
                    .secret(&self.config.passphrase)
                    .read(&Ask::passphrase())?;
                Ok(Some(self.passphrase(passphrase)))
            }
            other => self.made(other),
        }
    }

    /// The seal of `kind` for a new data directory.
    pub(crate) fn first(&self, kind: SealKind) -> Result<Option<Arc<dyn Seal>>, SealFailure> {
        match kind {
            SealKind::Passphrase => {
                let ask = Ask::new_passphrase();
                let passphrase = self.secret(&self.config.passphrase).read(&ask)?;
                Ok(Some(self.passphrase(passphrase)))
            }
            other => self.made(other),
        }
    }

    /// The seal of a passphrase that is known.
    pub(crate) fn passphrase(&self, passphrase: Plaintext) -> Arc<dyn Seal> {
        let given = SecretSource::Given(Arc::new(passphrase));
        Arc::new(PassphraseSeal::new(given, Arc::clone(&self.entropy)))
    }

    fn made(&self, kind: SealKind) -> Result<Option<Arc<dyn Seal>>, SealFailure> {
        Ok(match kind {
            SealKind::File => Some(Arc::new(self.file())),
            SealKind::Command => self.command(),
            SealKind::Pkcs11 => self.token()?,
            SealKind::Passphrase | SealKind::Shamir => None,
        })
    }

    fn command(&self) -> Option<Arc<dyn Seal>> {
        let command = self.config.command.clone()?;
        let entropy = Arc::clone(&self.entropy);
        let seal = CommandSeal::new(command.argv, command.mode, command.timeout, entropy);
        Some(Arc::new(seal))
    }

    #[cfg(feature = "pkcs11")]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "a build without tokens refuses here"
    )]
    fn token(&self) -> Result<Option<Arc<dyn Seal>>, SealFailure> {
        let Some(token) = self.config.pkcs11.clone() else {
            return Ok(None);
        };
        let token = seal_pkcs11::TokenKey {
            pin: self.secret(&token.pin),
            module: token.module,
            token: token.token,
            key: token.key,
        };
        let entropy = Arc::clone(&self.entropy);
        Ok(Some(Arc::new(seal_pkcs11::Pkcs11Seal::new(token, entropy))))
    }

    #[cfg(not(feature = "pkcs11"))]
    fn token(&self) -> Result<Option<Arc<dyn Seal>>, SealFailure> {
        let unbuilt = "this program was built without `pkcs11`";
        Err(SealFailure::Token(String::from(unbuilt)))
    }

    fn secret(&self, from: &SecretFrom) -> SecretSource {
        from.source(&self.taken)
    }
}
