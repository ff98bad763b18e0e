//! Signed statements about the log.
//!
//! A statement is one line of JSON whose last member is the signature: Ed25519 over [`DOMAIN`] and
//! everything before that member.

use crate::chain::Position;
use crate::hash::Hash;
use crate::keys::{KeyError, KeyId, PublicKey, PublicKeys, SigningKey};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

/// What the deployment says of its log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    version: u16,
    /// Whose log it is.
    pub deployment: String,
    /// When it was said, in ISO form.
    pub time: String,
    /// The hash of the statement before. A beginning has none.
    pub previous: Option<Hash>,
    /// What is said.
    #[serde(flatten)]
    pub said: Said,
    /// The key that signed it.
    key_id: KeyId,
}

/// What a statement says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Said {
    /// The log begins here.
    Beginning(Beginning),
    /// A segment is closed.
    Segment(Segment),
    /// Another key signs from here on.
    Key(KeyChange),
    /// Events are lost, and an operator took note of it.
    Loss(Loss),
    /// The log goes as far as this.
    Head(Head),
    /// Segments are deleted because of their age.
    Retention(Retention),
}

/// The log begins here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Beginning {
    /// The log before it was chained.
    pub history: Option<History>,
    /// The number before that of the first line, and the hash that it is chained to.
    pub position: Position,
}

/// The file of a log before it was chained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// Its length in bytes.
    pub length: u64,
    /// Its hash.
    pub sha256: Hash,
}

/// What a closed segment holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    /// The number of its first line.
    pub first_sequence: u64,
    /// The hash that its first line is chained to.
    pub first_previous_hash: Hash,
    /// The number of its last line.
    pub last_sequence: u64,
    /// The hash of its last line.
    pub last_hash: Hash,
    /// Its length in bytes.
    pub length: u64,
    /// The hash of the file.
    pub sha256: Hash,
    /// The time of its first event.
    pub first_event_time: Option<String>,
    /// The time of its last event.
    pub last_event_time: Option<String>,
}

impl Segment {
    /// Its last line.
    #[must_use]
    pub const fn last(&self) -> Position {
        Position {
            sequence: self.last_sequence,
            hash: self.last_hash,
        }
    }
}

/// Another key signs from here on. The one that it replaces says so, with the last that it signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyChange {
    /// The last line before it, which is in a closed segment.
    pub after: Position,
    /// The key that signed until now.
    pub replaced: PublicKey,
    /// The key that signs from now on.
    pub next: PublicKey,
}

impl KeyChange {
    /// The first event that the next key stands for.
    #[must_use]
    pub const fn first(&self) -> u64 {
        self.after.sequence.saturating_add(1)
    }
}

/// Events are lost, or are not what they were, and an operator took note of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Loss {
    /// The last line that there was.
    pub after: Position,
    /// The last line that is lost, or, when none is, the last that there was.
    pub last: Position,
    /// What was found.
    pub reason: String,
    /// Whether the statement of what the log begins with is lost, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beginning: bool,
}

/// The log goes as far as this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The number of the first line of the segment that holds the last one. 0: there is none.
    pub segment: u64,
    /// The last line.
    pub position: Position,
    /// How many bytes of the segment there are up to that line's end.
    pub length: u64,
}

/// Segments are deleted because of their age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Retention {
    /// Up to this line, with all segments that end there or before.
    pub deleted_through: u64,
    /// Whether the log from before the chain is deleted.
    pub history: bool,
}

/// A statement whose signature was verified.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The statement.
    pub statement: Statement,
    /// The hash of the file: what the next statement calls the one before.
    pub hash: Hash,
}

/// Why a statement says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not in the form of a statement.
    #[error("it is not a signed statement")]
    Form,
    /// Nobody is believed whose key that is.
    #[error("it is signed by a key that is not known here")]
    UnknownKey,
    /// Whose key that was signs no more.
    #[error("it is signed by a key that was replaced before")]
    ReplacedKey,
    /// Its signature is not of it.
    #[error("its signature is wrong")]
    Signature,
}

impl Statement {
    /// What `deployment` says at `time`, after the statement `previous`.
    #[must_use]
    pub fn new(
        key: &SigningKey,
        deployment: &str,
        time: String,
        previous: Option<Hash>,
        said: Said,
    ) -> Self {
        Self {
            version: VERSION,
            deployment: deployment.to_owned(),
            time,
            previous,
            said,
            key_id: key.public().id(),
        }
    }

    /// The key that it says signed it.
    #[must_use]
    pub const fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Signs it. Gives the content of its file.
    pub fn sign(&self, key: &SigningKey) -> Result<Vec<u8>, KeyError> {
        let mut text = serde_json::to_vec(self).map_err(|_| KeyError::Sign)?;
        text.pop();
        let signature = key.sign(&signed(&text))?;
        text.extend_from_slice(BEFORE_SIGNATURE);
        text.extend_from_slice(BASE64.encode(&signature).as_bytes());
        text.extend_from_slice(AFTER_SIGNATURE);
        Ok(text)
    }

    /// Reads the content of a statement's file, whoever signed it.
    ///
    /// SECURITY: for who cannot know the key yet, and has it verified later.
    pub fn peek(content: &[u8]) -> Result<Opened, StatementError> {
        let (text, _) = apart(content).ok_or(StatementError::Form)?;
        let whole = [text, b"}"].concat();
        let statement = serde_json::from_slice(&whole).map_err(|_| StatementError::Form)?;
        let hash = Hash::of(content);
        Ok(Opened { statement, hash })
    }

    /// Reads the content of a statement's file, if one of `keys` signed it.
    pub fn open(content: &[u8], keys: &PublicKeys) -> Result<Opened, StatementError> {
        let (text, signature) = apart(content).ok_or(StatementError::Form)?;
        let opened = Self::peek(content)?;
        let key = keys
            .find(&opened.statement.key_id)
            .ok_or(StatementError::UnknownKey)?;
        if !key.verifies(&signed(text), &signature) {
            return Err(StatementError::Signature);
        }
        if opened.statement.version != VERSION {
            return Err(StatementError::Form);
        }
        Ok(opened)
    }
}

impl Opened {
    /// The same, if its key stood for event `number` then.
    pub fn of_event(self, number: u64, keys: &PublicKeys) -> Result<Self, StatementError> {
        match keys.may_sign(&self.statement.key_id, number) {
            true => Ok(self),
            false => Err(StatementError::ReplacedKey),
        }
    }
}

fn signed(text: &[u8]) -> Vec<u8> {
    [DOMAIN, text].concat()
}

/// What is signed, and the signature.
fn apart(content: &[u8]) -> Option<(&[u8], Vec<u8>)> {
    let rest = content.strip_suffix(AFTER_SIGNATURE)?;
    let (rest, signature) = rest.split_at_checked(rest.len().checked_sub(SIGNATURE_TEXT_BYTES)?)?;
    let text = rest.strip_suffix(BEFORE_SIGNATURE)?;
    Some((text, BASE64.decode(signature).ok()?))
}

const VERSION: u16 = 1;
const DOMAIN: &[u8] = b"strongroom audit statement 1\0";
const BEFORE_SIGNATURE: &[u8] = b",\"signature\":\"";
const AFTER_SIGNATURE: &[u8] = b"\"}\n";
const SIGNATURE_TEXT_BYTES: usize = 88;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn a_statement(key: &SigningKey) -> Statement {
        let said = Said::Head(Head {
            segment: 1,
            position: Position {
                sequence: 17,
                hash: Hash::of(b"17"),
            },
            length: 4_711,
        });
        let time = String::from("2026-01-02T03:04:05Z");
        Statement::new(key, "111122223333", time, Some(Hash::of(b"before")), said)
    }

    #[test]
    fn a_statement_is_read_as_it_was_signed() {
        let key = SigningKey::from_seed(&[7; 32]).unwrap();
        let statement = a_statement(&key);

        let content = statement.sign(&key).unwrap();
        let opened = Statement::open(&content, &key.public().clone().into()).unwrap();

        assert_eq!(opened.statement, statement);
        assert_eq!(opened.hash, Hash::of(&content));
        let json: serde_json::Value = serde_json::from_slice(&content).unwrap();
        assert_eq!(
            (&json["kind"], &json["segment"]),
            (&"head".into(), &1.into())
        );
    }

    #[test]
    fn another_keys_statement_is_not_believed() {
        let key = SigningKey::from_seed(&[7; 32]).unwrap();
        let other = SigningKey::from_seed(&[8; 32]).unwrap();
        let content = a_statement(&other).sign(&other).unwrap();
        let posing = a_statement(&key).sign(&other).unwrap();
        let known = key.public().clone().into();

        let unknown = Statement::open(&content, &known).unwrap_err();
        let forged = Statement::open(&posing, &known).unwrap_err();

        assert_eq!(unknown, StatementError::UnknownKey);
        assert_eq!(forged, StatementError::Signature);
    }

    proptest! {
        #[test]
        fn a_statement_with_another_bit_is_not_believed(at in any::<prop::sample::Index>(), bit in 0..8) {
            let key = SigningKey::from_seed(&[7; 32]).unwrap();
            let mut content = a_statement(&key).sign(&key).unwrap();

            let at = at.index(content.len());
            content[at] ^= 1_u8 << bit;

            prop_assert!(Statement::open(&content, &key.public().clone().into()).is_err());
        }
    }
}
