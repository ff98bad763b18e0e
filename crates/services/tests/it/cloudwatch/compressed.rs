//! Bodies that clients compress: those of `PutMetricData`, in each protocol.

use super::kit::*;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Method, Response};
use serde_json::{Value, json};
use std::io::Write as _;
use testkit::{Entrance, Harness, Signed};
use wire::probe::RestRequest;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// A signed request with a body that is said to be compressed.
fn compressed(h: &Harness, path: &str, headers: &[(&'static str, &str)], body: Vec<u8>) -> Signed {
    let headers = [("content-encoding", "gzip")].iter().chain(headers);
    let request = RestRequest {
        path: path.to_owned(),
        query: String::new(),
        headers: headers
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
        body,
    };
    h.root
        .signed_rest_request("monitoring", Method::POST, request, h.now())
}

fn json_request(h: &Harness, operation: &str, body: Vec<u8>) -> Signed {
    let target = format!("GraniteServiceVersion20100801.{operation}");
    let headers = [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", target.as_str()),
    ];
    compressed(h, "/", &headers, body)
}

fn cbor_request(h: &Harness, operation: &str, body: Vec<u8>) -> Signed {
    let path = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
    let headers = [
        ("content-type", "application/cbor"),
        ("smithy-protocol", "rpc-v2-cbor"),
    ];
    compressed(h, &path, &headers, body)
}

fn query_request(h: &Harness, body: Vec<u8>) -> Signed {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    compressed(h, "/", &headers, body)
}

async fn send(h: &Harness, signed: Signed) -> Response<Bytes> {
    h.app.call(signed.through(&Entrance::default())).await
}

fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

fn a_datum() -> Vec<u8> {
    let datum = json!({ "MetricName": "M", "Value": 2.5 });
    let body = json!({ "Namespace": "N", "MetricData": [datum] });
    body.to_string().into_bytes()
}

const QUERY: &str = "Action=PutMetricData&Version=2010-08-01&Namespace=N&\
                     MetricData.member.1.MetricName=M&MetricData.member.1.Value=2.5";
const CBOR: &[u8] =
    b"\xa2\x69Namespace\x61N\x6aMetricData\x81\xa2\x6aMetricName\x61M\x65Value\xf9\x41\x00";

/// What the metric counted.
async fn sum(h: &Harness) -> Value {
    let body = json!({
        "Namespace": "N", "MetricName": "M", "StartTime": 1_768_478_400, "EndTime": 1_768_482_000,
        "Period": 60, "Statistics": ["Sum"],
    });
    let got = ok(&h.cloudwatch("GetMetricStatistics", body).await);
    got["Datapoints"][0]["Sum"].clone()
}

#[tokio::test]
async fn compressed_data_is_taken_in_each_protocol() {
    let h = Harness::new().await;

    let of_json = send(&h, json_request(&h, "PutMetricData", gzip(&a_datum()))).await;
    let of_cbor = send(&h, cbor_request(&h, "PutMetricData", gzip(CBOR))).await;
    let of_query = send(&h, query_request(&h, gzip(QUERY.as_bytes()))).await;

    for put in [&of_json, &of_cbor, &of_query] {
        assert_eq!(put.status(), 200, "{}", text(put));
    }
    assert_eq!(sum(&h).await, 7.5);
}

#[tokio::test]
async fn the_signature_is_over_the_body_as_sent() {
    let h = Harness::new().await;
    let mut other = json_request(&h, "PutMetricData", gzip(&a_datum()));
    // The same once it is decoded.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(&a_datum()).unwrap();
    other.body = encoder.finish().unwrap();

    let refused = send(&h, other).await;

    assert_eq!(refused.status(), 400);
    assert!(text(&refused).contains("InvalidSignatureException"));
    assert_eq!(sum(&h).await, Value::Null);
}

#[tokio::test]
async fn other_operations_other_encodings_and_what_is_no_gzip_are_not_decoded() {
    let h = Harness::new().await;
    let mut zipped = json_request(&h, "PutMetricData", gzip(&a_datum()));
    zipped
        .headers
        .insert("content-encoding", "deflate".parse().unwrap());
    let list = b"Action=ListMetrics&Version=2010-08-01";

    let listed = send(&h, json_request(&h, "ListMetrics", gzip(b"{}"))).await;
    let by_cbor = send(&h, cbor_request(&h, "ListMetrics", gzip(b"\xa0"))).await;
    let by_query = send(&h, query_request(&h, gzip(list))).await;
    let deflated = send(&h, zipped).await;
    let broken = send(
        &h,
        json_request(&h, "PutMetricData", a_datum()[1..].to_vec()),
    )
    .await;

    for refused in [&listed, &by_cbor, &deflated, &broken] {
        let text = text(refused);
        assert_eq!(refused.status(), 400, "{text}");
        assert!(text.contains("SerializationException"), "{text}");
    }
    assert_eq!(by_query.status(), 404);
    assert!(text(&by_query).contains("MalformedQueryString"));
    assert_eq!(sum(&h).await, Value::Null);
}

#[tokio::test]
async fn what_is_too_large_once_decoded_is_refused_like_any_body_that_is() {
    let h = Harness::new().await;
    let mut large = a_datum();
    large.resize((1 << 20) + 1, b' ');
    let mut largest = a_datum();
    largest.resize(1 << 20, b' ');

    let taken = send(&h, json_request(&h, "PutMetricData", gzip(&largest))).await;
    let of_json = send(&h, json_request(&h, "PutMetricData", gzip(&large))).await;
    let of_cbor = send(&h, cbor_request(&h, "PutMetricData", gzip(&large))).await;
    let of_query = send(&h, query_request(&h, gzip(&large))).await;

    assert_eq!(taken.status(), 200, "{}", text(&taken));
    for refused in [&of_json, &of_cbor, &of_query] {
        let text = text(refused);
        assert_eq!(refused.status(), 413, "{text}");
        assert!(text.contains("RequestEntityTooLargeException"), "{text}");
    }
    let events = h.audit.named("PutMetricData");
    let codes: Vec<&Value> = events.iter().map(|event| &event["errorCode"]).collect();
    let too_large = &json!("RequestEntityTooLargeException");
    assert_eq!(codes, [&Value::Null, too_large, too_large]);
    assert_eq!(sum(&h).await, 2.5);
}
