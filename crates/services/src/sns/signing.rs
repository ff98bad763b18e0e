//! The signature of what is sent.
//!
//! As SNS's signature version 2: RSA with SHA-256 over names and values of some members, each on a line
//! of its own. The certificate is served by this server itself, and is signed by nobody but its own key:
//! who verifies has to get it over TLS from a server that they trust.
//!
//! SECURITY: one key for all accounts, as on AWS: what it vouches for is the server. It is stored sealed, and
//! made in a transaction of its own, with an event in the log of the account that needed it first.

use super::EVENT_SOURCE;
use super::ids::TopicId;
use super::records::SigningKey;
use crate::app::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::blocking::blocking;
use crate::rsa_key::{RsaKey, fingerprint};
use crate::tx::Lines;
use base::{CommonError, Timestamp, random_uuid};
use data_encoding::BASE64;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, PKCS_RSA_SHA256, PublicKeyData,
    SignatureAlgorithm,
};
use serde_json::json;
use store::Rev;

/// Signs messages.
pub(super) struct Signer {
    key: RsaKey,
    id: String,
}

impl Signer {
    /// With the key that is stored, or a new one, for the sake of `topic`.
    ///
    /// # Errors
    /// When the store fails, or a key cannot be made; [`CommonError::Conflict`] when somebody else made one
    /// at this moment.
    pub(super) async fn get(
        app: &App,
        permit: &Permit,
        topic: &TopicId,
    ) -> Result<Self, CommonError> {
        let mut tx = app.ledger.begin_reading();
        let found = tx.get::<SigningKey>(&SigningKey::current()).await?;
        match found {
            Some(found) if app.clock.now() < found.record.expires => {
                let stored = found.record;
                let context = context(&stored.id);
                Ok(Self {
                    key: RsaKey::open(app.sealer.as_ref(), &context, &stored.sealed)?,
                    id: stored.id.clone(),
                })
            }
            old => create(app, permit, topic, old.map(|old| old.rev)).await,
        }
    }

    /// The name of the certificate's file.
    pub(super) fn certificate_file(&self) -> String {
        file_of(&self.id)
    }

    /// The signature over `members`, which stand in the order of their names.
    ///
    /// # Errors
    /// When the key cannot be used.
    pub(super) fn sign(&self, members: &[(&str, &str)]) -> Result<String, CommonError> {
        let mut signed = String::new();
        for (name, value) in members {
            signed.extend([name, "\n", value, "\n"]);
        }
        Ok(BASE64.encode(&self.key.sign(signed.as_bytes())?))
    }
}

/// Makes a key, and stores it in the place of the one with revision `old`.
async fn create(
    app: &App,
    permit: &Permit,
    topic: &TopicId,
    old: Option<Rev>,
) -> Result<Signer, CommonError> {
    let now = app.clock.now();
    let key = blocking(RsaKey::generate).await??;
    let expires = now.plus_days(VALID_DAYS);
    let certificate = certificate(&key, now, expires).map_err(CommonError::internal)?;
    let id = fingerprint(certificate.as_bytes());
    let made = SigningKey {
        sealed: key.seal(app.sealer.as_ref(), &context(&id))?,
        id: id.clone(),
        certificate,
        expires,
    };
    let event = ServiceEvent {
        event_source: EVENT_SOURCE,
        event_name: "CreateSigningKey",
        region: topic.region.as_str(),
        account: topic.account.as_str(),
        now,
        request_id: &random_uuid(app.entropy.as_ref()),
        response_elements: None,
        additional: json!({ "certificate": file_of(&id) }),
    };
    let line = event.to_line(&random_uuid(app.entropy.as_ref()));
    let mut tx = app.ledger.begin();
    match old {
        Some(rev) => tx.update(permit, made, rev),
        None => tx.insert(permit, made),
    }
    tx.commit(Lines::of(line)).await?;
    Ok(Signer { key, id })
}

fn certificate(key: &RsaKey, from: Timestamp, to: Timestamp) -> Result<String, rcgen::Error> {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, COMMON_NAME);
    params.distinguished_name = name;
    params.not_before = from.plus_days(-1).to_calendar();
    params.not_after = to.plus_days(1).to_calendar();
    Ok(params.self_signed(&OfCertificate(key))?.pem())
}

/// The key as the library that writes certificates takes it, which so never has the private half.
struct OfCertificate<'a>(&'a RsaKey);

impl PublicKeyData for OfCertificate<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.public()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl rcgen::SigningKey for OfCertificate<'_> {
    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.0.sign(text).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

/// What the private half is sealed under.
fn context(id: &str) -> [&[u8]; 2] {
    [b"sns signing key", id.as_bytes()]
}

/// The name of the file that holds the certificate `id`.
pub(super) fn file_of(id: &str) -> String {
    format!("{FILE_PREFIX}{id}{FILE_SUFFIX}")
}

/// The id of the certificate that the file `name` holds.
pub(super) fn id_of(name: &str) -> Option<&str> {
    name.strip_prefix(FILE_PREFIX)?.strip_suffix(FILE_SUFFIX)
}

const FILE_PREFIX: &str = "SimpleNotificationService-";
const FILE_SUFFIX: &str = ".pem";
const COMMON_NAME: &str = "sns.amazonaws.com";
const VALID_DAYS: i64 = 3_650;
