//! Whose certificates a database may show.

use crate::database::{DatabaseError, Dial};
use data_encoding::BASE64;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The authorities that are trusted: the operator's, or else the system's.
///
/// # Errors
/// [`DatabaseError::Untrusted`] when there is none, or the operator's cannot be read.
pub fn authorities(dial: &Dial) -> Result<Vec<CertificateDer<'static>>, DatabaseError> {
    let found = match &dial.authorities_pem {
        Some(pem) => CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| untrusted(&format!("the authorities are not PEM: {error}")))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    if found.is_empty() {
        return Err(untrusted("there is no authority to trust"));
    }
    Ok(found)
}

/// The same in PEM, for drivers that take them from a file only.
///
/// # Errors
/// Those of [`authorities`].
pub fn authorities_pem(dial: &Dial) -> Result<String, DatabaseError> {
    let mut pem = String::new();
    for certificate in authorities(dial)? {
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        pem.push_str(&BASE64.encode(&certificate));
        pem.push_str("\n-----END CERTIFICATE-----\n");
    }
    Ok(pem)
}

/// Settings of a client that verifies certificates and names.
///
/// # Errors
/// [`DatabaseError::Untrusted`] when there is no authority to trust.
pub fn client_config(dial: &Dial) -> Result<ClientConfig, DatabaseError> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(authorities(dial)?);
    if added == 0 {
        return Err(untrusted("there is no authority that can be read"));
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| untrusted(&error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// How a connection to a host is encrypted.
pub struct Encryption {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Encryption {
    /// Verifies certificates, for the host's name.
    ///
    /// # Errors
    /// Those of [`client_config`].
    pub fn to(dial: &Dial, host: &str) -> Result<Self, DatabaseError> {
        let name = ServerName::try_from(host.to_owned());
        Ok(Self {
            connector: TlsConnector::from(Arc::new(client_config(dial)?)),
            name: name.map_err(|error| untrusted(&error.to_string()))?,
        })
    }

    /// Encrypts a connection.
    ///
    /// # Errors
    /// [`DatabaseError::Untrusted`], or [`DatabaseError::Unreachable`] when it ends.
    pub async fn over<S>(self, connection: S) -> Result<TlsStream<S>, DatabaseError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let encrypted = self.connector.connect(self.name, connection).await;
        encrypted.map_err(|error| {
            let cause = error.get_ref();
            if cause.is_some_and(|cause| cause.is::<rustls::Error>()) {
                untrusted(&error.to_string())
            } else {
                DatabaseError::Unreachable(error.to_string())
            }
        })
    }
}

fn untrusted(problem: &str) -> DatabaseError {
    DatabaseError::Untrusted(problem.to_owned())
}
