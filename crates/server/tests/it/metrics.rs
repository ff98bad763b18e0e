//! Metrics as a server of Prometheus reads them.

use crate::sealing::{in_shares, unseal};
use crate::server::{Answer, Data, Server, ask, until};
use crate::signed::{Keys, call};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpStream;

fn scrape(server: &Server) -> Answer {
    get(server, "GET /metrics HTTP/1.1")
}

fn get(server: &Server, first: &str) -> Answer {
    let url = server.ready["metrics"].as_str().unwrap();
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address.strip_suffix("/metrics").unwrap()).unwrap();
    ask(&mut stream, &format!("{first}\r\nhost: localhost\r\n\r\n"))
}

/// The samples of a text, by name and labels. Fails for what is not in the format.
fn parsed(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with('\n'));
    let mut samples = BTreeMap::new();
    let mut families = BTreeSet::new();
    let mut family = String::new();
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let words: Vec<&str> = comment.splitn(3, ' ').collect();
            let (keyword, name, rest) = (words[0], words[1], words[2]);
            if keyword == "HELP" {
                assert!(families.insert(name.to_owned()), "{name} comes twice");
                name.clone_into(&mut family);
            } else {
                assert_eq!((keyword, name), ("TYPE", family.as_str()));
                assert!(["counter", "gauge", "histogram"].contains(&rest), "{line}");
            }
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        assert!(name.starts_with(&family), "{line} is not of {family}");
        if let Some(labels) = series
            .strip_prefix(name)
            .filter(|labels| !labels.is_empty())
        {
            let labels = labels
                .strip_prefix('{')
                .unwrap()
                .strip_suffix("\"}")
                .unwrap();
            for label in labels.split("\",") {
                let (name, value) = label.split_once("=\"").unwrap();
                assert!(name.bytes().all(|byte| byte.is_ascii_lowercase()), "{line}");
                assert!(!value.contains('"'), "{line}");
            }
        }
        let value: f64 = value.parse().unwrap();
        assert!(samples.insert(series.to_owned(), value).is_none(), "{line}");
    }
    samples
}

#[test]
fn nothing_listens_unless_it_is_told_to() {
    let data = Data::new();

    let server = data.start();

    assert_eq!(server.ready.get("metrics"), None);
}

/// A server with metrics, with the secret `db`, which was read once, and once another one.
fn busy(data: &Data) -> Server {
    let server = data.start_with(&["--metrics", "127.0.0.1:0", "--account-id", "123456789012"]);
    let keys = Keys::of_profile(data, "default");
    let secret = json!({ "Name": "db", "SecretString": "s", "ClientRequestToken": "t".repeat(32) });
    let ask = |operation, body| call(data, &server.tls_address(), &keys, operation, &body);
    assert_eq!(ask("CreateSecret", secret).status, 200);
    assert_eq!(
        ask("GetSecretValue", json!({ "SecretId": "db" })).status,
        200
    );
    assert_eq!(
        ask("GetSecretValue", json!({ "SecretId": "x" })).status,
        400
    );
    server
}

#[test]
fn a_scrape_is_text_that_tells_of_requests_and_state() {
    let data = Data::new();
    let server = busy(&data);

    let answer = scrape(&server);

    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let samples = parsed(&answer.body);
    let of = "service=\"secretsmanager\",operation=\"GetSecretValue\"";
    let latency = "strongroom_request_duration_seconds";
    for (series, value) in [
        (
            format!("strongroom_requests_total{{{of},code=\"OK\"}}"),
            1.0,
        ),
        (
            format!("strongroom_requests_total{{{of},code=\"ResourceNotFoundException\"}}"),
            1.0,
        ),
        (format!("{latency}_count{{{of}}}"), 2.0),
        (format!("{latency}_bucket{{{of},le=\"+Inf\"}}"), 2.0),
        (String::from("strongroom_sealed"), 0.0),
        (String::from("strongroom_ready"), 1.0),
        (String::from("strongroom_audit_taking"), 1.0),
        (String::from("strongroom_requests_in_flight"), 0.0),
        (String::from("strongroom_work_due{kind=\"rotations\"}"), 0.0),
        (
            String::from("strongroom_secrets{account=\"123456789012\",region=\"us-east-1\"}"),
            1.0,
        ),
    ] {
        assert_eq!(
            samples.get(&series),
            Some(&value),
            "{series}\n{}",
            answer.body
        );
    }
}

#[test]
fn a_scrape_tells_of_store_audit_keys_and_process() {
    let data = Data::new();
    let server = busy(&data);

    let samples = parsed(&scrape(&server).body);

    for series in [
        "strongroom_connections_accepted_total",
        "strongroom_store_commits_total",
        "strongroom_store_commit_batches_total",
        "strongroom_store_cache_hits_total",
        "strongroom_audit_events_total",
        "strongroom_key_ring_keys",
        "strongroom_root_keys",
        "process_start_time_seconds",
        "process_resident_memory_bytes",
    ] {
        assert!(
            samples.get(series).is_some_and(|value| *value >= 1.0),
            "{series}"
        );
    }
    let mut series = samples.keys();
    assert!(series.any(|series| series.starts_with("strongroom_build_info{version=")));
}

#[test]
fn what_is_written_is_safe_in_the_end() {
    let data = Data::new();
    let server = data.start_with(&["--metrics", "127.0.0.1:0"]);
    server.get("/?Action=GetCallerIdentity");

    until(|| {
        let samples = parsed(&scrape(&server).body);
        samples["strongroom_audit_events_total"] >= 1.0
            && samples["strongroom_audit_events_unsynced"] < 1.0
    });
}

#[test]
fn no_name_and_no_value_is_told() {
    let data = Data::new();
    let server = data.start_with(&["--metrics", "127.0.0.1:0"]);
    let keys = Keys::of_profile(&data, "default");
    let ask = |operation, body| call(&data, &server.tls_address(), &keys, operation, &body);
    let secret = json!({
        "Name": "canary-name", "SecretString": "canary-value", "Description": "canary-text",
        "Tags": [{ "Key": "canary-key", "Value": "canary-tag" }],
        "ClientRequestToken": "canary-token-0123456789abcdef0123456789",
    });
    assert_eq!(ask("CreateSecret", secret).status, 200);
    assert_eq!(
        ask("GetSecretValue", json!({ "SecretId": "canary-name" })).status,
        200
    );
    ask("GetSecretValue", json!({ "SecretId": "canary-other" }));
    ask("CanaryOperation", json!({}));
    server.get("/canary-path?Action=CanaryAction");
    let forged = Keys {
        id: String::from("AKIACANARYCANARYCANA"),
        secret: String::from("canary"),
    };
    call(
        &data,
        &server.tls_address(),
        &forged,
        "ListSecrets",
        &json!({}),
    );

    let text = scrape(&server).body;

    parsed(&text);
    let lower = text.to_lowercase();
    assert!(!lower.contains("canary"), "{text}");
    assert!(
        !lower.contains("arn:") && !text.contains(&keys.id),
        "{text}"
    );
}

#[test]
fn a_sealed_server_tells_that_it_is_and_more_once_it_is_open() {
    let (data, _, shares) = in_shares();
    let mut server = data.start_with(&["--metrics", "127.0.0.1:0"]);

    let sealed = parsed(&scrape(&server).body);
    let unsealed = unseal(&data, &[&shares[0], &shares[1]]);
    assert!(unsealed.status.success());
    let ready = server.next_line();
    let open = parsed(&scrape(&server).body);

    let of = |samples: &BTreeMap<String, f64>| {
        ["strongroom_sealed", "strongroom_ready"].map(|name| samples[name] > 0.5)
    };
    assert_eq!((of(&sealed), of(&open)), ([true, false], [false, true]));
    assert!(!sealed.contains_key("strongroom_store_commits_total"));
    assert!(open.contains_key("strongroom_store_commits_total"));
    assert_eq!(ready["metrics"], server.ready["metrics"]);
}

#[test]
fn whatever_else_is_asked_for_is_refused() {
    let data = Data::new();
    let server = data.start_with(&["--metrics", "127.0.0.1:0"]);

    let elsewhere = get(&server, "GET / HTTP/1.1");
    let posted = get(&server, "POST /metrics HTTP/1.1");
    let service = server.get("/metrics");

    assert_eq!((elsewhere.status, elsewhere.body.as_str()), (404, ""));
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET")));
    assert_eq!(service.status, 404);
}

#[test]
fn an_address_that_is_taken_is_told() {
    let data = Data::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let refused = data.refused(&["--metrics", &address]);
    let no_address = data.refused(&["--metrics", "here"]);

    assert!(
        refused.starts_with(&format!("cannot listen on `{address}`")),
        "{refused}"
    );
    assert!(
        no_address.starts_with("`here` is no address to listen on"),
        "{no_address}"
    );
}
