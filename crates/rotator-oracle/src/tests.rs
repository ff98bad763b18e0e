use super::*;
use rotators::Engine;

fn login<'a>(dbname: &'a str, password: &'a Plaintext) -> Login<'a> {
    Login {
        engine: Engine::Oracle,
        host: "db.example.com",
        port: 2484,
        username: "App",
        password,
        dbname: Some(dbname),
        home: None,
        tls: Tls::Verified,
    }
}

#[test]
fn a_service_brings_no_settings_of_its_own() {
    let password = Plaintext::from(String::from("x"));
    let driver = Oracle::new(Dial::default());

    let known = driver.settings(&login("orcl.example.com", &password), None);
    let hostile = driver.settings(&login("orcl?wallet_location=/etc", &password), None);

    assert!(
        known
            .unwrap()
            .get_connect_descriptor()
            .contains("SSL_SERVER_DN_MATCH=ON")
    );
    assert_eq!(
        hostile.err().unwrap().to_string(),
        "the database refused to be asked: dbname is not the name of a service"
    );
}

#[test]
fn the_number_of_an_error_is_found() {
    let refused = "ORA-01017: invalid username/password; logon denied";

    assert_eq!(code(refused), Some(1017));
    assert_eq!(code("ORA-28000: the account is locked"), Some(28000));
    assert_eq!(code("DPY-1001: not connected"), None);
}

#[tokio::test]
async fn a_listener_that_says_nothing_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let password = Plaintext::from(String::from("x"));
    let dial = Dial {
        connect_timeout: std::time::Duration::from_millis(200),
        ..Dial::default()
    };
    let mut silent = login("orcl", &password);
    silent.host = "127.0.0.1";
    silent.port = listener.local_addr().unwrap().port();
    silent.tls = Tls::Plain;

    let refusal = Oracle::new(dial).log_in(silent).await.err().unwrap();
    drop(listener);

    assert!(
        matches!(refusal, DatabaseError::Unreachable(_)),
        "{refusal}"
    );
}

#[test]
fn rows_are_read_until_they_are_too_many() {
    let row = ["SELECT".to_owned(), "SHOP".to_owned()];
    let empty: [String; 0] = [];

    assert_eq!(left_after(&row, 100), Some(100 - 64 - 10));
    assert_eq!(left_after(&row, 64 + 10), Some(0));
    assert_eq!(left_after(&row, 64 + 9), None);
    assert_eq!(left_after(&empty, 63), None);
}
