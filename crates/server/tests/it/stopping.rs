//! Stops: in order, with clients in every state.

use crate::server::{Data, Server, is_closed, read_answer, until};
use crate::signed::{Keys, call, call_iam};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

#[test]
fn a_stop_is_clean_and_leaves_nothing_to_recover() {
    let data = Data::new();
    let server = data.start();

    assert_eq!(server.stop(), Some(0));

    assert!(!data.path("admin.sock").exists());
    assert!(!data.path("strongroom.db-wal").exists());
}

#[test]
fn a_stop_stores_when_a_key_was_last_used() {
    let data = Data::new();
    let server = data.start();
    let ada = Keys::printed(&data.json(&["admin", "create", "--user", "ada"]));
    call(
        &data,
        &server.tls_address(),
        &ada,
        "ListSecrets",
        &json!({}),
    );
    assert_eq!(server.stop(), Some(0));
    let server = data.start();
    let root = Keys::of_profile(&data, "default");

    let form = format!("Action=GetAccessKeyLastUsed&AccessKeyId={}", ada.id);
    let told = call_iam(&data, &server.tls_address(), &root, &form);

    assert_eq!(told.status, 200, "{}", told.body);
    let service = "<ServiceName>secretsmanager</ServiceName>";
    assert!(told.body.contains(service), "{}", told.body);
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
    let mut server = start_draining_slowly(&data, 1);
    let (mut stuck, mut idle) = (a_stuck_request(&server), an_idle_connection(&server));

    server.signal();
    assert!(is_closed(&mut idle));
    let was_open = is_open(&mut stuck);

    assert!(was_open, "dropped before its time was up");
    assert_eq!(server.wait().code(), Some(0));
    assert!(is_closed(&mut stuck));
}

#[test]
fn a_second_signal_cuts_the_drain_short() {
    let data = Data::new();
    let mut server = start_draining_slowly(&data, 6_000);
    let (mut stuck, mut idle) = (a_stuck_request(&server), an_idle_connection(&server));

    server.signal();
    assert!(is_closed(&mut idle));
    let was_open = is_open(&mut stuck);
    server.signal();

    assert!(was_open, "dropped by the first signal");
    assert_eq!(server.wait().code(), Some(0));
    assert!(is_closed(&mut stuck));
}

#[test]
fn a_draining_server_takes_no_new_connections() {
    let data = Data::new();
    let mut server = start_draining_slowly(&data, 6_000);
    let mut stuck = a_stuck_request(&server);

    server.signal();
    let address = server.plain_address();
    until(|| std::net::TcpStream::connect(&address).is_err());
    let still_runs = is_open(&mut stuck);
    server.signal();

    assert!(still_runs, "it ended instead of draining");
    assert_eq!(server.wait().code(), Some(0));
}

/// A server on one thread, so that what it did on one connection tells of the others.
fn start_draining_slowly(data: &Data, drain_seconds: u32) -> Server {
    let config = data.config(&format!(
        "[listen]\nworkers = 1\n[limits]\nbody_seconds = 6000\ndrain_seconds = {drain_seconds}\n"
    ));
    data.start_with(&["--config", &config])
}

/// A request whose body does not come to its end, and which the server has begun to read.
fn a_stuck_request(server: &Server) -> TcpStream {
    let mut stuck = server.connect();
    stuck
        .write_all(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\nha")
        .unwrap();
    // Asked on another connection after this one was accepted, on the same thread.
    server.get("/healthz");
    stuck
}

fn an_idle_connection(server: &Server) -> TcpStream {
    let mut idle = server.connect();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    read_answer(&mut idle);
    idle
}

fn is_open(stream: &mut TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let read = stream.read(&mut [0; 1]);
    stream.set_nonblocking(false).unwrap();
    read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}
