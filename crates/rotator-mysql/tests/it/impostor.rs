//! Servers that only seem to be one: whoever names the host in a secret says what speaks there.

use rotator_testkit::Flood;
use rotators::{DatabaseError, Dial, Engine, TOO_MUCH, Tls};
use strongroom_rotator_mysql::MySql;

#[tokio::test]
async fn a_server_that_never_stops_talking_is_left() {
    let rows: Vec<u8> = (0..=255_u8)
        .flat_map(|count| packet(count.wrapping_add(4), &row()))
        .collect();
    let header = [
        packet(1, &[1]),
        packet(2, &column()),
        packet(3, &[0xfe, 0, 0, 2, 0]),
    ];
    let columns: Vec<u8> = (0..=255_u8)
        .flat_map(|count| packet(count.wrapping_add(2), &column()))
        .collect();
    let greetings = Flood::start(Vec::new(), Vec::new(), packet(0, &greeting()));
    let many_rows = flood(header.concat(), rows);
    let many_columns = flood(packet(1, &[0xfc, 0xff, 0xff]), columns);

    for flood in [many_rows, many_columns, greetings] {
        let refusal = log_in(&flood, Tls::Plain).await;

        assert!(matches!(
            refusal,
            DatabaseError::Unreachable(_) | DatabaseError::Refused { .. }
        ));
        assert!(flood.was_left());
    }
}

/// The library takes memory for the columns before they come. For these there is none anywhere, and a
/// process that cannot have memory ends.
#[tokio::test]
async fn a_server_that_announces_more_than_there_is_memory_is_left() {
    for exponent in [33_u32, 42, 58, 63] {
        let mut announced = vec![0xfe];
        announced.extend(2_u64.pow(exponent).to_le_bytes());
        let flood = flood(packet(1, &announced), packet(2, &column()));

        let refusal = log_in(&flood, Tls::Plain).await;

        assert_eq!(
            refusal.to_string(),
            format!("the database cannot be reached: {TOO_MUCH}")
        );
        assert!(flood.was_left());
    }
}

/// For the library, a login by this plugin ends with whatever comes after `01 03`.
#[tokio::test]
async fn a_login_that_ends_by_no_known_packet_is_left() {
    let mut announced = vec![0xfe];
    announced.extend(2_u64.pow(42).to_le_bytes());
    let announced = packet(1, &announced);
    let quick = [packet(2, &[1, 3]), packet(3, &[1])].concat();
    let in_advance = [&*quick, &*announced].concat();
    let slow = vec![
        packet(2, &[1, 4]),
        packet(4, &pem(PUBLIC_KEY)),
        packet(6, &[1]),
    ];

    for answers in [vec![quick], vec![in_advance], slow] {
        let greeting = packet(0, &greeting_for("caching_sha2_password"));
        let flood = Flood::start(greeting, answers, announced.clone());

        assert_eq!(log_in(&flood, Tls::Plain).await.to_string(), ODD_LOGIN);
        assert!(flood.was_left());
    }
}

/// The library panics over most of these, and is long at work over the others.
#[tokio::test]
async fn an_answer_that_the_library_cannot_take_is_not_passed_on() {
    let asked = || packet(2, &[1, 4]);
    let key = |key: &[u8]| vec![asked(), packet(4, key)];
    let switch = |rest: &[u8]| vec![packet(2, &[&[0xfe][..], rest].concat())];
    let too_small = pem(SMALL_KEY);
    let cases = [
        vec![packet(2, &[])],
        key(&[]),
        key(b"\x01garbage"),
        key(b"\x01-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n"),
        key(b"\x01-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n"),
        key(&too_small),
        key(&[0]),
        key(&[0xff]),
        switch(b"client_ed25519\0abcdefghijklmnopqrstabcdefghijkl"),
        switch(b"parsec\0abcdefghijklmnopqrstabcdefghijkl"),
        switch(b"caching_sha2_password\0\0"),
    ];

    for answers in cases {
        let said = answers.clone();
        let greeting = packet(0, &greeting_for("caching_sha2_password"));
        let flood = Flood::start(greeting, answers, packet(6, &[1]));

        let refusal = log_in(&flood, Tls::Plain).await.to_string();

        assert_eq!(refusal, ODD_LOGIN, "{said:x?}");
        assert!(flood.was_left());
    }
}

#[tokio::test]
async fn a_long_packet_is_none_of_a_login() {
    let long = packet(2, &[&[0xfe][..], &[b'a'; 2048]].concat());
    let long_greeting = packet(0, &[&*greeting(), &[b'a'; 2048]].concat());
    let greeted = || packet(0, &greeting());
    let endless = || packet(3, &[1]);

    for flood in [
        Flood::start(greeted(), vec![long], endless()),
        Flood::start(long_greeting, Vec::new(), endless()),
    ] {
        let refusal = log_in(&flood, Tls::Plain).await;

        assert_eq!(
            refusal.to_string(),
            format!("the database cannot be reached: {TOO_MUCH}")
        );
        assert!(flood.was_left());
    }
}

/// As a row, the library panics over it.
#[tokio::test]
async fn an_empty_packet_is_no_row() {
    let header = [packet(1, &[1]), packet(2, &column())].concat();
    let eof = packet(3, &[0xfe, 0, 0, 2, 0]);
    let flood = flood([header, eof, packet(4, &[])].concat(), packet(5, &row()));

    let refusal = log_in(&flood, Tls::Plain).await;

    assert_eq!(
        refusal.to_string(),
        "the database cannot be reached: it sent an empty packet"
    );
    assert!(flood.was_left());
}

#[tokio::test]
async fn a_server_without_tls_is_told_nothing() {
    let flood = Flood::start(packet(0, &greeting()), Vec::new(), packet(2, &row()));

    let refusal = log_in(&flood, Tls::Verified).await;

    assert_eq!(
        refusal.to_string(),
        "the TLS connection to the database is not to be trusted: the server does not offer TLS"
    );
    assert!(flood.was_left());
}

async fn log_in(flood: &Flood, tls: Tls) -> DatabaseError {
    let driver = MySql::new(Dial::default());
    flood.refusal(&driver, Engine::MySql, tls).await
}

/// Lets anybody in, and answers the first statement so.
fn flood(answer: Vec<u8>, endless: Vec<u8>) -> Flood {
    let accepted = packet(2, &[0, 0, 0, 2, 0, 0, 0]);
    Flood::start(packet(0, &greeting()), vec![accepted, answer], endless)
}

fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap();
    let mut packet = length.to_le_bytes().to_vec();
    packet[3] = sequence;
    packet.extend(payload);
    packet
}

/// Of a server without TLS.
fn greeting() -> Vec<u8> {
    greeting_for("mysql_native_password")
}

fn greeting_for(plugin: &str) -> Vec<u8> {
    let mut greeting = b"\x0a8.0.0\0\x01\0\0\0abcdefgh\0\x08\x82\x2d\x02\0\x08\0\x15".to_vec();
    greeting.extend([0; 10]);
    greeting.extend(b"abcdefghijkl\0");
    greeting.extend(plugin.bytes());
    greeting.push(0);
    greeting
}

fn column() -> Vec<u8> {
    b"\x03def\0\0\0\x01a\0\x0c\x2d\0\xff\0\0\0\xfd\0\0\0\0\0".to_vec()
}

fn row() -> Vec<u8> {
    [vec![250], vec![b'A'; 250]].concat()
}

/// How the server sends its key.
fn pem(key: &str) -> Vec<u8> {
    format!("\x01-----BEGIN PUBLIC KEY-----\n{key}-----END PUBLIC KEY-----\n").into()
}

const ODD_LOGIN: &str = "the database cannot be reached: its login is none that is known";
/// RSA of 2048 bits.
const PUBLIC_KEY: &str = "\
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqP20OIPRkvP6X2MljCIR\n\
    9zHh8sCtwPqz91PcUuBuvIrqDOImnKbuZ7mPmMalPNMxG4UbNvrrsWISY2KG/IYJ\n\
    O019L2pAmWwFzy3uyqZFjNmlIpMWAUz9Q8b0zJkNnP0+SjQ38hxhh5yYAvOoPYPB\n\
    0cAui/jXJ8sx04/uZNvPGhFNNC2rJGWJxJ4VeEBqTy6uMT4d/iV7m+XUGfmhFHPZ\n\
    3YwdwWxJWjA6ior4xTfvjXWOQTDlbJQgeDySz1GZOiWMo+ROWcfuYLXj6CmtXdb+\n\
    Uhyp7s4Y0DK1nVzWP3YtaUsh+UNawlGGFpkRne7Jfo0UopPeNfl0/MgXfIOxk3+d\n\
    nQIDAQAB\n\
";
/// RSA of 512 bits.
const SMALL_KEY: &str = "\
    MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALkr6KLLrTyAXOzYUVp3cR9wYaXRca80\n\
    2p7zTk5s7MPx6q3EzHXVAltB2Nts2ukyiIqqTXYeKuURxNn9tddFIuUCAwEAAQ==\n\
";
