use super::answer::ACCESS_KEY_ID;
use crate::Error;
use base::Plaintext;
use rustls::ServerConfig;
use rustls_pki_types::PrivatePkcs8KeyDer;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// What a bare server is known by: a certificate of its own and one access key.
pub(super) struct Identity {
    pub(super) tls: Arc<ServerConfig>,
    pub(super) secret_access_key: Plaintext,
}

impl Identity {
    /// Makes a new identity and leaves in `dir` what clients need: `tls/ca.pem` and
    /// `aws/credentials`.
    pub(super) fn create(dir: &Path) -> Result<Self, Error> {
        let certified = rcgen::generate_simple_self_signed(vec![String::from("127.0.0.1")])
            .map_err(Error::tls)?;
        write(dir, "tls", "ca.pem", &certified.cert.pem())?;
        // The key protects nothing: whoever can reach the server gets one fixed answer.
        let secret = "bare";
        let credentials = format!(
            "[default]\naws_access_key_id = {ACCESS_KEY_ID}\naws_secret_access_key = {secret}\n"
        );
        write(dir, "aws", "credentials", &credentials)?;
        let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::tls)?
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key.into())
            .map_err(Error::tls)?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            tls: Arc::new(tls),
            secret_access_key: Plaintext::from(String::from(secret)),
        })
    }
}

fn write(dir: &Path, folder: &str, file: &str, text: &str) -> Result<(), Error> {
    let folder = dir.join(folder);
    fs::create_dir_all(&folder).map_err(Error::io(folder.display().to_string()))?;
    let path = folder.join(file);
    fs::write(&path, text).map_err(Error::io(path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::client;

    #[test]
    fn clients_find_what_they_need() {
        let dir = tempfile::tempdir().unwrap();

        let identity = Identity::create(dir.path()).unwrap();

        let credentials = fs::read_to_string(dir.path().join("aws/credentials")).unwrap();
        assert_eq!(
            credentials,
            "[default]\naws_access_key_id = AKIABAREBAREBAREBARE\naws_secret_access_key = bare\n"
        );
        assert_eq!(identity.secret_access_key.expose(), b"bare");
        assert!(client(&dir.path().join("tls/ca.pem")).is_ok());
        assert_eq!(identity.tls.alpn_protocols, [b"http/1.1"]);
    }

    #[test]
    fn each_server_has_a_certificate_of_its_own() {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];

        let certificates = dirs.each_ref().map(|dir| {
            Identity::create(dir.path()).unwrap();
            fs::read_to_string(dir.path().join("tls/ca.pem")).unwrap()
        });

        assert_ne!(certificates[0], certificates[1]);
    }

    #[test]
    fn a_data_directory_that_is_a_file_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();

        let refused = Identity::create(file.path()).err();

        assert!(matches!(refused, Some(Error::Io { .. })));
    }
}
