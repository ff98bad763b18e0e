use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_state_that_is_set_tells_and_holds_until_the_next_minute() {
    let h = Harness::new().await;
    an_alarm(
        &h,
        json!({ "TreatMissingData": "notBreaching", "AlarmActions": [TOPIC] }),
    )
    .await;
    judged(&h).await;

    let body = json!({
        "AlarmName": "a", "StateValue": "ALARM", "StateReason": "a test",
        "StateReasonData": "{\"why\":1}",
    });
    let set = h.cloudwatch("SetAlarmState", body).await;
    let during = judged(&h).await;
    let alarm = described(&h).await;
    h.clock.advance_seconds(60);
    let after = judged(&h).await;

    assert_eq!(ok(&set), json!({}));
    assert_eq!((during.as_str(), after.as_str()), ("ALARM", "OK"));
    assert_eq!(alarm["StateReason"], "a test");
    assert_eq!(alarm["StateReasonData"], "{\"why\":1}");
    let actions = json!({ "HistoryItemType": "Action" });
    let told = ok(&h.cloudwatch("DescribeAlarmHistory", actions).await);
    assert_eq!(told["AlarmHistoryItems"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_not_there_and_data_that_is_no_json_are_refused() {
    let h = Harness::new().await;
    an_alarm(&h, json!({})).await;
    let set = async |name: &str, data: &str| {
        let body = json!({
            "AlarmName": name, "StateValue": "OK", "StateReason": "", "StateReasonData": data,
        });
        h.cloudwatch("SetAlarmState", body).await
    };

    let missing = set("b", "{}").await;
    let malformed = set("a", "{").await;

    refused(&missing, 404, "ResourceNotFound", "Unknown");
    refused(
        &malformed,
        400,
        "InvalidFormatFault",
        "StateReasonData was not valid JSON",
    );
    assert_eq!(described(&h).await["StateValue"], "INSUFFICIENT_DATA");
}
