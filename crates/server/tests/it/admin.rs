//! Operator commands against a running server.

use crate::server::{Data, complaint};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

/// The events of operator commands, leaving out those of the services that they called.
fn command_events(data: &Data) -> Vec<serde_json::Value> {
    data.audit()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|event| event["eventSource"] == "admin.strongroom.internal")
        .collect()
}

#[test]
fn a_created_account_is_listed_and_its_secret_is_shown_once() {
    let data = Data::new();
    let server = data.start_with(&["--account-id", "111111111111"]);

    let created = data.json(&["account", "create", "--account-id", "222222222222"]);
    let listed = data.json(&["account", "list", "--json"]);
    let table = data.command(&["account", "list"]).stdout;

    assert_eq!(created["AccountId"], "222222222222");
    assert!(created["AccessKeyId"].as_str().unwrap().starts_with("AKIA"));
    let secret = created["SecretAccessKey"].as_str().unwrap();
    assert_eq!(secret.len(), 40);
    assert_eq!(created.as_object().unwrap().len(), 3);
    let ids: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["AccountId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["111111111111", "222222222222"]);
    let table = String::from_utf8(table).unwrap();
    assert!(
        table.starts_with("ACCOUNT       CREATED\n111111111111  "),
        "{table}"
    );
    assert!(!data.audit().contains(secret));
    drop(server);
}

#[test]
fn an_account_without_a_number_gets_one() {
    let data = Data::new();
    let _server = data.start();

    let created = data.json(&["account", "create"]);

    let id = created["AccountId"].as_str().unwrap();
    assert_eq!(id.len(), 12);
    assert!(id.bytes().all(|digit| digit.is_ascii_digit()));
}

#[test]
fn an_account_that_exists_is_refused_and_both_are_on_file() {
    let data = Data::new();
    let _server = data.start_with(&["--account-id", "111111111111"]);

    let output = data.command(&["account", "create", "--account-id", "111111111111"]);

    assert_eq!(
        complaint(&output),
        "the account `111111111111` already exists"
    );
    let events = command_events(&data);
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["eventName"], "CreateAccount");
    assert_eq!(events[0]["requestParameters"]["accountId"], "111111111111");
    assert_eq!(events[0]["errorCode"], json!(null));
    assert_eq!(events[1]["errorCode"], "CommandFailed");
    assert_eq!(events[1]["requestID"], events[0]["requestID"]);
    assert_ne!(events[1]["eventID"], events[0]["eventID"]);
}

#[test]
fn every_command_leaves_an_event() {
    let data = Data::new();
    let _server = data.start();

    data.json(&["account", "list", "--json"]);
    data.json(&["seal", "status", "--json"]);
    data.json(&["seal", "rotate", "--json"]);
    data.json(&["account", "create"]);

    let events = command_events(&data);
    let seen: Vec<(&str, bool)> = events
        .iter()
        .map(|event| {
            let name = event["eventName"].as_str().unwrap();
            (name, event["readOnly"].as_bool().unwrap())
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("ListAccounts", true),
            ("DescribeSeal", true),
            ("RotateSealKey", false),
            ("CreateAccount", false),
        ]
    );
    let uid = rustix::process::getuid().as_raw();
    assert!(
        events
            .iter()
            .all(|event| event["additionalEventData"]["uid"] == uid)
    );
}

#[test]
fn a_rotated_seal_opens_everything_after_a_restart() {
    let data = Data::new();
    let server = data.start();
    data.json(&["account", "create", "--account-id", "222222222222"]);

    let rotated = data.json(&["seal", "rotate", "--json"]);
    data.json(&["account", "create", "--account-id", "333333333333"]);
    let accounts = data.json(&["account", "list", "--json"]);
    assert_eq!(server.stop(), Some(0));
    let server = data.start();

    assert_eq!(rotated["Keys"].as_array().unwrap().len(), 2);
    assert_eq!(rotated["Keys"][0]["Active"], false);
    assert_eq!(rotated["Keys"][1]["Active"], true);
    let status = data.json(&["seal", "status", "--json"]);
    assert_eq!(status["Keys"], rotated["Keys"]);
    assert_eq!(status["RootKeys"], rotated["RootKeys"]);
    assert_eq!(data.json(&["account", "list", "--json"]), accounts);
    drop(server);
}

#[test]
fn a_rotation_survives_a_kill() {
    let data = Data::new();
    let server = data.start();
    let rotated = data.json(&["seal", "rotate", "--json"]);

    server.kill();
    let _server = data.start();

    let status = data.json(&["seal", "status", "--json"]);
    assert_eq!(status["Keys"], rotated["Keys"]);
    assert_eq!(status["RootKeys"], rotated["RootKeys"]);
}

#[test]
fn without_a_server_a_command_says_so() {
    let data = Data::new();
    let never = data.command(&["account", "list"]);
    data.start().kill();
    let stale = data.command(&["seal", "status"]);

    let expected = format!(
        "no strongroom server is running on `{}`",
        data.dir().display()
    );
    assert_eq!(complaint(&never), expected);
    assert_eq!(complaint(&stale), expected);
}

#[test]
fn what_is_no_command_is_refused_and_does_no_harm() {
    let data = Data::new();
    let server = data.start();

    for request in ["\n".to_owned(), "{}\n".to_owned(), "x".repeat(70_000)] {
        let mut socket = UnixStream::connect(data.path("admin.sock")).unwrap();
        // The server stops reading at its limit, and may be gone before all is written.
        let _ = socket.write_all(request.as_bytes());
        let mut answer = String::new();
        let read = socket.read_to_string(&mut answer);

        if read.is_ok() {
            assert_eq!(
                answer,
                "{\"error\":\"the server does not know this command\"}\n"
            );
        }
    }
    assert_eq!(server.get("/readyz").status, 200);
}

#[test]
fn a_wrong_account_number_is_refused_before_the_server_is_asked() {
    let data = Data::new();

    let output = data.command(&["account", "create", "--account-id", "12"]);

    assert_eq!(
        complaint(&output),
        "`12` cannot be used: an account id is exactly 12 digits"
    );
}
