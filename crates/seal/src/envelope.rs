use crate::{AeadKey, RootBundle, SealFailure};
use base::{Context, Entropy, SealError};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

/// How the root keys are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SealKind {
    /// A key in a file.
    File,
    /// A passphrase.
    Passphrase,
    /// An operator's program.
    Command,
    /// A token.
    Pkcs11,
    /// Shares of a key.
    Shamir,
}

/// A bundle of root keys as a seal wraps it. Safe to store and to copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Which seal opens it.
    pub kind: SealKind,
    /// What that seal needs to know, none of it secret.
    pub parameters: Parameters,
    /// The wrapped bundle, in base64.
    #[serde(rename = "sealed")]
    body: String,
}

/// Names and values. All of them are bound to the wrapped bundle, also those that this version does
/// not know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parameters(Map<String, Value>);

impl Envelope {
    /// What wrapped `body`, bound to `parameters` by [`Parameters::bound`].
    pub fn of(kind: SealKind, parameters: Parameters, body: &[u8]) -> Self {
        Self {
            kind,
            parameters,
            body: BASE64.encode(body),
        }
    }

    /// The wrapped bundle.
    pub fn body(&self) -> Result<Vec<u8>, SealFailure> {
        let decoded = BASE64.decode(self.body.as_bytes());
        decoded.map_err(|_| self.malformed("sealed"))
    }

    /// Errors unless `kind` can open it.
    pub fn expect(&self, kind: SealKind) -> Result<(), SealFailure> {
        if self.kind == kind {
            return Ok(());
        }
        Err(SealFailure::WrongKind {
            found: self.kind,
            asked: kind,
        })
    }

    /// The parameter `name` as a text.
    pub fn text(&self, name: &'static str) -> Result<&str, SealFailure> {
        let value = self.parameters.0.get(name).and_then(Value::as_str);
        value.ok_or_else(|| self.malformed(name))
    }

    /// The parameter `name` as a number of at most `most`.
    pub fn number(&self, name: &'static str, most: u32) -> Result<u32, SealFailure> {
        let value = self.parameters.0.get(name).and_then(Value::as_u64);
        let value = value.and_then(|value| u32::try_from(value).ok());
        value
            .filter(|value| *value <= most)
            .ok_or_else(|| self.malformed(name))
    }

    /// The parameter `name` as bytes.
    pub fn bytes(&self, name: &'static str) -> Result<Vec<u8>, SealFailure> {
        let decoded = BASE64.decode(self.text(name)?.as_bytes());
        decoded.map_err(|_| self.malformed(name))
    }

    /// Wraps `bundle` with `key`.
    pub(crate) fn under(
        key: &AeadKey,
        kind: SealKind,
        parameters: Parameters,
        bundle: &RootBundle,
        entropy: &dyn Entropy,
    ) -> Result<Self, SealFailure> {
        let body = key.seal(entropy, &parameters.bound(kind), &bundle.expose())?;
        Ok(Self::of(kind, parameters, &body))
    }

    /// Opens what [`Envelope::under`] made.
    pub(crate) fn opened(
        &self,
        key: &AeadKey,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<RootBundle, SealFailure> {
        let bound = self.parameters.bound(self.kind);
        let opened = key
            .open(&bound, &self.body()?)
            .map_err(|error| match error {
                SealError::NotAuthentic => SealFailure::WrongKey(self.kind),
                other => other.into(),
            })?;
        Ok(RootBundle::read(opened.expose(), entropy)?)
    }

    /// The failure of an envelope whose `field` makes no sense.
    pub fn malformed(&self, field: &'static str) -> SealFailure {
        SealFailure::Malformed {
            kind: self.kind,
            field,
        }
    }
}

impl Parameters {
    /// With the text `value` as `name`.
    #[must_use]
    pub fn with_text(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// With the number `value` as `name`.
    #[must_use]
    pub fn with_number(mut self, name: &str, value: u32) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// With `value` as `name`.
    #[must_use]
    pub fn with_bytes(self, name: &str, value: &[u8]) -> Self {
        self.with_text(name, &BASE64.encode(value))
    }

    /// What the wrapped bundle is bound to: the kind of seal and every parameter, by name.
    pub fn bound(&self, kind: SealKind) -> Vec<u8> {
        let kind = kind.to_string();
        let mut pairs: Vec<_> = self
            .0
            .iter()
            .map(|(name, value)| (name, value.to_string()))
            .collect();
        pairs.sort();
        let mut fields: Vec<&[u8]> = vec![b"strongroom seal envelope", kind.as_bytes()];
        for (name, value) in &pairs {
            fields.push(name.as_bytes());
            fields.push(value.as_bytes());
        }
        Context(&fields).to_aad()
    }
}

impl SealKind {
    /// As the operator writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Passphrase => "passphrase",
            Self::Command => "command",
            Self::Pkcs11 => "pkcs11",
            Self::Shamir => "shamir",
        }
    }
}

impl Display for SealKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
