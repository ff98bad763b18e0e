//! What tests of the log's readers need: a log in a directory, an authority for TLS.

use super::FileSink;
use super::log::{Directory, Shelf};
use super::signer::Signer;
use super::stream::LogStream;
use super::writer::End;
use crate::config::{self, SyncPolicy};
use crate::outside::SystemClock;
use ::audit::{Chain, FileName, Head, Position};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::PrivateKeyDer;
use services::{AuditEntry, AuditSink as _};
use std::fs;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

pub(super) const DEPLOYMENT: &str = "111122223333";

/// A log in a directory, and who writes it.
pub(super) struct LogRig {
    pub(super) dir: tempfile::TempDir,
    pub(super) sink: FileSink,
    pub(super) stream: Arc<LogStream>,
}

impl LogRig {
    /// Syncs before each answer, and closes a segment that has `segment_bytes`.
    pub(super) fn new(segment_bytes: u64) -> Self {
        Self::with(SyncPolicy::Always, segment_bytes)
    }

    pub(super) fn with(sync: SyncPolicy, segment_bytes: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = config::Audit {
            sync,
            sync_interval_ms: NonZeroU32::new(3_600_000).unwrap(),
            segment_bytes: NonZeroU64::new(segment_bytes).unwrap(),
            ..config::Audit::default()
        };
        let position = Position::beginning(DEPLOYMENT, None);
        let end = End {
            chain: Chain::after(DEPLOYMENT, position),
            tip: Head {
                segment: 0,
                position,
                length: 0,
            },
            open: None,
            closed: Vec::new(),
            previous: position.hash,
        };
        let key = ::audit::SigningKey::from_seed(&[7; 32]).unwrap();
        let signer = Signer::new(key.into(), DEPLOYMENT, Arc::new(SystemClock));
        let signer = Arc::new(signer);
        let shelf: Arc<dyn Shelf> = Arc::new(Directory(dir.path().to_owned()));
        let (report, _) = mpsc::unbounded_channel();
        let sink = FileSink::start(end, shelf, signer, &settings, report).unwrap();
        let stream = Arc::new(LogStream::new(dir.path(), sink.synced()));
        Self { dir, sink, stream }
    }

    /// Writes events with numbers from 0.
    pub(super) async fn append(&self, count: u64) {
        for n in 0..count {
            self.write(&format!("{{\"n\":{n}}}")).await;
        }
    }

    pub(super) async fn write(&self, event: &str) {
        let line = event.as_bytes().to_vec();
        let entry = AuditEntry { line, outbox: None };
        self.sink.append(entry).await.unwrap();
    }

    /// The paths of the segments, oldest first.
    pub(super) fn segments(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.dir.path()).unwrap();
        let mut segments: Vec<PathBuf> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                let name = path.file_name().unwrap().to_str().unwrap();
                matches!(FileName::parse(name), Some(FileName::Segment(_)))
            })
            .collect();
        segments.sort();
        segments
    }

    /// The whole log as it stands in its segments.
    pub(super) fn text(&self) -> String {
        let segments = self.segments().into_iter();
        segments
            .map(|path| fs::read_to_string(path).unwrap())
            .collect()
    }
}

/// An authority, a server's certificate and a client's.
pub(super) struct Authority {
    dir: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own = params.self_signed(&key).unwrap();
        fs::write(dir.path().join("ca.pem"), own.pem()).unwrap();
        Self {
            dir,
            issuer: Issuer::new(params, key),
        }
    }

    /// Its certificate.
    pub(super) fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// A certificate of a client and its key.
    pub(super) fn client(&self) -> config::Supplied {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([String::from("client")]).unwrap();
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        let supplied = config::Supplied {
            cert: self.dir.path().join("client.pem"),
            key: self.dir.path().join("client.key"),
        };
        fs::write(&supplied.cert, cert.pem()).unwrap();
        crate::files::write(&supplied.key, 0o600, key.serialize_pem().as_bytes()).unwrap();
        supplied
    }

    /// A server at 127.0.0.1, which asks for a certificate of this authority if `asks`.
    pub(super) fn acceptor(&self, asks: bool) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([String::from("127.0.0.1")]).unwrap();
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = if asks {
            let mut roots = RootCertStore::empty();
            let pem = fs::read(self.ca_file()).unwrap();
            let ca = rustls_pki_types::pem::PemObject::from_pem_slice(&pem).unwrap();
            roots.add(ca).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            config.with_client_cert_verifier(verifier.unwrap())
        } else {
            config.with_no_client_auth()
        };
        let config = config.with_single_cert(vec![cert.der().clone()], key);
        TlsAcceptor::from(Arc::new(config.unwrap()))
    }
}
