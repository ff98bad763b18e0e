use super::*;
use crate::code::Code;
use crate::execution::Credentials;
use crate::runtime::Runtime;
use base::Plaintext;
use std::time::Duration;

fn execution(environment: &[(&str, &str)]) -> Execution {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Execution {
        function_arn: String::from("arn"),
        function_name: String::from("rotate"),
        version: String::from("$LATEST"),
        handler: String::from("app.handler"),
        runtime: Runtime::Python(12),
        code: Code::new(Vec::new(), [0; 32]),
        environment: environment.iter().map(owned).collect(),
        credentials: Credentials {
            access_key_id: String::from("ASIA"),
            secret_access_key: Plaintext::from(String::from("secret")),
            session_token: Plaintext::from(String::from("token")),
        },
        region: String::from("eu-west-1"),
        endpoint: None,
        ca_bundle: None,
        timeout: Duration::from_secs(3),
        memory_mib: 128,
        request_id: String::from("id"),
        log_stream_name: String::from("stream"),
        payload: Plaintext::from(String::from("{}")),
    }
}

fn variables(environment: &[(&str, &str)]) -> Result<Vec<String>, RunError> {
    let places = Places {
        task_root: Path::new("/code"),
        home: Path::new("/home-of-it"),
        ca_bundle: None,
        runtime_api: "127.0.0.1:1",
    };
    let block = block(&execution(environment), &places)?;
    let text = String::from_utf8(block.to_vec()).unwrap();
    Ok(text.split_terminator('\0').map(str::to_owned).collect())
}

#[test]
fn a_function_replaces_what_is_not_reserved() {
    let found = variables(&[("PATH", "/opt"), ("OWN", "a=b")]).unwrap();

    let of = |name: &str| {
        let starts = |variable: &&String| variable.split('=').next() == Some(name);
        found.iter().filter(starts).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of("PATH"), ["PATH=/opt"]);
    assert_eq!(of("OWN"), ["OWN=a=b"]);
    assert_eq!(of("HOME"), ["HOME=/home-of-it"]);
    assert_eq!(of("AWS_SESSION_TOKEN"), ["AWS_SESSION_TOKEN=token"]);
}

#[test]
fn without_an_endpoint_no_variable_names_one() {
    let found = variables(&[]).unwrap();

    for name in [
        "SECRETS_MANAGER_ENDPOINT",
        "AWS_ENDPOINT_URL",
        "AWS_CA_BUNDLE",
    ] {
        assert!(
            found.iter().all(|variable| !variable.starts_with(name)),
            "{name}"
        );
    }
}

#[test]
fn what_lambda_sets_no_function_replaces() {
    let without = variables(&[]).unwrap();
    let places = Places {
        task_root: Path::new("/code"),
        home: Path::new("/home"),
        ca_bundle: None,
        runtime_api: "127.0.0.1:1",
    };
    let mut names: Vec<&str> = lambda(&execution(&[]), &places)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    names.extend([
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ]);

    for name in names {
        assert_eq!(variables(&[(name, "x")]).unwrap(), without, "{name}");
    }
}

#[test]
fn what_no_process_can_be_given_is_refused() {
    for (name, value) in [
        ("", "x"),
        ("A=B", "x"),
        ("A\0", "x"),
        ("A", "x\0AWS_REGION=mars"),
    ] {
        let refused = variables(&[(name, value)]);

        assert!(
            matches!(refused, Err(RunError::MalformedVariable(_))),
            "{name:?}"
        );
    }
}
