use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn put_at(h: &Harness, times: &[i64]) -> testkit::Reply {
    let events: Vec<Value> = times
        .iter()
        .map(|at| json!({ "timestamp": at, "message": format!("at {at}") }))
        .collect();
    let body = json!({ "logGroupName": "g", "logStreamName": "s", "logEvents": events });
    h.logs("PutLogEvents", body).await
}

#[tokio::test]
async fn lines_are_appended_and_read_in_pages_across_chunks() {
    let h = a_group().await;
    let long = "x".repeat(30_000);
    let mut expected = Vec::new();
    for n in 0..12 {
        let line = format!("{n} {long}");
        put(&h, &[&line]).await;
        expected.push(line);
    }
    let mut found = Vec::new();
    let mut body = json!({
        "logGroupName": "g", "logStreamName": "s", "limit": 5, "startFromHead": true,
    });

    loop {
        let page = h.logs("GetLogEvents", body.clone()).await.ok();
        if page["nextForwardToken"] == body["nextToken"] {
            break;
        }
        found.extend(texts(&page).into_iter().map(str::to_owned));
        body["nextToken"] = page["nextForwardToken"].clone();
    }

    assert_eq!(found, expected);
    let body = json!({ "logGroupName": "g", "logStreamName": "s", "limit": 3 });
    let last = h.logs("GetLogEvents", body.clone()).await.ok();
    assert_eq!(texts(&last), expected[9..]);
    let body = testkit::with(body, json!({ "nextToken": last["nextBackwardToken"] }));
    let before = h.logs("GetLogEvents", body).await.ok();
    assert_eq!(texts(&before), expected[6..9]);
    let group = h.logs("DescribeLogGroups", json!({})).await.ok()["logGroups"][0].clone();
    let size: usize = expected.iter().map(|line| line.len() + 26).sum();
    assert_eq!(group["storedBytes"], size);
}

#[tokio::test]
async fn lines_out_of_time_are_left_out_and_told() {
    let h = a_group().await;
    let now = h.now().as_millis();
    let hour = 3_600_000;

    let old = put_at(&h, &[now - 15 * 24 * hour, now - 14 * 24 * hour - 1])
        .await
        .ok();
    let new = put_at(&h, &[now, now + 2 * hour, now + 2 * hour + 1])
        .await
        .ok();

    assert_eq!(
        old["rejectedLogEventsInfo"],
        json!({ "tooOldLogEventEndIndex": 2 })
    );
    assert_eq!(
        new["rejectedLogEventsInfo"],
        json!({ "tooNewLogEventStartIndex": 2 })
    );
    assert_eq!(
        lines(&h).await,
        [format!("at {now}"), format!("at {}", now + 2 * hour)]
    );
}

#[tokio::test]
async fn a_batch_against_the_rules_is_refused_whole() {
    let h = a_group().await;
    let now = h.now().as_millis();
    let code = "InvalidParameterException";

    put_at(&h, &[now, now - 1]).await.refused(
        code,
        "Log events in a single PutLogEvents request must be in chronological order.",
    );
    put_at(&h, &[now - 86_400_001, now]).await.refused(
        code,
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
    );
    let put = async |messages: &[String]| {
        let events: Vec<Value> = messages
            .iter()
            .map(|message| json!({ "timestamp": now, "message": message }))
            .collect();
        let body = json!({ "logGroupName": "g", "logStreamName": "s", "logEvents": events });
        h.logs("PutLogEvents", body).await
    };
    let one = put(&["x".repeat(262_145)]).await;
    one.refused(
        code,
        "Log event too large: 262171 bytes exceeds limit of 262144",
    );
    let many = put(&vec!["x".repeat(200_000); 6]).await;
    many.refused(
        code,
        "Upload too large: 1200156 bytes exceeds limit of 1048576",
    );
    assert_eq!(lines(&h).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_stream_must_be_there_and_no_message_is_recorded() {
    let h = a_group().await;
    let event = json!({ "timestamp": h.now().as_millis(), "message": "CANARY" });

    let missing = json!({ "logGroupName": "g", "logStreamName": "none", "logEvents": [event] });
    let missing = h.logs("PutLogEvents", missing).await;
    put(&h, &["CANARY"]).await;
    let wrong = json!({ "logGroupName": "g", "logStreamName": "s", "logEvents": [
        { "timestamp": -1, "message": "CANARY" },
    ] });
    h.logs("PutLogEvents", wrong).await;

    missing.refused(
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    );
    for event in h.audit.events() {
        assert!(!event.to_string().contains("CANARY"), "{event}");
    }
}
