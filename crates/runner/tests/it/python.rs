//! Python functions with our own runtime client.

use crate::bench::{Bench, REQUEST_ID, execution, python, zip};
use base::Plaintext;
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn a_handler_gets_its_event_and_answers() {
    let bench = Bench::new().await;
    let source = "def handler(event, context):\n    return {'got': event['n'] + 1, 'umlaut': 'ä'}";
    let mut execution = python(source);
    execution.payload = Plaintext::from(String::from(r#"{"n": 41}"#));

    let ran = bench.run(execution).await;

    assert_eq!(ran.json(), json!({"got": 42, "umlaut": "ä"}));
    assert!(ran.init_duration.is_some());
    assert!(ran.max_memory_bytes > 1 << 20, "{ran:?}");
}

#[tokio::test]
async fn a_handler_learns_about_its_invocation() {
    let bench = Bench::new().await;
    let source = "
def handler(event, c):
    left = c.get_remaining_time_in_millis()
    return [c.aws_request_id, c.function_name, c.function_version, c.invoked_function_arn,
            c.memory_limit_in_mb, c.log_group_name, c.log_stream_name, 20000 < left <= 30000]
";

    let ran = bench.run(python(source)).await;

    assert_eq!(
        ran.json(),
        json!([
            REQUEST_ID,
            "rotate",
            "$LATEST",
            "arn:aws:lambda:us-east-1:111122223333:function:rotate",
            "256",
            "/aws/lambda/rotate",
            "2026/01/02/[$LATEST]0123",
            true
        ])
    );
}

#[tokio::test]
async fn the_environment_is_lambdas_and_nothing_of_ours() {
    let bench = Bench::new().await;
    let mut execution = python("import os\ndef handler(e, c):\n    return dict(os.environ)");
    execution.environment = vec![
        (String::from("STAGE"), String::from("test = 1")),
        (String::from("LANG"), String::from("de_DE.UTF-8")),
    ];
    execution.ca_bundle = Some(Arc::from(b"-----BEGIN CERTIFICATE-----".as_slice()));

    let mut found = bench.run(execution).await.json();

    let found = found.as_object_mut().unwrap();
    let home = found.remove("HOME").unwrap();
    assert_eq!(found.remove("TMPDIR").unwrap(), home);
    let bundle = format!("{}/ca-bundle.pem", home.as_str().unwrap());
    assert!(found.remove("LAMBDA_TASK_ROOT").is_some());
    let api = found.remove("AWS_LAMBDA_RUNTIME_API").unwrap();
    assert!(api.as_str().unwrap().starts_with("127.0.0.1:"), "{api}");
    // Python itself sets it.
    found.remove("LC_CTYPE");
    assert_eq!(
        serde_json::Value::from(found.clone()),
        json!({
            "STAGE": "test = 1", "LANG": "de_DE.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": ":UTC",
            "_HANDLER": "app.handler",
            "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "the-secret-access-key",
            "AWS_SESSION_TOKEN": "the-session-token",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": "https://127.0.0.1:8443",
            "SECRETS_MANAGER_ENDPOINT": "https://127.0.0.1:8443",
            "AWS_CA_BUNDLE": bundle, "NODE_EXTRA_CA_CERTS": bundle,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.9",
            "AWS_LAMBDA_FUNCTION_NAME": "rotate",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/rotate",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/02/[$LATEST]0123",
        })
    );
}

#[tokio::test]
async fn an_exception_is_told_with_its_trace() {
    let bench = Bench::new().await;
    let ran = bench
        .run(python(
            "def handler(e, c):\n    raise ValueError('not today')",
        ))
        .await;

    assert_eq!(ran.outcome, "failed", "{ran:#?}");
    assert_eq!(ran.error_type, "ValueError");
    assert_eq!(ran.message, "not today");
    assert_eq!(ran.trace.len(), 1, "{ran:#?}");
    assert!(ran.trace[0].contains("line 2, in handler"), "{ran:#?}");
    assert!(
        ran.log.contains("[ERROR] ValueError: not today\nTraceback"),
        "{ran:#?}"
    );
}

#[tokio::test]
async fn what_keeps_a_function_from_starting_is_told() {
    let bench = Bench::new().await;
    let app = |source: &str| zip(&[("app.py", source)]);
    let cases = [
        (
            "nothing.handler",
            app(""),
            "Runtime.ImportModuleError",
            "Unable to import module 'nothing': No module named 'nothing'",
        ),
        (
            "app.missing",
            app(""),
            "Runtime.HandlerNotFound",
            "Handler 'missing' missing on module 'app'",
        ),
        (
            "app",
            app(""),
            "Runtime.MalformedHandlerName",
            "Bad handler 'app': not enough values to unpack (expected 2, got 1)",
        ),
        (
            "app.handler",
            app("def handler(:"),
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': invalid syntax (app.py, line 1)",
        ),
        (
            "app.handler",
            app("raise KeyError('at import')"),
            "KeyError",
            "'at import'",
        ),
        (
            "app.handler",
            app("def handler(e, c): return {1, 2}"),
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
    ];

    for (handler, code, error_type, message) in cases {
        let ran = bench.run(execution("python3.9", handler, code, "{}")).await;

        assert_eq!(ran.error_type, error_type, "{ran:#?}");
        assert_eq!(ran.message, message);
    }
}

#[tokio::test]
async fn a_handler_in_a_package_is_found() {
    let bench = Bench::new().await;
    let code = zip(&[
        ("pkg/__init__.py", ""),
        ("pkg/helper.py", "ANSWER = 42"),
        (
            "pkg/app.py",
            "from .helper import ANSWER\ndef handler(e, c): return ANSWER",
        ),
    ]);

    for handler in ["pkg/app.handler", "pkg.app.handler"] {
        let ran = bench
            .run(execution("python3.9", handler, code.clone(), "{}"))
            .await;

        assert_eq!(ran.json(), json!(42));
    }
}

#[tokio::test]
async fn the_log_has_what_was_written() {
    let bench = Bench::new().await;
    let source = "
import os, sys
def handler(e, c):
    print('one')
    print('two', file=sys.stderr)
    os.write(1, b'\\xff\\x00 three\\n')
    sys.stdout.write('no end')
";

    let ran = bench.run(python(source)).await;

    assert_eq!(
        ran.lines,
        ["one", "two", "\u{fffd}\u{fffd} three", "no end"]
    );
    assert!(ran.max_memory_bytes > 0 && ran.init_duration.is_some());
}

#[tokio::test]
async fn secrets_and_credentials_are_taken_out_of_log_and_error() {
    let bench = Bench::new().await;
    let source = "
import base64, os, urllib.parse
def handler(event, c):
    password = event['password']
    print('set to', password, base64.b64encode(password.encode()).decode())
    print(urllib.parse.quote(password), os.environ)
    raise RuntimeError('login with ' + password + ' failed')
";
    let mut execution = python(source);
    execution.payload = Plaintext::from(String::from(r#"{"password": "p@ss/w0rd"}"#));

    let secret = r#"{"username":"app","password":"p@ss/w0rd"}"#;
    let ran = bench.run_with_secret(execution, secret).await;

    assert_eq!(ran.message, "login with *** failed");
    let everything = format!("{ran:?}");
    for leak in [
        "p@ss",
        "w0rd",
        "cEBzcy93MHJk",
        "p%40ss",
        "the-secret-access-key",
        "the-session-token",
    ] {
        assert!(!everything.contains(leak), "{leak}: {everything}");
    }
    assert!(ran.log.contains("set to *** ***"), "{ran:#?}");
}

#[tokio::test]
async fn unpacked_code_is_used_again_and_cannot_be_changed() {
    let bench = Bench::new().await;
    let source = "
import os
def handler(e, c):
    found = [os.environ['LAMBDA_TASK_ROOT']]
    for change in (lambda: open('app.py', 'a'), lambda: os.remove('app.py'),
                   lambda: os.mkdir('new'), lambda: os.truncate('app.py', 0),
                   lambda: os.chmod('app.py', 0o777)):
        try:
            change()
            found.append('changed')
        except OSError as error:
            found.append(error.errno in (1, 13, 30))
    return found
";

    let first = bench.run(python(source)).await.json();
    let second = bench.run(python(source)).await.json();

    assert_eq!(first, second);
    assert_eq!(
        first.as_array().unwrap()[1..],
        [true, true, true, true, true]
    );
}

#[tokio::test]
async fn a_version_that_the_host_lacks_is_an_error_of_the_host() {
    let bench = Bench::new().await;
    let execution = execution("python3.999", "app.handler", zip(&[("app.py", "")]), "{}");

    let refused = bench.runner.run(execution, &[]).await.err().unwrap();

    assert_eq!(
        refused.to_string(),
        "no program for the runtime `python3.999` is installed on this host"
    );
}

#[tokio::test]
async fn a_variable_of_lambdas_is_not_replaced() {
    let bench = Bench::new().await;
    let mut execution = python(
        "import os\ndef handler(e, c):\n    return os.environ['AWS_LAMBDA_FUNCTION_VERSION']\n",
    );
    let name = String::from("AWS_LAMBDA_FUNCTION_VERSION");
    execution.environment = vec![(name, String::from("7"))];

    let ran = bench.run(execution).await;

    assert_eq!(ran.json(), "$LATEST");
}

#[tokio::test]
async fn variables_that_are_too_large_are_refused() {
    let bench = Bench::new().await;
    let mut execution = python("");
    execution.environment = vec![(String::from("BIG"), "x".repeat(1 << 20))];

    let refused = bench.runner.run(execution, &[]).await.err().unwrap();

    assert_eq!(refused.to_string(), "could not start a function's process");
    bench.nothing_is_left();
}
