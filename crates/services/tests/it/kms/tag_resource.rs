use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::Harness;

fn tag(key: &str, value: &str) -> Value {
    json!({ "TagKey": key, "TagValue": value })
}

async fn tags(h: &Harness, key: &str) -> Value {
    let listed = h.kms("ListResourceTags", json!({ "KeyId": key })).await;
    listed.ok()["Tags"].clone()
}

#[tokio::test]
async fn a_tag_is_set_or_replaced_in_its_place() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let body = json!({ "KeyId": key, "Tags": [tag("a", "1"), tag("b", "")] });
    let reply = h.kms("TagResource", body).await;
    let body = json!({ "KeyId": id_of(&key), "Tags": [tag("c", "3"), tag("a", "2")] });
    assert_done(&h.kms("TagResource", body).await);

    assert_done(&reply);
    let all = json!([tag("a", "2"), tag("b", ""), tag("c", "3")]);
    assert_eq!(tags(&h, &key).await, all);
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(
        event["requestParameters"]["tags"],
        json!([{ "tagKey": "a", "tagValue": "1" }, { "tagKey": "b", "tagValue": "" }])
    );
}

#[tokio::test]
async fn wrong_tags_change_nothing() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "KeyId": key, "Tags": [tag("team", "1")] });
    h.kms("TagResource", body).await.ok();
    let many: Vec<Value> = (0..50).map(|n| tag(&format!("k{n}"), "")).collect();

    for (given, text) in [
        (
            json!([tag("new", ""), tag("aws:x", "")]),
            "aws: prefixed tag key names are not allowed for external use.",
        ),
        (
            json!([tag("a", "1"), tag("a", "2")]),
            "Duplicate tag keys found. Please note that Tag keys are case sensitive. Key: a",
        ),
        (
            json!([tag("Team", "2")]),
            "Tag keys of a key can't differ only in case. Key: Team",
        ),
        (json!(many), "Too many tags"),
    ] {
        let body = json!({ "KeyId": key, "Tags": given });
        h.kms("TagResource", body)
            .await
            .refused("TagException", text);
    }

    assert_eq!(tags(&h, &key).await, json!([tag("team", "1")]));
}

#[tokio::test]
async fn conditions_see_what_is_set_and_what_is_there() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = h.a_user("ana", None).await;
    let mut setting = statement("Allow", None, "kms:TagResource");
    setting["Condition"] = json!({
        "StringEquals": { "aws:RequestTag/env": "dev" },
        "ForAllValues:StringEquals": { "aws:TagKeys": ["env"] },
    });
    let mut using = statement("Allow", None, "kms:Encrypt");
    using["Condition"] = json!({ "StringEquals": { "aws:ResourceTag/env": "dev" } });
    h.allow("ana", &policy(&[setting, using])).await;
    let body = |tags: Value| json!({ "KeyId": key, "Tags": tags });

    let wrong = h
        .kms_as(&user, "TagResource", body(json!([tag("env", "prod")])))
        .await;
    let more = body(json!([tag("env", "dev"), tag("x", "")]));
    let more = h.kms_as(&user, "TagResource", more).await;
    let before = encrypt_as(&h, &user, &key, json!({})).await;
    let right = h
        .kms_as(&user, "TagResource", body(json!([tag("env", "dev")])))
        .await;
    let after = encrypt_as(&h, &user, &key, json!({})).await;

    for reply in [wrong, more] {
        assert_denied(&reply, &user_arn("ana"), "TagResource", &key);
    }
    assert_denied(&before, &user_arn("ana"), "Encrypt", &key);
    assert_done(&right);
    after.ok();
}

#[tokio::test]
async fn a_disabled_key_is_tagged_and_a_doomed_one_is_not() {
    let h = Harness::new().await;
    let key = a_disabled_key(&h).await;

    let body = json!({ "KeyId": key, "Tags": [tag("a", "1")] });
    assert_done(&h.kms("TagResource", body.clone()).await);

    assert_refuses_doomed_key(&h, "TagResource", &body).await;
}

#[tokio::test]
async fn only_keys_of_ones_own_are_tagged() {
    let h = Harness::new().await;
    let body = json!({ "Tags": [tag("a", "1")] });
    assert_manages_own_keys_only(&h, "TagResource", &body).await;
}
