//! Whose certificates a database may show.

use crate::database::{DatabaseError, Dial};
use data_encoding::BASE64;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use std::sync::Arc;

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

fn untrusted(problem: &str) -> DatabaseError {
    DatabaseError::Untrusted(problem.to_owned())
}
