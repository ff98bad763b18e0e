use super::*;
use crate::config::Endpoint;
use crate::outside::SystemEntropy;
use base::{AccountId, RegionName};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_768_478_400_000)
    }
}

fn settings(port: u16, sampled: u64) -> Traces {
    let url = format!("http://127.0.0.1:{port}/v1/traces");
    Traces {
        endpoint: Endpoint::parse(&url).unwrap(),
        ca_file: None,
        sampled,
        service_name: String::from("strongroom"),
    }
}

fn spans(sampled: u64) -> Arc<Spans> {
    let settings = settings(1, sampled);
    Arc::new(Spans::new(
        &settings,
        Arc::new(Noon),
        Arc::new(SystemEntropy),
    ))
}

fn end(spans: &Spans, trace_parent: Option<&str>) {
    let account = AccountId::parse("123456789012").unwrap();
    let region = RegionName::parse("us-east-1").unwrap();
    spans.ended(&Ended {
        service: Some("secretsmanager"),
        operation: Some("GetSecretValue"),
        code: Some("ResourceNotFoundException"),
        status: 400,
        account: Some(&account),
        region: Some(&region),
        request_id: "8e1e0a4e-0000-4000-8000-000000000001",
        trace_parent,
        took: Duration::from_micros(1_500),
        authenticated_after: Some(Duration::from_micros(500)),
    });
}

fn told(spans: &Spans) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&otlp::body("strongroom", &spans.take(99))).unwrap();
    let spans = &body["resourceSpans"][0]["scopeSpans"][0]["spans"];
    spans.as_array().unwrap().clone()
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const ALL: u64 = 1 << 32;

#[test]
fn a_request_is_a_span_with_two_parts() {
    let spans = spans(ALL);

    end(&spans, Some(PARENT));

    let told = told(&spans);
    let [request, authenticate, operation] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(request["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(request["parentSpanId"], "b7ad6b7169203331");
    assert_eq!(request["name"], "secretsmanager/GetSecretValue");
    assert_eq!(request["kind"], 2);
    assert_eq!(request["startTimeUnixNano"], "1768478399998500000");
    assert_eq!(request["endTimeUnixNano"], "1768478400000000000");
    assert_eq!(request["status"], json!({}));
    let text = |key: &str, text: &str| json!({ "key": key, "value": { "stringValue": text } });
    assert_eq!(
        request["attributes"],
        json!([
            { "key": "http.response.status_code", "value": { "intValue": "400" } },
            text("rpc.system", "aws-api"),
            text("rpc.service", "secretsmanager"),
            text("rpc.method", "GetSecretValue"),
            text("error.type", "ResourceNotFoundException"),
            text("aws.request_id", "8e1e0a4e-0000-4000-8000-000000000001"),
            text("cloud.account.id", "123456789012"),
            text("cloud.region", "us-east-1"),
        ])
    );
    for (part, name) in [(authenticate, "authenticate"), (operation, "operation")] {
        assert_eq!(part["name"], name);
        assert_eq!(part["traceId"], request["traceId"]);
        assert_eq!(part["parentSpanId"], request["spanId"]);
        assert_eq!(part["kind"], 1);
    }
    assert_eq!(
        authenticate["endTimeUnixNano"],
        operation["startTimeUnixNano"]
    );
    assert_eq!(operation["startTimeUnixNano"], "1768478399999000000");
}

#[test]
fn the_caller_decides_and_else_the_lot() {
    let (all, none) = (spans(ALL), spans(0));
    let unsampled = PARENT.replace("-01", "-00");

    for spans in [&all, &none] {
        end(spans, Some(PARENT));
        end(spans, Some(&unsampled));
        end(spans, None);
        end(spans, Some("no header"));
    }

    // Three spans each: of the caller that has one, and where all are sampled of the two unknown ones.
    assert_eq!((told(&all).len(), told(&none).len()), (9, 3));
}

#[test]
fn about_so_many_are_sampled_as_was_said() {
    let spans = spans(ALL / 4);

    for _ in 0..2_000 {
        end(&spans, None);
    }

    let sampled = spans.waiting.lock().len();
    assert!((350..650).contains(&sampled), "{sampled}");
}

#[test]
fn what_there_is_no_room_for_is_dropped_and_counted() {
    let spans = spans(ALL);

    for _ in 0..MOST_WAITING + 3 {
        end(&spans, None);
    }

    assert_eq!(spans.waiting.lock().len(), MOST_WAITING);
    let counts = SpanCounts {
        sent: 0,
        dropped: 3,
    };
    assert_eq!(spans.counts(), counts);
}

/// Takes one request, answers it with `status`, and gives head and body.
async fn collect(listener: &TcpListener, status: &str) -> (String, Value) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap();
    let length = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}");
    stream.write_all(answer.as_bytes()).await.unwrap();
    (head, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_collector_is_sent_what_waits() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let spans = spans(ALL);
    let port = listener.local_addr().unwrap().port();
    let exporter = Exporter::new(Arc::clone(&spans), settings(port, ALL));
    end(&spans, None);
    end(&spans, None);

    let ((head, body), ()) = tokio::join!(collect(&listener, "200 OK"), exporter.flush());

    assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/json\r\n"));
    let resource = &body["resourceSpans"][0];
    assert_eq!(
        resource["resource"]["attributes"][0],
        json!({ "key": "service.name", "value": { "stringValue": "strongroom" } })
    );
    let sent = resource["scopeSpans"][0]["spans"].as_array().unwrap();
    assert_eq!(sent.len(), 6);
    let counts = SpanCounts {
        sent: 2,
        dropped: 0,
    };
    assert_eq!(exporter.spans().counts(), counts);
}

#[tokio::test]
async fn what_a_collector_does_not_take_is_counted_and_not_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let spans = spans(ALL);
    let port = listener.local_addr().unwrap().port();
    let exporter = Exporter::new(Arc::clone(&spans), settings(port, ALL));
    end(&spans, None);
    let refuse = collect(&listener, "503 Service Unavailable");

    let (_, ()) = tokio::join!(refuse, exporter.flush());
    drop(listener);
    end(&spans, None);
    exporter.flush().await;

    assert!(spans.take(1).is_empty());
    let counts = SpanCounts {
        sent: 0,
        dropped: 2,
    };
    assert_eq!(spans.counts(), counts);
}
