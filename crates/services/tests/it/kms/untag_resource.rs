use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn a_tagged_key(h: &Harness) -> String {
    let tags = ["a", "b", "c"].map(|key| json!({ "TagKey": key, "TagValue": "1" }));
    let created = h.kms("CreateKey", json!({ "Tags": tags })).await.ok();
    created["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

async fn tag_keys(h: &Harness, key: &str) -> Vec<Value> {
    let listed = h.kms("ListResourceTags", json!({ "KeyId": key })).await;
    let tags = listed.ok();
    let tags = tags["Tags"].as_array().unwrap();
    tags.iter().map(|tag| tag["TagKey"].clone()).collect()
}

#[tokio::test]
async fn tags_go_by_their_keys_and_others_stay() {
    let h = Harness::new().await;
    let key = a_tagged_key(&h).await;

    let body = json!({ "KeyId": key, "TagKeys": ["c", "a", "A", "none"] });
    let reply = h.kms("UntagResource", body).await;

    assert_done(&reply);
    assert_eq!(tag_keys(&h, &key).await, ["b"]);
}

#[tokio::test]
async fn removing_twice_is_idempotent() {
    let h = Harness::new().await;
    let key = a_tagged_key(&h).await;
    let body = json!({ "KeyId": key, "TagKeys": ["a", "b", "c"] });

    for _ in 0..2 {
        assert_done(&h.kms("UntagResource", body.clone()).await);
        assert!(tag_keys(&h, &key).await.is_empty());
    }
}

#[tokio::test]
async fn conditions_see_the_keys() {
    let h = Harness::new().await;
    let key = a_tagged_key(&h).await;
    let user = h.a_user("ana", None).await;
    let mut statement = statement("Allow", None, "kms:UntagResource");
    statement["Condition"] = json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] } });
    h.allow("ana", &policy(&[statement])).await;

    let body = json!({ "KeyId": key, "TagKeys": ["a", "b"] });
    let refused = h.kms_as(&user, "UntagResource", body).await;
    let kept = tag_keys(&h, &key).await;
    let body = json!({ "KeyId": key, "TagKeys": ["a"] });
    let allowed = h.kms_as(&user, "UntagResource", body).await;

    assert_denied(&refused, &user_arn("ana"), "UntagResource", &key);
    assert_eq!(kept, ["a", "b", "c"]);
    assert_done(&allowed);
    assert_eq!(tag_keys(&h, &key).await, ["b", "c"]);
}

#[tokio::test]
async fn only_lasting_keys_of_ones_own_lose_tags() {
    let h = Harness::new().await;
    let body = json!({ "TagKeys": ["a"] });

    assert_manages_own_keys_only(&h, "UntagResource", &body).await;
    assert_refuses_doomed_key(&h, "UntagResource", &body).await;
}
