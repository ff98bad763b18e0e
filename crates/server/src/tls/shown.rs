//! The certificate that clients are shown now.

use super::TlsError;
use super::authority::Authority;
use crate::config::{self, Supplied};
use crate::files::{self, FileError};
use base::{Clock, Entropy, Timestamp};
use parking_lot::RwLock;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// Shows the current certificate, and looks after it.
pub(crate) struct Certificates {
    source: Source,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    shown: RwLock<Arc<CertifiedKey>>,
}

enum Source {
    /// Ours, for these names.
    Own(Authority, Vec<String>),
    /// The operator's, who renews it.
    Supplied(Supplied),
}

impl Certificates {
    /// Gets a certificate ready: the operator's, or one from the CA in `dir` that names
    /// `localhost`, `host`, `addresses` and what the operator listed.
    pub(crate) fn prepare(
        settings: &config::Tls,
        dir: &Path,
        host: Option<String>,
        addresses: impl IntoIterator<Item = IpAddr>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, TlsError> {
        let source = match &settings.supplied {
            Some(supplied) => Source::Supplied(supplied.clone()),
            None => {
                let names = names(&settings.names, host, addresses);
                let authority = Authority::in_dir(dir, clock.now(), entropy.as_ref())?;
                Source::Own(authority, names)
            }
        };
        let shown = current(&source, clock.now(), entropy.as_ref())?;
        Ok(Self {
            source,
            clock,
            entropy,
            shown: RwLock::new(Arc::new(shown)),
        })
    }

    /// The file that clients are to trust, when the certificate is from the private CA.
    pub(crate) fn authority(&self) -> Option<PathBuf> {
        match &self.source {
            Source::Own(authority, _) => Some(authority.cert()),
            Source::Supplied(_) => None,
        }
    }

    /// Renews our certificate when it is due; reads the operator's again. Connections made from now
    /// on see the outcome; on an error they see what they saw before.
    pub(crate) fn refresh(&self) -> Result<(), TlsError> {
        let renewed = current(&self.source, self.clock.now(), self.entropy.as_ref())?;
        let changed = renewed.cert != self.shown.read().cert;
        if changed {
            *self.shown.write() = Arc::new(renewed);
            tracing::info!("a new server certificate is in use");
        }
        Ok(())
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.shown.read()))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificates")
    }
}

fn current(
    source: &Source,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<CertifiedKey, TlsError> {
    match source {
        Source::Supplied(supplied) => read_pair(&supplied.cert, &supplied.key),
        Source::Own(authority, names) => {
            authority.refuse_exposed()?;
            let pair = read_pair(&authority.server_cert(), &authority.server_key());
            match pair {
                Ok(pair) if serves(&pair, authority, names, now)? => Ok(pair),
                _ => {
                    authority.issue(names, now, entropy)?;
                    read_pair(&authority.server_cert(), &authority.server_key())
                }
            }
        }
    }
}

fn read_pair(cert: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let pem = std::fs::read(cert).map_err(FileError::io("read", cert))?;
    let chain = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TlsError::Pem(cert.to_owned(), error))?;
    let pem = Zeroizing::new(std::fs::read(key).map_err(FileError::io("read", key))?);
    let private = PrivateKeyDer::from_pem_slice(&pem)
        .map_err(|error| TlsError::Pem(key.to_owned(), error))?;
    CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider())
        .map_err(|error| TlsError::Unusable(cert.to_owned(), error))
}

/// Whether a client that trusts the CA accepts `pair` for every name, today and for as long as
/// [`RENEW_BEFORE`] from now. A name that is no longer wanted goes with the next renewal.
fn serves(
    pair: &CertifiedKey,
    authority: &Authority,
    names: &[String],
    now: Timestamp,
) -> Result<bool, TlsError> {
    let path = authority.cert();
    let pem = files::read_if_there(&path)?.unwrap_or_default();
    let trusted =
        CertificateDer::from_pem_slice(&pem).map_err(|error| TlsError::Pem(path.clone(), error))?;
    let mut roots = RootCertStore::empty();
    roots
        .add(trusted)
        .map_err(|error| TlsError::Unusable(path, error))?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let Ok(verifier) =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build()
    else {
        return Ok(false);
    };
    let (Some(leaf), Ok(seconds)) = (
        pair.cert.first(),
        u64::try_from(now.as_millis().div_euclid(1_000)),
    ) else {
        return Ok(false);
    };
    let moments = [Duration::ZERO, RENEW_BEFORE]
        .map(|later| UnixTime::since_unix_epoch(Duration::from_secs(seconds) + later));
    Ok(names.iter().all(|name| {
        ServerName::try_from(name.as_str()).is_ok_and(|name| {
            moments.iter().all(|moment| {
                verifier
                    .verify_server_cert(leaf, &[], &name, &[], *moment)
                    .is_ok()
            })
        })
    }))
}

/// Each name once. What cannot stand in a certificate, as some host names, is left out.
fn names(
    listed: &[String],
    host: Option<String>,
    addresses: impl IntoIterator<Item = IpAddr>,
) -> Vec<String> {
    let usual = ["localhost", "127.0.0.1", "::1"].map(String::from);
    let addresses = addresses
        .into_iter()
        .filter(|address| !address.is_unspecified())
        .map(|address| address.to_string());
    let all: BTreeSet<String> = usual
        .into_iter()
        .chain(host)
        .chain(addresses)
        .chain(listed.iter().cloned())
        .filter(|name| ServerName::try_from(name.as_str()).is_ok())
        .collect();
    all.into_iter().collect()
}

const RENEW_BEFORE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
