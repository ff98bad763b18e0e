use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn page(h: &Harness, stream: &str, more: Value) -> Value {
    let body = testkit::with(
        json!({ "logGroupName": GROUP, "logStreamName": stream }),
        more,
    );
    h.logs("GetLogEvents", body).await.ok()
}

#[tokio::test]
async fn the_lines_of_a_run_are_read_from_its_stream() {
    let (h, executor) = stage().await;
    let stream = run(&h, &executor, &["one", "two"]).await;

    let all = page(&h, &stream, json!({})).await;

    let lines = texts(&all);
    assert_eq!(lines.len(), 5);
    assert!(
        lines[0].starts_with("START RequestId: ") && lines[4].starts_with("REPORT RequestId: ")
    );
    assert_eq!(lines[1..3], ["one", "two"]);
    let event = json!({
        "timestamp": h.now().as_millis(), "message": "one", "ingestionTime": h.now().as_millis(),
    });
    assert_eq!(all["events"][1], event);
}

#[tokio::test]
async fn pages_go_forward_and_back_and_end_with_the_same_token() {
    let (h, executor) = stage().await;
    let stream = run(&h, &executor, &["a", "b", "c"]).await;
    let get =
        async |more: Value| page(&h, &stream, testkit::with(json!({ "limit": 4 }), more)).await;

    let first = get(json!({ "startFromHead": true })).await;
    let second = get(json!({ "nextToken": first["nextForwardToken"] })).await;
    let third = get(json!({ "nextToken": second["nextForwardToken"] })).await;
    let back = get(json!({ "nextToken": second["nextBackwardToken"] })).await;
    let last = get(json!({})).await;

    assert_eq!(texts(&first)[1..], ["a", "b", "c"]);
    assert_eq!(texts(&second).len(), 2);
    assert_eq!(texts(&third), Vec::<&str>::new());
    assert_eq!(third["nextForwardToken"], second["nextForwardToken"]);
    assert_eq!(back["events"], first["events"]);
    assert_eq!(texts(&last)[..2], ["b", "c"]);
}

#[tokio::test]
async fn times_bound_what_is_shown() {
    let (h, executor) = stage().await;
    let stream = run(&h, &executor, &["a"]).await;
    let now = h.now().as_millis();

    let before = page(&h, &stream, json!({ "endTime": now })).await;
    let from = page(&h, &stream, json!({ "startTime": now, "endTime": now + 1 })).await;
    let after = page(&h, &stream, json!({ "startTime": now + 1 })).await;

    assert_eq!(
        [&before, &from, &after].map(|page| texts(page).len()),
        [0, 4, 0]
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (h, executor) = stage().await;
    run(&h, &executor, &["a"]).await;
    let get = async |group: &str, stream: &str, more: Value| {
        let body = json!({ "logGroupName": group, "logStreamName": stream });
        h.logs("GetLogEvents", testkit::with(body, more)).await
    };
    let code = "ResourceNotFoundException";

    let group = get("/none", "x", json!({})).await;
    let stream = get(GROUP, "x", json!({})).await;

    group.refused(code, "The specified log group does not exist.");
    stream.refused(code, "The specified log stream does not exist.");
}

#[tokio::test]
async fn one_stream_may_be_somebodys_to_read() {
    let (h, executor) = stage().await;
    let stream = run(&h, &executor, &["a"]).await;
    let arn = format!("arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:log-stream:{stream}");
    let user = h
        .a_user("ana", Some(&allow("logs:GetLogEvents", &arn)))
        .await;
    let read = async |stream: &str| {
        let body = json!({ "logGroupName": GROUP, "logStreamName": stream });
        h.logs_as(&user, "GetLogEvents", body).await.status
    };

    assert_eq!((read(&stream).await, read("other").await), (200, 400));
}
