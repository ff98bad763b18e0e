//! Private endpoints: listeners whose requests carry their name and are bound by their policy.

use crate::server::{Answer, Data, Server};
use crate::signed::{Keys, a_secret, call};
use serde_json::{Value, json};
use std::fs;

const DENYING: &str = "vpce-00000000";
const OWN: &str = "vpce-11111111";
const OTHERS: &str = "vpce-22222222";
const OPEN: &str = "vpce-33333333";
const VPC: &str = "vpc-0123456789abcdef0";

const DENY: &str = r#"{"Statement":[
    {"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
    {"Effect":"Deny","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}"#;

/// Lets through what comes in by the endpoint `vpce-11111111` of the network.
fn only_own() -> String {
    json!({ "Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": { "StringEquals": { "aws:SourceVpce": OWN, "aws:SourceVpc": VPC } },
    }})
    .to_string()
}

/// A server with four private endpoints, one of which listens twice.
fn start(data: &Data) -> Server {
    let mut toml = String::new();
    for (id, listen, policy) in [
        (DENYING, 1, Some(DENY.to_owned())),
        (OWN, 2, Some(only_own())),
        (OTHERS, 1, Some(only_own())),
        (OPEN, 1, None),
    ] {
        let listen = vec!["\"127.0.0.1:0\""; listen].join(", ");
        toml.push_str(&format!(
            "[[endpoint]]\nid = \"{id}\"\nvpc = \"{VPC}\"\nlisten = [{listen}]\n"
        ));
        if let Some(policy) = policy {
            let file = data.beside(&format!("{id}.json"));
            fs::write(&file, policy).unwrap();
            toml.push_str(&format!("policy_file = \"{}\"\n", file.display()));
        }
    }
    data.start_with(&["--config", &data.config(&toml)])
}

/// The addresses of a private endpoint, as the ready line tells them.
fn addresses(server: &Server, id: &str) -> Vec<String> {
    let private = server.ready["privateEndpoints"].as_array().unwrap();
    let endpoint = private.iter().find(|one| one["id"] == id).unwrap();
    assert_eq!(endpoint["vpc"], VPC);
    endpoint["endpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|url| {
            url.as_str()
                .unwrap()
                .strip_prefix("https://")
                .unwrap()
                .to_owned()
        })
        .collect()
}

fn refusal(answer: &Answer) -> (u16, String, String) {
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let text = |member: &str| body[member].as_str().unwrap_or_default().to_owned();
    let message = if body["Message"].is_null() {
        "message"
    } else {
        "Message"
    };
    (answer.status, text("__type"), text(message))
}

#[test]
fn what_passes_depends_on_the_endpoint_it_came_by() {
    let data = Data::new();
    let server = start(&data);
    let root = Keys::of_profile(&data, "default");
    let public = server.tls_address();
    let arn = a_secret(&data, &public, &root, "db");
    let account = server.ready["account"].as_str().unwrap();
    let read = |address: &str| {
        call(
            &data,
            address,
            &root,
            "GetSecretValue",
            &json!({ "SecretId": "db" }),
        )
    };

    let denied = read(&addresses(&server, DENYING)[0]);
    let bound = read(&addresses(&server, OTHERS)[0]);
    let passed: Vec<u16> = [
        vec![public],
        addresses(&server, OWN),
        addresses(&server, OPEN),
    ]
    .concat()
    .iter()
    .map(|address| read(address).status)
    .collect();

    let text = format!(
        "User: arn:aws:iam::{account}:root is not authorized to perform: \
         secretsmanager:GetSecretValue on resource: {arn} "
    );
    let refused = |reason: &str| {
        (
            400,
            "AccessDeniedException".to_owned(),
            text.clone() + reason,
        )
    };
    assert_eq!(
        refusal(&denied),
        refused("with an explicit deny in a VPC endpoint policy")
    );
    assert_eq!(
        refusal(&bound),
        refused("because no VPC endpoint policy allows the secretsmanager:GetSecretValue action")
    );
    assert_eq!(passed, [200; 4]);
    let by_endpoint: Vec<Value> = data
        .audit()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| event["eventName"] == "GetSecretValue")
        .map(|event| event["vpcEndpointId"].clone())
        .collect();
    let expected = json!([DENYING, OTHERS, null, OWN, OWN, OPEN]);
    assert_eq!(Value::Array(by_endpoint), expected);
}

#[test]
fn the_ready_line_keeps_private_endpoints_apart() {
    let data = Data::new();
    let server = start(&data);

    assert_eq!(server.ready["endpoints"].as_array().unwrap().len(), 2);
    let ids: Vec<&str> = server.ready["privateEndpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [DENYING, OWN, OTHERS, OPEN]);
    assert_eq!(addresses(&server, OWN).len(), 2);
    assert!(data.read("aws/config").contains(&server.tls_address()));
}

#[test]
fn a_server_without_private_endpoints_speaks_of_none() {
    let data = Data::new();
    let server = data.start();

    assert_eq!(server.ready.get("privateEndpoints"), None);
}

#[test]
fn a_policy_with_a_mistake_ends_the_start() {
    let data = Data::new();
    let file = data.beside("endpoint.json");
    fs::write(&file, "{\n  \"Statement\": [}").unwrap();
    let config = data.config(&format!(
        "[[endpoint]]\nid = \"{OPEN}\"\nvpc = \"{VPC}\"\nlisten = [\"127.0.0.1:0\"]\n\
         policy_file = \"{}\"\n",
        file.display()
    ));

    let refused = data.refused(&["--config", &config]);

    let start = format!(
        "the policy file `{}` of the private endpoint `{OPEN}` has a mistake: ",
        file.display()
    );
    assert!(refused.starts_with(&start), "{refused}");
    assert!(refused.contains("(line 2, column 17"), "{refused}");
    assert!(!data.path("root.key").exists());
}
