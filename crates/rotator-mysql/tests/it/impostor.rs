//! Servers that only seem to be one: whoever names the host in a secret says what speaks there.

use base::Plaintext;
use rotator_testkit::Flood;
use rotators::{Database as _, DatabaseError, Dial, Engine, Login, TOO_MUCH, Tls};
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
    let password = Plaintext::from(String::from("x"));
    let login = Login {
        engine: Engine::MySql,
        host: "127.0.0.1",
        port: flood.port,
        username: "app",
        password: &password,
        dbname: None,
        home: None,
        tls,
    };
    MySql::new(Dial::default())
        .log_in(login)
        .await
        .err()
        .unwrap()
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

/// Of a server with native passwords and without TLS.
fn greeting() -> Vec<u8> {
    let mut greeting = b"\x0a8.0.0\0\x01\0\0\0abcdefgh\0\x08\x82\x2d\x02\0\x08\0\x15".to_vec();
    greeting.extend([0; 10]);
    greeting.extend(b"abcdefghijkl\0mysql_native_password\0");
    greeting
}

fn column() -> Vec<u8> {
    b"\x03def\0\0\0\x01a\0\x0c\x2d\0\xff\0\0\0\xfd\0\0\0\0\0".to_vec()
}

fn row() -> Vec<u8> {
    [vec![250], vec![b'A'; 250]].concat()
}
