//! Spans of requests as a collector gets them.

use crate::server::{Data, until};
use crate::signed::{Keys, call};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// Takes what is posted to it until the test ends.
struct Collector {
    url: String,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&bodies);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut read = Vec::new();
                let (mut buffer, mut whole) = ([0; 4096], usize::MAX);
                while read.len() < whole {
                    let count = stream.read(&mut buffer).unwrap();
                    read.extend_from_slice(&buffer[..count]);
                    let text = String::from_utf8_lossy(&read).into_owned();
                    if let Some((head, _)) = text.split_once("\r\n\r\n") {
                        let head = head.to_lowercase();
                        let length = head.split("content-length: ").nth(1).unwrap();
                        let length: usize = length.lines().next().unwrap().parse().unwrap();
                        whole = head.len() + 4 + length;
                    }
                }
                let text = String::from_utf8(read).unwrap();
                kept.lock().unwrap().push(text);
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { url, bodies }
    }

    fn spans(&self) -> Vec<Value> {
        let bodies = self.bodies.lock().unwrap();
        let of = |text: &String| -> Vec<Value> {
            let (_, body) = text.split_once("\r\n\r\n").unwrap();
            let body: Value = serde_json::from_str(body).unwrap();
            let spans = &body["resourceSpans"][0]["scopeSpans"][0]["spans"];
            spans.as_array().unwrap().clone()
        };
        bodies.iter().flat_map(of).collect()
    }
}

#[test]
fn a_collector_is_told_of_requests_and_of_nothing_secret() {
    let collector = Collector::start();
    let data = Data::new();
    let toml = format!("[tracing]\notlp_endpoint = \"{}\"\n", collector.url);
    let server = data.start_with(&["--config", &data.config(&toml)]);
    let keys = Keys::of_profile(&data, "default");
    let ask = |operation, body| call(&data, &server.tls_address(), &keys, operation, &body);
    let secret = json!({
        "Name": "canary-name", "SecretString": "canary-value",
        "ClientRequestToken": "canary-token-0123456789abcdef0123456789",
    });
    let created = ask("CreateSecret", secret);
    ask("GetSecretValue", json!({ "SecretId": "canary-name" }));

    until(|| collector.spans().len() >= 6);

    let spans = collector.spans();
    let own = spans
        .iter()
        .find(|one| one["name"] == "secretsmanager/CreateSecret");
    let attributes = own.unwrap()["attributes"].as_array().unwrap();
    let value = |key: &str| {
        let found = attributes.iter().find(|one| one["key"] == key).unwrap();
        found["value"]["stringValue"].as_str().map(str::to_owned)
    };
    let request_id = created.header("x-amzn-requestid").map(str::to_owned);
    assert_eq!(value("aws.request_id"), request_id);
    assert_eq!(value("cloud.region").as_deref(), Some("us-east-1"));
    let sent = collector.bodies.lock().unwrap().join("\n").to_lowercase();
    assert!(!sent.contains("canary") && !sent.contains("arn:"), "{sent}");
    assert!(!sent.contains(&keys.id.to_lowercase()));
}

#[test]
fn a_stop_in_order_sends_what_waits() {
    let collector = Collector::start();
    let data = Data::new();
    let toml = format!("[tracing]\notlp_endpoint = \"{}\"\n", collector.url);
    let server = data.start_with(&["--config", &data.config(&toml)]);
    let keys = Keys::of_profile(&data, "default");
    call(
        &data,
        &server.tls_address(),
        &keys,
        "ListSecrets",
        &json!({}),
    );

    let code = server.stop();

    assert_eq!(code, Some(0));
    let spans = collector.spans();
    assert!(
        spans
            .iter()
            .any(|one| one["name"] == "secretsmanager/ListSecrets")
    );
}

#[test]
fn requests_are_answered_when_nobody_collects() {
    let data = Data::new();
    let toml = "[tracing]\notlp_endpoint = \"http://127.0.0.1:1\"\n";
    let server = data.start_with(&["--config", &data.config(toml), "--metrics", "127.0.0.1:0"]);
    let keys = Keys::of_profile(&data, "default");

    let answer = call(
        &data,
        &server.tls_address(),
        &keys,
        "ListSecrets",
        &json!({}),
    );

    assert_eq!(answer.status, 200);
    assert_eq!(server.stop(), Some(0));
}
