//! The built benchmark, run as a person would.

use serde_json::Value;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

fn bench(dir: &Path, arguments: &[&str]) -> io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_strongroom-bench"))
        .current_dir(dir)
        .args(arguments)
        .output()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_limits_of_a_machine_are_measured_without_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = "--limits-only --rounds 1 --seconds 0.1 --connections 2 --json report.json";
    let arguments: Vec<&str> = arguments.split(' ').collect();

    let output = bench(dir.path(), &arguments).unwrap();

    assert!(output.status.success(), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    let json = fs::read_to_string(dir.path().join("report.json")).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let comparisons = json["sizes"][0]["comparisons"].as_array().unwrap();
    let names: Vec<&str> = comparisons
        .iter()
        .filter_map(|comparison| comparison["operation"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "GetSecretValue",
            "GetSecretValue",
            "DescribeSecret",
            "ListSecrets",
            "GenerateDataKey",
            "Decrypt",
            "PutSecretValue"
        ]
    );
    for (comparison, name) in comparisons.iter().zip(names) {
        assert!(shown.contains(name), "{shown}");
        assert!(comparison["bare"]["median"]["per_second"].as_f64().unwrap() > 0.0);
        assert_eq!(comparison["server"], Value::Null);
    }
    let left = fs::read_dir(dir.path().join("target/bench")).unwrap();
    assert_eq!(left.count(), 0, "the data directories are removed");
}

#[test]
fn a_missing_server_is_said_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();

    let output = bench(dir.path(), &["--server", "no/such/strongroom"]).unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), "");
    assert_eq!(
        text(&output.stderr),
        "error: no server at `no/such/strongroom`: build it with `cargo build --release -p \
         strongroom-server`, name one with --server, or measure only the limits of this machine \
         with --limits-only\n"
    );
}

#[test]
fn rotations_need_a_server_too_and_leave_nothing_without_one() {
    let dir = tempfile::tempdir().unwrap();

    let output = bench(dir.path(), &["rotations", "--server", "no/such/strongroom"]).unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("error: no server at `no/such/strongroom`"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    let dir = tempfile::tempdir().unwrap();

    let output = bench(dir.path(), &["--rounds", "none"]).unwrap();

    assert_eq!(output.status.code(), Some(2));
}
