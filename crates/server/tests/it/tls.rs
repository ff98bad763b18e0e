//! HTTPS as a client sees it.

use crate::server::{Data, Server, ask};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

pub(crate) fn client(data: &Data, resumption: rustls::client::Resumption) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(data.path("tls/ca.pem")).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = resumption;
    Arc::new(config)
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

fn connect(
    server: &Server,
    config: &Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(Arc::clone(config), name).unwrap();
    StreamOwned::new(
        connection,
        TcpStream::connect(server.tls_address()).unwrap(),
    )
}

#[test]
fn https_is_answered_under_the_private_authority() {
    let data = Data::new();
    let server = data.start();
    let config = client(&data, rustls::client::Resumption::disabled());

    let answer = ask(
        &mut connect(&server, &config),
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
    );

    assert_eq!((answer.status, answer.body.as_str()), (200, "ok\n"));
}

#[test]
fn http_2_is_answered() {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const END_OF_STREAM_AND_HEADERS: u8 = 5;
    let data = Data::new();
    let server = data.start();
    let mut config = ClientConfig::clone(&client(&data, rustls::client::Resumption::disabled()));
    config.alpn_protocols = vec![b"h2".to_vec()];
    let mut stream = connect(&server, &Arc::new(config));
    // `:method: GET` and `:scheme: https` by their numbers, `:path` and `:authority` in letters.
    let head = b"\x82\x87\x04\x08/healthz\x01\x09localhost";

    let request = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        frame(SETTINGS, 0, 0, &[]),
        frame(HEADERS, END_OF_STREAM_AND_HEADERS, 1, head),
    ];
    stream.write_all(&request.concat()).unwrap();
    let mut answers = Vec::new();
    while answers.len() < 2 {
        let mut header = [0; 9];
        stream.read_exact(&mut header).unwrap();
        let length = usize::from(header[1]) * 256 + usize::from(header[2]);
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).unwrap();
        if [DATA, HEADERS].contains(&header[3]) {
            answers.push((header[3], payload));
        }
    }

    let (kind, head) = &answers[0];
    assert_eq!(
        (*kind, head[0]),
        (HEADERS, 0x88),
        "`:status: 200` by its number"
    );
    assert_eq!(answers[1], (DATA, b"ok\n".to_vec()));
}

#[test]
fn a_session_is_resumed_on_any_thread() {
    let data = Data::new();
    let config = data.config("[listen]\nworkers = 4\n");
    let server = data.start_with(&["--config", &config]);
    let config = client(&data, rustls::client::Resumption::default());
    let request = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

    let kinds: Vec<_> = (0..8)
        .map(|_| {
            let mut stream = connect(&server, &config);
            ask(&mut stream, request);
            stream.conn.handshake_kind().unwrap()
        })
        .collect();

    assert_eq!(kinds[0], rustls::HandshakeKind::Full);
    assert!(
        kinds[1..]
            .iter()
            .all(|kind| *kind == rustls::HandshakeKind::Resumed),
        "{kinds:?}"
    );
}

#[test]
fn names_from_the_configuration_are_in_the_certificate_after_a_restart() {
    let data = Data::new();
    let first = data.start();
    let authority = data.read("tls/ca.pem");
    assert_eq!(first.stop(), Some(0));
    let config = data.config("[tls]\nnames = ['vault.example']\n");

    let server = data.start_with(&["--config", &config]);

    let settings = client(&data, rustls::client::Resumption::disabled());
    let name = ServerName::try_from("vault.example").unwrap();
    let connection = ClientConnection::new(settings, name).unwrap();
    let socket = TcpStream::connect(server.tls_address()).unwrap();
    let answer = ask(
        &mut StreamOwned::new(connection, socket),
        "GET /healthz HTTP/1.1\r\nhost: vault.example\r\n\r\n",
    );
    assert_eq!(answer.status, 200);
    assert_eq!(data.read("tls/ca.pem"), authority);
}
