//! Commands about the seal.

use super::destination::Destination;
use super::hidden::Hidden;
use super::live::{Answer, Live, to_json};
use super::status::SealStatus;
use crate::boot::{Attempt, Door, Opened};
use crate::config;
use crate::error::chain;
use base::Plaintext;
use seal::seals::{FileSeal, ShamirSeal};
use seal::{Seal, SealFailure, SealKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

impl Live {
    /// Tells of the seal.
    pub(super) fn seal_status(&self) -> Answer {
        to_json(&SealStatus::open(&self.keys))
    }

    /// Makes a new key of the ring, or a new root key.
    pub(super) async fn rotate_seal(&self, is_root: bool) -> Answer {
        let rotated = if is_root {
            self.keys.rotate_root().await
        } else {
            self.keys.rotate().await
        };
        rotated.map_err(|error| chain(&error))?;
        self.seal_status()
    }

    /// Gives the data directory another seal. With shares, the migration stays open until
    /// [`Live::finish_migration`]: they are shown here and nowhere else, and must arrive first.
    pub(super) async fn migrate(&self, to: &Destination) -> Answer {
        let (seal, shares) = self.new_seal(to).map_err(|error| chain(&error))?;
        self.keys
            .begin_migration(seal)
            .await
            .map_err(|error| chain(&error))?;
        if !shares.is_empty() {
            return Ok(with_shares(&self.seal_status()?, &shares));
        }
        self.finish_migration(None, None).await
    }

    /// Ends a migration. One of an earlier process takes what opens its seal: shares, one by one, or
    /// the passphrase. So the shares that were handed out are known to work before they are needed.
    pub(super) async fn finish_migration(
        &self,
        share: Option<&Hidden>,
        passphrase: Option<&Hidden>,
    ) -> Answer {
        if let Some(share) = share {
            let collected = self.keys.give_share(share.to_plaintext()).await;
            if !collected.map_err(|error| chain(&error))?.is_enough() {
                return self.seal_status();
            }
        } else if let Some(kind) = self.keys.seal().inherited {
            let seal = self.next_seal(kind, passphrase);
            let seal = seal.map_err(|error| chain(&error))?;
            let resumed = self.keys.resume_migration(seal).await;
            resumed.map_err(|error| chain(&error))?;
        }
        let finished = self.keys.finish_migration().await;
        finished.map_err(|error| chain(&error))?;
        self.seal_status()
    }

    /// Gives a migration up.
    pub(super) async fn abandon_migration(&self) -> Answer {
        let abandoned = self.keys.abandon_migration().await;
        abandoned.map_err(|error| chain(&error))?;
        self.seal_status()
    }

    /// Makes recovery shares.
    pub(super) async fn make_recovery_shares(&self, shares: u8, threshold: u8) -> Answer {
        let made = self.keys.make_recovery(shares, threshold).await;
        let made = made.map_err(|error| chain(&error))?;
        Ok(with_shares(&self.seal_status()?, &made))
    }

    /// Takes the recovery shares that there are out of force.
    pub(super) async fn remove_recovery_shares(&self) -> Answer {
        let removed = self.keys.remove_recovery().await;
        removed.map_err(|error| chain(&error))?;
        self.seal_status()
    }

    fn new_seal(
        &self,
        to: &Destination,
    ) -> Result<(Arc<dyn Seal>, Vec<Plaintext>), MigrationError> {
        // Read anew, so that a seal can be set up while the server runs.
        let config = config::seal_now(self.config_file.as_deref())?;
        let seals = self.seals.with(config);
        let seal: Arc<dyn Seal> = match to {
            Destination::File { key_file } => {
                let asked = key_file.as_deref().map(|path| seals.beside_data(path));
                self.key_file(named_key_file(seals.key_file(), asked)?)?
            }
            Destination::Passphrase(given) => seals.passphrase(given.to_plaintext()),
            Destination::Command | Destination::Pkcs11 => seals
                .opening(to.kind())?
                .ok_or(SealFailure::NotAtHand(to.kind()))?,
            Destination::Shamir { shares, threshold } => {
                let entropy = Arc::clone(&seals.entropy);
                let (seal, shares) = ShamirSeal::create(*shares, *threshold, entropy)?;
                return Ok((Arc::new(seal), shares));
            }
        };
        Ok((seal, Vec::new()))
    }

    /// The seal of `kind` as it is set up now, to go on with a migration to it.
    fn next_seal(
        &self,
        kind: SealKind,
        passphrase: Option<&Hidden>,
    ) -> Result<Arc<dyn Seal>, MigrationError> {
        let config = config::seal_now(self.config_file.as_deref())?;
        let seals = self.seals.with(config);
        let left = || SealFailure::Inherited(kind);
        Ok(match kind {
            SealKind::Passphrase => {
                let given = passphrase.ok_or_else(left)?;
                seals.passphrase(given.to_plaintext())
            }
            SealKind::File | SealKind::Command | SealKind::Pkcs11 | SealKind::Shamir => {
                seals.opening(kind)?.ok_or_else(left)?
            }
        })
    }

    /// The file seal at `path`. A file that is there already is used as it is: an earlier attempt
    /// may have left it.
    fn key_file(&self, path: PathBuf) -> Result<Arc<dyn Seal>, MigrationError> {
        let in_force = self.seals.key_file();
        if self.keys.seal().kind == SealKind::File && is_same_file(&path, &in_force) {
            return Err(MigrationError::SameFile(path));
        }
        let entropy = Arc::clone(&self.entropy);
        let seal = if path.exists() {
            FileSeal::new(path, entropy)
        } else {
            FileSeal::create(path, entropy)?
        };
        Ok(Arc::new(seal))
    }
}

/// Why a migration was not begun.
#[derive(Debug, thiserror::Error)]
enum MigrationError {
    /// The configuration file.
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    /// The seal.
    #[error(transparent)]
    Seal(#[from] SealFailure),
    /// There is nothing to migrate.
    #[error(
        "the root key file `{}` is the seal in force; name another in `seal.key_file` of the \
         configuration file first",
        .0.display()
    )]
    SameFile(PathBuf),
    /// The next start would look for another file.
    #[error(
        "the configuration names the root key file `{}` and not `{}`; change `seal.key_file` in \
         the configuration file first, or the server will not start again",
        .named.display(),
        .asked.display()
    )]
    OtherFile {
        /// What the configuration says now.
        named: PathBuf,
        /// What the operator said.
        asked: PathBuf,
    },
}

/// The root key file that the configuration has, which an operator may name once more.
///
/// INVARIANT: a server starts anew with the configuration that it has, so no migration is to a file
/// that the configuration does not name.
fn named_key_file(named: PathBuf, asked: Option<PathBuf>) -> Result<PathBuf, MigrationError> {
    match asked {
        Some(asked) if !is_same_file(&asked, &named) => {
            Err(MigrationError::OtherFile { named, asked })
        }
        _ => Ok(named),
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    resolved(one) == resolved(other)
}

/// `path` without links and dots, whether or not the file is there yet.
fn resolved(path: &Path) -> PathBuf {
    let by_folder = || {
        let folder = path.parent()?.canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    let whole = path.canonicalize().ok();
    whole.or_else(by_folder).unwrap_or_else(|| path.to_owned())
}

/// A sealed server's commands.
pub(super) struct Sealed {
    door: Arc<Door>,
    passages: mpsc::Sender<Passage>,
}

/// Root keys on their way from an operator's command to the start of the server.
pub(crate) struct Passage {
    /// What was opened.
    pub(crate) opened: Box<Opened>,
    /// Told when the server serves, or why it does not.
    pub(crate) done: oneshot::Sender<Result<(), String>>,
}

impl Sealed {
    /// What opens goes to `passages`.
    pub(super) fn new(door: Arc<Door>, passages: mpsc::Sender<Passage>) -> Self {
        Self { door, passages }
    }

    /// Tells of the seal.
    pub(super) fn status(&self) -> Answer {
        to_json(&SealStatus::sealed(&self.door))
    }

    /// Tries a share or a passphrase, or with neither what needs nobody. Whether it is open now.
    pub(super) async fn unseal(
        &self,
        share: Option<&Hidden>,
        passphrase: Option<&Hidden>,
    ) -> Result<bool, String> {
        let door = Arc::clone(&self.door);
        let (share, passphrase) = (
            share.map(Hidden::to_plaintext),
            passphrase.map(Hidden::to_plaintext),
        );
        let attempt = tokio::task::spawn_blocking(move || match (share, passphrase) {
            (Some(share), _) => door.share(share.expose()),
            (None, Some(passphrase)) => door.passphrase(passphrase.expose()),
            (None, None) => door.again(),
        });
        let attempt = attempt.await.map_err(|error| error.to_string())?;
        match attempt.map_err(|error| chain(&error))? {
            Attempt::More => Ok(false),
            Attempt::Open(opened) => {
                let (done, outcome) = oneshot::channel();
                let passage = Passage { opened, done };
                let gone = |_| String::from("the server is being opened already");
                self.passages.try_send(passage).map_err(gone)?;
                let died = |_| String::from("the server stopped");
                outcome.await.map_err(died)??;
                Ok(true)
            }
        }
    }
}

/// The status with shares added to it.
///
/// SECURITY: written by hand, because a secret has no `Serialize`. Shares are plain ASCII.
pub(crate) fn with_shares(status: &[u8], shares: &[Plaintext]) -> Zeroizing<Vec<u8>> {
    let room = shares.iter().map(|share| share.len() + 3).sum::<usize>();
    let mut json = Zeroizing::new(Vec::with_capacity(status.len() + room + 16));
    json.extend_from_slice(br#"{"NewShares":["#);
    for (index, share) in shares.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        json.push(b'"');
        json.extend_from_slice(share.expose());
        json.push(b'"');
    }
    json.push(b']');
    if let Some(rest) = status.strip_prefix(b"{") {
        json.push(b',');
        json.extend_from_slice(rest);
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_key_file_is_the_same_however_it_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir(at("keys")).unwrap();
        symlink(at("keys"), at("link")).unwrap();

        for is_there in [false, true] {
            if is_there {
                fs::write(at("keys/new.key"), "").unwrap();
            }
            for asked in ["keys/new.key", "link/new.key", "keys/../keys/new.key"] {
                let path = named_key_file(at("keys/new.key"), Some(at(asked))).unwrap();

                assert_eq!(path, at("keys/new.key"), "{asked}");
            }
            assert!(!is_same_file(&at("keys/new.key"), &at("new.key")));
        }
        assert_eq!(named_key_file(at("a"), None).unwrap(), at("a"));
    }

    #[test]
    fn a_key_file_that_the_configuration_does_not_name_is_refused() {
        let refused = named_key_file(PathBuf::from("/a/root.key"), Some(PathBuf::from("/b/new")));

        assert_eq!(
            refused.err().unwrap().to_string(),
            "the configuration names the root key file `/a/root.key` and not `/b/new`; change \
             `seal.key_file` in the configuration file first, or the server will not start again"
        );
    }
}
