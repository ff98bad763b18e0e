//! What is said over the admin socket.

use base::{AccountId, Timestamp};
use seal::RingKey;
use serde::{Deserialize, Serialize};
use services::{AccountSummary, NewAccount};
use zeroize::Zeroizing;

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", deny_unknown_fields)]
pub(crate) enum Command {
    /// A new account with root credentials.
    #[serde(rename = "account.create")]
    AccountCreate {
        /// Its number. `None` draws one.
        account_id: Option<AccountId>,
    },
    /// Every account.
    #[serde(rename = "account.list")]
    AccountList,
    /// The keys that seal the store.
    #[serde(rename = "seal.status")]
    SealStatus,
    /// A new key that seals.
    #[serde(rename = "seal.rotate")]
    SealRotate,
}

/// An account in a list.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccountRow {
    /// Its number.
    pub(crate) account_id: AccountId,
    /// When it was created, in ISO 8601.
    pub(crate) created: String,
}

/// The keys that seal the store.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SealStatus {
    /// Which root key is in use.
    pub(crate) root_key: String,
    /// The keys of the ring, oldest first.
    pub(crate) keys: Vec<KeyRow>,
}

/// One key of the ring.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyRow {
    /// Its number.
    pub(crate) id: u32,
    /// When it was made, in ISO 8601.
    pub(crate) created: String,
    /// Whether it is the one that seals.
    pub(crate) active: bool,
}

impl From<AccountSummary> for AccountRow {
    fn from(account: AccountSummary) -> Self {
        Self {
            account_id: account.account_id,
            created: Timestamp::to_iso(account.created),
        }
    }
}

impl From<RingKey> for KeyRow {
    fn from(key: RingKey) -> Self {
        Self {
            id: key.id,
            created: key.created.to_iso(),
            active: key.active,
        }
    }
}

/// An answer that went well, as a line. `result` is JSON.
pub(super) fn ok_line(result: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut line = Zeroizing::new(Vec::with_capacity(result.len() + 16));
    line.extend_from_slice(br#"{"ok":"#);
    line.extend_from_slice(result);
    line.extend_from_slice(b"}\n");
    line
}

/// An answer that says why there is none, as a line.
pub(super) fn error_line(text: &str) -> Zeroizing<Vec<u8>> {
    let mut line = serde_json::to_vec(&Failure { error: text }).unwrap_or_default();
    line.push(b'\n');
    Zeroizing::new(line)
}

/// A new account as JSON, with its secret.
///
/// SECURITY: written by hand, because a secret has no `Serialize`; the room is taken beforehand, so
/// that no growing leaves a copy behind.
pub(super) fn new_account(account: &NewAccount) -> Zeroizing<Vec<u8>> {
    let secret = account.secret_access_key.expose();
    let mut json = Zeroizing::new(Vec::with_capacity(256 + 6 * secret.len()));
    json.extend_from_slice(br#"{"AccountId":""#);
    json.extend_from_slice(account.account_id.as_str().as_bytes());
    json.extend_from_slice(br#"","AccessKeyId":""#);
    json.extend_from_slice(account.access_key_id.as_bytes());
    json.extend_from_slice(br#"","SecretAccessKey":""#);
    for &byte in secret {
        if matches!(byte, b'"' | b'\\') {
            json.push(b'\\');
        }
        json.push(byte);
    }
    json.extend_from_slice(br#""}"#);
    json
}

#[derive(Serialize)]
struct Failure<'a> {
    error: &'a str,
}
