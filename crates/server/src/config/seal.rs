//! `[seal]`: how the root keys are kept, and where what opens them comes from.
//!
//! SECURITY: the program that a seal runs and the library that it loads are named here and nowhere
//! in the data directory, so that whoever can write there cannot choose them.

use seal::SealKind;
use seal::seals::{CommandMode, SecretSource};
use serde::Deserialize;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The seals that the operator set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SealConfig {
    /// The one that is to be in force.
    pub(crate) kind: SealKind,
    /// The root key file; in the data directory unless it says otherwise.
    pub(crate) key_file: PathBuf,
    /// Whether all memory is to be kept out of swap, and not only the pages with keys.
    pub(crate) lock_memory: bool,
    /// Where the passphrase comes from.
    pub(crate) passphrase: SecretFrom,
    /// The program.
    pub(crate) command: Option<Command>,
    /// The token.
    pub(crate) pkcs11: Option<Token>,
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretFrom {
    /// A person at the terminal.
    Terminal,
    /// An open file descriptor.
    Descriptor(u32),
    /// A variable of the environment, which is taken out of it.
    Environment(String),
    /// A file.
    File(PathBuf),
}

/// `[seal.command]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// The program and its arguments.
    pub(crate) argv: Vec<String>,
    /// What it does.
    pub(crate) mode: CommandMode,
    /// How long it may take.
    pub(crate) timeout: Duration,
}

/// `[seal.pkcs11]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// The token's library.
    pub(crate) module: PathBuf,
    /// Its label.
    pub(crate) token: String,
    /// The key's label.
    pub(crate) key: String,
    /// Where the PIN comes from.
    pub(crate) pin: SecretFrom,
}

/// Why `[seal]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealConfigError {
    /// The seal in force is not described.
    #[error("`seal.kind` is `{0}`, and there is no `[seal.{0}]`")]
    NotDescribed(SealKind),
    /// The program is not named by its whole path.
    #[error("`seal.command.argv` must begin with the whole path of a program")]
    Program,
    /// Not a place where a secret could come from.
    #[error("`{0}` is no source of a secret: use `terminal`, `fd:3`, `env:NAME` or `file:/path`")]
    Source(String),
}

/// The section as it is written.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// Which seal.
    kind: SealKind,
    /// The root key file.
    key_file: PathBuf,
    /// Whether all memory is locked.
    lock_memory: bool,
    passphrase: PassphraseSection,
    command: Option<CommandSection>,
    pkcs11: Option<TokenSection>,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            kind: SealKind::File,
            key_file: PathBuf::from(KEY_FILE),
            lock_memory: false,
            passphrase: PassphraseSection::default(),
            command: None,
            pkcs11: None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PassphraseSection {
    from: String,
}

impl Default for PassphraseSection {
    fn default() -> Self {
        Self {
            from: String::from(TERMINAL),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommandSection {
    argv: Vec<String>,
    mode: CommandMode,
    #[serde(default = "usual_timeout")]
    timeout_seconds: NonZeroU16,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenSection {
    module: PathBuf,
    token: String,
    key: String,
    #[serde(default = "terminal")]
    pin: String,
}

impl SealConfig {
    pub(super) fn resolve(section: Section) -> Result<Self, SealConfigError> {
        let config = Self {
            kind: section.kind,
            key_file: section.key_file,
            lock_memory: section.lock_memory,
            passphrase: SecretFrom::parse(&section.passphrase.from)?,
            command: section.command.map(Command::resolve).transpose()?,
            pkcs11: section.pkcs11.map(Token::resolve).transpose()?,
        };
        match config.kind {
            SealKind::Command if config.command.is_none() => {
                Err(SealConfigError::NotDescribed(SealKind::Command))
            }
            SealKind::Pkcs11 if config.pkcs11.is_none() => {
                Err(SealConfigError::NotDescribed(SealKind::Pkcs11))
            }
            _ => Ok(config),
        }
    }

    /// The variables that hold secrets.
    pub(crate) fn variables(&self) -> Vec<&str> {
        let pin = self.pkcs11.as_ref().map(|token| &token.pin);
        std::iter::once(&self.passphrase)
            .chain(pin)
            .filter_map(|from| match from {
                SecretFrom::Environment(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }
}

impl Default for SealConfig {
    fn default() -> Self {
        Self {
            kind: SealKind::File,
            key_file: PathBuf::from(KEY_FILE),
            lock_memory: false,
            passphrase: SecretFrom::Terminal,
            command: None,
            pkcs11: None,
        }
    }
}

impl SecretFrom {
    fn parse(text: &str) -> Result<Self, SealConfigError> {
        let unknown = || SealConfigError::Source(text.to_owned());
        match text.split_once(':') {
            None if text == TERMINAL => Ok(Self::Terminal),
            Some(("fd", number)) => {
                let number = number.parse().map_err(|_| unknown())?;
                Ok(Self::Descriptor(number))
            }
            Some(("env", name)) if is_variable(name) => Ok(Self::Environment(name.to_owned())),
            Some(("file", path)) if Path::new(path).is_absolute() => Ok(Self::File(path.into())),
            _ => Err(unknown()),
        }
    }

    /// The source, with the variables that were taken out of the environment.
    pub(crate) fn source(&self, taken: &crate::process::Taken) -> SecretSource {
        match self {
            Self::Terminal => SecretSource::Terminal,
            Self::Descriptor(number) => SecretSource::Descriptor(*number),
            Self::Environment(name) => taken.source(name),
            Self::File(path) => SecretSource::File(path.clone()),
        }
    }
}

impl Command {
    fn resolve(section: CommandSection) -> Result<Self, SealConfigError> {
        let program = section.argv.first().map(Path::new);
        if !program.is_some_and(Path::is_absolute) {
            return Err(SealConfigError::Program);
        }
        Ok(Self {
            argv: section.argv,
            mode: section.mode,
            timeout: super::seconds(section.timeout_seconds),
        })
    }
}

impl Token {
    fn resolve(section: TokenSection) -> Result<Self, SealConfigError> {
        Ok(Self {
            module: section.module,
            token: section.token,
            key: section.key,
            pin: SecretFrom::parse(&section.pin)?,
        })
    }
}

pub(super) fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn usual_timeout() -> NonZeroU16 {
    NonZeroU16::MIN.saturating_add(29)
}

fn terminal() -> String {
    String::from(TERMINAL)
}

const KEY_FILE: &str = "root.key";
const TERMINAL: &str = "terminal";

#[cfg(test)]
mod tests;
