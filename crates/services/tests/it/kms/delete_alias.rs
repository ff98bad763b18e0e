use super::kit::*;
use super::stage::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_deleted_alias_is_gone_and_its_key_is_not() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    alias(&h, "alias/x", &key).await;
    alias(&h, "alias/y", &key).await;

    let body = json!({ "AliasName": "alias/x" });
    assert_done(&h.kms("DeleteAlias", body.clone()).await);
    let again = h.kms("DeleteAlias", body).await;

    let text = format!("Alias {} is not found.", alias_arn("alias/x"));
    again.refused("NotFoundException", &text);
    let left = vec![(String::from("alias/y"), id_of(&key).to_owned())];
    assert_eq!(aliases(&h).await, left);
    assert_eq!(described(&h, &key).await["KeyState"], "Enabled");
}

#[tokio::test]
async fn a_deleted_alias_can_be_given_again() {
    let h = Harness::new().await;
    let (key, other) = (h.a_key().await, h.a_key().await);
    alias(&h, "alias/x", &key).await;
    h.kms("DeleteAlias", json!({ "AliasName": "alias/x" }))
        .await
        .ok();

    alias(&h, "alias/x", &other).await;

    assert_eq!(described(&h, "alias/x").await["Arn"], other);
}

#[tokio::test]
async fn a_key_in_any_state_loses_its_alias() {
    let h = Harness::new().await;
    for operation in ["DisableKey", "ScheduleKeyDeletion"] {
        let key = h.a_key().await;
        alias(&h, "alias/x", &key).await;
        h.kms(operation, json!({ "KeyId": key })).await.ok();

        let reply = h
            .kms("DeleteAlias", json!({ "AliasName": "alias/x" }))
            .await;

        assert_done(&reply);
    }
}

#[tokio::test]
async fn aliases_of_services_stay() {
    let h = Harness::new().await;
    h.a_secret("x", "value").await;
    let before = aliases(&h).await;

    let body = json!({ "AliasName": "alias/aws/secretsmanager" });
    let reply = h.kms("DeleteAlias", body).await;

    reply.refused("NotAuthorizedException", "");
    assert_eq!(before.len(), 1);
    assert_eq!(aliases(&h).await, before);
}

#[tokio::test]
async fn leave_is_needed_for_the_alias_and_its_key() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    alias(&h, "alias/x", &key).await;
    let user = h.a_user("ana", None).await;
    let name = alias_arn("alias/x");
    let body = json!({ "AliasName": "alias/x" });
    let ana = user_arn("ana");

    for (resource, missing) in [(&key, &name), (&name, &key)] {
        let statement =
            json!({ "Effect": "Allow", "Action": "kms:DeleteAlias", "Resource": resource });
        h.allow("ana", &policy(&[statement])).await;
        let reply = h.kms_as(&user, "DeleteAlias", body.clone()).await;
        assert_denied(&reply, &ana, "DeleteAlias", missing);
    }

    assert_eq!(described(&h, "alias/x").await["Arn"], key);
}
