//! Migrations from one seal to another, and what a killed server leaves of them.

use crate::sealing::{Reader, event_names, printed, shares_in, status, unfinished, unseal};
use crate::server::{Data, complaint};
use serde_json::{Value, json};
use std::fs;
use std::process::Output;

/// Begins a migration to `count` shares, of which two are needed.
fn to_shares(data: &Data, count: &str) -> Value {
    let shamir = ["--to", "shamir", "--shares", count, "--threshold", "2"];
    data.json(&[&["seal", "migrate", "--json"][..], &shamir].concat())
}

/// Ends a migration, with `lines` on standard input.
fn finish(data: &Data, lines: &[&str]) -> Output {
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    data.command_with(&["seal", "migrate", "--finish", "--json"], &input)
}

#[test]
fn a_migration_that_is_killed_opens_with_either_seal() {
    let data = Data::new();
    let server = data.start();
    let reader = Reader::new(&data, &server);
    let begun = to_shares(&data, "2");
    let shares = shares_in(&begun);
    assert_eq!(
        (&begun["Seal"], &begun["Pending"]),
        (&json!("file"), &json!("shamir"))
    );
    server.kill();

    let by_old = data.start();
    assert_eq!(by_old.ready["event"], "ready");
    let left = status(&data);
    assert_eq!(
        (&left["Pending"], &left["Inherited"]),
        (&json!("shamir"), &json!(true))
    );
    let refused = complaint(&data.command(&["seal", "rotate", "--root"]));
    assert!(refused.contains("seal migrate --abandon"), "{refused}");
    assert!(reader.reads(&data, &by_old));
    by_old.kill();

    fs::remove_file(data.path("root.key")).unwrap();
    let by_new = data.start();
    assert_eq!(by_new.ready["event"], "sealed");
    printed(&unseal(&data, &[&shares[0], &shares[1]]));
    assert!(reader.reads(&data, &by_new));
    let finished = status(&data);
    assert_eq!(
        (&finished["Seal"], &finished["Pending"]),
        (&json!("shamir"), &Value::Null)
    );
}

#[test]
fn a_migration_that_is_killed_can_be_given_up() {
    let data = Data::new();
    let server = data.start();
    to_shares(&data, "2");
    server.kill();
    let _server = data.start();

    let abandoned = data.json(&["seal", "migrate", "--abandon", "--json"]);

    assert_eq!(
        (&abandoned["Seal"], &abandoned["Pending"]),
        (&json!("file"), &Value::Null)
    );
    data.json(&["seal", "rotate", "--root", "--json"]);
    let names = event_names(&data);
    assert!(names.iter().any(|name| name == "AbandonSealMigration"));
}

/// The shares are given one by one, and the server is killed after each of them and at the end.
#[test]
fn a_migration_that_is_killed_is_finished_by_the_new_shares() {
    let data = Data::new();
    let server = data.start();
    let reader = Reader::new(&data, &server);
    let shares = shares_in(&to_shares(&data, "3"));
    server.kill();

    let server = data.start();
    let none = complaint(&finish(&data, &[]));
    assert_eq!(none, "nothing was given on standard input");
    let one = unfinished(&finish(&data, &["", &shares[0], ""]));
    assert_eq!(one["Shares"][0]["Given"], 1);
    let left = data.read("seal.json");
    server.kill();

    let server = data.start();
    assert_eq!(server.ready["event"], "ready");
    let forgotten = status(&data);
    assert_eq!(
        (&forgotten["Inherited"], &forgotten["Shares"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(data.read("seal.json"), left);
    let finished = printed(&finish(&data, &[&shares[2], &shares[1]]));
    assert_eq!(
        (
            &finished["Seal"],
            &finished["Pending"],
            &finished["Inherited"]
        ),
        (&json!("shamir"), &Value::Null, &Value::Null)
    );
    assert!(reader.reads(&data, &server));
    data.json(&["seal", "rotate", "--root", "--json"]);
    server.kill();

    let server = data.start();
    assert_eq!(server.ready["event"], "sealed");
    printed(&unseal(&data, &[&shares[0], &shares[2]]));
    assert!(reader.reads(&data, &server));
    let log = data.audit();
    assert!(log.contains(r#""requestParameters":{"with":"share"}"#));
    assert!(shares.iter().all(|share| !log.contains(share.as_str())));
}

#[test]
fn no_other_shares_finish_a_migration() {
    let data = Data::new();
    let server = data.start();
    let voided = shares_in(&to_shares(&data, "2"));
    let shares = shares_in(&to_shares(&data, "2"));
    server.kill();
    let _server = data.start();
    let left = data.read("seal.json");

    let foreign = complaint(&finish(&data, &[&voided[0]]));
    let nonsense = complaint(&finish(&data, &["hunter2"]));

    assert!(foreign.contains("belongs to the set"), "{foreign}");
    assert_eq!(nonsense, "this is not a share: one looks like `srs1-…`");
    assert_eq!(data.read("seal.json"), left);
    assert_eq!(status(&data)["Seal"], "file");
    printed(&finish(&data, &[&shares[0], &shares[1]]));
}

#[test]
fn a_changed_envelope_is_finished_by_no_shares() {
    let data = Data::new();
    let server = data.start();
    let shares = shares_in(&to_shares(&data, "3"));
    server.kill();
    let changed = data
        .read("seal.json")
        .replace("\"shares\": 3", "\"shares\": 4");
    fs::write(data.path("seal.json"), &changed).unwrap();
    let _server = data.start();

    let refused = complaint(&finish(&data, &[&shares[0], &shares[1]]));

    assert!(refused.starts_with("the shares do not open"), "{refused}");
    assert_eq!(data.read("seal.json"), changed);
    assert_eq!(status(&data)["Seal"], "file");
    data.json(&["seal", "migrate", "--abandon", "--json"]);
}

/// Its two replacements of `seal.json` come at once, so what a kill between them leaves is put
/// together here.
#[test]
fn a_migration_to_a_passphrase_is_finished_by_it() {
    let data = Data::new();
    let server = data.start();
    let reader = Reader::new(&data, &server);
    data.json(&["seal", "rotate", "--root", "--json"]);
    let read = || serde_json::from_str::<Value>(&data.read("seal.json")).unwrap();
    let mut between = read();
    let to_words = ["seal", "migrate", "--to", "passphrase", "--json"];
    printed(&data.command_with(&to_words, "correct horse battery\n"));
    assert_eq!(server.stop(), Some(0));
    between["pending"] = read()["current"].clone();
    fs::write(data.path("seal.json"), between.to_string()).unwrap();

    let server = data.start();
    let left = status(&data);
    assert_eq!(
        (&left["Seal"], &left["Pending"], &left["Inherited"]),
        (&json!("file"), &json!("passphrase"), &json!(true))
    );
    let refused = complaint(&finish(&data, &["incorrect horse battery"]));
    assert_eq!(
        refused,
        "the passphrase is wrong, or `seal.json` was damaged"
    );
    assert_eq!(read(), between);
    let finished = printed(&finish(&data, &["correct horse battery"]));

    assert_eq!(
        (&finished["Seal"], &finished["Pending"]),
        (&json!("passphrase"), &Value::Null)
    );
    assert!(reader.reads(&data, &server));
    assert!(!data.audit().contains("horse"));
}
