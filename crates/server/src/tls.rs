//! Who the server is to its clients: the private CA, the server certificate and the TLS settings.
//!
//! Rules kept here: TLS 1.3, and 1.2 with ephemeral keys only; keys are files of mode 0600; the
//! certificate that is shown can be exchanged while connections come in; whether a certificate
//! still serves is decided by verifying it as a client would, not by reading its fields.

mod authority;
mod shown;

pub(crate) use shown::Certificates;

use crate::files::FileError;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::pem;
use std::path::PathBuf;
use std::sync::Arc;

/// Why there is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file of ours could not be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file holds no certificate or key.
    #[error("`{}` holds no certificate or key in PEM form", .0.display())]
    Pem(PathBuf, #[source] pem::Error),
    /// The certificate and key do not go together, or are of a kind that TLS cannot use.
    #[error("the certificate `{}` cannot be used with its key", .0.display())]
    Unusable(PathBuf, #[source] rustls::Error),
    /// The private CA could not be made, or could not sign.
    #[error("cannot issue a certificate")]
    Issue(#[from] rcgen::Error),
    /// The CA's key was taken away, and the server's certificate needs to be renewed.
    #[error(
        "the server's certificate must be renewed, and the CA's key `{}` is not there", .0.display()
    )]
    NoAuthorityKey(PathBuf),
    /// TLS cannot be set up at all.
    #[error("cannot set up TLS")]
    Setup(#[source] rustls::Error),
}

/// Makes the cryptographic library of this program the one that TLS uses.
pub(crate) fn install_provider() {
    // An error means that it is installed already.
    let _ = aws_lc_rs::default_provider().install_default();
}

/// The settings that every TLS listener shares.
pub(crate) fn server_config(
    certificates: Arc<Certificates>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Tickets hold the session on the client's side, so that any thread can resume it.
    config.ticketer = aws_lc_rs::Ticketer::new().map_err(TlsError::Setup)?;
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests;
