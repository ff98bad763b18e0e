//! The private CA in `DIR/tls`, for deployments without certificates of their own.
//!
//! Order of writing: a key before its certificate. A certificate on disk therefore always has its
//! key, unless an operator took the key away, and half a pair left by a crash is made anew.

use super::TlsError;
use crate::files;
use base::{Entropy, Timestamp, random_uuid};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SerialNumber,
};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where the CA and the server's certificate are kept.
pub(super) struct Authority {
    dir: PathBuf,
}

impl Authority {
    /// The CA in `dir`, made now when there is none.
    pub(super) fn in_dir(
        dir: &Path,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<Self, TlsError> {
        files::private_dir(dir)?;
        let authority = Self {
            dir: dir.to_owned(),
        };
        if !files::is_there(&authority.cert())? {
            authority.create(now, entropy)?;
        }
        Ok(authority)
    }

    /// The CA's certificate, which clients are to trust.
    pub(super) fn cert(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// The server's certificate.
    pub(super) fn server_cert(&self) -> PathBuf {
        self.dir.join("server.pem")
    }

    /// The server's private key.
    pub(super) fn server_key(&self) -> PathBuf {
        self.dir.join("server.key")
    }

    /// Issues a server certificate for `names` with a new key, in the place of the former.
    pub(super) fn issue(
        &self,
        names: &[String],
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<(), TlsError> {
        let issuer = self.issuer()?;
        let mut params = CertificateParams::new(names)?;
        params
            .distinguished_name
            .push(DnType::CommonName, "strongroom");
        // Says so in an extension, and brings the subject's key identifier that strict clients ask.
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        valid_for(&mut params, now, SERVER_DAYS);
        params.serial_number = Some(serial_number(entropy));
        let key = KeyPair::generate()?;
        let cert = params.signed_by(&key, &issuer)?;
        write_key(&self.server_key(), &key)?;
        files::write(&self.server_cert(), 0o644, cert.pem().as_bytes())?;
        Ok(())
    }

    /// SECURITY: who could read these keys can pose as the server, so they are not used any more.
    pub(super) fn refuse_exposed(&self) -> Result<(), TlsError> {
        for key in [self.key(), self.server_key()] {
            if key.exists() {
                files::refuse_exposed(&key)?;
            }
        }
        Ok(())
    }

    fn create(&self, now: Timestamp, entropy: &dyn Entropy) -> Result<(), TlsError> {
        let mut params = CertificateParams::default();
        // Two deployments must not share a name: a client that trusts both would take one for the
        // other and then find the wrong key.
        let name = format!("Strongroom private CA {}", random_uuid(entropy));
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        valid_for(&mut params, now, AUTHORITY_DAYS);
        params.serial_number = Some(serial_number(entropy));
        let key = KeyPair::generate()?;
        let cert = params.self_signed(&key)?;
        write_key(&self.key(), &key)?;
        files::write(&self.cert(), 0o644, cert.pem().as_bytes())?;
        Ok(())
    }

    fn issuer(&self) -> Result<Issuer<'static, KeyPair>, TlsError> {
        let missing = || TlsError::NoAuthorityKey(self.key());
        let key = Zeroizing::new(files::read_if_there(&self.key())?.ok_or_else(missing)?);
        let cert = files::read_if_there(&self.cert())?.unwrap_or_default();
        let key = KeyPair::from_pem(&String::from_utf8_lossy(&key))?;
        Ok(Issuer::from_ca_cert_pem(
            &String::from_utf8_lossy(&cert),
            key,
        )?)
    }

    fn key(&self) -> PathBuf {
        self.dir.join("ca.key")
    }
}

fn write_key(path: &Path, key: &KeyPair) -> Result<(), TlsError> {
    let pem = Zeroizing::new(key.serialize_pem());
    Ok(files::write(path, 0o600, pem.as_bytes())?)
}

/// From an hour ago, since clocks differ, for `days` days.
fn valid_for(params: &mut CertificateParams, now: Timestamp, days: i64) {
    params.not_before = now.plus_seconds(-3_600).to_calendar();
    params.not_after = now.plus_days(days).to_calendar();
}

/// 127 random bits: positive, and never the same twice.
fn serial_number(entropy: &dyn Entropy) -> SerialNumber {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    let [first, ..] = &mut bytes;
    *first = (*first & 0x7f) | 0x40;
    SerialNumber::from_slice(&bytes)
}

const AUTHORITY_DAYS: i64 = 20 * 365;
const SERVER_DAYS: i64 = 365;
