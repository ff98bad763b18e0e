//! `strongroom seal …`.

mod described;

use super::{print, read};
use crate::admin::{self, Command, Destination, Hidden, SealStatus};
use crate::boot::BootError;
use crate::cli::{SealCommand, Target};
use crate::error::Error;
use base::Plaintext;
use described::described;
use seal::SealKind;
use seal::seals::{Ask, SecretSource};
use serde::Deserialize;
use std::io::{BufRead as _, IsTerminal as _, Read as _};
use std::path::Path;
use zeroize::Zeroizing;

/// Runs one of the commands.
pub(crate) fn seal(command: &SealCommand, json: bool) -> Result<(), Error> {
    match command {
        SealCommand::Status { target } => show(target, &Command::SealStatus, json),
        SealCommand::Rotate { target, root } => {
            show(target, &Command::SealRotate { root: *root }, json)
        }
        SealCommand::Migrate {
            target,
            to: Some(to),
            key_file,
            shares,
            threshold,
            finish: _,
            abandon: _,
        } => {
            let numbers = shares.zip(*threshold);
            let to = destination(*to, key_file.as_deref(), numbers)?;
            show(target, &Command::SealMigrate { to }, json)
        }
        SealCommand::Migrate {
            target,
            abandon: true,
            ..
        } => show(target, &Command::SealAbandon, json),
        SealCommand::Migrate { target, .. } => finish(target, json),
        SealCommand::Unseal { target, retry } => unseal(target, *retry, json),
        SealCommand::RecoveryShares {
            target,
            remove: true,
            ..
        } => show(target, &Command::SealRecoveryRemove {}, json),
        SealCommand::RecoveryShares {
            target,
            shares,
            threshold,
            remove: false,
        } => {
            let (shares, threshold) = shares.zip(*threshold).ok_or(BootError::NeedsShares)?;
            show(
                target,
                &Command::SealRecoveryMake { shares, threshold },
                json,
            )
        }
    }
}

/// What a migration to the seal `kind` takes. Flags that are for another one are refused, and asks
/// for the passphrase last.
fn destination(
    kind: SealKind,
    key_file: Option<&Path>,
    numbers: Option<(u8, u8)>,
) -> Result<Destination, Error> {
    if key_file.is_some() && kind != SealKind::File {
        return Err(Error::NoKeyFile(kind));
    }
    if numbers.is_some() && kind != SealKind::Shamir {
        return Err(BootError::NoShares(kind).into());
    }
    Ok(match kind {
        SealKind::File => Destination::File {
            key_file: key_file.map(Path::to_owned),
        },
        SealKind::Passphrase => Destination::Passphrase(ask(&Ask::new_passphrase())?),
        SealKind::Command => Destination::Command,
        SealKind::Pkcs11 => Destination::Pkcs11,
        SealKind::Shamir => {
            let (shares, threshold) = numbers.ok_or(BootError::NeedsShares)?;
            Destination::Shamir { shares, threshold }
        }
    })
}

/// Gives the server what opens it, until it is open or nothing is left to give.
fn unseal(target: &Target, retry: bool, json: bool) -> Result<(), Error> {
    let mut answer = admin::call(&target.data_dir, &Command::SealStatus)?;
    let mut status: SealStatus = read(&answer)?;
    if retry && status.is_sealed() {
        return show(target, &attempt(None, None), json);
    }
    let mut input = Lines::default();
    let mut was_taken = false;
    while status.is_sealed() {
        let request = match next_attempt(&status, &mut input) {
            Err(Error::NothingGiven) if was_taken => return needs_more(&answer, json),
            other => other?,
        };
        answer = match admin::call(&target.data_dir, &request) {
            Err(refused @ admin::AdminError::Refused(_))
                if input.can_ask() && !status.shares.is_empty() =>
            {
                // A person may try again; what is refused changes nothing.
                crate::error::report(&refused);
                continue;
            }
            other => other?,
        };
        was_taken = true;
        status = read(&answer)?;
    }
    tell(&answer, json)
}

/// What to try next on a server that is sealed.
fn next_attempt(status: &SealStatus, input: &mut Lines) -> Result<Command, Error> {
    let is_passphrase = [Some(&status.seal), status.pending.as_ref()]
        .into_iter()
        .flatten()
        .any(|seal| *seal == SealKind::Passphrase);
    Ok(if is_passphrase && !input.looks_like_share()? {
        attempt(None, Some(input.next(&Ask::passphrase())?))
    } else if !status.shares.is_empty() {
        attempt(Some(input.next(&Ask::share())?), None)
    } else {
        attempt(None, None)
    })
}

/// Tells how far it is when the shares that were given were taken and are too few.
fn needs_more(answer: &str, json: bool) -> Result<(), Error> {
    tell(answer, json)?;
    let status: SealStatus = read(answer)?;
    let begun = status.shares.iter().filter(|set| set.given > 0);
    let missing = begun.map(|set| set.threshold.saturating_sub(set.given));
    Err(Error::MoreShares(missing.min().unwrap_or(1)))
}

/// Ends a migration, with what opens the new seal if the server asks for it.
fn finish(target: &Target, json: bool) -> Result<(), Error> {
    let request = |share, passphrase| Command::SealFinish { share, passphrase };
    let answer = admin::call(&target.data_dir, &Command::SealStatus)?;
    let mut status: SealStatus = read(&answer)?;
    let is_next = |kind: SealKind| status.pending == Some(kind);
    if !status.inherited || !is_next(SealKind::Shamir) {
        let passphrase = match status.inherited && is_next(SealKind::Passphrase) {
            true => Some(ask(&Ask::passphrase())?),
            false => None,
        };
        return show(target, &request(None, passphrase), json);
    }
    let mut input = Lines::default();
    let mut taken: Option<Zeroizing<String>> = None;
    loop {
        let share = match (input.next(&Ask::share()), &taken) {
            (Err(Error::NothingGiven), Some(answer)) => return needs_more(answer, json),
            (other, _) => other?,
        };
        let answer = match admin::call(&target.data_dir, &request(Some(share), None)) {
            Err(refused @ admin::AdminError::Refused(_)) if input.can_ask() => {
                crate::error::report(&refused);
                continue;
            }
            other => other?,
        };
        status = read(&answer)?;
        if status.pending.is_none() {
            return tell(&answer, json);
        }
        taken = Some(answer);
    }
}

fn attempt(share: Option<Hidden>, passphrase: Option<Hidden>) -> Command {
    Command::SealUnseal { share, passphrase }
}

/// What comes at a terminal, or line by line from standard input.
#[derive(Default)]
struct Lines {
    ahead: Option<Zeroizing<String>>,
}

impl Lines {
    fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal()
    }

    /// Whether the next line of standard input is a share. At a terminal it is not known.
    fn looks_like_share(&mut self) -> Result<bool, Error> {
        if self.can_ask() {
            return Ok(false);
        }
        if self.ahead.is_none() {
            self.ahead = Some(line_of_input()?);
        }
        let ahead = self.ahead.as_ref();
        Ok(ahead.is_some_and(|line| line.trim_start().to_lowercase().starts_with("srs1-")))
    }

    fn next(&mut self, question: &Ask) -> Result<Hidden, Error> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Hidden::new(ahead));
        }
        ask(question)
    }
}

/// Asks at the terminal, or reads a line when there is none.
fn ask(question: &Ask) -> Result<Hidden, Error> {
    if std::io::stdin().is_terminal() {
        let secret = SecretSource::Terminal.read(question)?;
        return text_of(&secret).map(Hidden::new);
    }
    line_of_input().map(Hidden::new)
}

/// The next line of standard input that is not blank.
fn line_of_input() -> Result<Zeroizing<String>, Error> {
    loop {
        let mut line = Zeroizing::new(String::with_capacity(LONGEST_LINE));
        let mut input = std::io::stdin().lock().take(LONGEST_LINE as u64);
        let length = input
            .read_line(&mut line)
            .map_err(Error::system("read standard input"))?;
        if length == 0 {
            return Err(Error::NothingGiven);
        }
        if !line.trim_end().is_empty() {
            let length = line.trim_end_matches(['\r', '\n']).len();
            line.truncate(length);
            return Ok(line);
        }
    }
}

fn text_of(secret: &Plaintext) -> Result<Zeroizing<String>, Error> {
    let text = std::str::from_utf8(secret.expose()).map_err(|_| Error::NothingGiven)?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn show(target: &Target, request: &Command, json: bool) -> Result<(), Error> {
    tell(&admin::call(&target.data_dir, request)?, json)
}

/// Shares that were made just now.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made<'a> {
    #[serde(borrow, default)]
    new_shares: Vec<&'a str>,
}

/// Prints a status, and before it the shares that were made.
pub(super) fn tell(answer: &str, json: bool) -> Result<(), Error> {
    if json {
        return print(answer);
    }
    let made: Made<'_> = serde_json::from_str(answer).map_err(|_| admin::AdminError::NoAnswer)?;
    if !made.new_shares.is_empty() {
        let room = made.new_shares.iter().map(|share| share.len() + 1).sum();
        let mut shares = Zeroizing::new(String::with_capacity(room));
        for share in &made.new_shares {
            shares.push_str(share);
            shares.push('\n');
        }
        print(&shares)?;
    }
    let status: SealStatus = read(answer)?;
    print(&described(&status))
}

const LONGEST_LINE: usize = 4096;
