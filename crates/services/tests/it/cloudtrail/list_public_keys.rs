use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn an_account_has_the_key_that_signed_its_digests() {
    let h = Harness::new().await;
    let other = h.another_account("444455556666").await;
    let before = h.cloudtrail("ListPublicKeys", json!({})).await.ok();
    a_logging_trail(&h, "trail", json!({ "EnableLogFileValidation": true })).await;
    deliver_after(&h, 300).await;
    deliver_after(&h, 3_600).await;

    let keys = h.cloudtrail("ListPublicKeys", json!({})).await.ok();
    let made = h.now().as_millis() / 1_000;
    let earlier = json!({ "StartTime": made - 10, "EndTime": made - 1 });
    let earlier = h.cloudtrail("ListPublicKeys", earlier).await.ok();
    let of_other = h
        .cloudtrail_as(&other, "ListPublicKeys", json!({}))
        .await
        .ok();

    let none = json!({ "PublicKeyList": [] });
    assert_eq!(
        (before, earlier, of_other),
        (none.clone(), none.clone(), none)
    );
    let key = &keys["PublicKeyList"][0];
    assert_eq!(keys["PublicKeyList"].as_array().unwrap().len(), 1);
    assert_eq!(key["ValidityStartTime"], made);
    assert_eq!(key["Fingerprint"].as_str().unwrap().len(), 32);
    assert_eq!(h.audit.named("CreateDigestKey").len(), 1);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let h = Harness::new().await;

    let turned = h
        .cloudtrail("ListPublicKeys", json!({ "StartTime": 2, "EndTime": 1 }))
        .await;
    let torn = h
        .cloudtrail("ListPublicKeys", json!({ "NextToken": "x" }))
        .await;

    turned.refused(
        "InvalidTimeRangeException",
        "StartTime must not be after EndTime.",
    );
    torn.refused("InvalidTokenException", "The token is invalid.");
}
