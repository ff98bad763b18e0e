//! Where functions of this host reach the server.

use crate::config::Processes;
use crate::files::FileError;
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// A URL of this server, and whom to trust there. Known once the server listens.
#[derive(Debug, Default)]
pub(crate) struct OwnAddress(OnceLock<Address>);

/// What a function is told of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The URL.
    pub(crate) url: String,
    /// Certificates (PEM) that it is verified with. `None`: the system's.
    pub(crate) authority: Option<Arc<[u8]>>,
}

impl OwnAddress {
    /// The address that the operator chose, if any.
    pub(crate) fn of(settings: &Processes) -> Result<Self, FileError> {
        let own = Self::default();
        if let Some(url) = &settings.endpoint {
            let authority = settings.ca_file.as_deref().map(read).transpose()?;
            own.set(url, authority);
        }
        Ok(own)
    }

    /// The server listens at `urls` and shows certificates of `authority`, or of one that the system
    /// knows. What the operator chose stays.
    ///
    /// COMPAT: clients of AWS take any URL. One in the clear stays on this machine; it is chosen when
    /// there is no other, or when the certificate is the operator's: that need not name an address.
    pub(crate) fn listens(
        &self,
        urls: &[String],
        authority: Option<&Path>,
    ) -> Result<(), FileError> {
        let with = |scheme: &str| urls.iter().find(|url| url.starts_with(scheme));
        let (tls, plain) = (with("https:"), with("http:"));
        match (tls, plain, authority) {
            (Some(tls), _, Some(authority)) => self.set(tls, Some(read(authority)?)),
            (_, Some(plain), _) => self.set(plain, None),
            (Some(tls), None, None) => self.set(tls, None),
            (None, None, _) => {}
        }
        Ok(())
    }

    /// The address, once it is known.
    pub(crate) fn get(&self) -> Option<&Address> {
        self.0.get()
    }

    fn set(&self, url: &str, authority: Option<Arc<[u8]>>) {
        let url = url.to_owned();
        // The first one stays.
        let _ = self.0.set(Address { url, authority });
    }
}

fn read(path: &Path) -> Result<Arc<[u8]>, FileError> {
    let content = fs::read(path).map_err(FileError::io("read", path))?;
    Ok(content.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn urls(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| String::from(*text)).collect()
    }

    fn settings(endpoint: Option<&str>, ca_file: Option<PathBuf>) -> Processes {
        Processes {
            endpoint: endpoint.map(str::to_owned),
            ca_file,
            ..crate::functions::fixtures::config().functions.processes
        }
    }

    #[test]
    fn the_tls_listener_is_chosen_with_its_own_authority() {
        let dir = tempfile::tempdir().unwrap();
        let ca = dir.path().join("ca.pem");
        fs::write(&ca, "PEM").unwrap();
        let own = OwnAddress::default();

        own.listens(
            &urls(&["http://127.0.0.1:1", "https://127.0.0.1:2"]),
            Some(&ca),
        )
        .unwrap();

        let address = own.get().unwrap();
        assert_eq!(address.url, "https://127.0.0.1:2");
        assert_eq!(address.authority.as_deref(), Some(b"PEM".as_slice()));
    }

    #[test]
    fn without_a_private_authority_the_plain_listener_is_chosen() {
        let (both, tls, none) = Default::default();
        let all: [&OwnAddress; 3] = [&both, &tls, &none];

        all[0]
            .listens(&urls(&["https://127.0.0.1:2", "http://127.0.0.1:1"]), None)
            .unwrap();
        all[1]
            .listens(&urls(&["https://127.0.0.1:2"]), None)
            .unwrap();
        all[2].listens(&[], None).unwrap();

        let chosen = all.map(|own| own.get().map(|address| address.url.as_str()));
        assert_eq!(
            chosen,
            [
                Some("http://127.0.0.1:1"),
                Some("https://127.0.0.1:2"),
                None
            ]
        );
    }

    #[test]
    fn what_the_operator_chose_stays() {
        let dir = tempfile::tempdir().unwrap();
        let ca = dir.path().join("ca.pem");
        fs::write(&ca, "PEM").unwrap();
        let own = OwnAddress::of(&settings(Some("https://vault.example"), Some(ca))).unwrap();

        own.listens(&urls(&["https://127.0.0.1:2"]), None).unwrap();

        let address = own.get().unwrap();
        assert_eq!(address.url, "https://vault.example");
        assert_eq!(address.authority.as_deref(), Some(b"PEM".as_slice()));
    }

    #[test]
    fn an_authority_that_cannot_be_read_is_named() {
        let missing = PathBuf::from("/nonexistent/ca.pem");

        let refused = OwnAddress::of(&settings(Some("https://vault.example"), Some(missing)));

        assert_eq!(
            refused.unwrap_err().to_string(),
            "cannot read `/nonexistent/ca.pem`"
        );
    }
}
