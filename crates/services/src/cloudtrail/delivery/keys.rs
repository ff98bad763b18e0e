//! The key that signs the digests of an account.
//!
//! RSA, since that is what AWS's tools verify. Each account has its own, so that none vouches for
//! another's.

use crate::app::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::blocking::blocking;
use crate::cloudtrail::EVENT_SOURCE;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::records::DigestKey;
use crate::rsa_key::{RsaKey, fingerprint};
use crate::tx::Lines;
use base::{AccountId, CommonError, random_uuid};
use data_encoding::HEXLOWER;
use serde_json::json;

/// Signs digests.
pub(super) struct Signer {
    key: RsaKey,
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
        let signature = self.key.sign(text)?;
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
    let made = make(app, &trail.account).await?;
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

async fn make(app: &App, account: &AccountId) -> Result<DigestKey, CommonError> {
    let key = blocking(RsaKey::generate).await??;
    let fingerprint = fingerprint(key.public());
    let sealed = key.seal(app.sealer.as_ref(), &context(account, &fingerprint))?;
    Ok(DigestKey {
        account: account.clone(),
        created: app.clock.now(),
        public: key.public().to_vec(),
        fingerprint,
        sealed,
    })
}

fn open(app: &App, stored: &DigestKey) -> Result<Signer, CommonError> {
    let context = context(&stored.account, &stored.fingerprint);
    Ok(Signer {
        key: RsaKey::open(app.sealer.as_ref(), &context, &stored.sealed)?,
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
