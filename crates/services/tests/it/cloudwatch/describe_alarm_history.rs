use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

fn summaries(page: &Value) -> Vec<&str> {
    let items = page["AlarmHistoryItems"].as_array().unwrap().iter();
    items
        .map(|item| item["HistorySummary"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn what_happened_is_told_newest_first_and_in_pages() {
    let h = Harness::new().await;
    an_alarm(&h, json!({ "AlarmActions": [TOPIC] })).await;
    put(&h, &[2.0]).await;
    judged(&h).await;
    let list = async |body: Value| ok(&h.cloudwatch("DescribeAlarmHistory", body).await);

    let all = list(json!({ "AlarmName": "a" })).await;
    let states = list(json!({ "HistoryItemType": "StateUpdate" })).await;
    let first =
        list(json!({ "AlarmName": "a", "MaxRecords": 2, "ScanBy": "TimestampAscending" })).await;
    let body = json!({ "AlarmName": "a", "MaxRecords": 2, "ScanBy": "TimestampAscending",
        "NextToken": first["NextToken"] });
    let second = list(body).await;

    let failed = format!("Failed to execute action {TOPIC}");
    let expected = [
        failed.as_str(),
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        "Alarm \"a\" created",
    ];
    assert_eq!(summaries(&all), expected);
    assert_eq!(summaries(&states), [expected[1]]);
    assert_eq!(summaries(&first), [expected[2], expected[1]]);
    assert_eq!(
        (summaries(&second), &second["NextToken"]),
        (vec![expected[0]], &Value::Null)
    );
    let data = all["AlarmHistoryItems"][1]["HistoryData"].as_str().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["newState"]["stateValue"], "ALARM");
    assert_eq!(
        data["newState"]["stateReasonData"]["recentDatapoints"],
        json!([2.0])
    );
}

#[tokio::test]
async fn after_thirty_days_history_is_swept_away() {
    let h = Harness::new().await;
    an_alarm(&h, json!({})).await;

    h.clock.advance_days(29);
    h.app.tick().await.unwrap();
    let before = ok(&h.cloudwatch("DescribeAlarmHistory", json!({})).await);
    h.clock.advance_days(1);
    h.app.tick().await.unwrap();
    let after = ok(&h.cloudwatch("DescribeAlarmHistory", json!({})).await);

    assert_eq!((summaries(&before).len(), summaries(&after).len()), (1, 0));
}
