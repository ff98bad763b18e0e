//! One table of operations, asked in three protocols.

use super::kit::*;
use http::Response;
use serde_json::json;
use testkit::{Entrance, Harness, Signed};

async fn send(h: &Harness, signed: Signed) -> Response<bytes::Bytes> {
    h.app.call(signed.through(&Entrance::default())).await
}

fn header<'a>(response: &'a Response<bytes::Bytes>, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn awsquery_is_answered_in_xml() {
    let h = Harness::new().await;
    let form = |body: &str| {
        let body = format!("Version=2010-08-01&{body}");
        h.root.signed_form("monitoring", &body, h.now())
    };
    let datum = "Action=PutMetricData&Namespace=N&MetricData.member.1.MetricName=M&\
                 MetricData.member.1.Value=2.5&MetricData.member.1.Timestamp=2026-01-15T12%3A00%3A00Z&\
                 MetricData.member.1.Dimensions.member.1.Name=d&\
                 MetricData.member.1.Dimensions.member.1.Value=v";
    let get = "Action=GetMetricStatistics&Namespace=N&MetricName=M&Period=60&\
               StartTime=2026-01-15T12%3A00%3A00Z&EndTime=2026-01-15T13%3A00%3A00Z&\
               Statistics.member.1=Sum&Dimensions.member.1.Name=d&Dimensions.member.1.Value=v";

    let put = h.send(form(datum)).await;
    let got = h.send(form(get)).await;
    let missing = "Action=SetAlarmState&AlarmName=x&StateValue=OK&StateReason=r";
    let missing = h.send(form(missing)).await;

    assert_eq!(put.xml_ok(), json!({}));
    let point = json!({ "Timestamp": "2026-01-15T12:00:00.000Z", "Sum": "2.5", "Unit": "None" });
    assert_eq!(
        got.xml_ok(),
        json!({ "GetMetricStatisticsResult": { "Label": "M", "Datapoints": [point] } })
    );
    missing.xml_refused(404, "ResourceNotFound", "Unknown");
}

#[tokio::test]
async fn rpc_v2_cbor_is_answered_in_cbor() {
    let h = Harness::new().await;
    // {"Namespace": "N", "MetricData": [{"MetricName": "M", "Value": 2.5, "Timestamp": 1(1768478400)}]}
    let put = b"\xa2\x69Namespace\x61N\x6aMetricData\x81\xa3\x6aMetricName\x61M\
                \x65Value\xf9\x41\x00\x69Timestamp\xc1\x1a\x69\x68\xd7\xc0";
    let list = b"\xbf\x69Namespace\x61N\xff";

    let put = send(&h, h.root.signed_cbor("PutMetricData", put, h.now())).await;
    let listed = send(&h, h.root.signed_cbor("ListMetrics", list, h.now())).await;

    assert_eq!(put.status(), 200, "{:?}", put.body());
    assert_eq!(put.body().as_ref(), b"\xa0");
    assert_eq!(listed.status(), 200);
    assert_eq!(header(&listed, "smithy-protocol"), "rpc-v2-cbor");
    assert_eq!(header(&listed, "content-type"), "application/cbor");
    let expected =
        b"\xa1\x67Metrics\x81\xa3\x69Namespace\x61N\x6aMetricName\x61M\x6aDimensions\x80";
    assert_eq!(listed.body().as_ref(), expected);
}

#[tokio::test]
async fn an_error_has_the_names_of_its_protocol() {
    let h = Harness::new().await;
    let body = b"\xa3\x69AlarmName\x61x\x6aStateValue\x62OK\x6bStateReason\x61r";

    let cbor = send(&h, h.root.signed_cbor("SetAlarmState", body, h.now())).await;
    let unknown = send(&h, h.root.signed_cbor("Nothing", b"", h.now())).await;
    let malformed = send(&h, h.root.signed_cbor("ListMetrics", b"\xff", h.now())).await;
    let json = h
        .cloudwatch("PutMetricData", json!({ "Namespace": "AWS/x" }))
        .await;

    assert_eq!(cbor.status(), 404);
    let expected =
        b"\xa2\x66__type\x78\x29com.amazonaws.cloudwatch#ResourceNotFound\x67message\x67Unknown";
    assert_eq!(cbor.body().as_ref(), expected);
    assert_eq!(
        header(&cbor, "x-amzn-query-error"),
        "ResourceNotFound;Sender"
    );
    let text =
        |response: &Response<bytes::Bytes>| String::from_utf8_lossy(response.body()).into_owned();
    assert_eq!(unknown.status(), 400);
    assert!(
        text(&unknown).contains("#UnknownOperationException"),
        "{}",
        text(&unknown)
    );
    assert_eq!(malformed.status(), 400);
    assert!(
        text(&malformed).contains("#SerializationException"),
        "{}",
        text(&malformed)
    );
    assert_eq!(json.json()["__type"], "InvalidParameterValueException");
    assert_eq!(
        json.headers["x-amzn-query-error"],
        "InvalidParameterValue;Sender"
    );
}

#[tokio::test]
async fn another_services_signature_or_another_path_is_refused() {
    let h = Harness::new().await;
    let mut signed = h.root.signed_cbor("ListMetrics", b"", h.now());
    signed.headers.remove("smithy-protocol");
    let unsaid = send(&h, signed).await;
    let mut signed = h.root.signed_cbor("ListMetrics", b"", h.now());
    signed.path = signed.path.replace("Granite", "granite");
    let elsewhere = send(&h, signed).await;
    let mut signed = h.root.signed_cbor("ListMetrics", b"", h.now());
    signed.body = b"\xa0".to_vec();
    let altered = send(&h, signed).await;

    assert_eq!(
        (unsaid.status(), elsewhere.status()),
        (404.try_into().unwrap(), 404.try_into().unwrap())
    );
    assert_eq!(altered.status(), 400);
    let body = String::from_utf8_lossy(altered.body()).into_owned();
    assert!(body.contains("#InvalidSignatureException"), "{body}");
    let named = h.audit.named("ListMetrics").pop().unwrap();
    assert_eq!(named["eventSource"], "monitoring.amazonaws.com");
    assert_eq!(named["errorCode"], "InvalidSignatureException");
    ok(&h.cloudwatch("ListMetrics", json!({})).await);
}
