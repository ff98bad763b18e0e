//! `strongroom seal …`.

use super::{print, read, table};
use crate::admin::{self, Command, Destination, Hidden, SealStatus, SharesRow};
use crate::boot::BootError;
use crate::cli::{SealCommand, Target};
use crate::error::Error;
use base::Plaintext;
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
    while status.is_sealed() {
        let wants_shares = !status.shares.is_empty();
        let is_passphrase = [Some(&status.seal), status.pending.as_ref()]
            .into_iter()
            .flatten()
            .any(|seal| seal == SealKind::Passphrase.name());
        let request = if is_passphrase && !input.looks_like_share()? {
            attempt(None, Some(input.next(&Ask::passphrase())?))
        } else if wants_shares {
            attempt(Some(input.next(&Ask::share())?), None)
        } else {
            attempt(None, None)
        };
        answer = match admin::call(&target.data_dir, &request) {
            Err(refused @ admin::AdminError::Refused(_)) if input.can_ask() && wants_shares => {
                // A person may try again; what is refused changes nothing.
                crate::error::report(&refused);
                continue;
            }
            other => other?,
        };
        status = read(&answer)?;
    }
    tell(&answer, json)
}

/// Ends a migration, with what opens the new seal if the server asks for it.
fn finish(target: &Target, json: bool) -> Result<(), Error> {
    let request = |share, passphrase| Command::SealFinish { share, passphrase };
    let answer = admin::call(&target.data_dir, &Command::SealStatus)?;
    let mut status: SealStatus = read(&answer)?;
    let is_next = |kind: SealKind| status.pending.as_deref() == Some(kind.name());
    if !status.inherited || !is_next(SealKind::Shamir) {
        let passphrase = match status.inherited && is_next(SealKind::Passphrase) {
            true => Some(ask(&Ask::passphrase())?),
            false => None,
        };
        return show(target, &request(None, passphrase), json);
    }
    let mut input = Lines::default();
    loop {
        let share = input.next(&Ask::share())?;
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

fn line_of_input() -> Result<Zeroizing<String>, Error> {
    let mut line = Zeroizing::new(String::with_capacity(LONGEST_LINE));
    let mut input = std::io::stdin().lock().take(LONGEST_LINE as u64);
    input
        .read_line(&mut line)
        .map_err(Error::system("read standard input"))?;
    if line.trim_end().is_empty() {
        return Err(Error::NothingGiven);
    }
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
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

/// For people.
fn described(status: &SealStatus) -> String {
    let mut lines = vec![
        format!("state     {}", status.state),
        format!("seal      {}", status.seal),
    ];
    if let Some(pending) = &status.pending {
        lines.push(format!(
            "pending   {pending}; both seals open the data directory"
        ));
        lines.extend(next_step(status, pending).map(|next| format!("next      {next}")));
    }
    if let Some(notice) = &status.notice {
        lines.push(format!("notice    {notice}"));
    }
    for SharesRow {
        set,
        given,
        threshold,
    } in &status.shares
    {
        lines.push(format!(
            "given     {given} of {threshold} shares of the set {set}"
        ));
    }
    if let Some(SharesRow { set, threshold, .. }) = &status.recovery {
        lines.push(format!("recovery  {threshold} shares of the set {set}"));
    }
    lines.push(format!("root key  {}", status.root_key));
    let mut text = lines.join("\n");
    if !status.is_sealed() {
        text.push_str(&described_keys(status));
    }
    text
}

/// What there is to do about the migration to `pending`.
fn next_step(status: &SealStatus, pending: &str) -> Option<String> {
    if status.inherited {
        return Some(String::from(
            "run `strongroom seal migrate --finish`, which takes what opens the new seal, since the \
             server was started anew; or give it up with `strongroom seal migrate --abandon`",
        ));
    }
    let can_finish = !status.is_sealed() && pending == SealKind::Shamir.name();
    can_finish
        .then(|| String::from("hand the shares out, then run `strongroom seal migrate --finish`"))
}

fn described_keys(status: &SealStatus) -> String {
    let count = |count: Option<u64>| match count {
        Some(count) => count.to_string(),
        None => String::from("not counted yet"),
    };
    let locked = if status.key_pages_protected {
        "yes"
    } else {
        "no"
    };
    let lines = [
        format!("pages of keys are locked         {locked}"),
        format!(
            "records under older keys         {}",
            count(status.records_under_older_keys)
        ),
        format!(
            "KMS keys under older root keys   {}",
            count(status.kms_keys_under_older_root_keys)
        ),
    ];
    let state = |active| String::from(if active { "seals" } else { "opens" });
    let roots = status.root_keys.iter().map(|key| {
        let created = key.created.clone().unwrap_or_else(|| String::from("-"));
        let fingerprint = key.fingerprint.clone();
        [
            key.number.to_string(),
            fingerprint,
            created,
            state(key.active),
        ]
    });
    let roots = table(["ROOT KEY", "FINGERPRINT", "CREATED", "STATE"], roots);
    let keys = status.keys.iter();
    let keys = keys.map(|key| [key.id.to_string(), key.created.clone(), state(key.active)]);
    let keys = table(["KEY", "CREATED", "STATE"], keys);
    format!("\n{}\n\n{roots}\n\n{keys}", lines.join("\n"))
}

const LONGEST_LINE: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn shares() -> SharesRow {
        SharesRow {
            set: String::from("abcd"),
            given: 1,
            threshold: 2,
        }
    }

    #[test]
    fn a_sealed_server_says_what_it_needs() {
        let status = SealStatus {
            state: String::from("sealed"),
            seal: String::from("shamir"),
            notice: Some(String::from(
                "give the shares with `strongroom seal unseal`",
            )),
            shares: vec![shares()],
            recovery: Some(shares()),
            root_key: String::from("0123456789abcdef"),
            ..SealStatus::default()
        };

        assert_eq!(
            described(&status),
            "state     sealed\nseal      shamir\n\
             notice    give the shares with `strongroom seal unseal`\n\
             given     1 of 2 shares of the set abcd\n\
             recovery  2 shares of the set abcd\nroot key  0123456789abcdef"
        );
    }

    #[test]
    fn a_migration_of_before_the_start_ends_with_what_opens_the_new_seal() {
        let pending = |state: &str, inherited| {
            let status = SealStatus {
                state: String::from(state),
                inherited,
                ..SealStatus::default()
            };
            next_step(&status, "shamir")
        };

        let next = "run `strongroom seal migrate --finish`, which takes what opens the new seal, \
                    since the server was started anew; or give it up with `strongroom seal migrate \
                    --abandon`";
        assert_eq!(pending("open", true).as_deref(), Some(next));
        assert_eq!(pending("sealed", false), None);
    }

    #[test]
    fn an_open_server_shows_its_keys_and_what_is_under_older_ones() {
        let status = SealStatus {
            state: String::from("open"),
            seal: String::from("file"),
            pending: Some(String::from("shamir")),
            root_key: String::from("0123"),
            records_under_older_keys: Some(7),
            ..SealStatus::default()
        };

        assert_eq!(
            described(&status),
            "state     open\nseal      file\n\
             pending   shamir; both seals open the data directory\n\
             next      hand the shares out, then run `strongroom seal migrate --finish`\n\
             root key  0123\n\
             pages of keys are locked         no\n\
             records under older keys         7\n\
             KMS keys under older root keys   not counted yet\n\n\
             ROOT KEY  FINGERPRINT  CREATED  STATE\n\nKEY  CREATED  STATE"
        );
    }
}
