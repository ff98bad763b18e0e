//! Stops: in order, with clients in every state.

use crate::server::{Data, is_closed, read_answer, until};
use std::io::Write as _;

#[test]
fn a_stop_is_clean_and_leaves_nothing_to_recover() {
    let data = Data::new();
    let server = data.start();

    assert_eq!(server.stop(), Some(0));

    assert!(!data.path("admin.sock").exists());
    assert!(!data.path("strongroom.db-wal").exists());
}

#[test]
fn idle_connections_do_not_hold_a_stop_up() {
    let data = Data::new();
    let server = data.start();
    let mut fresh = server.connect();
    let mut used = server.connect();
    used.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    read_answer(&mut used);
    let mut in_handshake = std::net::TcpStream::connect(server.tls_address()).unwrap();

    assert_eq!(server.stop(), Some(0));

    assert!(is_closed(&mut fresh));
    assert!(is_closed(&mut used));
    assert!(is_closed(&mut in_handshake));
}

#[test]
fn a_request_under_way_is_answered_before_the_end() {
    let data = Data::new();
    let mut server = data.start();
    let mut under_way = server.connect();
    under_way
        .write_all(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\nha")
        .unwrap();
    let mut idle = server.connect();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    read_answer(&mut idle);

    server.signal();
    // An idle connection is closed once the drain has begun.
    assert!(is_closed(&mut idle));
    under_way.write_all(b"lf").unwrap();
    let answer = read_answer(&mut under_way);

    assert!(answer.head.contains("x-amzn-requestid"), "{}", answer.head);
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn what_does_not_end_is_dropped_when_the_time_is_up() {
    let data = Data::new();
    let config = data.config("[limits]\ndrain_seconds = 1\n");
    let server = data.start_with(&["--config", &config]);
    let mut stuck = server.connect();
    stuck
        .write_all(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\nha")
        .unwrap();
    // The server has read the head once it counts the connection as one with a request: a second
    // answer on another connection of the same listener shows that it got that far.
    server.get("/healthz");

    assert_eq!(server.stop(), Some(0));

    assert!(is_closed(&mut stuck));
}

#[test]
fn a_second_signal_cuts_the_drain_short() {
    let data = Data::new();
    let mut server = data.start();
    let mut stuck = server.connect();
    stuck
        .write_all(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\nha")
        .unwrap();
    let mut idle = server.connect();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    read_answer(&mut idle);

    server.signal();
    assert!(is_closed(&mut idle));
    server.signal();

    assert_eq!(server.wait().code(), Some(0));
    assert!(is_closed(&mut stuck));
}

#[test]
fn a_draining_server_takes_no_new_connections() {
    let data = Data::new();
    let server = data.start();
    let mut stuck = server.connect();
    stuck
        .write_all(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\nha")
        .unwrap();
    server.get("/healthz");

    server.signal();

    let address = server.plain_address();
    until(|| std::net::TcpStream::connect(&address).is_err());
}
