//! Functions that the server starts: what they reach, and what their logs hold.

use crate::server::{Answer, Data, Server, complaint, program, until};
use crate::signed::{Keys, a_secret, call, call_iam, call_lambda, invoke_with_log};
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::Stdio;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A server that runs functions behind whatever isolation there is.
fn running(data: &Data) -> Server {
    let config = data.config(&configuration(data, "enabled = true"));
    data.start_with(&["--config", &config])
}

fn configuration(data: &Data, functions: &str) -> String {
    // Functions of a server that is root run as another user, who gets nowhere below a temporary
    // directory that is root's alone.
    let scratch = data.scratch();
    format!(
        "[functions]\nisolation = \"best-effort\"\nscratch_dir = \"{}\"\n{functions}\n",
        scratch.display()
    )
}

fn zip_of(name: &str, content: &str) -> String {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    BASE64.encode(&zip.finish().unwrap().into_inner())
}

fn form(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A role for functions that may do what `action` is, and its ARN.
fn a_role(data: &Data, address: &str, keys: &Keys, action: &str) -> String {
    let trust = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" },
        "Action": "sts:AssumeRole",
    } });
    let leave = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": action, "Resource": "*",
    } });
    let created = call_iam(
        data,
        address,
        keys,
        &format!(
            "Action=CreateRole&RoleName=rotate&AssumeRolePolicyDocument={}",
            form(&trust.to_string())
        ),
    );
    let put = call_iam(
        data,
        address,
        keys,
        &format!(
            "Action=PutRolePolicy&RoleName=rotate&PolicyName=p&PolicyDocument={}",
            form(&leave.to_string())
        ),
    );
    assert_eq!(
        (created.status, put.status),
        (200, 200),
        "{created:?} {put:?}"
    );
    let arn = created.body.split("<Arn>").nth(1).unwrap();
    arn.split('<').next().unwrap().to_owned()
}

/// Creates the function `read` of `source`.
fn a_function(data: &Data, address: &str, keys: &Keys, role: &str, source: &str) -> Answer {
    let body = json!({
        "FunctionName": "read", "Runtime": "python3.9", "Handler": "app.handler", "Role": role,
        "Timeout": 60, "Code": { "ZipFile": zip_of("app.py", source) },
        "Environment": { "Variables": { "API_KEY": "swordfish-of-the-sea" } },
    });
    call_lambda(data, address, keys, "/2015-03-31/functions", &body)
}

fn invoke(data: &Data, address: &str, keys: &Keys, event: &Value) -> Answer {
    let path = "/2015-03-31/functions/read/invocations";
    call_lambda(data, address, keys, path, event)
}

/// A server with the secret `db` and the function `read`, which reads it.
struct Reading {
    data: Data,
    keys: Keys,
    server: Server,
}

impl Reading {
    /// The role of the function may do `action`. `None` where there is no Python.
    fn start(action: &str) -> Option<Self> {
        if !Path::new("/usr/bin/python3").exists() {
            return None;
        }
        let data = Data::new();
        let server = running(&data);
        let (address, keys) = (server.tls_address(), Keys::of_profile(&data, "default"));
        a_secret(&data, &address, &keys, "db");
        let role = a_role(&data, &address, &keys, action);
        let source = include_str!("functions/read.py");
        let created = a_function(&data, &address, &keys, &role, source);
        assert_eq!(created.status, 201, "{created:?}");
        Some(Self { data, keys, server })
    }

    fn invoke(&self, event: &Value) -> Answer {
        invoke(&self.data, &self.server.tls_address(), &self.keys, event)
    }

    fn log(&self, event: &Value) -> String {
        let address = self.server.tls_address();
        invoke_with_log(&self.data, &address, &self.keys, "read", event)
    }
}

fn event(fail: bool) -> Value {
    json!({ "SecretId": "db", "RotationToken": "token-of-this-rotation", "fail": fail })
}

#[test]
fn a_function_reads_as_its_role_and_its_log_holds_no_value() {
    let Some(reading) = Reading::start("secretsmanager:GetSecretValue") else {
        return;
    };

    let read = reading.invoke(&event(false));
    let failed = reading.invoke(&event(true));

    assert_eq!((read.status, read.body.as_str()), (200, r#"{"length": 7}"#));
    let failure: Value = serde_json::from_str(&failed.body).unwrap();
    assert_eq!(failure["errorType"], "ValueError");
    assert_eq!(failure["errorMessage"], "cannot use ***");
}

#[test]
fn the_log_of_a_run_is_whole_but_for_its_values() {
    let Some(reading) = Reading::start("secretsmanager:GetSecretValue") else {
        return;
    };

    let log = reading.log(&event(false));

    let own: Vec<&str> = log
        .lines()
        .filter(|line| line.starts_with("the ") || line.starts_with("seen"))
        .collect();
    assert_eq!(
        own,
        [
            "the value is ***",
            "the variable is ***",
            "the token is ***",
            "seen by https"
        ],
        "{log}"
    );
    for (begins, count) in [("START ", 1), ("END ", 1), ("REPORT ", 1)] {
        let found = log.lines().filter(|line| line.starts_with(begins)).count();
        assert_eq!(found, count, "{log}");
    }
}

#[test]
fn a_later_step_of_a_rotation_shows_no_value_that_it_did_not_read_itself() {
    if !Path::new("/usr/bin/python3").exists() {
        return;
    }
    let data = Data::new();
    let server = running(&data);
    let (address, keys) = (server.tls_address(), Keys::of_profile(&data, "default"));
    a_secret(&data, &address, &keys, "db");
    a_secret(&data, &address, &keys, "master");
    let role = a_role(&data, &address, &keys, "secretsmanager:PutSecretValue");
    let [client, steps] = [
        include_str!("functions/read.py"),
        include_str!("functions/remember.py"),
    ];
    let source = format!("{client}{steps}");
    let created = a_function(&data, &address, &keys, &role, &source);
    let created: Value = serde_json::from_str(&created.body).unwrap();
    let leave = json!({
        "StatementId": "s", "Action": "lambda:InvokeFunction",
        "Principal": "secretsmanager.amazonaws.com",
    });
    let path = "/2015-03-31/functions/read/policy";
    let permitted = call_lambda(&data, &address, &keys, path, &leave);
    assert_eq!(permitted.status, 201, "{permitted:?}");
    let rotation = json!({
        "SecretId": "db", "RotationLambdaARN": created["FunctionArn"],
        "ClientRequestToken": "11111111-1111-4111-8111-111111111111",
    });

    let rotating = call(&data, &address, &keys, "RotateSecret", &rotation);

    assert_eq!(rotating.status, 200, "{rotating:?}");
    let step = || {
        let shown = data.json(&["rotation", "show", "db", "--json"]);
        let calls = shown["Runs"][0]["Calls"].as_array().cloned();
        let mut calls = calls.unwrap_or_default().into_iter();
        calls.find(|call| call["Step"] == "setSecret" && call["Ended"].is_number())
    };
    until(|| step().is_some());
    let step = step().unwrap();
    assert_eq!(step["ErrorType"], "ValueError", "{step}");
    assert_eq!(step["ErrorMessage"], "cannot set ***");
    let lines = step["Log"].as_array().unwrap().iter();
    let own: Vec<&str> = lines
        .filter_map(Value::as_str)
        .filter(|line| ["before", "now", "the"].contains(&line.split(' ').next().unwrap()))
        .collect();
    assert_eq!(
        own,
        ["before it was ***", "now it is ***", "the master has ***"]
    );
}

#[test]
fn a_role_without_leave_is_refused_and_the_function_says_so() {
    let Some(reading) = Reading::start("secretsmanager:DescribeSecret") else {
        return;
    };

    let refused = reading.invoke(&event(false));

    let failure: Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!(failure["errorType"], "HTTPError");
    assert_eq!(failure["errorMessage"], "HTTP Error 400: Bad Request");
}

#[test]
fn functions_do_not_run_unless_switched_on() {
    let data = Data::new();
    let server = data.start();
    let (address, keys) = (server.tls_address(), Keys::of_profile(&data, "default"));
    let role = a_role(&data, &address, &keys, "secretsmanager:GetSecretValue");
    let created = a_function(
        &data,
        &address,
        &keys,
        &role,
        "def handler(event, context): pass",
    );

    let refused = invoke(&data, &address, &keys, &event(false));

    assert_eq!(created.status, 201, "{created:?}");
    assert_ne!(refused.status, 200);
    assert!(
        refused
            .body
            .contains("Running functions in processes is switched off on this server."),
        "{refused:?}"
    );
}

#[test]
fn the_check_tells_what_is_in_force_and_leaves_nothing_behind() {
    let data = Data::new();
    let config = data.config(&configuration(&data, "enabled = true"));

    let report = data.json(&["functions", "check", "--json", "--config", &config]);
    let table = data.command(&["functions", "check", "--config", &config]);

    assert_eq!(report["enabled"], true);
    assert_eq!(report["seccomp"], true);
    assert!(report["runtimes"].is_array(), "{report}");
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(
        table.starts_with("ISOLATION\nswitched on  yes\n"),
        "{table}"
    );
    assert!(!data.dir().exists());
    assert!(!data.scratch().exists());
}

#[test]
fn a_mistake_in_the_configuration_is_told() {
    let data = Data::new();
    let config = data.config("[functions]\nenabled = true\nuser = \"0:0\"\n");
    let missing = "[rotators]\ndatabase_ca_file = \"/nonexistent/ca.pem\"\n";

    let checked = data.command(&["functions", "check", "--config", &config]);
    let root = data.refused(&["--config", &config]);
    let config = data.config(missing);
    let authorities = data.refused(&["--config", &config]);

    let told = "`functions.user` is `0:0`: functions cannot run as root or in its group";
    assert_eq!(complaint(&checked), told);
    assert_eq!(root, told);
    assert!(
        authorities.starts_with("cannot read `/nonexistent/ca.pem`: "),
        "{authorities}"
    );
}

#[test]
fn the_launcher_does_nothing_for_who_has_no_function_for_it() {
    let data = Data::new();

    let launched = program()
        .arg("function-launcher")
        .current_dir(data.beside(""))
        .stdin(Stdio::null())
        .output()
        .unwrap();

    assert!(!launched.status.success());
    assert!(launched.stdout.is_empty());
    assert!(!data.dir().exists());
}
