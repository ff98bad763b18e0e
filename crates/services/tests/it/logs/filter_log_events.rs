use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn filter(h: &Harness, more: Value) -> Value {
    let body = testkit::with(json!({ "logGroupName": GROUP }), more);
    h.logs("FilterLogEvents", body).await.ok()
}

#[tokio::test]
async fn lines_of_all_streams_are_found_in_their_order() {
    let (h, executor) = stage().await;
    let mut streams = Vec::new();
    for text in ["ERROR one", "fine", "ERROR two"] {
        streams.push(run(&h, &executor, &[text]).await);
        h.clock.advance_seconds(10);
    }

    let found = filter(&h, json!({ "filterPattern": "ERROR" })).await;
    let named = json!({ "filterPattern": "ERROR", "logStreamNames": [streams[2]] });
    let named = filter(&h, named).await;
    let prefixed = filter(
        &h,
        json!({ "filterPattern": "-RequestId", "logStreamNamePrefix": streams[1] }),
    )
    .await;

    assert_eq!(texts(&found), ["ERROR one", "ERROR two"]);
    assert_eq!(texts(&named), ["ERROR two"]);
    assert_eq!(texts(&prefixed), ["fine"]);
    assert_eq!(found["searchedLogStreams"], json!([]));
    let event = &found["events"][1];
    assert_eq!(event["logStreamName"], streams[2]);
    assert_eq!(event["eventId"].as_str().unwrap().len(), 56);
    assert_ne!(event["eventId"], found["events"][0]["eventId"]);
}

#[tokio::test]
async fn pages_together_are_the_whole() {
    let (h, executor) = stage().await;
    let mut expected = Vec::new();
    for n in 0..60 {
        let (one, two) = (format!("x{n}a"), format!("x{n}b"));
        run(&h, &executor, &[&one, &two]).await;
        expected.extend([one, two]);
        h.clock.advance_seconds(1);
    }

    let mut found = Vec::new();
    let mut token = Value::Null;
    loop {
        let mut body = json!({ "filterPattern": "-RequestId", "limit": 7 });
        if !token.is_null() {
            body["nextToken"] = token;
        }
        let page = filter(&h, body).await;
        found.extend(texts(&page).into_iter().map(str::to_owned));
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }

    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_token_continues_its_own_question_only() {
    let (h, executor) = stage().await;
    run(&h, &executor, &["a", "b"]).await;
    let first = filter(&h, json!({ "limit": 1 })).await;

    let body = json!({
        "logGroupName": GROUP, "limit": 1, "nextToken": first["nextToken"], "filterPattern": "b",
    });
    let other = h.logs("FilterLogEvents", body).await;

    other.refused(
        "InvalidParameterException",
        "The specified nextToken is invalid.",
    );
}

#[tokio::test]
async fn times_bound_what_is_found_and_other_patterns_are_refused() {
    let (h, executor) = stage().await;
    run(&h, &executor, &["early"]).await;
    h.clock.advance_seconds(60);
    let now = h.now().as_millis();
    run(&h, &executor, &["late"]).await;

    let late = filter(
        &h,
        json!({ "startTime": now, "filterPattern": "-RequestId" }),
    )
    .await;
    let early = filter(&h, json!({ "endTime": now, "filterPattern": "-RequestId" })).await;

    assert_eq!((texts(&late), texts(&early)), (vec!["late"], vec!["early"]));
    let body = json!({ "logGroupName": GROUP, "filterPattern": "{ $.a = }" });
    let refused = h.logs("FilterLogEvents", body).await;
    assert_eq!(refused.json()["__type"], "InvalidParameterException");
    let body = json!({
        "logGroupName": GROUP, "logStreamNames": ["a"], "logStreamNamePrefix": "a",
    });
    h.logs("FilterLogEvents", body).await.refused(
        "InvalidParameterException",
        "logStreamNamePrefix and logStreamNames are mutually exclusive parameters.",
    );
}

#[tokio::test]
async fn a_page_ends_when_it_took_enough_work() {
    let h = a_group().await;
    let line = "x".repeat(8 << 10);
    let mut messages = vec![line.as_str(); 100];
    messages.push("zz ab");
    put(&h, &messages).await;
    // 300 terms, of which the first is not in most lines.
    let pattern = format!("zz {}", "ab ".repeat(299));
    let (mut token, mut pages, mut fewest_turns) = (Value::Null, Vec::new(), usize::MAX);

    loop {
        let mut body = json!({ "logGroupName": "g", "filterPattern": pattern });
        if !token.is_null() {
            body["nextToken"] = token;
        }
        let (page, turns) = testkit::turns(h.logs("FilterLogEvents", body)).await;
        let page = page.ok();
        pages.push(texts(&page).join(" "));
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
        fewest_turns = fewest_turns.min(turns);
    }

    // 235 MiB of work, 64 MiB a page, of which others have a turn after 4 or a line more.
    assert_eq!(pages, ["", "", "", "zz ab"]);
    assert!(fewest_turns >= 8, "{fewest_turns}");
}
