//! A marked value goes through every operation, well and badly, and is then looked for in every
//! file: the store and its log, the audit log, the server's own log at its most talkative.

use base::Timestamp;
use data_encoding::BASE64;
use serde_json::{Value, json};
use strongroom_sdk_tests::{Client, Dice, Launch, Server, Traces, files_under, now};

#[test]
fn no_value_is_left_in_the_clear_anywhere() {
    let mut server = Launch::default().flag("--log").flag("trace").start();
    let canary = Canary::new();
    let mut client = server.client();
    let name = canary.drive(&mut client);
    let password = client.ok("GetRandomPassword", &json!({ "PasswordLength": 40 }));
    let password = password["RandomPassword"].as_str().unwrap().to_owned();
    let traces = Traces::of([canary.text.as_bytes(), &canary.bytes, password.as_bytes()]);
    let search = |server: &Server| {
        let mut found = traces.in_files(&server.data_dir());
        found.extend(traces.in_files(&server.logs_dir()));
        found
    };

    let while_running = search(&server);
    server.kill();
    let after_a_crash = search(&server);
    server.start_again();
    let value = server
        .client()
        .ok("GetSecretValue", &json!({ "SecretId": name }));
    server.stop();
    let after_a_stop = search(&server);

    assert_eq!(value["SecretString"], canary.text.as_str());
    let nothing = Vec::<String>::new();
    assert_eq!(
        (while_running, after_a_crash, after_a_stop),
        (nothing.clone(), nothing.clone(), nothing)
    );
}

#[test]
fn no_refusal_repeats_the_value_it_was_sent() {
    let server = Server::start();
    let canary = Canary::new();
    let traces = Traces::of([canary.text.as_bytes(), &canary.bytes]);
    let mut client = server.client();
    canary.drive(&mut client);

    let mut refused = 0;
    for (target, body) in canary.bad_requests() {
        let request = client.signed(&target, &body, now());
        let answer = client.send(&request).unwrap();
        let what = String::from_utf8_lossy(&body);
        assert!(
            answer.status >= 400,
            "{target} took {what}: {}",
            answer.text
        );
        assert_eq!(
            traces.in_bytes(answer.text.as_bytes()),
            Vec::<&str>::new(),
            "{target} {what}"
        );
        refused += 1;
    }

    assert!(refused > 100, "{refused}");
}

#[test]
fn the_secret_key_is_in_its_file_and_nowhere_else() {
    let mut server = Launch::default().flag("--log").flag("trace").start();
    let mut client = server.client();
    client.ok(
        "CreateSecret",
        &json!({ "Name": "db", "ClientRequestToken": TOKEN }),
    );
    let traces = Traces::of([server.keys().secret.as_bytes()]);

    server.kill();

    let mut files = files_under(&server.data_dir());
    files.extend(files_under(&server.logs_dir()));
    let found = files
        .iter()
        .filter(|file| !traces.in_bytes(&std::fs::read(file).unwrap()).is_empty());
    let found: Vec<_> = found.collect();
    assert_eq!(found, [&server.data_dir().join("aws/credentials")]);
}

/// A text and some bytes that occur nowhere by chance.
struct Canary {
    text: String,
    bytes: Vec<u8>,
}

impl Canary {
    fn new() -> Self {
        let mut dice = Dice::new(Dice::fresh_seed());
        Self {
            text: dice.letters(32),
            bytes: dice.bytes(32),
        }
    }

    /// Writes and reads the value in every way that succeeds, then in every way that fails. Gives
    /// the name of a secret that has it.
    fn drive(&self, client: &mut Client) -> String {
        let text = self.text.as_str();
        let binary = BASE64.encode(&self.bytes);
        let longest = text.repeat(2_048);
        let token = |n: usize| format!("{n:036}");
        let secret = |name: &str, n: usize| json!({ "Name": name, "ClientRequestToken": token(n) });
        let id = |name: &str, n: usize| json!({ "SecretId": name, "ClientRequestToken": token(n) });
        client.ok(
            "CreateSecret",
            &with(secret("text", 1), "SecretString", text),
        );
        client.ok(
            "CreateSecret",
            &with(secret("binary", 2), "SecretBinary", &binary),
        );
        client.ok(
            "CreateSecret",
            &with(secret("long", 3), "SecretString", &longest),
        );
        client.ok("PutSecretValue", &with(id("text", 4), "SecretString", text));
        client.ok(
            "PutSecretValue",
            &with(id("text", 5), "SecretBinary", &binary),
        );
        client.ok("UpdateSecret", &with(id("text", 6), "SecretString", text));
        for name in ["text", "binary", "long"] {
            client.ok("GetSecretValue", &json!({ "SecretId": name }));
        }
        client.ok(
            "BatchGetSecretValue",
            &json!({ "SecretIdList": ["text", "binary", "long"] }),
        );
        client.ok("DeleteSecret", &json!({ "SecretId": "binary" }));
        client.ok("RestoreSecret", &json!({ "SecretId": "binary" }));
        client.ok(
            "DeleteSecret",
            &json!({ "SecretId": "long", "ForceDeleteWithoutRecovery": true }),
        );
        client.refused(
            "CreateSecret",
            &with(secret("text", 7), "SecretString", text),
        );
        client.refused("PutSecretValue", &with(id("text", 5), "SecretString", text));
        client.refused("PutSecretValue", &with(id("none", 8), "SecretString", text));
        for (target, body) in self.bad_requests() {
            let request = client.signed(&target, &body, now());
            client.send(&request).unwrap();
        }
        self.send_unproven(client);
        "text".to_owned()
    }

    /// Requests whose sender is nobody: unsigned, signed long ago, changed after signing, for
    /// another service.
    fn send_unproven(&self, client: &mut Client) {
        let body = json!({ "Name": "x", "SecretString": self.text, "ClientRequestToken": TOKEN });
        let body = body.to_string();
        let create = "secretsmanager.CreateSecret";
        let old = client.signed(create, body.as_bytes(), Timestamp::from_millis(0));
        let good = String::from_utf8(client.signed(create, body.as_bytes(), now())).unwrap();
        let changed = good.replace("\"x\"", "\"y\"");
        let unsigned = good.replace("authorization:", "x-nothing:");
        let form = format!(
            "Action=GetCallerIdentity&Version=2011-06-15&SecretString={}",
            self.text
        );
        let form = client.signed_form(&form, now());
        for request in [&old, changed.as_bytes(), unsigned.as_bytes(), &form] {
            client.send(request).unwrap();
        }
    }

    /// Targets and bodies that no operation takes, all with the value in them.
    fn bad_requests(&self) -> Vec<(String, Vec<u8>)> {
        let mut requests = Vec::new();
        let mut add = |operation: &str, body: Vec<u8>| {
            requests.push((format!("secretsmanager.{operation}"), body));
        };
        for operation in OPERATIONS {
            for body in self.bad_bodies() {
                add(operation, body);
            }
        }
        for operation in ["CreateSecret", "PutSecretValue", "UpdateSecret"] {
            for value in self.bad_values() {
                let mut body =
                    json!({ "Name": "x", "SecretId": "text", "ClientRequestToken": TOKEN });
                let members = body.as_object_mut().unwrap();
                members.extend(value.as_object().unwrap().clone());
                add(operation, body.to_string().into_bytes());
            }
        }
        add(
            "NoSuchOperation",
            json!({ "SecretString": self.text })
                .to_string()
                .into_bytes(),
        );
        requests
    }

    /// What no operation takes for an input.
    fn bad_bodies(&self) -> Vec<Vec<u8>> {
        let text = &self.text;
        let object = json!({ "SecretId": "text", "SecretString": text, text: text }).to_string();
        let mut not_text = object.clone().into_bytes();
        not_text.insert(object.len() - 3, 0xff);
        vec![
            text.clone().into_bytes(),
            format!("\"{text}\"").into_bytes(),
            format!("[\"{text}\"]").into_bytes(),
            object.as_bytes()[..object.len() - 2].to_vec(),
            object.replace('}', ",}").into_bytes(),
            format!("{object} {text}").into_bytes(),
            not_text,
        ]
    }

    /// What no operation takes for a value.
    fn bad_values(&self) -> Vec<Value> {
        let text = self.text.as_str();
        let binary = BASE64.encode(&self.bytes);
        vec![
            json!({ "SecretString": { text: text } }),
            json!({ "SecretString": [text] }),
            json!({ "SecretString": text.repeat(2_049) }),
            json!({ "SecretBinary": { text: text } }),
            json!({ "SecretBinary": format!("{text}!") }),
            json!({ "SecretBinary": BASE64.encode(&self.bytes.repeat(2_049)) }),
            json!({ "SecretString": text, "SecretBinary": binary }),
            json!({ "SecretString": text, "ClientRequestToken": 1 }),
            json!({ "SecretString": text, "ClientRequestToken": "short" }),
            json!({ "SecretString": text, "SecretId": "not a name", "Name": "not a name" }),
        ]
    }
}

fn with(mut body: Value, name: &str, value: &str) -> Value {
    body[name] = json!(value);
    body
}

const TOKEN: &str = "00000000-0000-4000-8000-000000000000";
/// Every operation of the API.
const OPERATIONS: [&str; 26] = [
    "AssociateCrossAccountReplica",
    "BatchGetSecretValue",
    "CancelRotateSecret",
    "CreateSecret",
    "DeleteResourcePolicy",
    "DeleteSecret",
    "DescribeSecret",
    "DisassociateCrossAccountReplica",
    "GetRandomPassword",
    "GetResourcePolicy",
    "GetSecretValue",
    "ListResourcePolicies",
    "ListSecretVersionIds",
    "ListSecrets",
    "PutResourcePolicy",
    "PutSecretValue",
    "RemoveRegionsFromReplication",
    "ReplicateSecretToRegions",
    "RestoreSecret",
    "RotateSecret",
    "StopReplicationToReplica",
    "TagResource",
    "UntagResource",
    "UpdateSecret",
    "UpdateSecretVersionStage",
    "ValidateResourcePolicy",
];
