use super::answer::{ACCESS_KEY_ID, REGION};
use super::start;
use crate::args::BareSettings;
use crate::load::Endpoint;
use crate::operation::SECRETS_MANAGER;
use crate::sign::Signer;
use crate::target::client;
use base::Plaintext;
use std::sync::Arc;
use tempfile::TempDir;

/// A bare server in the process of a test, and the way to it.
pub(crate) struct Fixture {
    pub(crate) endpoint: Endpoint,
    pub(crate) signer: Signer,
    _data: TempDir,
}

impl Fixture {
    /// Starts one that answers with 1,000 bytes.
    pub(crate) fn start(durable: bool) -> Self {
        Self::start_as(SECRETS_MANAGER, durable)
    }

    /// Starts one that stands for `service`.
    pub(crate) fn start_as(service: &str, durable: bool) -> Self {
        let data = tempfile::tempdir().unwrap();
        let running = start(&BareSettings {
            data_dir: data.path().into(),
            answer_bytes: 1_000,
            service: service.to_owned(),
            durable,
        })
        .unwrap();
        Self {
            endpoint: Endpoint {
                address: running.address,
                tls: Arc::new(client(&data.path().join("tls/ca.pem")).unwrap()),
            },
            signer: Signer {
                host: running.address.to_string(),
                region: String::from(REGION),
                access_key_id: String::from(ACCESS_KEY_ID),
                secret_access_key: Plaintext::from(String::from("bare")),
                session_token: None,
            },
            _data: data,
        }
    }
}
