//! The customer's key: made for the run, with secrets and data keys under it.

use crate::Error;
use crate::case::signed;
use crate::clock::now;
use crate::content::once_each;
use crate::load::{Length, Load, ask, drive};
use crate::operation::{Ask, Operation};
use crate::target::Target;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// A customer's key, and data keys that it gave out.
pub(crate) struct Keys {
    arn: String,
    data_keys: Vec<DataKey>,
}

/// A data key as GenerateDataKey answers it: both in base64.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataKey {
    ciphertext_blob: String,
    plaintext: String,
}

impl Keys {
    /// Creates a key, has it give out data keys and sees each of them open again.
    pub(crate) fn create(target: &Target) -> Result<Self, Error> {
        let request = target.signer.sign(create_key(), now())?;
        let made: Made = serde_json::from_slice(&ask(&target.endpoint, &request)?)?;
        let mut keys = Self {
            arn: made.key_metadata.arn,
            data_keys: Vec::new(),
        };
        for number in 0..DATA_KEYS {
            let request = target.signer.sign(keys.generate(number), now())?;
            let answer = ask(&target.endpoint, &request)?;
            keys.confirm_data_key(&answer)?;
            keys.data_keys.push(serde_json::from_slice(&answer)?);
        }
        let asks = (0..keys.data_keys()).map(|number| keys.decrypt(number));
        let load = Load {
            requests: signed(&target.signer, asks)?,
            connections: 1,
            length: Length::Once,
            rate: None,
        };
        drive(&target.endpoint, load, || Ok(Duration::ZERO))?;
        Ok(keys)
    }

    /// What a bare server is asked when there is no other: as long, and meaningless.
    pub(crate) fn stand_in() -> Self {
        let data_key = |number| DataKey {
            ciphertext_blob: format!("{number:0>BLOB_LENGTH$}"),
            plaintext: format!("{number:0>DIGITS$}="),
        };
        Self {
            arn: String::from(STAND_IN),
            data_keys: (0..DATA_KEYS).map(data_key).collect(),
        }
    }

    /// Creates as many secrets under the key, the twins of those under the default key.
    pub(crate) fn create_secrets(&self, target: &Target, secrets: usize) -> Result<(), Error> {
        let every =
            |ask: &dyn Fn(usize) -> Ask| once_each(&target.endpoint, &target.signer, secrets, ask);
        every(&|number| Ask::create_keyed(number, &self.arn))?;
        every(&|number| Ask::describe_keyed(number, &self.arn))?;
        // The first reading of the day is written down; that belongs to filling.
        every(&Ask::keyed)
    }

    /// How many data keys there are to decrypt.
    pub(crate) fn data_keys(&self) -> usize {
        self.data_keys.len()
    }

    /// A new data key, in the context of `number`.
    pub(crate) fn generate(&self, number: usize) -> Ask {
        let body = json!({
            "KeyId": self.arn,
            "KeySpec": "AES_256",
            "EncryptionContext": context(number),
        });
        Ask {
            operation: Operation::GenerateDataKey,
            body: body.to_string(),
            expected: format!("\"KeyId\":\"{}\"", self.arn),
        }
    }

    /// The opening of a data key that was given out. The right answer holds that very key.
    pub(crate) fn decrypt(&self, step: usize) -> Ask {
        let number = step % self.data_keys().max(1);
        let (blob, plaintext) = self.data_keys.get(number).map_or(("", ""), |data_key| {
            (&*data_key.ciphertext_blob, &*data_key.plaintext)
        });
        let body = json!({"CiphertextBlob": blob, "EncryptionContext": context(number)});
        Ask {
            operation: Operation::Decrypt,
            body: body.to_string(),
            expected: format!("\"Plaintext\":\"{plaintext}\""),
        }
    }

    /// A data key has 32 bytes, comes under this key, and was never given out before.
    pub(crate) fn confirm_data_key(&self, answer: &[u8]) -> Result<(), Error> {
        let wrong = || wrong(Operation::GenerateDataKey, "a new data key", answer);
        self.confirm_key_id(Operation::GenerateDataKey, answer)?;
        let found: DataKey = serde_json::from_slice(answer).map_err(|_| wrong())?;
        let is_known = self.data_keys.iter().any(|known| {
            known.plaintext == found.plaintext || known.ciphertext_blob == found.ciphertext_blob
        });
        let digits = found.plaintext.trim_end_matches('=').len();
        let is_whole = digits == DIGITS && found.plaintext.len() == DIGITS + 1;
        // A sealed key is longer than itself.
        let is_sealed = found.ciphertext_blob.len() > found.plaintext.len();
        if is_whole && is_sealed && !is_known {
            Ok(())
        } else {
            Err(wrong())
        }
    }

    /// What Decrypt answers names the key. That the plaintext is right, every answer is checked for.
    pub(crate) fn confirm_decrypted(&self, answer: &[u8]) -> Result<(), Error> {
        self.confirm_key_id(Operation::Decrypt, answer)
    }

    fn confirm_key_id(&self, operation: Operation, answer: &[u8]) -> Result<(), Error> {
        let named: Named = serde_json::from_slice(answer)?;
        if named.key_id.as_ref() == Some(&self.arn) {
            Ok(())
        } else {
            Err(wrong(operation, &self.arn, answer))
        }
    }
}

/// The part read of CreateKey's answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    key_metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    arn: String,
}

/// The part read of every answer made with a key.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    key_id: Option<String>,
}

fn create_key() -> Ask {
    Ask {
        operation: Operation::CreateKey,
        body: json!({"Description": "bench"}).to_string(),
        expected: String::from("\"KeyState\":\"Enabled\""),
    }
}

/// What a data key is bound to.
fn context(number: usize) -> serde_json::Value {
    json!({"purpose": "bench", "number": format!("{number:06}")})
}

fn wrong(operation: Operation, expected: &str, answer: &[u8]) -> Error {
    Error::WrongAnswer {
        operation: operation.name(),
        expected: expected.to_owned(),
        body: String::from_utf8_lossy(answer).chars().take(400).collect(),
    }
}

/// Enough that no answer can be foreseen; made one after the other, so not many.
const DATA_KEYS: usize = 256;

/// What 32 bytes have in base64, without the one `=` at the end.
const DIGITS: usize = 43;
const BLOB_LENGTH: usize = 180;
const STAND_IN: &str =
    "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000";

#[cfg(test)]
mod tests;
