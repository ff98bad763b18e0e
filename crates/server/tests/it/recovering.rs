//! Recovery shares, and what operators say by mistake about shares.

use crate::sealing::{event_names, shares_in, status};
use crate::server::{Data, complaint};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

/// Sends `line` over the admin socket, as no command of ours would.
fn raw(data: &Data, line: &str) -> String {
    let mut socket = UnixStream::connect(data.path("admin.sock")).unwrap();
    socket.write_all(format!("{line}\n").as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn recovery_shares_go_by_the_command_for_it_and_no_other() {
    let data = Data::new();
    let _server = data.start();
    let make = "seal recovery-shares --shares 3 --threshold 2 --json";
    let made = data.json(&make.split(' ').collect::<Vec<_>>());
    assert_eq!(shares_in(&made).len(), 3);
    let before = data.read("seal.json");

    for line in [
        r#"{"command":"seal.recovery","shares":5,"threshold":null}"#,
        r#"{"command":"seal.recovery.make","shares":5,"threshold":null}"#,
        r#"{"command":"seal.recovery.make","shares":5}"#,
    ] {
        let unknown = "{\"error\":\"the server does not know this command\"}\n";
        assert_eq!(raw(&data, line), unknown, "{line}");
    }
    assert_eq!(data.read("seal.json"), before);
    assert!(!event_names(&data).contains(&String::from("RemoveRecoveryShares")));

    let removed = data.json(&["seal", "recovery-shares", "--remove", "--json"]);

    assert_eq!(
        (&removed["Recovery"], &removed["NewShares"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(status(&data)["Recovery"], Value::Null);
    let names = event_names(&data);
    let count = |wanted: &str| names.iter().filter(|name| *name == wanted).count();
    assert_eq!(
        (count("CreateRecoveryShares"), count("RemoveRecoveryShares")),
        (1, 1)
    );
}

#[test]
fn a_migration_takes_what_its_seal_takes() {
    let data = Data::new();
    let _server = data.start();
    let migrate = |flags: &str| {
        let flags = format!("seal migrate --to {flags}");
        complaint(&data.command(&flags.split(' ').collect::<Vec<_>>()))
    };

    assert_eq!(
        migrate("shamir"),
        "say how many shares to make and how many open the seal: `--shares N --threshold K`"
    );
    assert_eq!(
        migrate("file --shares 3 --threshold 2"),
        "the seal `file` has no shares: `--shares` and `--threshold` are for `shamir`"
    );
    assert_eq!(
        migrate("passphrase --key-file new.key"),
        "the seal `passphrase` has no root key file: `--key-file` is for `file`"
    );
    assert!(!data.path("seal.json").exists());
}
