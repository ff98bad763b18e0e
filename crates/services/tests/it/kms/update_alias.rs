use super::kit::*;
use super::stage::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn an_alias_is_moved_with_all_that_hangs_on_it() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    alias(&h, "alias/x", &old).await;
    h.clock.advance_seconds(60);

    let body = json!({ "AliasName": "alias/x", "TargetKeyId": new });
    assert_done(&h.kms("UpdateAlias", body).await);

    assert_eq!(described(&h, "alias/x").await["Arn"], new);
    for (key, expected) in [(&old, 0), (&new, 1)] {
        let listed = h.kms("ListAliases", json!({ "KeyId": key })).await.ok();
        assert_eq!(listed["Aliases"].as_array().unwrap().len(), expected);
    }
    let listed = h.kms("ListAliases", json!({})).await.ok();
    assert_eq!(
        listed["Aliases"],
        json!([{
            "AliasName": "alias/x",
            "AliasArn": alias_arn("alias/x"),
            "TargetKeyId": id_of(&new),
            "CreationDate": 1_768_478_400,
            "LastUpdatedDate": 1_768_478_460,
        }])
    );
}

#[tokio::test]
async fn an_alias_may_be_put_where_it_is() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    alias(&h, "alias/x", &key).await;

    let body = json!({ "AliasName": "alias/x", "TargetKeyId": key });
    assert_done(&h.kms("UpdateAlias", body).await);

    assert_eq!(described(&h, "alias/x").await["Arn"], key);
    let listed = h.kms("ListAliases", json!({ "KeyId": key })).await.ok();
    assert_eq!(listed["Aliases"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_doomed_key_gives_an_alias_and_gets_none() {
    let h = Harness::new().await;
    let (key, doomed) = (h.a_key().await, h.a_key().await);
    alias(&h, "alias/x", &doomed).await;
    doom(&h, &doomed).await;
    let body = |key: &str| json!({ "AliasName": "alias/x", "TargetKeyId": key });

    assert_done(&h.kms("UpdateAlias", body(&key)).await);
    let back = h.kms("UpdateAlias", body(&doomed)).await;

    let text = format!("{doomed} is pending deletion.");
    back.refused("KMSInvalidStateException", &text);
    assert_eq!(described(&h, "alias/x").await["Arn"], key);
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    alias(&h, "alias/x", &key).await;
    let body = |alias: &str, key: &str| json!({ "AliasName": alias, "TargetKeyId": key });

    let no_alias = h.kms("UpdateAlias", body("alias/none", &key)).await;
    let no_key = h.kms("UpdateAlias", body("alias/x", NO_KEY)).await;
    let reserved = h.kms("UpdateAlias", body("alias/aws/x", &key)).await;
    let of_alias = h.kms("UpdateAlias", body("alias/x", "alias/x")).await;

    let text = format!("Alias {} is not found.", alias_arn("alias/none"));
    no_alias.refused("NotFoundException", &text);
    let text = format!("Key '{NO_KEY_ARN}' does not exist");
    no_key.refused("NotFoundException", &text);
    reserved.refused("NotAuthorizedException", "");
    of_alias.refused(
        "ValidationException",
        "Aliases must refer to keys. Not aliases",
    );
}

#[tokio::test]
async fn leave_is_needed_for_the_alias_and_both_keys() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    alias(&h, "alias/x", &old).await;
    let user = h.a_user("ana", None).await;
    let name = alias_arn("alias/x");
    let body = json!({ "AliasName": "alias/x", "TargetKeyId": new });
    let (ana, all) = (user_arn("ana"), [&name, &old, &new]);

    for missing in all {
        let others: Vec<_> = all.iter().filter(|one| **one != missing).collect();
        let statement =
            json!({ "Effect": "Allow", "Action": "kms:UpdateAlias", "Resource": others });
        h.allow("ana", &policy(&[statement])).await;
        let reply = h.kms_as(&user, "UpdateAlias", body.clone()).await;
        assert_denied(&reply, &ana, "UpdateAlias", missing);
    }
    assert_eq!(described(&h, "alias/x").await["Arn"], old);

    let statement = json!({ "Effect": "Allow", "Action": "kms:UpdateAlias", "Resource": all });
    h.allow("ana", &policy(&[statement])).await;
    assert_done(&h.kms_as(&user, "UpdateAlias", body).await);
}
