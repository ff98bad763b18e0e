use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_trail_is_shown_by_its_name_and_by_its_arn() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({})).await;

    let by_name = h
        .cloudtrail("GetTrail", json!({ "Name": "trail" }))
        .await
        .ok();
    let by_arn = h
        .cloudtrail("GetTrail", json!({ "Name": arn("trail") }))
        .await
        .ok();

    let expected = json!({ "Trail": {
        "Name": "trail", "S3BucketName": BUCKET, "IncludeGlobalServiceEvents": true,
        "IsMultiRegionTrail": false, "TrailARN": arn("trail"),
        "LogFileValidationEnabled": false, "IsOrganizationTrail": false,
        "HomeRegion": "us-east-1", "HasCustomEventSelectors": false,
        "HasInsightSelectors": false,
    } });
    assert_eq!((by_name, by_arn), (expected.clone(), expected));
}

#[tokio::test]
async fn refusal_comes_before_not_found() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({})).await;
    let user = h.a_user("bob", None).await;

    for name in ["trail", "nothing"] {
        let refused = h
            .cloudtrail_as(&user, "GetTrail", json!({ "Name": name }))
            .await;
        let arn = arn(name);
        let text = format!(
            "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: \
             cloudtrail:GetTrail on resource: {arn} because no identity-based policy allows the \
             cloudtrail:GetTrail action"
        );
        refused.refused("AccessDeniedException", &text);
    }
}

#[tokio::test]
async fn a_trail_of_another_account_is_for_nobody() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({})).await;
    let other = h.another_account("444455556666").await;

    let refused = h
        .cloudtrail_as(&other, "GetTrail", json!({ "Name": arn("trail") }))
        .await;

    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}
