//! Starts that are refused, each with its text and exit code 1.

use crate::server::{Data, program};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

fn stopped(data: &Data) {
    let server = data.start();
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_second_server_on_the_directory_is_refused() {
    let data = Data::new();
    let first = data.start();

    let refused = data.refused(&[]);

    let dir = data.dir().canonicalize().unwrap();
    assert_eq!(
        refused,
        format!("another strongroom server is using `{}`", dir.display())
    );
    assert_eq!(first.get("/readyz").status, 200);
}

#[test]
fn a_root_key_that_others_may_read_is_refused() {
    let data = Data::new();
    stopped(&data);
    fs::set_permissions(data.path("root.key"), fs::Permissions::from_mode(0o644)).unwrap();

    let refused = data.refused(&[]);

    assert!(refused.contains("chmod 600"), "{refused}");
    assert!(refused.contains("root.key"), "{refused}");
}

#[test]
fn a_missing_root_key_is_refused_and_not_replaced() {
    let data = Data::new();
    stopped(&data);
    fs::remove_file(data.path("root.key")).unwrap();

    let refused = data.refused(&[]);

    assert!(
        refused.contains("put back whichever of the two your copy has"),
        "{refused}"
    );
    assert!(!data.path("root.key").exists());
}

#[test]
fn another_account_or_region_than_the_directorys_is_refused() {
    let data = Data::new();
    let server = data.start_with(&["--account-id", "123456789012"]);
    assert_eq!(server.stop(), Some(0));

    assert_eq!(
        data.refused(&["--account-id", "999999999999"]),
        "the data directory belongs to the account `123456789012`, not to `999999999999`"
    );
    assert_eq!(
        data.refused(&["--region", "eu-west-1"]),
        "the data directory belongs to the Region `us-east-1`, not to `eu-west-1`"
    );
}

#[test]
fn flags_that_cannot_be_used_are_refused_before_anything_is_made() {
    let data = Data::new();

    for (flags, text) in [
        (
            ["--listen-plain", "0.0.0.0:0"],
            "`0.0.0.0:0` is not a loopback address, and HTTP without TLS is served on loopback only",
        ),
        (
            ["--listen", "here"],
            "`here` is no address to listen on: write it like `127.0.0.1:8443` or `[::1]:8443`",
        ),
        (
            ["--account-id", "1234"],
            "`1234` cannot be used: an account id is exactly 12 digits",
        ),
        (
            ["--region", "mars"],
            "`mars` cannot be used: a Region name looks like `eu-central-1`",
        ),
        (
            ["--store", "mysql://db"],
            "there is no store `mysql`: write `embedded` or `postgres://user@host/name`",
        ),
        (
            ["--store", "postgres://db"],
            "the database cannot be used: its URL names no user",
        ),
        (
            ["--log", "a=b=c"],
            "`a=b=c` is no log level: use `error`, `warn`, `info`, `debug` or `trace`",
        ),
    ] {
        assert_eq!(data.refused(&flags), text);
    }
    assert!(!data.dir().exists());
}

#[test]
fn a_mistake_in_the_configuration_file_is_shown() {
    let data = Data::new();
    let config = data.config("[limits]\nspeed = 9\n");

    let output = program()
        .args(["serve", "--config", &config])
        .output()
        .unwrap();

    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("has a mistake"), "{text}");
    assert!(text.contains("unknown field `speed`"), "{text}");
}

#[test]
fn a_taken_address_is_refused_and_the_store_is_left_in_order() {
    let data = Data::new();
    let other = Data::new();
    let server = other.start();
    let address = server.tls_address();

    let refused = data.refused(&["--listen", &address]);

    assert!(
        refused.starts_with(&format!("cannot listen on `{address}`")),
        "{refused}"
    );
    stopped(&data);
}

#[test]
fn an_unknown_flag_is_a_usage_error() {
    let output = program().args(["serve", "--port", "1"]).output().unwrap();

    assert_eq!(output.status.code(), Some(2));
}
