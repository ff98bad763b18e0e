//! Clients that are slow, greedy or many.

use crate::server::{Data, Server, ask, is_closed, read_answer, until};
use std::io::Write as _;

fn limited(data: &Data, limits: &str) -> Server {
    let config = data.config(&format!("[limits]\n{limits}\n[listen]\nworkers = 2\n"));
    data.start_with(&["--config", &config])
}

#[test]
fn a_body_over_the_limit_is_refused_and_the_connection_closed() {
    let data = Data::new();
    let server = limited(&data, "body_bytes = 1000");
    let mut stream = server.connect();

    let answer = ask(
        &mut stream,
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9999999\r\n\r\n",
    );

    assert_eq!(answer.status, 413);
    assert_eq!(
        answer.body,
        r#"{"__type":"RequestEntityTooLargeException"}"#
    );
    assert!(
        answer
            .head
            .contains("content-type: application/x-amz-json-1.1")
    );
    assert!(answer.head.contains("x-amzn-requestid: "));
    assert!(answer.head.contains("connection: close"));
    assert!(is_closed(&mut stream));
}

#[test]
fn a_body_over_the_limit_in_chunks_is_refused() {
    let data = Data::new();
    let server = limited(&data, "body_bytes = 1000");
    let mut stream = server.connect();
    let chunk = format!("3e8\r\n{}\r\n", "x".repeat(1_000));

    let answer = ask(
        &mut stream,
        &format!(
            "POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n{chunk}{chunk}"
        ),
    );

    assert_eq!(answer.status, 413);
}

#[test]
fn a_body_at_the_limit_is_taken() {
    let data = Data::new();
    let server = limited(&data, "body_bytes = 1000");
    let body = "x".repeat(1_000);

    let answer = ask(
        &mut server.connect(),
        &format!("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{body}"),
    );

    assert_ne!(answer.status, 413);
}

#[test]
fn a_body_that_does_not_come_is_refused() {
    let data = Data::new();
    let server = limited(&data, "body_seconds = 1");
    let mut stream = server.connect();

    let answer = ask(
        &mut stream,
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\nha",
    );

    assert_eq!(answer.status, 408);
    assert!(is_closed(&mut stream));
}

#[test]
fn a_head_that_trickles_in_is_cut() {
    let data = Data::new();
    let server = limited(&data, "header_seconds = 1\nidle_seconds = 600");
    let mut stream = server.connect();

    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nx-slow: ")
        .unwrap();

    assert!(is_closed(&mut stream));
}

#[test]
fn a_head_over_the_limit_is_refused() {
    let data = Data::new();
    let server = limited(&data, "header_bytes = 8192");
    let long = "x".repeat(20_000);

    let answer = ask(
        &mut server.connect(),
        &format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-long: {long}"),
    );

    assert_eq!(answer.status, 431);
}

#[test]
fn an_idle_connection_is_closed_after_its_time() {
    let data = Data::new();
    let server = limited(&data, "header_seconds = 1\nidle_seconds = 1");
    let mut stream = server.connect();
    let answer = ask(
        &mut stream,
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
    );

    assert_eq!(answer.status, 200);
    assert!(is_closed(&mut stream));
}

#[test]
fn an_idle_connection_outlives_the_time_for_a_head() {
    let data = Data::new();
    let server = limited(&data, "header_seconds = 1\nidle_seconds = 600");
    let mut kept = server.connect();
    ask(
        &mut kept,
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
    );
    let mut slow = server.connect();
    slow.write_all(b"G").unwrap();

    // By the time that the slow one is cut, the kept one was idle for longer than a head may take.
    assert!(is_closed(&mut slow));
    let answer = ask(
        &mut kept,
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
    );

    assert_eq!(answer.status, 200);
}

#[test]
fn a_handshake_that_does_not_come_is_cut() {
    let data = Data::new();
    let server = limited(&data, "handshake_seconds = 1");
    let mut stream = std::net::TcpStream::connect(server.tls_address()).unwrap();

    assert!(is_closed(&mut stream));
}

#[test]
fn connections_over_the_limit_are_closed_until_one_is_free() {
    let data = Data::new();
    let server = limited(&data, "connections = 3");
    let ask_health = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut open: Vec<_> = (0..3).map(|_| server.connect()).collect();
    for stream in &mut open {
        ask(stream, ask_health);
    }

    let mut fourth = server.connect();
    let refused = is_closed(&mut fourth);
    open.pop();

    assert!(refused);
    until(|| {
        let mut next = server.connect();
        next.write_all(ask_health.as_bytes()).is_ok()
            && std::io::Read::read(&mut next, &mut [0; 12]).is_ok_and(|count| count > 0)
    });
    for stream in &mut open {
        stream.write_all(ask_health.as_bytes()).unwrap();
        assert_eq!(read_answer(stream).status, 200);
    }
}
