use super::*;
use crate::cli::ServeFlags;
use crate::config::Config;
use crate::files;
use crate::functions::fixtures::{Still, account, execution, plain, text};
use http::HeaderMap;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls_pki_types::PrivateKeyDer;
use sigv4::{Presented, Scope};
use std::io::{BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::thread::JoinHandle;

/// A request as it came.
struct Heard {
    line: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Answers one request with `reply`; gives it at the end.
fn endpoint(reply: &str) -> (String, JoinHandle<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let reply = reply.to_owned();
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let heard = hear(&mut BufReader::new(&stream));
        stream.write_all(reply.as_bytes()).unwrap();
        heard
    });
    (url, heard)
}

fn hear(stream: &mut impl std::io::BufRead) -> Heard {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        if line.trim_end().is_empty() {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let mut headers = HeaderMap::new();
    for line in &lines[1..] {
        let (name, value) = line.split_once(": ").unwrap();
        headers.insert(
            HeaderName::try_from(name).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Heard {
        line: lines[0].clone(),
        headers,
        body,
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
}

/// With a key in `dir`, for URLs below `url`.
fn remote(dir: &Path, url: &str) -> Remote {
    remote_for(dir, url, "")
}

fn remote_for(dir: &Path, url: &str, more: &str) -> Remote {
    let key = "[default]\naws_access_key_id = AKIDREMOTE\naws_secret_access_key = of the remote\n";
    files::write(&dir.join("key"), 0o600, key.as_bytes()).unwrap();
    let toml = format!(
        "[[functions.remote]]\nurl = \"{url}/2015-03-31/functions/\"\nregion = \"eu-west-1\"\n\
         credentials_file = \"{}\"\n{}{more}",
        dir.join("key").display(),
        authority(dir)
    );
    let file = dir.join("strongroom.toml");
    std::fs::write(&file, toml).unwrap();
    let flags = ServeFlags {
        config: Some(file),
        ..ServeFlags::default()
    };
    let listed = Config::load(&flags).unwrap().functions.remotes;
    Remote::new(listed, Duration::from_secs(900), Arc::new(Still))
}

/// That of a secure endpoint, if there is one.
fn authority(dir: &Path) -> String {
    let path = dir.join("ca.pem");
    if path.exists() {
        format!("ca_file = \"{}\"\n", path.display())
    } else {
        String::new()
    }
}

async fn ran(dir: &Path, url: &str, base: &str) -> Result<Executed, NotExecuted> {
    let payload = plain(r#"{"Step":"createSecret"}"#);
    let run = Execution {
        code: Code::Remote {
            url: url.to_owned(),
        },
        client_context: Some("e30="),
        ..execution(&payload)
    };
    remote(dir, base).run(run).await
}

const PATH: &str = "/2015-03-31/functions/arn%3Aaws%3Alambda/invocations";

/// Runs against an endpoint that gives this reply.
async fn replied(reply: &str) -> (Result<Executed, NotExecuted>, Heard) {
    let dir = tempfile::tempdir().unwrap();
    let (base, heard) = endpoint(reply);
    let executed = ran(dir.path(), &format!("{base}{PATH}?Qualifier=live"), &base).await;
    (executed, heard.join().unwrap())
}

#[tokio::test]
async fn a_function_is_invoked_as_lambda_has_it_and_signed_with_the_operators_key() {
    let reply = answer("200 OK", "x-amzn-requestid: there-1\r\n", r#"{"ok":1}"#);

    let (executed, heard) = replied(&reply).await;

    let executed = executed.ok().unwrap();
    assert_eq!(text(executed.outcome.as_ref().ok().unwrap()), r#"{"ok":1}"#);
    assert_eq!(
        executed.log[0].text,
        "Invoked elsewhere, with request id there-1 there."
    );
    assert_eq!(heard.line, format!("POST {PATH}?Qualifier=live HTTP/1.1"));
    assert_eq!(heard.body, br#"{"Step":"createSecret"}"#);
    assert_eq!(heard.headers["x-amz-invocation-type"], "RequestResponse");
    assert_eq!(heard.headers["x-amz-client-context"], "e30=");
    assert!(!heard.headers.contains_key("x-amz-security-token"));
    assert_eq!(heard.headers["x-strongroom-account-id"], "123456789012");
    assert_eq!(
        heard.headers["x-strongroom-function-arn"],
        "arn:aws:lambda:us-east-1:123456789012:function:rotate"
    );
    let authorization = heard.headers["authorization"].to_str().unwrap();
    assert!(
        authorization.contains(";x-strongroom-account-id;x-strongroom-function-arn"),
        "{authorization}"
    );
    let request = sigv4::Request {
        method: "POST",
        path: PATH,
        query: "Qualifier=live",
        headers: &heard.headers,
        body: &heard.body,
    };
    let presented = Presented::read(&request, base::Clock::now(&Still)).unwrap();
    assert_eq!(presented.access_key_id(), "AKIDREMOTE");
    let scope = Scope {
        date: "20260115",
        region: "eu-west-1",
        service: "lambda",
    };
    let key = sigv4::SigningKey::derive(b"of the remote", scope);
    presented.verify(&request, &key).unwrap();
}

#[tokio::test]
async fn a_failed_function_shows_its_type_and_none_of_its_words() {
    let failure = r#"{"errorType":"ValueError","errorMessage":"hunter2","stackTrace":["hunter2"]}"#;
    let headers = "x-amz-function-error: Unhandled\r\nx-amzn-requestid: there-1\r\n";
    let odd = failure.replace("ValueError", "hunter2 is the password");

    let (executed, _) = replied(&answer("200 OK", headers, failure)).await;
    let (unnamed, _) = replied(&answer("200 OK", headers, &odd)).await;

    let failure = |kind: &str| FunctionFailure {
        kind: kind.to_owned(),
        message: String::from(
            "the function failed; why is in its own log, under request id there-1",
        ),
    };
    assert_eq!(
        executed.ok().unwrap().outcome.err(),
        Some(failure("ValueError"))
    );
    assert_eq!(
        unnamed.ok().unwrap().outcome.err(),
        Some(failure("Unhandled"))
    );
}

#[tokio::test]
async fn a_refusal_and_a_redirect_are_no_runs() {
    let refusal = answer(
        "403 Forbidden",
        "x-amzn-errortype: AccessDeniedException\r\n",
        r#"{"Message":"hunter2"}"#,
    );
    let redirect = answer("307 Moved", "location: http://127.0.0.1:9/\r\n", "");

    let (refused, _) = replied(&refusal).await;
    let (redirected, _) = replied(&redirect).await;

    assert_eq!(
        refused.err().unwrap().to_string(),
        "the function cannot be called: status 403 AccessDeniedException"
    );
    assert_eq!(
        redirected.err().unwrap().to_string(),
        "the function cannot be called: status 307"
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_is_too_large_is_a_failed_run() {
    let broken = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{";
    let large = answer("200 OK", "", &"x".repeat(MOST_ANSWERED + 1));

    let (broken, _) = replied(broken).await;
    let (large, _) = replied(&large).await;

    for executed in [broken, large] {
        let failure = executed.ok().unwrap().outcome.err().unwrap();
        assert_eq!(failure.kind, "Remote.NoAnswer", "{}", failure.message);
    }
}

#[tokio::test]
async fn urls_that_are_not_listed_are_not_called() {
    let dir = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let elsewhere = format!("{base}/other");

    let refused = ran(dir.path(), &elsewhere, &base).await;
    let accepted = remote(dir.path(), &base);

    assert_eq!(
        refused.err().unwrap().to_string(),
        "the function cannot be called: the URL is not among those that the operator listed"
    );
    assert!(listener.accept().is_err());
    let owner = account("123456789012");
    let package = |url: String| Package::Remote { url };
    let listed = package(format!("{base}{PATH}"));
    assert_eq!(accepted.accepts(&owner, &listed), Ok(()));
    assert_eq!(
        accepted.accepts(&owner, &package(elsewhere)),
        Err(NOT_LISTED.to_owned())
    );
}

#[tokio::test]
async fn urls_of_other_accounts_are_not_called() {
    let dir = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let remote = remote_for(dir.path(), &base, "accounts = [\"111122223333\"]\n");
    let url = format!("{base}{PATH}");
    let payload = plain("{}");
    let run = Execution {
        code: Code::Remote { url: url.clone() },
        ..execution(&payload)
    };

    let refused = remote.run(run).await;

    assert_eq!(
        refused.err().unwrap().to_string(),
        format!("the function cannot be called: {NOT_LISTED}")
    );
    assert!(listener.accept().is_err());
    let package = Package::Remote { url };
    assert_eq!(
        remote.accepts(&account("123456789012"), &package),
        Err(NOT_LISTED.to_owned())
    );
    assert_eq!(remote.accepts(&account("111122223333"), &package), Ok(()));
}

const NOT_LISTED: &str = "the URL is not among those that the operator listed";

/// Answers one request over TLS with `reply`, showing a certificate for `name` of the authority in
/// `ca.pem` of `dir`. Gives whether a request came.
fn secure_endpoint(dir: &Path, name: &str, reply: &str) -> (String, JoinHandle<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let (config, reply) = (certified(dir, name), reply.to_owned());
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut connection = rustls::ServerConnection::new(config).unwrap();
        while connection.is_handshaking() {
            if connection.complete_io(&mut stream).is_err() {
                return false;
            }
        }
        let mut stream = rustls::StreamOwned::new(connection, stream);
        hear(&mut BufReader::new(&mut stream));
        stream.write_all(reply.as_bytes()).unwrap();
        stream.flush().unwrap();
        true
    });
    (url, heard)
}

fn certified(dir: &Path, name: &str) -> Arc<rustls::ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    std::fs::write(dir.join("ca.pem"), authority.pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Arc::new(config)
}

#[tokio::test]
async fn a_server_is_called_only_if_its_authority_and_its_name_are_right() {
    let [right, stranger, renamed] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let reply = answer("200 OK", "", "{}");
    let (good, called) = secure_endpoint(right.path(), "127.0.0.1", &reply);
    let (bad, spared) = secure_endpoint(stranger.path(), "127.0.0.1", &reply);
    certified(stranger.path(), "127.0.0.1");
    let (other, unnamed) = secure_endpoint(renamed.path(), "lambda.example", &reply);

    let trusted = ran(right.path(), &format!("{good}{PATH}"), &good).await;
    let untrusted = ran(stranger.path(), &format!("{bad}{PATH}"), &bad).await;
    let misnamed = ran(renamed.path(), &format!("{other}{PATH}"), &other).await;

    assert!(trusted.ok().unwrap().outcome.is_ok());
    assert!(called.join().unwrap());
    for (refused, server) in [(untrusted, spared), (misnamed, unnamed)] {
        let why = refused.err().unwrap().to_string();
        assert!(
            why.starts_with("the function cannot be called: TLS failed: "),
            "{why}"
        );
        assert!(!server.join().unwrap());
    }
}

#[tokio::test]
async fn a_key_that_others_may_read_is_not_used_and_not_named_to_the_owner() {
    let dir = tempfile::tempdir().unwrap();
    let base = "http://127.0.0.1:9";
    let remote = remote(dir.path(), base);
    files::write(&dir.path().join("key"), 0o644, b"[default]\n").unwrap();
    let payload = plain("{}");
    let run = Execution {
        code: Code::Remote {
            url: format!("{base}{PATH}"),
        },
        ..execution(&payload)
    };

    let refused = remote.run(run).await;

    assert_eq!(
        refused.err().unwrap().to_string(),
        "the function cannot be called: it is not set up"
    );
}
