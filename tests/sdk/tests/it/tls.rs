//! What is spoken on the TLS port, and what is not.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, NamedGroup, ProtocolVersion, RootCertStore,
    SupportedProtocolVersion,
};
use serde_json::{Value, json};
use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;
use strongroom_sdk_tests::{Answer, Client, Server};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

#[test]
fn tls_1_3_is_spoken_with_a_key_exchange_that_withstands_quantum_computers() {
    let server = Server::start();

    let spoken = healthy(&server, &[&TLS12, &TLS13], "127.0.0.1");

    assert_eq!(spoken.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    let group = spoken.negotiated_key_exchange_group().unwrap().name();
    assert_eq!(group, NamedGroup::X25519MLKEM768);
}

#[test]
fn tls_1_2_is_spoken_with_clients_that_have_no_more() {
    let server = Server::start();

    let spoken = healthy(&server, &[&TLS12], "localhost");

    assert_eq!(spoken.protocol_version(), Some(ProtocolVersion::TLSv1_2));
    let suite = spoken.negotiated_cipher_suite().unwrap().suite();
    assert!(format!("{suite:?}").starts_with("TLS_ECDHE_"), "{suite:?}");
}

#[test]
fn tls_1_1_is_refused_by_an_alert() {
    let server = Server::start();
    let mut stream = connect(&server);

    stream.write_all(&hello_of_tls_1_1()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);

    assert!(
        matches!(answer[..], [ALERT, _, _, 0, 2, FATAL, _]),
        "{answer:?}"
    );
}

#[test]
fn http_without_tls_is_not_answered_on_the_tls_port() {
    let server = Server::start();
    let mut stream = connect(&server);

    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);

    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
}

#[test]
fn a_stranger_does_not_trust_the_certificate() {
    let server = Server::start();
    let other = Server::start();
    let config = Arc::new(config(&other, &[&TLS13]));
    let mut stream = connect(&server);
    let name = ServerName::try_from("127.0.0.1").unwrap();

    let mut connection = ClientConnection::new(config, name).unwrap();
    let outcome = connection.complete_io(&mut stream);

    let error = outcome.unwrap_err().to_string();
    assert!(error.contains("invalid peer certificate"), "{error}");
}

#[tokio::test]
async fn http_2_carries_many_requests_on_one_connection() {
    let server = Server::start();
    let mut config = config(&server, &[&TLS13]);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = tokio::net::TcpStream::connect(server.https())
        .await
        .unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    let protocol = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    let mut background = JoinSet::new();
    background.spawn(connection);

    let mut calls = JoinSet::new();
    for n in 0..20 {
        calls.spawn(create_by_http_2(
            &server,
            sender.clone(),
            format!("secret/{n:02}"),
        ));
    }
    let mut names = calls.join_all().await;

    names.sort();
    assert_eq!(protocol.as_deref(), Some(&b"h2"[..]));
    assert_eq!(
        names,
        (0..20)
            .map(|n| format!("secret/{n:02}"))
            .collect::<Vec<_>>()
    );
}

/// Creates a secret and gives the name that the server answers.
fn create_by_http_2(
    server: &Server,
    mut sender: http2::SendRequest<Full<Bytes>>,
    name: String,
) -> impl Future<Output = String> + use<> {
    let token = format!("{name:x>36}");
    let body = json!({ "Name": name, "SecretString": "value", "ClientRequestToken": token });
    let body = body.to_string();
    let client = Client::new(server.https(), server.keys(), server.region());
    let mut headers = client.signed_headers("secretsmanager.CreateSecret", body.as_bytes());
    // HTTP/2 names the host in the URL alone.
    headers.remove("host");
    let mut request = Request::post(format!("https://{}/", server.https()));
    *request.headers_mut().unwrap() = headers;
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    async move {
        let response = sender.send_request(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let answer: Value = serde_json::from_slice(&body).unwrap();
        answer["Name"].as_str().unwrap().to_owned()
    }
}

/// Asks for the server's health with these versions of TLS. Gives the connection, to be looked at.
fn healthy(
    server: &Server,
    versions: &[&'static SupportedProtocolVersion],
    name: &'static str,
) -> ClientConnection {
    let config = Arc::new(config(server, versions));
    let name = ServerName::try_from(name).unwrap();
    let mut connection = ClientConnection::new(config, name).unwrap();
    let mut stream = connect(server);
    let mut tls = rustls::Stream::new(&mut connection, &mut stream);
    tls.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let (answer, _) = Answer::read(&mut BufReader::new(tls)).unwrap();
    assert_eq!((answer.status, answer.text.as_str()), (200, "ok\n"));
    connection
}

/// A client that trusts the server's authority and no other.
fn config(server: &Server, versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(&server.authority()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.https()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A ClientHello that offers TLS 1.1 and two suites of its time, as clients of 2006 sent it.
fn hello_of_tls_1_1() -> Vec<u8> {
    let suites = [0xc0, 0x13, 0x00, 0x2f];
    let mut hello = vec![0x03, 0x02];
    hello.extend([7; 32]);
    hello.push(0);
    hello.extend([0, 4]);
    hello.extend(suites);
    hello.extend([1, 0]);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![
        HANDSHAKE,
        0x03,
        0x01,
        0,
        length + 4,
        CLIENT_HELLO,
        0,
        0,
        length,
    ];
    record.extend(hello);
    record
}

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const FATAL: u8 = 2;
/// Longer than any of this takes.
const PATIENCE: Duration = Duration::from_secs(60);
