//! What the first start makes, and what later ones keep.

use crate::server::{Data, names_in};
use std::fs;

#[test]
fn the_ready_line_says_where_and_whose() {
    let data = Data::new();

    let server = data.start_with(&["--account-id", "123456789012", "--region", "eu-central-1"]);

    let (tls, plain) = (server.tls_address(), server.plain_address());
    assert_eq!(
        server.ready,
        serde_json::json!({
            "event": "ready",
            "endpoints": [format!("https://{tls}"), format!("http://{plain}")],
            "account": "123456789012",
            "region": "eu-central-1",
        })
    );
}

#[test]
fn the_first_start_makes_everything_and_for_its_owner_alone() {
    let data = Data::new();

    let server = data.start();

    let modes: Vec<(&str, u32)> = [
        "",
        "lock",
        "root.key",
        "strongroom.db",
        "admin.sock",
        "audit",
        "audit/00000000000000000001.log",
        "audit/beginning.json",
        "audit/head.json",
        "audit/public-key.pem",
        "aws",
        "aws/config",
        "aws/credentials",
        "tls",
        "tls/ca.key",
        "tls/ca.pem",
        "tls/server.key",
        "tls/server.pem",
    ]
    .map(|name| (name, data.mode(name)))
    .into();
    let private = |name: &str| {
        let expected = match name {
            "" | "audit" | "aws" | "tls" => 0o700,
            name if name.ends_with(".pem") => 0o644,
            _ => 0o600,
        };
        (String::from(name), expected)
    };
    for (name, mode) in modes {
        assert_eq!((String::from(name), mode), private(name));
    }
    assert_eq!(server.stop(), Some(0));
    assert_eq!(
        names_in(&data.dir()),
        ["audit", "aws", "lock", "root.key", "strongroom.db", "tls"]
    );
}

#[test]
fn the_profile_is_what_the_aws_cli_reads() {
    let data = Data::new();

    let server = data.start();

    let dir = data.dir().canonicalize().unwrap();
    assert_eq!(
        data.read("aws/config"),
        format!(
            "[default]\nregion = us-east-1\nendpoint_url = https://{}\nca_bundle = {}/tls/ca.pem\n",
            server.tls_address(),
            dir.display()
        )
    );
    let credentials = data.read("aws/credentials");
    let lines: Vec<&str> = credentials.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], "[default]");
    assert!(lines[1].starts_with("aws_access_key_id = AKIA"));
    let secret = lines[2].strip_prefix("aws_secret_access_key = ").unwrap();
    assert_eq!(secret.len(), 40);
}

#[test]
fn a_restart_rewrites_the_endpoint_and_nothing_else() {
    let data = Data::new();
    let first = data.start();
    let old_address = first.tls_address();
    assert_eq!(first.stop(), Some(0));
    let kept = [
        "aws/credentials",
        "root.key",
        "tls/ca.pem",
        "tls/server.pem",
    ];
    let before = kept.map(|name| data.read(name));
    let edited = data.read("aws/config") + "output = json\n[profile mine]\nregion = x\n";
    fs::write(data.path("aws/config"), &edited).unwrap();

    let second = data.start();

    assert_eq!(kept.map(|name| data.read(name)), before);
    assert_eq!(
        data.read("aws/config"),
        edited.replace(&old_address, &second.tls_address())
    );
    assert_eq!(data.mode("aws/credentials"), 0o600);
}

#[test]
fn a_killed_server_starts_again_as_it_was() {
    let data = Data::new();
    let first = data.start();
    let account = first.ready["account"].clone();
    let credentials = data.read("aws/credentials");
    first.kill();

    let second = data.start();

    assert_eq!(second.ready["account"], account);
    assert_eq!(data.read("aws/credentials"), credentials);
    assert_eq!(second.stop(), Some(0));
}

#[test]
fn a_torn_audit_log_is_mended_at_the_next_start() {
    let data = Data::new();
    data.start().kill();
    let whole = data.audit();
    let segment = data.path("audit/00000000000000000001.log");
    fs::write(segment, whole.clone() + "{\"eventV").unwrap();

    let server = data.start();
    assert_eq!(server.stop(), Some(0));

    assert_eq!(data.audit(), whole);
}

#[test]
fn health_and_readiness_are_open_and_say_nothing() {
    let data = Data::new();
    let server = data.start();
    let before = data.audit();

    for path in ["/healthz", "/readyz"] {
        let answer = server.get(path);

        assert_eq!((answer.status, answer.body.as_str()), (200, "ok\n"));
    }
    assert_eq!(data.audit(), before);
}

#[test]
fn what_is_no_health_check_goes_to_the_services_and_is_refused_unsigned() {
    let data = Data::new();
    let server = data.start();

    let answer = server.get("/");

    assert_ne!(answer.status, 200);
}
