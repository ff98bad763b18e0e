//! The key that signs the digests of an account.
//!
//! RSA, since that is what AWS's tools verify. Each account has its own, so that none vouches for
//! another's.

use crate::app::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::cloudtrail::EVENT_SOURCE;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::records::DigestKey;
use crate::tx::Lines;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base::{AccountId, CommonError, Context, Sealed, random_uuid};
use data_encoding::HEXLOWER;
use serde_json::json;

/// Signs digests.
pub(super) struct Signer {
    key: KeyPair,
    fingerprint: String,
}

impl Signer {
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The signature over `text`, in hexadecimal digits.
    ///
    /// # Errors
    /// When the library refuses.
    pub(super) fn sign(&self, text: &[u8]) -> Result<String, CommonError> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text,
                &mut signature,
            )
            .map_err(|_| CommonError::internal("a digest could not be signed"))?;
        Ok(HEXLOWER.encode(&signature))
    }
}

/// The key of the account of `trail`, which is made when there is none.
///
/// # Errors
/// A failure of ours.
pub(super) async fn signer(app: &App, own: &Permit, trail: &Trail) -> Result<Signer, CommonError> {
    let mut tx = app.ledger.begin();
    let key = DigestKey::key_of(&trail.account);
    if let Some(found) = tx.get::<DigestKey>(&key).await? {
        return open(app, &found.record);
    }
    let made = make(app, &trail.account)?;
    let event = ServiceEvent {
        event_source: EVENT_SOURCE,
        event_name: "CreateDigestKey",
        region: trail.region.as_str(),
        account: trail.account.as_str(),
        now: app.clock.now(),
        request_id: &random_uuid(app.entropy.as_ref()),
        response_elements: None,
        additional: json!({ "fingerprint": made.fingerprint }),
    };
    let line = event.to_line(&random_uuid(app.entropy.as_ref()));
    let signer = open(app, &made)?;
    tx.insert(own, made);
    tx.commit(Lines::of(line)).await?;
    Ok(signer)
}

fn make(app: &App, account: &AccountId) -> Result<DigestKey, CommonError> {
    let failed = || CommonError::internal("a key for digests could not be made");
    let key = KeyPair::generate(KeySize::Rsa2048).map_err(|_| failed())?;
    let public = key.public_key().as_ref().to_vec();
    let hash = digest(&SHA256, &public);
    let (named, _) = hash
        .as_ref()
        .split_at_checked(FINGERPRINT)
        .ok_or_else(failed)?;
    let fingerprint = HEXLOWER.encode(named);
    let private: Pkcs8V1Der<'_> = key.as_der().map_err(|_| failed())?;
    let Sealed(sealed) = app
        .sealer
        .seal(Context(&context(account, &fingerprint)), private.as_ref())
        .map_err(CommonError::internal)?;
    Ok(DigestKey {
        account: account.clone(),
        created: app.clock.now(),
        public,
        fingerprint,
        sealed,
    })
}

fn open(app: &App, stored: &DigestKey) -> Result<Signer, CommonError> {
    let context = context(&stored.account, &stored.fingerprint);
    let private = app
        .sealer
        .open(Context(&context), &stored.sealed)
        .map_err(CommonError::internal)?;
    let key = KeyPair::from_pkcs8(private.expose())
        .map_err(|_| CommonError::internal("a key for digests is not what it was"))?;
    Ok(Signer {
        key,
        fingerprint: stored.fingerprint.clone(),
    })
}

fn context<'a>(account: &'a AccountId, fingerprint: &'a str) -> [&'a [u8]; 3] {
    [
        b"cloudtrail digest key",
        account.as_str().as_bytes(),
        fingerprint.as_bytes(),
    ]
}

/// Bytes of a hash that name a key, as many as AWS's fingerprints have.
const FINGERPRINT: usize = 16;
