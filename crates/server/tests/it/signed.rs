//! Signed requests over TLS, as an AWS client sends them.

use crate::server::{Answer, Data, ask};
use crate::tls::client;
use base::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue};
use rustls::{ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;
use serde_json::{Value, json};
use sigv4::Credentials;
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

/// What requests are signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Keys {
    /// Those of a profile in `aws/credentials`.
    pub(crate) fn of_profile(data: &Data, profile: &str) -> Self {
        let credentials = data.read("aws/credentials");
        let start = credentials.split_once(&format!("[{profile}]\n")).unwrap().1;
        let value = |name: &str| {
            let line = start.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_once(" = ").unwrap().1.to_owned()
        };
        Self {
            id: value("aws_access_key_id"),
            secret: value("aws_secret_access_key"),
        }
    }

    /// Those that a command printed.
    pub(crate) fn printed(answer: &Value) -> Self {
        Self {
            id: answer["AccessKeyId"].as_str().unwrap().to_owned(),
            secret: answer["SecretAccessKey"].as_str().unwrap().to_owned(),
        }
    }
}

/// Calls an operation of Secrets Manager at `address`, `127.0.0.1:PORT`.
pub(crate) fn call(
    data: &Data,
    address: &str,
    keys: &Keys,
    operation: &str,
    body: &Value,
) -> Answer {
    let target = format!("secretsmanager.{operation}");
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", &target),
    ];
    let body = body.to_string();
    send(
        data,
        address,
        keys,
        ("secretsmanager", "/", &headers, &body),
    )
}

/// Calls an operation of IAM, written as a form.
pub(crate) fn call_iam(data: &Data, address: &str, keys: &Keys, form: &str) -> Answer {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let form = format!("{form}&Version=2010-05-08");
    send(data, address, keys, ("iam", "/", &headers, &form))
}

/// Posts to an operation of Lambda.
pub(crate) fn call_lambda(
    data: &Data,
    address: &str,
    keys: &Keys,
    path: &str,
    body: &Value,
) -> Answer {
    let headers = [("content-type", "application/json")];
    send(
        data,
        address,
        keys,
        ("lambda", path, &headers, &body.to_string()),
    )
}

/// Invokes a function and gives the end of its log.
pub(crate) fn invoke_with_log(
    data: &Data,
    address: &str,
    keys: &Keys,
    function: &str,
    event: &Value,
) -> String {
    let headers = [
        ("content-type", "application/json"),
        ("x-amz-log-type", "Tail"),
    ];
    let path = format!("/2015-03-31/functions/{function}/invocations");
    let answer = send(
        data,
        address,
        keys,
        ("lambda", &path, &headers, &event.to_string()),
    );
    let log = answer.header("x-amz-log-result").unwrap_or_default();
    let log = data_encoding::BASE64.decode(log.as_bytes()).unwrap();
    String::from_utf8(log).unwrap()
}

/// Sends a service's name, path, headers and body, signed.
fn send(
    data: &Data,
    address: &str,
    keys: &Keys,
    (service, path, own, body): (&str, &str, &[(&'static str, &str)], &str),
) -> Answer {
    let mut headers = HeaderMap::new();
    for (name, value) in own.iter().chain(&[("host", address)]) {
        let value = HeaderValue::from_str(value).unwrap();
        headers.insert(HeaderName::from_static(name), value);
    }
    let request = sigv4::Request {
        method: "POST",
        path,
        query: "",
        headers: &headers,
        body: body.as_bytes(),
    };
    let credentials = Credentials {
        access_key_id: &keys.id,
        secret_access_key: keys.secret.as_bytes(),
        session_token: None,
    };
    let added = sigv4::sign(&request, &credentials, "us-east-1", service, now()).unwrap();
    headers.extend(added);
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()))
        .collect();
    let length = body.len();
    let text = format!("POST {path} HTTP/1.1\r\n{lines}content-length: {length}\r\n\r\n{body}");
    let config = client(data, rustls::client::Resumption::disabled());
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(config, name).unwrap();
    let stream = TcpStream::connect(address).unwrap();
    ask(&mut StreamOwned::new(connection, stream), &text)
}

/// Creates a secret and gives its ARN.
pub(crate) fn a_secret(data: &Data, address: &str, keys: &Keys, name: &str) -> String {
    let token = "00000000-0000-4000-8000-000000000000";
    let body = json!({ "Name": name, "SecretString": "hunter2", "ClientRequestToken": token });
    let answer = call(data, address, keys, "CreateSecret", &body);
    let created: Value = serde_json::from_str(&answer.body).unwrap();
    created["ARN"].as_str().unwrap().to_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server under test has the system's clock"
)]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}
