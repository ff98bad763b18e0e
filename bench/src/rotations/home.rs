//! Which server a rotation function calls, and as whom.

use crate::Error;
use crate::load::Endpoint;
use crate::sign::Signer;
use crate::target::client;
use base::Plaintext;
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The server, and who calls it.
#[derive(Clone)]
pub(super) struct Home {
    pub(super) endpoint: Endpoint,
    pub(super) signer: Arc<Signer>,
}

/// The same as the benchmark leaves it for a function with an address of its own.
///
/// INVARIANT: no `Debug`, since it holds a secret.
#[derive(Serialize, Deserialize)]
pub(super) struct Letter {
    pub(super) address: SocketAddr,
    pub(super) region: String,
    /// Whom to trust (PEM).
    pub(super) authority: PathBuf,
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
}

impl Letter {
    /// Leaves it in the directory `dir`, for its owner alone.
    pub(super) fn leave(&self, dir: &Path) -> Result<(), Error> {
        write_private(&dir.join(FILE), &serde_json::to_string(self)?)
    }
}

impl Home {
    /// What was left in `dir`.
    pub(super) fn left_in(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(FILE);
        let text = fs::read(&path).map_err(Error::io(path.display().to_string()))?;
        let letter: Letter = serde_json::from_slice(&text)?;
        let signer = Signer {
            host: letter.address.to_string(),
            region: letter.region,
            access_key_id: letter.access_key_id,
            secret_access_key: Plaintext::from(letter.secret_access_key),
            session_token: None,
        };
        Self::new(letter.address, &letter.authority, signer)
    }

    /// What Lambda's runtime says in variables, which `variable` reads.
    pub(super) fn told(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let wanted = |name: &str| {
            variable(name).ok_or_else(|| Error::Step(format!("the variable {name} is missing")))
        };
        let url = wanted("SECRETS_MANAGER_ENDPOINT")?;
        let address = url
            .strip_prefix("https://")
            .map(|rest| rest.trim_end_matches('/'));
        let address: SocketAddr = address
            .and_then(|address| address.parse().ok())
            .ok_or_else(|| Error::Step(format!("`{url}` has no address")))?;
        let signer = Signer {
            host: address.to_string(),
            region: wanted("AWS_REGION")?,
            access_key_id: wanted("AWS_ACCESS_KEY_ID")?,
            secret_access_key: Plaintext::from(wanted("AWS_SECRET_ACCESS_KEY")?),
            session_token: variable("AWS_SESSION_TOKEN").map(Plaintext::from),
        };
        Self::new(address, Path::new(&wanted("AWS_CA_BUNDLE")?), signer)
    }

    fn new(address: SocketAddr, authority: &Path, signer: Signer) -> Result<Self, Error> {
        let tls = Arc::new(client(authority).map_err(Error::Tls)?);
        Ok(Self {
            endpoint: Endpoint { address, tls },
            signer: Arc::new(signer),
        })
    }
}

/// Writes a file that nobody else may read.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let failed = || Error::io(path.display().to_string());
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path).map_err(failed())?;
    file.write_all(text.as_bytes()).map_err(failed())
}

const FILE: &str = "server.json";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::BareSettings;
    use crate::bare::start;
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt;

    /// A directory with the certificate of a server.
    fn certified() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        start(&BareSettings {
            data_dir: dir.path().into(),
            answer_bytes: 100,
            service: String::from("secretsmanager"),
            durable: false,
        })
        .unwrap();
        dir
    }

    #[test]
    fn what_is_left_is_found_and_private() {
        let dir = certified();
        let letter = Letter {
            address: SocketAddr::from(([127, 0, 0, 1], 8_443)),
            region: String::from("us-east-1"),
            authority: dir.path().join("tls/ca.pem"),
            access_key_id: String::from("AKID"),
            secret_access_key: String::from("key"),
        };

        letter.leave(dir.path()).unwrap();

        let home = Home::left_in(dir.path()).unwrap();
        assert_eq!(home.endpoint.address, letter.address);
        assert_eq!(home.signer.secret_access_key.expose(), b"key");
        let mode = fs::metadata(dir.path().join(FILE)).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }

    #[test]
    fn what_the_runtime_says_is_enough_and_every_part_is_needed() {
        let dir = certified();
        let ca = dir.path().join("tls/ca.pem").display().to_string();
        let all = BTreeMap::from([
            ("SECRETS_MANAGER_ENDPOINT", "https://127.0.0.1:8443"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "ASIA"),
            ("AWS_SECRET_ACCESS_KEY", "key"),
            ("AWS_CA_BUNDLE", &ca),
        ]);

        let told = Home::told(|name| all.get(name).map(ToString::to_string));

        assert!(told.is_ok());
        for missing in all.keys() {
            let variable = |name: &str| all.get(name).filter(|_| name != *missing);
            let refused = Home::told(|name| variable(name).map(ToString::to_string));
            assert!(matches!(refused, Err(Error::Step(_))), "{missing}");
        }
    }
}
