use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn matching_lines_are_shown_with_what_the_pattern_takes_out() {
    let h = Harness::new().await;
    let body = json!({
        "filterPattern": "{ $.a = 1 && $.b = \"x*\" }",
        "logEventMessages": ["{\"a\":1,\"b\":\"xy\"}", "text", "{\"a\":2,\"b\":\"x\"}"],
    });

    let tested = h.logs("TestMetricFilter", body).await.ok();

    assert_eq!(
        tested,
        json!({ "matches": [{
            "eventNumber": 1, "eventMessage": "{\"a\":1,\"b\":\"xy\"}",
            "extractedValues": { "$.a": "1", "$.b": "xy" },
        }] })
    );
}

#[tokio::test]
async fn a_malformed_pattern_is_refused_with_where() {
    let h = Harness::new().await;

    let body = json!({ "filterPattern": "[a", "logEventMessages": ["x"] });
    let refused = h.logs("TestMetricFilter", body).await;

    refused.refused(
        "InvalidParameterException",
        "Invalid metric filter pattern: a `,` or `]` is missing (character 3)",
    );
}

#[tokio::test]
async fn lines_that_could_not_be_put_are_not_tried() {
    let h = Harness::new().await;
    let test = async |messages: Vec<String>| {
        let body = json!({ "filterPattern": "b", "logEventMessages": messages });
        h.logs("TestMetricFilter", body).await
    };
    let longest = "a".repeat(256 << 10);

    let taken = test(vec![longest.clone()]).await;
    let long = test(vec![String::from("b"), format!("{longest}a")]).await;
    let many = test(vec!["a".repeat(200 << 10); 6]).await;

    assert_eq!(taken.ok(), json!({ "matches": [] }));
    let code = "InvalidParameterException";
    let text = "Log event too large: 262145 bytes exceeds limit of 262144";
    long.refused(code, text);
    let text = "Upload too large: 1228800 bytes exceeds limit of 1048576";
    many.refused(code, text);
}

#[tokio::test]
async fn a_pattern_that_takes_much_is_tried_on_less() {
    let h = Harness::new().await;
    let test = async |bytes: usize| {
        let pattern = "zz ".repeat(300);
        let body = json!({ "filterPattern": pattern, "logEventMessages": ["a".repeat(bytes)] });
        testkit::turns(h.logs("TestMetricFilter", body)).await
    };

    let (taken, turns) = test(200 << 10).await;
    let (refused, _) = test(250 << 10).await;

    assert_eq!(taken.ok(), json!({ "matches": [] }));
    assert!(turns >= 1, "{turns}");
    refused.refused(
        "InvalidParameterException",
        "The pattern goes through each line up to 300 times: the lines are too large for it.",
    );
}
