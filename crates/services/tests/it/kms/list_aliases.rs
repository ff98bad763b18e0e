use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::Harness;

fn entry(name: &str, key: &str) -> Value {
    json!({
        "AliasName": name,
        "AliasArn": alias_arn(name),
        "TargetKeyId": id_of(key),
        "CreationDate": 1_768_478_400,
        "LastUpdatedDate": 1_768_478_400,
    })
}

#[tokio::test]
async fn aliases_are_listed_by_name_with_those_of_services() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.a_secret("x", "value").await;
    alias(&h, "alias/z", &key).await;
    alias(&h, "alias/a", &key).await;
    let managed = described(&h, "alias/aws/secretsmanager").await;

    let listed = h.kms("ListAliases", json!({})).await.ok();

    let managed = entry("alias/aws/secretsmanager", managed["Arn"].as_str().unwrap());
    let all = [entry("alias/a", &key), managed, entry("alias/z", &key)];
    assert_eq!(listed, json!({ "Aliases": all, "Truncated": false }));
}

#[tokio::test]
async fn the_aliases_of_one_key_are_listed_alone() {
    let h = Harness::new().await;
    let (key, other) = (h.a_key().await, h.a_key().await);
    for (name, key) in [("alias/c", &key), ("alias/b", &other), ("alias/a", &key)] {
        alias(&h, name, key).await;
    }

    for name in [key.as_str(), id_of(&key)] {
        let listed = h.kms("ListAliases", json!({ "KeyId": name })).await.ok();
        let both = [entry("alias/a", &key), entry("alias/c", &key)];
        assert_eq!(listed, json!({ "Aliases": both, "Truncated": false }));
    }
}

#[tokio::test]
async fn pages_make_up_the_whole() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    for n in 0..7 {
        alias(&h, &format!("alias/{n}"), &key).await;
    }

    for question in [json!({}), json!({ "KeyId": key })] {
        let mut names = Vec::new();
        let mut sizes = Vec::new();
        let mut body = testkit::with(question.clone(), json!({ "Limit": 3 }));
        loop {
            let page = h.kms("ListAliases", body.clone()).await.ok();
            let aliases = page["Aliases"].as_array().unwrap();
            sizes.push(aliases.len());
            names.extend(aliases.iter().map(|one| one["AliasName"].clone()));
            assert_eq!(page["Truncated"], page.get("NextMarker").is_some());
            match page.get("NextMarker") {
                Some(marker) => body["Marker"] = marker.clone(),
                None => break,
            }
        }
        assert_eq!(sizes, [3, 3, 1]);
        let expected: Vec<_> = (0..7).map(|n| json!(format!("alias/{n}"))).collect();
        assert_eq!(names, expected);
    }
}

#[tokio::test]
async fn a_marker_continues_its_own_list_only() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    alias(&h, "alias/a", &key).await;
    alias(&h, "alias/b", &key).await;
    let page = h.kms("ListAliases", json!({ "Limit": 1 })).await.ok();
    let marker = &page["NextMarker"];

    for body in [
        json!({ "Marker": "x" }),
        json!({ "KeyId": key, "Marker": marker }),
    ] {
        let reply = h.kms("ListAliases", body).await;
        reply.refused("InvalidMarkerException", "The marker is invalid.");
    }
}

#[tokio::test]
async fn each_account_and_region_has_its_own() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    alias(&h, "alias/x", &key).await;
    let other = h.another_account(OTHER).await;
    let elsewhere = h.root.in_region("eu-west-1");
    let none = json!({ "Aliases": [], "Truncated": false });

    for caller in [&other, &elsewhere] {
        let listed = h.kms_as(caller, "ListAliases", json!({})).await.ok();
        assert_eq!(listed, none);
    }
    let foreign = h
        .kms_as(&other, "ListAliases", json!({ "KeyId": key }))
        .await;
    let text = format!("Key '{key}' does not exist");
    foreign.refused("NotFoundException", &text);
    let missing = h.kms("ListAliases", json!({ "KeyId": NO_KEY })).await;
    let text = format!("Key '{NO_KEY_ARN}' does not exist");
    missing.refused("NotFoundException", &text);
}

#[tokio::test]
async fn iam_alone_decides() {
    let h = Harness::new().await;
    let everyone = statement("Allow", Some("*"), "kms:*");
    let key = a_key_with(&h, &[everyone]).await;
    let user = h.a_user("ana", None).await;

    let body = json!({ "KeyId": key });
    let reply = h.kms_as(&user, "ListAliases", body.clone()).await;

    assert_denied(&reply, &user_arn("ana"), "ListAliases", "*");
    let allow = policy(&[statement("Allow", None, "kms:ListAliases")]);
    h.allow("ana", &allow).await;
    h.kms_as(&user, "ListAliases", body).await.ok();
}
