use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn there_is_one_name_on_one_page() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let listed = h
        .kms("ListKeyPolicies", json!({ "KeyId": key, "Limit": 1 }))
        .await
        .ok();

    assert_eq!(
        listed,
        json!({ "PolicyNames": ["default"], "Truncated": false })
    );
    let body = json!({ "KeyId": key, "Marker": "x" });
    let reply = h.kms("ListKeyPolicies", body).await;
    reply.refused("InvalidMarkerException", "The marker is invalid.");
}
