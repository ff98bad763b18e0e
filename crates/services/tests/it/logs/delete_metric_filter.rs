use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_deleted_filter_counts_no_more() {
    let h = a_group().await;
    a_filter(&h, "ERROR").await;
    put(&h, &["ERROR"]).await;
    let body = json!({ "logGroupName": "g", "filterName": "f" });

    let deleted = h.logs("DeleteMetricFilter", body.clone()).await;
    put(&h, &["ERROR"]).await;
    let again = h.logs("DeleteMetricFilter", body).await;

    assert_eq!(deleted.ok(), json!({}));
    assert_eq!(sums(&h).await, json!([1.0]));
    let text = "The specified metric filter does not exist.";
    again.refused("ResourceNotFoundException", text);
}
