use crate::file::FileSealError;
use crate::{BundleError, SealKind};
use base::SealError;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a seal could not be made or opened. The text tells the operator what to do, and nothing of
/// the key.
#[derive(Debug, thiserror::Error)]
pub enum SealFailure {
    /// What opens holds no root keys that this version can read.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A command did not do its work.
    #[error(
        "the seal command `{program}` {failed}; run it by hand as the server's user to see why"
    )]
    Command {
        /// The program.
        program: String,
        /// What it did instead.
        failed: CommandFailure,
    },
    /// The root key file.
    #[error(transparent)]
    File(#[from] FileSealError),
    /// Authentic parameters cannot give this: the envelope is damaged or was tampered with.
    #[error(
        "the {kind} seal in `seal.json` is damaged (`{field}`); restore `seal.json` from your \
         backup, or open it with the recovery shares"
    )]
    Malformed {
        /// Which seal.
        kind: SealKind,
        /// Which parameter.
        field: &'static str,
    },
    /// More shares are needed.
    #[error("{given} of {threshold} shares were given; {} more are needed", threshold.saturating_sub(*given))]
    MoreShares {
        /// How many are here.
        given: u8,
        /// How many it takes.
        threshold: u8,
    },
    /// The migration to this seal was begun by an earlier process, which had what wraps for it.
    #[error(
        "a migration to `{0}` was begun before the server started: end it with `strongroom seal \
         migrate --finish`, which takes what opens the new seal, or give it up with `strongroom \
         seal migrate --abandon`"
    )]
    Inherited(SealKind),
    /// There is nothing to finish.
    #[error("no migration was begun; run `strongroom seal migrate --to …`")]
    NoMigration,
    /// It opens, and holds other root keys than the ones in force.
    #[error(
        "what `seal.json` has for the new seal `{0}` holds other keys than the ones in force: give \
         the migration up with `strongroom seal migrate --abandon`"
    )]
    OtherKeys(SealKind),
    /// What this seal needs is not here.
    #[error("{}", not_at_hand(*.0))]
    NotAtHand(SealKind),
    /// There is no root key file, and something else opens the data directory too.
    #[error("there is no root key file `{}`", .0.display())]
    NoKeyFile(PathBuf),
    /// Nobody said the passphrase.
    #[error("cannot read the passphrase from {source_name}")]
    NoPassphrase {
        /// Where it should come from.
        source_name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The passphrase that is to be set is too short.
    #[error("the passphrase has fewer than {SHORTEST_PASSPHRASE} characters; choose a longer one")]
    ShortPassphrase,
    /// The two passphrases differ.
    #[error("the two passphrases are not the same; try again")]
    PassphrasesDiffer,
    /// The wrong key for this envelope.
    #[error("{}", wrong_key(*.0))]
    WrongKey(SealKind),
    /// The envelope is another seal's.
    #[error("`seal.json` is for the seal `{found}`, and this is the seal `{asked}`")]
    WrongKind {
        /// What the envelope says.
        found: SealKind,
        /// What was to open it.
        asked: SealKind,
    },
    /// The seal in force is not at hand.
    #[error(
        "the recovery shares opened this data directory, and its own seal did not; run `strongroom \
         seal migrate` to give it another seal first"
    )]
    Recovered,
    /// A share is no good.
    #[error(transparent)]
    Share(#[from] crate::shamir::ShareError),
    /// The token or its library.
    #[error("the PKCS#11 token does not work: {0}")]
    Token(String),
    /// The cipher failed.
    #[error(transparent)]
    Cipher(#[from] SealError),
    /// Another node wrote envelopes at the same moment, and nothing was written here.
    #[error("another node changed the seal at the same moment: try again")]
    Changed,
    /// What another node wrote does not open here, so that nothing can be written in its place.
    #[error(
        "another node gave the deployment the seal `{0}`, which this node cannot open: set it up \
         here as on that node, and start this node again"
    )]
    Shut(SealKind),
    /// The envelopes are gone.
    #[error(
        "the envelopes of the root keys are gone from the store: put them back from your backup"
    )]
    Gone,
    /// The store that the envelopes are in.
    #[error("cannot {action} the envelopes of the root keys in the store")]
    Store {
        /// What was tried.
        action: &'static str,
        /// What the store said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What the store has is none.
    #[error(
        "the envelopes of the root keys in the store cannot be read by this version ({0}); put them \
         back from your backup"
    )]
    UnknownStored(String),
    /// The envelope file could not be read or written.
    #[error("cannot {action} `{}`", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The envelope file is not one.
    #[error(
        "`{}` cannot be read by this version ({reason}); restore it from your backup",
        .path.display()
    )]
    UnknownFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// What a seal command did instead of its work.
#[derive(Debug, thiserror::Error)]
pub enum CommandFailure {
    /// It could not be started.
    #[error("cannot be started: {0}")]
    Start(io::Error),
    /// It ended with an error.
    #[error("failed ({0})")]
    Exit(String),
    /// It took too long.
    #[error("did not end within {} seconds", .0.as_secs())]
    Slow(Duration),
    /// What it wrote is not what it should have written.
    #[error("answered something else than {0}")]
    Answer(&'static str),
}

fn not_at_hand(kind: SealKind) -> &'static str {
    match kind {
        SealKind::File => "the root key file is not here",
        SealKind::Passphrase => "give the passphrase with `strongroom seal unseal`",
        SealKind::Command => "there is no `[seal.command]` in the configuration file",
        SealKind::Pkcs11 => "there is no `[seal.pkcs11]` in the configuration file",
        SealKind::Shamir => "give the shares with `strongroom seal unseal`",
    }
}

fn wrong_key(kind: SealKind) -> &'static str {
    match kind {
        SealKind::File => {
            "the root key file does not open `seal.json`; put the file back that belongs to this \
             data directory, or, after a migration to another file, name that one in \
             `seal.key_file` of the configuration"
        }
        SealKind::Passphrase => "the passphrase is wrong, or `seal.json` was damaged",
        SealKind::Command => {
            "the key of the seal command does not open `seal.json`; it gives another key than when \
             the seal was made"
        }
        SealKind::Pkcs11 => {
            "the token's key does not open `seal.json`; check that it is the key that made the seal"
        }
        SealKind::Shamir => {
            "the shares do not open `seal.json`; they are from before the last time that shares \
             were made"
        }
    }
}

pub(crate) const SHORTEST_PASSPHRASE: usize = 12;
