//! The audit log on disk: chained, signed, cut into segments, verified and read.

use crate::server::{Data, Server, complaint, names_in, program};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Small segments and frequent heads.
const SMALL: &str = "[audit]\nsync_interval_ms = 5\nsegment_bytes = 4096\n";

/// Leaves an event.
fn ask(server: &Server) {
    assert_eq!(server.get("/").status, 404);
}

fn verified(data: &Data) -> serde_json::Value {
    data.json(&["audit", "verify", "--json"])
}

fn segments(data: &Data) -> Vec<PathBuf> {
    let names = names_in(&data.path("audit"));
    let logs = names.iter().filter(|name| name.ends_with(".log"));
    logs.map(|name| data.path("audit").join(name)).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names_in(from) {
        fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
}

#[test]
fn a_log_verifies_while_the_server_runs_and_when_it_has_stopped() {
    let data = Data::new();
    let config = data.config(SMALL);
    let server = data.start_with(&["--config", &config]);
    for _ in 0..20 {
        ask(&server);
    }

    let running = verified(&data);
    assert_eq!(server.stop(), Some(0));
    let stopped = verified(&data);
    let text = data.command(&["audit", "verify"]);

    assert_eq!(running["problems"], serde_json::json!([]));
    assert_eq!(stopped["problems"], serde_json::json!([]));
    assert_eq!(stopped["unsignedEvents"], 0);
    assert!(stopped["segments"].as_u64() > Some(2), "{stopped}");
    let lines = data.audit().lines().count();
    assert_eq!(stopped["events"], lines);
    assert_eq!(stopped["head"]["sequence"], lines);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.ends_with("no problem found\n"), "{text}");
}

#[test]
fn a_change_is_found_with_its_segment_and_line() {
    let data = Data::new();
    let config = data.config(SMALL);
    let server = data.start_with(&["--config", &config]);
    for _ in 0..20 {
        ask(&server);
    }
    server.stop();
    let segment = segments(&data)[1].clone();
    let text = fs::read_to_string(&segment).unwrap();
    fs::write(&segment, text.replacen("127.0.0.1", "127.0.0.2", 1)).unwrap();

    let whole = data.command(&["audit", "verify"]);
    let alone = program().args(["audit", "verify"]).arg(&segment).output();

    for output in [whole, alone.unwrap()] {
        assert_eq!(output.status.code(), Some(1));
        let told = String::from_utf8(output.stdout).unwrap();
        let name = segment.file_name().unwrap().to_str().unwrap();
        assert!(
            told.contains(&format!("PROBLEM {name} line 1: event")),
            "{told}"
        );
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(error, "strongroom: the audit log is not what it was\n");
    }
}

#[test]
fn a_killed_server_leaves_a_log_that_verifies_and_goes_on() {
    let data = Data::new();
    let config = data.config(SMALL);
    for round in 1..8 {
        let server = data.start_with(&["--config", &config]);
        for _ in 0..round * 3 {
            ask(&server);
        }
        server.kill();

        assert!(data.audit_is_whole());
    }

    data.start_with(&["--config", &config]).stop();

    let answered: usize = (1..8).map(|round| round * 3).sum();
    let refused = data.audit().matches("\"errorCode\"").count();
    assert_eq!(refused, answered);
    assert_eq!(verified(&data)["unsignedEvents"], 0);
}

#[test]
fn a_log_that_was_put_back_keeps_the_server_from_starting_until_somebody_takes_note() {
    let data = Data::new();
    let server = data.start();
    ask(&server);
    server.stop();
    let saved = data.beside("saved");
    copy(&data.path("audit"), &saved);
    let server = data.start();
    ask(&server);
    server.stop();
    let before = data.audit().lines().count();
    fs::remove_dir_all(data.path("audit")).unwrap();
    copy(&saved, &data.path("audit"));
    let left = data.audit().lines().count();

    let refused = data.refused(&[]);
    let server = data.start_with(&["--accept-audit-loss"]);
    ask(&server);
    server.stop();
    data.start().stop();

    assert!(
        refused.starts_with(&format!(
            "cannot open the audit log: the audit log ends with event {left}, and went on to event {before}. "
        )),
        "{refused}"
    );
    let report = verified(&data);
    assert_eq!(report["problems"], serde_json::json!([]));
    assert_eq!(report["acceptedLosses"][0]["lastSequence"], before);
    assert!(data.audit().contains("\"eventName\":\"AcceptAuditLoss\""));
}

#[test]
fn a_log_from_before_the_chain_is_kept_and_belongs_to_it() {
    let data = Data::new();
    fs::create_dir_all(data.path("audit")).unwrap();
    for dir in [data.dir(), data.path("audit")] {
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(dir, private).unwrap();
    }
    let old = "{\"eventTime\":\"2020-01-01T00:00:00Z\",\"eventName\":\"Old\",\"eventID\":\"1\"}\n";
    fs::write(data.path("audit/audit.log"), old).unwrap();

    data.start().stop();
    let report = verified(&data);
    let read = data.command(&["audit", "tail", "--all", "--json"]);
    fs::write(data.path("audit/audit.log"), old.replace("Old", "New")).unwrap();
    let changed = data.command(&["audit", "verify"]);

    assert_eq!(report["problems"], serde_json::json!([]));
    assert_eq!(report["historyBytes"], old.len());
    let read = String::from_utf8(read.stdout).unwrap();
    assert!(read.starts_with(old));
    assert_eq!(changed.status.code(), Some(1));
}

#[test]
fn the_log_can_be_read_with_conditions() {
    let data = Data::new();
    let config = data.config(SMALL);
    let server = data.start_with(&["--config", &config]);
    for _ in 0..20 {
        ask(&server);
    }
    let tail = |arguments: &[&str]| {
        let output = data.command(&[&["audit", "tail"], arguments].concat());
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };

    let refusals = tail(&["--lines", "100", "--filter", "errorCode=*", "--json"]);
    let one = tail(&["-n", "1", "--filter", "eventName=CreateAcc*"]);
    let whole = tail(&["--all", "--json"]);

    assert_eq!(refusals.lines().count(), 20);
    assert!(one.contains("  CreateAccount  "), "{one}");
    assert_eq!(whole, data.audit());
    assert!(complaint(&data.command(&["audit", "tail", "--since", "x"])).contains("is no time"));
}

#[test]
fn the_public_key_can_be_kept_elsewhere() {
    let data = Data::new();
    let other = Data::new();
    data.start().stop();
    other.start().stop();
    let kept = data.beside("key.pem");
    fs::copy(data.path("audit/public-key.pem"), &kept).unwrap();
    // Whoever forges a log forges the key beside it.
    fs::remove_dir_all(data.path("audit")).unwrap();
    copy(&other.path("audit"), &data.path("audit"));

    let beside = data.command(&["audit", "verify"]);
    let with_kept = data.command(&["audit", "verify", "--public-key", kept.to_str().unwrap()]);

    assert!(beside.status.success());
    assert!(complaint(&with_kept).contains("nothing there is signed by a known key"));
    let shown = other.json(&["audit", "public-key", "--json"]);
    let key_file = fs::read_to_string(other.path("audit/public-key.pem")).unwrap();
    assert_eq!(shown["publicKey"], key_file);
    for secret in ["strongroom.db", "audit/public-key.pem"] {
        let bytes = fs::read(other.path(secret)).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("PRIVATE KEY"));
    }
}

/// Needs the right to mount; without it the test says so and passes.
#[test]
fn on_a_full_disk_requests_are_refused_and_taken_again_when_there_is_room() {
    let data = Data::new();
    let config = data.config(SMALL);
    data.start().stop();
    let Some(disk) = SmallDisk::under(&data) else {
        eprintln!("skipped: no file system can be mounted here");
        return;
    };
    let server = data.start_with(&["--config", &config]);
    let ballast = data.path("audit/ballast");

    let mut fill = vec![0_u8; 1 << 20];
    while !fill.is_empty() {
        let written = fs::write(&ballast, &fill);
        fill.truncate(if written.is_ok() {
            0
        } else {
            fill.len() - 4_096
        });
    }
    let mut answers = (0..50).map(|_| server.get("/").status);
    let refused = answers.find(|status| *status != 404);
    fs::remove_file(&ballast).unwrap();
    let answers_again = soon(|| server.get("/").status == 404);
    let is_ready = soon(|| server.get("/readyz").status == 200);
    assert_eq!(server.stop(), Some(0));

    assert_eq!((refused, answers_again, is_ready), (Some(500), true, true));
    let report = verified(&data);
    assert_eq!(report["problems"], serde_json::json!([]));
    assert_eq!(report["unsignedEvents"], 0);
    drop(disk);
}

/// Whether `condition` holds within some seconds.
fn soon(condition: impl Fn() -> bool) -> bool {
    (0..1_000).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        condition()
    })
}

/// A file system of 256 KiB with the audit log.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn under(data: &Data) -> Option<Self> {
        let (dir, saved) = (data.path("audit"), data.beside("saved"));
        copy(&dir, &saved);
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs"])
            .arg(&dir)
            .output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            return None;
        }
        copy(&saved, &dir);
        Some(Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn an_operator_gives_the_log_another_key() {
    let data = Data::new();
    let config = data.config(SMALL);
    let server = data.start_with(&["--config", &config]);
    let old = data.json(&["audit", "public-key", "--json"]);
    let kept = data.beside("old.pem");
    fs::copy(data.path("audit/public-key.pem"), &kept).unwrap();
    ask(&server);

    let replaced = data.json(&["audit", "rotate-key", "--json"]);
    ask(&server);
    let told = data.command(&["audit", "rotate-key"]);
    ask(&server);
    server.kill();
    data.start_with(&["--config", &config]).stop();

    assert_eq!(replaced["ReplacedKeyId"], old["keyId"]);
    assert!(told.status.success());
    let new = data.json(&["audit", "public-key", "--json"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains(new["keyId"].as_str().unwrap()), "{told}");
    assert!(told.contains(replaced["KeyId"].as_str().unwrap()), "{told}");
    let newest = data.path("audit/public-key.pem");
    for keys in [
        &[][..],
        &["--public-key", kept.to_str().unwrap()],
        &["--public-key", newest.to_str().unwrap()],
    ] {
        let report = data.json(&[&["audit", "verify", "--json"], keys].concat());
        assert_eq!(report["problems"], serde_json::json!([]), "{keys:?}");
        assert_eq!(report["events"], data.audit().lines().count());
        assert_eq!(report["keyChanges"][0]["replacedKeyId"], old["keyId"]);
        assert_eq!(report["keyChanges"][1]["keyId"], new["keyId"]);
    }
    assert_eq!(
        data.audit()
            .matches("\"eventName\":\"RotateAuditKey\"")
            .count(),
        2
    );
}

#[test]
fn the_key_of_a_server_that_does_not_run_is_not_replaced() {
    let data = Data::new();
    data.start().stop();
    let before = names_in(&data.path("audit"));

    let refused = data.command(&["audit", "rotate-key"]);

    assert!(!refused.status.success());
    assert_eq!(names_in(&data.path("audit")), before);
}
