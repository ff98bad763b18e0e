//! Strangers: too much, too slow, too many, and not what it says.

use serde_json::{Value, json};
use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use strongroom_sdk_tests::{Answer, Client, Launch, Server, now};

#[test]
fn a_body_of_ten_mebibytes_is_refused_before_it_is_sent() {
    let server = Server::start();
    let mut stream = connect(server.plain());

    stream.write_all(&head(10 << 20)).unwrap();
    let (answer, stays) = Answer::read(&mut BufReader::new(&stream)).unwrap();

    assert_eq!((answer.status, stays), (413, false));
    assert_eq!(
        answer.json(),
        json!({ "__type": "RequestEntityTooLargeException" })
    );
    assert!(server.client().call("ListSecrets", &json!({})).is_ok());
}

#[test]
fn a_body_that_hides_its_length_is_refused_when_it_is_too_long() {
    let server = Server::start();
    let mut stream = connect(server.plain());
    let chunk = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();

    let head = "POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    // The server may hang up before it has all of them.
    let sent = (0..160)
        .take_while(|_| stream.write_all(&chunk).is_ok())
        .count();
    let answer = Answer::read(&mut BufReader::new(&stream));

    match answer {
        Ok((answer, stays)) => assert_eq!((answer.status, stays), (413, false)),
        Err(_) => assert!(sent < 160, "all was taken and nothing answered"),
    }
}

#[test]
fn a_body_just_over_the_limit_is_refused_and_one_at_the_limit_is_read() {
    let server = Server::start();
    let mut client = server.client();
    let body = |length: usize| {
        let mut body = br#"{"MaxResults":1}"#.to_vec();
        body.resize(length, b' ');
        client.signed("secretsmanager.ListSecrets", &body, now())
    };
    let (at, over) = (body(1 << 20), body((1 << 20) + 1));

    assert_eq!(client.send(&at).unwrap().status, 200);
    assert_eq!(client.send(&over).unwrap().status, 413);
}

#[test]
fn a_head_without_end_is_refused() {
    let server = Server::start();
    let mut stream = connect(server.plain());

    let header = format!("x-long: {}\r\n", "a".repeat(8_000));
    let _ = stream.write_all(b"POST / HTTP/1.1\r\nhost: localhost\r\n");
    for _ in 0..32 {
        let _ = stream.write_all(header.as_bytes());
    }
    let answer = Answer::read(&mut BufReader::new(&stream));

    // It may hang up without a word: what counts is that it does not go on reading.
    assert!(answer.is_err() || answer.unwrap().0.status == 431);
}

#[test]
fn who_is_slow_is_cut_off() {
    let server = Launch::default().config(IMPATIENT).start();
    let (plain, https) = (server.plain(), server.https());
    let mut half_a_head = connect(plain);
    let mut half_a_body = connect(plain);
    let mut no_handshake = connect(https);
    let mut no_request = connect(plain);

    half_a_head
        .write_all(b"POST / HTTP/1.1\r\nhost: local")
        .unwrap();
    half_a_body
        .write_all(&[head(100), b"{".to_vec()].concat())
        .unwrap();

    assert_eq!(rest_of(&mut half_a_head), "");
    assert!(rest_of(&mut half_a_body).starts_with("HTTP/1.1 408 "));
    assert_eq!(rest_of(&mut no_handshake), "");
    assert_eq!(rest_of(&mut no_request), "");
    assert!(server.client().call("ListSecrets", &json!({})).is_ok());
}

#[test]
fn one_connection_too_many_is_closed_and_the_others_stay() {
    let server = Launch::default()
        .config("[limits]\nconnections = 3\n")
        .start();
    let list = json!({});
    let mut clients: Vec<Client> = (0..3).map(|_| server.client()).collect();
    for client in &mut clients {
        client.ok("ListSecrets", &list);
    }

    let one_more = server.client().call("ListSecrets", &list);
    let others: Vec<u16> = clients
        .iter_mut()
        .map(|client| client.call("ListSecrets", &list).unwrap().status)
        .collect();
    clients[0].hang_up();

    assert!(one_more.is_err());
    assert_eq!(others, [200, 200, 200]);
    let mut late = server.client();
    strongroom_sdk_tests::until("there is room again", || {
        late.call("ListSecrets", &list).is_ok()
    });
}

#[test]
fn what_is_not_a_request_is_refused_and_changes_nothing() {
    let server = Server::start();
    let mut client = server.client();
    let requests = not_requests(&client);
    let mut log = server.audit_log();

    for (expected, request) in &requests {
        let answer = client.send(request).unwrap();

        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, *expected),
            "{}",
            answer.text
        );
        let events = log.new_events();
        let of_answer = |event: &&Value| event["requestID"] == answer.request_id.as_str();
        let codes: Vec<_> = events
            .iter()
            .filter(of_answer)
            .map(|event| &event["errorCode"])
            .collect();
        assert_eq!(codes, [&json!(expected)]);
    }
    let listed = client.ok("ListSecrets", &json!({}));
    assert_eq!(listed, json!({ "SecretList": [] }));
}

#[test]
fn health_is_told_to_anybody_and_says_nothing_else() {
    let server = Server::start();

    for path in ["/healthz", "/readyz"] {
        let mut stream = connect(server.plain());
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let (answer, _) = Answer::read(&mut BufReader::new(&stream)).unwrap();
        assert_eq!((answer.status, answer.text.as_str()), (200, "ok\n"));
    }
}

/// What looks like a request to create a secret and is none, each with the exception it earns.
fn not_requests(client: &Client) -> Vec<(&'static str, Vec<u8>)> {
    let body = json!({ "Name": "x", "SecretString": "y", "ClientRequestToken": TOKEN }).to_string();
    let create = "secretsmanager.CreateSecret";
    let signed = |target: &str, body: &str, at| client.signed(target, body.as_bytes(), at);
    let good = String::from_utf8(signed(create, &body, now())).unwrap();
    let changed = |from: &str, to: &str| good.replace(from, to).into_bytes();
    let past = now().plus_seconds(-16 * 60);
    let future = now().plus_seconds(16 * 60);
    vec![
        ("SerializationException", signed(create, "{", now())),
        (
            "UnknownOperationException",
            signed("secretsmanager.Create", &body, now()),
        ),
        (
            "UnknownOperationException",
            signed("CreateSecret", &body, now()),
        ),
        ("InvalidSignatureException", signed(create, &body, past)),
        ("InvalidSignatureException", signed(create, &body, future)),
        ("InvalidSignatureException", changed("\"x\"", "\"z\"")),
        (
            "MissingAuthenticationTokenException",
            changed("authorization:", "x-a:"),
        ),
        ("UnrecognizedClientException", changed("=AKIA", "=AKIB")),
        (
            "IncompleteSignatureException",
            changed("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"),
        ),
    ]
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn head(length: usize) -> Vec<u8> {
    format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-amz-json-1.1\r\n\
         content-length: {length}\r\n\r\n"
    )
    .into_bytes()
}

/// All that comes until the server hangs up. Fails when it never does.
fn rest_of(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
    String::from_utf8(rest).unwrap()
}

const IMPATIENT: &str = "[limits]\nhandshake_seconds = 1\nheader_seconds = 1\n\
    body_seconds = 1\nidle_seconds = 1\n";
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";
/// Longer than any of this takes.
const PATIENCE: Duration = Duration::from_secs(60);
