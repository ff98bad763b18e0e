use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn the_actions_of_alarms_are_switched_off() {
    let h = Harness::new().await;
    let before = json!({ "ActionsEnabled": true, "AlarmActions": [TOPIC] });
    an_alarm(&h, before).await;

    let body = json!({ "AlarmNames": ["a", "none"] });
    let switched = h.cloudwatch("DisableAlarmActions", body).await;

    assert_eq!(ok(&switched), json!({}));
    assert_eq!(described(&h).await["ActionsEnabled"], false);
    put(&h, &[1.0]).await;
    assert_eq!(judged(&h).await, "ALARM");
    let body = json!({ "HistoryItemType": "Action" });
    let told = ok(&h.cloudwatch("DescribeAlarmHistory", body).await);
    assert_eq!(told["AlarmHistoryItems"].as_array().unwrap().len(), 0);
}
