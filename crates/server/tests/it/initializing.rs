//! `strongroom init`: data directories that begin with shares.

use crate::sealing::{Reader, printed, shares_in, status, unseal};
use crate::server::{Data, complaint, names_in, program};
use serde_json::{Value, json};
use std::fs::{self, File};

const IN_SHARES: &[&str] = &[
    "init",
    "--seal",
    "shamir",
    "--shares",
    "3",
    "--threshold",
    "2",
];

/// Every file under `dir`, as text.
fn everything_in(dir: &std::path::Path) -> String {
    let entries = fs::read_dir(dir).unwrap();
    let texts = entries.map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything_in(&path)
        } else {
            String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned()
        }
    });
    texts.collect()
}

#[test]
fn a_directory_begins_with_shares_that_are_shown_once() {
    let data = Data::new();

    let made = data.json(&[IN_SHARES, &["--json"]].concat());

    let shares = shares_in(&made);
    assert_eq!(shares.len(), 3);
    assert_eq!(
        (&made["Seal"], &made["State"]),
        (&json!("shamir"), &json!("sealed"))
    );
    assert_eq!(data.mode("seal.json"), 0o600);
    assert!(!data.path("root.key").exists());

    let config = data.config("seal.kind = \"shamir\"\n");
    let mut server = data.start_with(&["--config", &config]);
    assert_eq!(server.ready["event"], "sealed");
    assert_eq!(status(&data)["RootKey"], made["RootKey"]);
    assert!(!data.path("aws/credentials").exists());
    let opened = printed(&unseal(&data, &[&shares[2], &shares[0]]));
    assert_eq!(opened["RootKey"], made["RootKey"]);
    assert_eq!(server.next_line()["event"], "ready");
    let reader = Reader::new(&data, &server);
    assert!(reader.reads(&data, &server));
    server.kill();

    let server = data.start_with(&["--config", &config]);
    printed(&unseal(&data, &[&shares[0], &shares[1]]));
    assert!(reader.reads(&data, &server));
    assert_eq!(server.stop(), Some(0));
    let kept = everything_in(&data.dir());
    assert!(shares.iter().all(|share| !kept.contains(share.as_str())));
}

#[test]
fn people_see_the_shares_and_what_comes_next() {
    let data = Data::new();

    let output = data.command(IN_SHARES);

    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[..3].iter().all(|line| line.starts_with("srs1-")));
    assert_eq!(
        lines[4..7],
        [
            "state     sealed",
            "seal      shamir",
            "notice    hand the shares out; then start the server, and open it with `strongroom \
             seal unseal`",
        ]
    );
    assert!(lines[7].starts_with("root key  "));
    assert!(output.stderr.is_empty());
}

/// The shares could not be shown, so there must be nothing that they would open.
#[test]
fn nothing_is_made_when_the_shares_cannot_be_shown() {
    let data = Data::new();
    let full = File::options().write(true).open("/dev/full").unwrap();

    let failed = program()
        .args(IN_SHARES)
        .arg("--data-dir")
        .arg(data.dir())
        .stdout(full)
        .output()
        .unwrap();

    assert_eq!(failed.status.code(), Some(1));
    assert_eq!(names_in(&data.dir()), ["audit", "aws", "lock"]);
    data.json(&[IN_SHARES, &["--json"]].concat());
}

#[test]
fn a_directory_that_is_there_is_left_alone() {
    let data = Data::new();
    let made = data.json(&[IN_SHARES, &["--json"]].concat());
    let before = data.read("seal.json");

    let again = complaint(&data.command(IN_SHARES));

    assert!(again.ends_with("is there already, and a data directory is made once"));
    assert_eq!(data.read("seal.json"), before);
    let server = data.start();
    let busy = complaint(&data.command(IN_SHARES));
    assert!(busy.starts_with("another strongroom server is using"));
    let shares = shares_in(&made);
    printed(&unseal(&data, &[&shares[1], &shares[2]]));
    assert_eq!(status(&data)["Seal"], "shamir");
    assert_eq!(server.stop(), Some(0));
    let used = complaint(&data.command(IN_SHARES));
    assert!(used.contains("is there already"), "{used}");
}

#[test]
fn a_first_start_does_not_show_shares_where_nobody_reads() {
    let data = Data::new();
    let config = data.config("seal.kind = \"shamir\"\n");

    let refused = data.refused(&["--config", &config]);

    assert_eq!(
        refused,
        "there is no data directory yet, and its shares must be shown to somebody: make it with \
         `strongroom init --seal shamir --shares N --threshold K`, and then start the server"
    );
    assert!(!data.path("strongroom.db").exists());
    assert!(!data.path("seal.json").exists());
}

#[test]
fn other_seals_can_be_made_beforehand_as_well() {
    let data = Data::new();

    let made = data.json(&["init", "--json"]);

    assert_eq!(
        (&made["Seal"], &made["NewShares"]),
        (&json!("file"), &json!([]))
    );
    assert_eq!(names_in(&data.dir()), ["audit", "aws", "lock", "root.key"]);
    let server = data.start();
    assert_eq!(server.ready["event"], "ready");
    let open = status(&data);
    assert_eq!(
        (&open["RootKey"], &open["Notice"]),
        (&made["RootKey"], &Value::Null)
    );
}
