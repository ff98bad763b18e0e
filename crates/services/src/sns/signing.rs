//! The signature of what is sent.
//!
//! As SNS's signature version 2: RSA with SHA-256 over names and values of some members, each on a line
//! of its own. The certificate is served by this server itself, and is signed by nobody but its own key:
//! who verifies has to get it over TLS from a server that they trust.

use super::records::SigningKey;
use crate::app::App;
use crate::authorize::Permit;
use crate::tx::{Deriving, Tx};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base::{CommonError, Timestamp};
use data_encoding::{BASE64, HEXLOWER};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256};
use rustls_pki_types::PrivatePkcs8KeyDer;
use std::sync::Arc;
use time::OffsetDateTime;

/// Signs messages.
pub(super) struct Signer {
    key: Arc<SigningKey>,
    pair: RsaKeyPair,
}

impl Signer {
    /// With the key that is stored, or a new one, which is stored with the message.
    ///
    /// # Errors
    /// When the store fails, or a key cannot be made.
    pub(super) async fn of_call(
        app: &App,
        tx: &mut Tx<'_>,
        permit: &Permit,
    ) -> Result<Self, CommonError> {
        let found = tx.get::<SigningKey>(&SigningKey::current()).await?;
        let now = app.clock.now();
        let key = match found {
            Some(found) if found.record.is_good(now) => found.record,
            old => {
                let key = make(now)?;
                match old {
                    Some(old) => tx.update(permit, key.clone(), old.rev),
                    None => tx.insert(permit, key.clone()),
                }
                Arc::new(key)
            }
        };
        Self::with(key)
    }

    /// The same for messages of services.
    ///
    /// # Errors
    /// As [`Signer::of_call`].
    pub(super) async fn of_service(
        app: &App,
        tx: &mut Deriving<'_>,
        own: &Permit,
    ) -> Result<Self, CommonError> {
        let found = tx.get::<SigningKey>(&SigningKey::current()).await?;
        let now = app.clock.now();
        let key = match found {
            Some(found) if found.record.is_good(now) => found.record,
            old => {
                let key = make(now)?;
                match old {
                    Some(old) => tx.update(own, key.clone(), old.rev),
                    None => tx.insert(own, key.clone()),
                }
                Arc::new(key)
            }
        };
        Self::with(key)
    }

    fn with(key: Arc<SigningKey>) -> Result<Self, CommonError> {
        let pair = RsaKeyPair::from_pkcs8(&key.private);
        let pair = pair.map_err(|_| CommonError::internal(UNUSABLE))?;
        Ok(Self { key, pair })
    }

    /// The name of the certificate's file.
    pub(super) fn certificate_file(&self) -> String {
        file_of(&self.key.id)
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
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        let done = self.pair.sign(
            &RSA_PKCS1_SHA256,
            &random,
            signed.as_bytes(),
            &mut signature,
        );
        done.map_err(|_| CommonError::internal(UNUSABLE))?;
        Ok(BASE64.encode(&signature))
    }
}

impl SigningKey {
    fn is_good(&self, now: Timestamp) -> bool {
        now < self.expires
    }
}

/// A new key.
///
/// Its chance is that of the library, which takes no other.
fn make(now: Timestamp) -> Result<SigningKey, CommonError> {
    let failed = |_| CommonError::internal("a key that signs messages could not be made");
    let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
    let private = private.as_ref().to_vec();
    let expires = now.plus_days(VALID_DAYS);
    let certificate = certificate(&private, now, expires).map_err(CommonError::internal)?;
    let named = digest(&SHA256, certificate.as_bytes());
    let (id, _) = named.as_ref().split_at(ID_BYTES.min(named.as_ref().len()));
    Ok(SigningKey {
        id: HEXLOWER.encode(id),
        certificate,
        private,
        expires,
    })
}

fn certificate(private: &[u8], from: Timestamp, to: Timestamp) -> Result<String, rcgen::Error> {
    let der = PrivatePkcs8KeyDer::from(private.to_vec());
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_RSA_SHA256)?;
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, COMMON_NAME);
    params.distinguished_name = name;
    let moment = |at: Timestamp| {
        OffsetDateTime::from_unix_timestamp(at.as_millis() / 1_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    };
    params.not_before = moment(from.plus_days(-1));
    params.not_after = moment(to.plus_days(1));
    Ok(params.self_signed(&pair)?.pem())
}

/// The name of the file that holds the certificate `id`.
pub(super) fn file_of(id: &str) -> String {
    format!("{FILE_PREFIX}{id}{FILE_SUFFIX}")
}

/// The id of the certificate that the file `name` holds.
pub(super) fn id_of(name: &str) -> Option<&str> {
    name.strip_prefix(FILE_PREFIX)?.strip_suffix(FILE_SUFFIX)
}

const UNUSABLE: &str = "the key that signs messages cannot be used";
const FILE_PREFIX: &str = "SimpleNotificationService-";
const FILE_SUFFIX: &str = ".pem";
const COMMON_NAME: &str = "sns.amazonaws.com";
const ID_BYTES: usize = 16;
const VALID_DAYS: i64 = 3_650;
