use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn keys_come_by_id_page_after_page() {
    let h = Harness::new().await;
    let mut expected = Vec::new();
    for _ in 0..5 {
        let arn = h.a_key().await;
        expected.push(json!({ "KeyId": id_of(&arn), "KeyArn": arn }));
    }
    expected.sort_by_key(|key| key["KeyId"].to_string());
    let (mut listed, mut pages, mut marker) = (Vec::new(), 0, Value::Null);

    loop {
        let page = h
            .kms("ListKeys", json!({ "Limit": 2, "Marker": marker }))
            .await
            .ok();
        listed.extend(page["Keys"].as_array().unwrap().clone());
        pages += 1;
        marker = page["NextMarker"].clone();
        assert_eq!(page["Truncated"], !marker.is_null());
        if marker.is_null() {
            break;
        }
    }

    assert_eq!((listed, pages), (expected, 3));
}

#[tokio::test]
async fn other_accounts_and_regions_have_keys_of_their_own() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let elsewhere = h.root.in_region("eu-west-1");
    h.a_key().await;

    for caller in [&other, &elsewhere] {
        let listed = h.kms_as(caller, "ListKeys", json!({})).await.ok();
        assert_eq!(listed, json!({ "Keys": [], "Truncated": false }));
    }
    let shared = json!({ "ResourceOwners": ["OTHER_ACCOUNTS_VIA_RAM"] });
    assert_eq!(h.kms("ListKeys", shared).await.ok()["Keys"], json!([]));
    let own = json!({ "ResourceOwners": ["SELF"] });
    assert_eq!(
        h.kms("ListKeys", own).await.ok()["Keys"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn a_marker_of_another_account_or_none_of_ours_is_refused() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    h.a_key().await;
    h.a_key().await;
    let page = h.kms("ListKeys", json!({ "Limit": 1 })).await.ok();

    let theirs = h
        .kms_as(&other, "ListKeys", json!({ "Marker": page["NextMarker"] }))
        .await;
    let made_up = h.kms("ListKeys", json!({ "Marker": "x" })).await;

    for reply in [theirs, made_up] {
        reply.refused("InvalidMarkerException", "The marker is invalid.");
    }
}

#[tokio::test]
async fn the_keys_of_services_are_listed_too() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;

    let listed = h.kms("ListKeys", json!({})).await.ok();

    let key = listed["Keys"][0]["KeyArn"].as_str().unwrap();
    let shown = described(&h, key).await;
    assert_eq!(shown["KeyManager"], "AWS");
    let text = "Default key that protects my Secrets Manager data when no other key is defined";
    assert_eq!(shown["Description"], text);
}
