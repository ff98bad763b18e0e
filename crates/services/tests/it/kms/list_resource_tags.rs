use super::stage::*;
use serde_json::{Value, json};
use testkit::Harness;

fn tag(n: usize) -> Value {
    json!({ "TagKey": format!("k{n}"), "TagValue": n.to_string() })
}

async fn a_key_with_tags(h: &Harness, count: usize) -> String {
    let tags: Vec<Value> = (0..count).rev().map(tag).collect();
    let created = h.kms("CreateKey", json!({ "Tags": tags })).await.ok();
    created["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn tags_are_listed_in_the_order_of_their_coming() {
    let h = Harness::new().await;
    let key = a_key_with_tags(&h, 3).await;
    let bare = h.a_key().await;

    let listed = h.kms("ListResourceTags", json!({ "KeyId": key })).await;
    let none = h.kms("ListResourceTags", json!({ "KeyId": bare })).await;

    let all = [tag(2), tag(1), tag(0)];
    assert_eq!(listed.ok(), json!({ "Tags": all, "Truncated": false }));
    assert_eq!(none.ok(), json!({ "Tags": [], "Truncated": false }));
}

#[tokio::test]
async fn pages_make_up_the_whole() {
    let h = Harness::new().await;
    let key = a_key_with_tags(&h, 5).await;

    let body = json!({ "KeyId": key, "Limit": 3 });
    let first = h.kms("ListResourceTags", body).await.ok();
    let marker = &first["NextMarker"];
    let body = json!({ "KeyId": key, "Limit": 2, "Marker": marker });
    let second = h.kms("ListResourceTags", body).await.ok();

    let expected = json!({
        "Tags": [tag(4), tag(3), tag(2)], "Truncated": true, "NextMarker": marker,
    });
    assert_eq!(first, expected);
    assert_eq!(
        second,
        json!({ "Tags": [tag(1), tag(0)], "Truncated": false })
    );
    let body = json!({ "KeyId": a_key_with_tags(&h, 5).await, "Marker": marker });
    let reply = h.kms("ListResourceTags", body).await;
    reply.refused("InvalidMarkerException", "The marker is invalid.");
}

#[tokio::test]
async fn a_key_in_any_state_shows_its_tags_to_its_own_account() {
    let h = Harness::new().await;
    for key in [a_disabled_key(&h).await, a_doomed_key(&h).await] {
        h.kms("ListResourceTags", json!({ "KeyId": key }))
            .await
            .ok();
    }

    assert_manages_own_keys_only(&h, "ListResourceTags", &json!({})).await;
}
