//! A web site on a loopback address, over TLS with a CA of its own or in the clear.

use crate::tasks::Tasks;
use parking_lot::Mutex;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::PrivateKeyDer;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub(super) struct Site {
    port: u16,
    shared: Arc<Shared>,
    _dir: tempfile::TempDir,
    ca: PathBuf,
}

#[derive(Default)]
struct Shared {
    answers: Mutex<HashMap<String, Answer>>,
    requests: Mutex<Vec<String>>,
}

#[derive(Clone)]
pub(super) enum Answer {
    /// This text, and the connection ends.
    Raw(String),
    /// Nothing, for as long as the client waits.
    Silence,
}

impl Site {
    /// With TLS, for `localhost` and 127.0.0.1.
    pub(super) async fn secure() -> Self {
        Self::named(&["localhost", "127.0.0.1"]).await
    }

    /// With TLS, and a certificate for `names`.
    pub(super) async fn named(names: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let acceptor = acceptor(names, &dir.path().join("ca.pem"));
        Self::start(dir, Some(acceptor)).await
    }

    /// In the clear.
    pub(super) async fn plain() -> Self {
        Self::start(tempfile::tempdir().unwrap(), None).await
    }

    async fn start(dir: tempfile::TempDir, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self {
            port: listener.local_addr().unwrap().port(),
            shared: Arc::default(),
            ca: dir.path().join("ca.pem"),
            _dir: dir,
        };
        let shared = Arc::clone(&site.shared);
        let tasks = Tasks::default();
        tasks.clone().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, acceptor) = (Arc::clone(&shared), acceptor.clone());
                tasks.spawn(async move {
                    match acceptor {
                        None => shared.serve(stream).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                shared.serve(stream).await;
                            }
                        }
                    }
                });
            }
        });
        site
    }

    pub(super) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The CA's certificate.
    pub(super) fn ca(&self) -> PathBuf {
        self.ca.clone()
    }

    /// Answers `path` with status 200, `headers` (each with its line's end) and `body`.
    pub(super) fn answer(&self, path: &str, headers: &str, body: &str) {
        let length = body.len();
        let text = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {length}\r\n\r\n{body}");
        self.answer_with(path, Answer::Raw(text));
    }

    pub(super) fn answer_with(&self, path: &str, answer: Answer) {
        let mut answers = self.shared.answers.lock();
        answers.insert(path.to_owned(), answer);
    }

    /// The heads of all requests, in order.
    pub(super) fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().clone()
    }

    /// The paths of all requests, in order.
    pub(super) fn paths(&self) -> Vec<String> {
        let path = |head: &String| head.split(' ').nth(1).unwrap().to_owned();
        self.requests().iter().map(path).collect()
    }
}

impl Shared {
    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        self.requests.lock().push(head);
        let answer = self.answers.lock().get(&path).cloned();
        let missing = || Answer::Raw("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".into());
        match answer.unwrap_or_else(missing) {
            // A client that has heard enough is no failure.
            Answer::Raw(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
            Answer::Silence => {
                let _ = stream.read_u8().await;
            }
        }
    }
}

fn acceptor(names: &[&str], ca_file: &Path) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    fs::write(ca_file, params.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, key);

    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(names).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
