use super::*;
use base::Timestamp;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_000_000)
    }
}

struct Bench {
    address: SocketAddr,
    events: UnboundedReceiver<Event>,
    _serving: JoinSet<Infallible>,
}

async fn bench(is_ours: IsOurs) -> Bench {
    let api = Api::bind().await.unwrap();
    let address = api.address;
    let (said, events) = unbounded_channel();
    let invocation = Arc::new(Invocation {
        request_id: String::from("id-1"),
        function_arn: String::from("arn:of:it"),
        timeout: Duration::from_secs(3),
        payload: Mutex::new(Some(Plaintext::from(String::from("{\"n\":1}")))),
        clock: Arc::new(Noon),
        events: said,
    });
    let mut serving = JoinSet::new();
    serving.spawn(api.serve(invocation, is_ours));
    Bench {
        address,
        events,
        _serving: serving,
    }
}

async fn open() -> Bench {
    bench(Arc::new(|_, _| true)).await
}

impl Bench {
    /// Sends a request and reads until the other side closes.
    async fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    async fn post(&self, what: &str, body: &str) -> String {
        self.send("POST", &format!("{PREFIX}{what}"), "", body)
            .await
    }
}

#[tokio::test]
async fn the_event_is_given_once_with_what_lambda_says_about_it() {
    let mut bench = open().await;

    let answer = bench
        .send("GET", &format!("{PREFIX}invocation/next"), "", "")
        .await;

    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    for header in [
        "lambda-runtime-aws-request-id: id-1\r\n",
        "lambda-runtime-invoked-function-arn: arn:of:it\r\n",
        "lambda-runtime-deadline-ms: 1003000\r\n",
    ] {
        assert!(answer.contains(header), "{answer}");
    }
    assert!(answer.ends_with("\r\n\r\n{\"n\":1}"), "{answer}");
    assert!(matches!(bench.events.recv().await, Some(Event::Asked)));

    let mut again = TcpStream::connect(bench.address).await.unwrap();
    let request = format!("GET {PREFIX}invocation/next HTTP/1.1\r\nHost: x\r\n\r\n");
    again.write_all(request.as_bytes()).await.unwrap();
    assert!(matches!(bench.events.recv().await, Some(Event::AskedAgain)));
}

#[tokio::test]
async fn a_response_must_name_the_invocation() {
    let mut bench = open().await;

    let other = bench.post("invocation/id-2/response", "\"forged\"").await;
    let own = bench.post("invocation/id-1/response", "\"real\"").await;

    assert!(other.starts_with("HTTP/1.1 400 "), "{other}");
    assert!(own.starts_with("HTTP/1.1 202 "), "{own}");
    let Some(Event::Responded(body)) = bench.events.recv().await else {
        panic!("a response");
    };
    assert_eq!(body.expose(), b"\"real\"");
}

#[tokio::test]
async fn errors_of_handler_and_start_are_reported() {
    let mut bench = open().await;
    let python = r#"{"errorType":"ValueError","errorMessage":"no","stackTrace":["a","b"]}"#;
    let node = r#"{"errorType":"Error","errorMessage":"no","trace":["c",["d"]]}"#;
    let cases = [
        (
            "invocation/id-1/error",
            "",
            python,
            ("ValueError", "no", vec!["a", "b"]),
        ),
        (
            "init/error",
            "",
            node,
            ("Error", "no", vec!["c", "[\"d\"]"]),
        ),
        (
            "init/error",
            "Lambda-Runtime-Function-Error-Type: Runtime.Odd\r\n",
            "no json",
            ("Runtime.Odd", "", vec![]),
        ),
        ("init/error", "", "", ("Runtime.Unknown", "", vec![])),
    ];

    for (what, headers, body, expected) in cases {
        let answer = bench
            .send("POST", &format!("{PREFIX}{what}"), headers, body)
            .await;

        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
        let Some(Event::Failed(failure)) = bench.events.recv().await else {
            panic!("a failure");
        };
        let (error_type, message, trace) = expected;
        assert_eq!(failure.error_type, error_type);
        assert_eq!(failure.message, message);
        assert_eq!(failure.trace, trace);
    }
}

#[tokio::test]
async fn other_calls_are_unknown() {
    let bench = open().await;

    for (method, path) in [
        ("GET", "/"),
        ("GET", "/2018-06-01/runtime/invocation/id-1/response"),
        ("POST", "/2018-06-01/runtime/invocation/next"),
        ("GET", "/2018-06-01/runtime/init/error"),
        ("GET", "/2018-06-01/runtime/restore/next"),
    ] {
        let answer = bench.send(method, path, "", "").await;

        assert!(
            answer.starts_with("HTTP/1.1 404 "),
            "{method} {path}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_response_that_is_too_large_fails_the_invocation() {
    let mut bench = open().await;

    let answer = bench
        .post("invocation/id-1/response", &"x".repeat(MOST_RESPONSE + 1))
        .await;

    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let Some(Event::Failed(failure)) = bench.events.recv().await else {
        panic!("a failure");
    };
    assert_eq!(failure.error_type, "Function.ResponseSizeTooLarge");
}

#[tokio::test]
async fn an_error_that_is_too_large_fails_the_invocation_as_well() {
    let mut bench = open().await;
    let header = "Lambda-Runtime-Function-Error-Type: Large\r\n";

    let path = format!("{PREFIX}invocation/id-1/error");
    let body = format!("{{\"errorMessage\":\"{}\"}}", "x".repeat(MOST_ERROR));
    let answer = bench.send("POST", &path, header, &body).await;

    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let Some(Event::Failed(failure)) = bench.events.recv().await else {
        panic!("a failure");
    };
    assert_eq!(failure.error_type, "Large");
    assert_eq!(
        failure.message,
        "the error that the function reported is too large"
    );
}

#[tokio::test]
async fn a_connection_of_another_process_gets_nothing() {
    let asked = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&asked);
    let bench = bench(Arc::new(move |_, _| {
        noted.store(true, Ordering::Relaxed);
        false
    }))
    .await;

    let answer = bench
        .send("GET", &format!("{PREFIX}invocation/next"), "", "")
        .await;

    assert_eq!(answer, "");
    assert!(asked.load(Ordering::Relaxed));
}
