//! Operator commands: ask the running server, print its answer. `init`, `audit` and `quotas` work without one.

mod access;
mod audit;
mod decisions;
mod deliveries;
mod functions;
mod init;
mod node;
mod quotas;
mod rotation;
mod rotators;
mod sealing;
mod terminal;

pub(crate) use self::access::{access, unused};
pub(crate) use self::audit::{Filter, audit, filter};
pub(crate) use self::functions::functions;
pub(crate) use decisions::{explain, who_can};
pub(crate) use deliveries::deliveries;
pub(crate) use init::init;
pub(crate) use node::node;
pub(crate) use quotas::quotas;
pub(crate) use rotation::rotation;
pub(crate) use rotators::{rotator, template};
pub(crate) use sealing::seal;

use crate::admin::{self, AccountRow, AdminError, Command};
use crate::cli::{AccountCommand, AdminCommand};
use crate::config;
use crate::error::Error;
use serde::de::DeserializeOwned;
use std::io::Write as _;
use zeroize::Zeroizing;

/// `strongroom account …`.
pub(crate) fn account(command: &AccountCommand, json: bool) -> Result<(), Error> {
    match command {
        AccountCommand::Create { target, account_id } => {
            let account_id = account_id.clone().map(config::account_id).transpose()?;
            let request = Command::AccountCreate { account_id };
            // Always JSON: it is shown once, and is to be kept by a program or a file.
            print(&admin::call(&target.data_dir, &request)?)
        }
        AccountCommand::List { target } => {
            let answer = admin::call(&target.data_dir, &Command::AccountList)?;
            if json {
                return print(&answer);
            }
            let rows: Vec<AccountRow> = read(&answer)?;
            let cells = rows
                .into_iter()
                .map(|row| [row.account_id.to_string(), row.created]);
            print(&table(["ACCOUNT", "CREATED"], cells))
        }
        AccountCommand::RestoreAccess {
            target,
            account_id,
            secret,
            region,
        } => {
            let request = Command::AccountRestoreAccess {
                account_id: config::account_id(account_id.clone())?,
                secret: secret.clone(),
                region: region.clone().map(config::region_name).transpose()?,
            };
            print(&admin::call(&target.data_dir, &request)?)
        }
        AccountCommand::RotateRootKeys { target, account_id } => {
            let account_id = config::account_id(account_id.clone())?;
            let request = Command::AccountRotateRootKeys { account_id };
            print(&admin::call(&target.data_dir, &request)?)
        }
    }
}

/// `strongroom admin …`.
pub(crate) fn admin(command: &AdminCommand) -> Result<(), Error> {
    match command {
        AdminCommand::Create {
            target,
            user,
            account_id,
            profile,
        } => {
            let request = Command::AdminCreate {
                user_name: user.clone(),
                account_id: account_id.clone().map(config::account_id).transpose()?,
                profile: profile.clone(),
            };
            // Always JSON, as with a new account.
            print(&admin::call(&target.data_dir, &request)?)
        }
    }
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, AdminError> {
    serde_json::from_str(answer).map_err(|_| AdminError::NoAnswer)
}

fn print(text: &str) -> Result<(), Error> {
    let mut line = Zeroizing::new(Vec::with_capacity(text.len() + 1));
    line.extend_from_slice(text.as_bytes());
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)
        .and_then(|()| out.flush())
        .map_err(Error::system("write to standard output"))
}

/// Columns as wide as their widest cell, two spaces apart.
fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut lines = vec![header.map(String::from)];
    lines.extend(rows);
    let mut widths = [0; N];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let written: Vec<String> = lines
        .iter()
        .map(|line| {
            let padded: Vec<String> = line
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            padded.join("  ").trim_end().to_owned()
        })
        .collect();
    written.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["1", "first"], ["10", "x"]].map(|row| row.map(String::from));

        assert_eq!(table(["ID", "NAME"], rows), "ID  NAME\n1   first\n10  x");
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        assert_eq!(table(["ID", "NAME"], []), "ID  NAME");
    }
}
