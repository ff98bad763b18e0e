use super::kit::*;
use super::stage::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn an_alias_is_a_name_of_its_key() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let body = json!({ "AliasName": "alias/app/db_1-x", "TargetKeyId": id_of(&key) });
    let reply = h.kms("CreateAlias", body.clone()).await;

    assert_done(&reply);
    assert_eq!(described(&h, "alias/app/db_1-x").await["Arn"], key);
    assert_eq!(
        described(&h, &alias_arn("alias/app/db_1-x")).await["Arn"],
        key
    );
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(
        event["requestParameters"],
        json!({ "aliasName": "alias/app/db_1-x", "targetKeyId": id_of(&key) })
    );
    assert_eq!(event["resources"][0]["ARN"], key);
    assert_eq!(event["readOnly"], false);
}

#[tokio::test]
async fn a_key_may_be_disabled_but_not_about_to_be_deleted() {
    let h = Harness::new().await;
    let (disabled, doomed) = (a_disabled_key(&h).await, a_doomed_key(&h).await);

    let one = json!({ "AliasName": "alias/one", "TargetKeyId": disabled });
    let two = json!({ "AliasName": "alias/two", "TargetKeyId": doomed });

    assert_done(&h.kms("CreateAlias", one).await);
    let text = format!("{doomed} is pending deletion.");
    let reply = h.kms("CreateAlias", two).await;
    reply.refused("KMSInvalidStateException", &text);
    let left = vec![(String::from("alias/one"), id_of(&disabled).to_owned())];
    assert_eq!(aliases(&h).await, left);
}

#[tokio::test]
async fn a_name_is_given_once() {
    let h = Harness::new().await;
    let (key, other) = (h.a_key().await, h.a_key().await);
    alias(&h, "alias/x", &key).await;

    for target in [&key, &other] {
        let body = json!({ "AliasName": "alias/x", "TargetKeyId": target });
        let text = format!(
            "An alias with the name {} already exists",
            alias_arn("alias/x")
        );
        let reply = h.kms("CreateAlias", body).await;
        reply.refused("AlreadyExistsException", &text);
    }

    assert_eq!(described(&h, "alias/x").await["Arn"], key);
}

#[tokio::test]
async fn what_is_no_name_is_refused() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let no_prefix = "Alias must start with the prefix \"alias/\". Please see \
                     https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";

    for (name, code, text) in [
        ("x", "ValidationException", no_prefix),
        ("Alias/x", "ValidationException", no_prefix),
        (
            "alias/a:b",
            "ValidationException",
            "alias/a:b contains invalid characters for an alias",
        ),
        (
            "alias/",
            "ValidationException",
            "alias/ contains invalid characters for an alias",
        ),
        ("alias/aws/x", "NotAuthorizedException", ""),
    ] {
        let body = json!({ "AliasName": name, "TargetKeyId": key });
        h.kms("CreateAlias", body).await.refused(code, text);
    }

    assert_eq!(aliases(&h).await, []);
}

#[tokio::test]
async fn an_alias_means_a_key_that_is_there() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    alias(&h, "alias/x", &key).await;

    let body = |target: &str| json!({ "AliasName": "alias/y", "TargetKeyId": target });
    let of_alias = h.kms("CreateAlias", body("alias/x")).await;
    let of_arn = h.kms("CreateAlias", body(&alias_arn("alias/x"))).await;
    let of_none = h.kms("CreateAlias", body(NO_KEY)).await;

    for reply in [of_alias, of_arn] {
        reply.refused(
            "ValidationException",
            "Aliases must refer to keys. Not aliases",
        );
    }
    let text = format!("Key '{NO_KEY_ARN}' does not exist");
    of_none.refused("NotFoundException", &text);
}

#[tokio::test]
async fn leave_is_needed_for_the_alias_and_for_the_key() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = h.a_user("ana", None).await;
    let allow = |resources: &[&str]| {
        let statement =
            json!({ "Effect": "Allow", "Action": "kms:CreateAlias", "Resource": resources });
        policy(&[statement])
    };
    let body = json!({ "AliasName": "alias/x", "TargetKeyId": key });
    let (ana, alias) = (user_arn("ana"), alias_arn("alias/x"));

    h.allow("ana", &allow(&[&key])).await;
    let reply = h.kms_as(&user, "CreateAlias", body.clone()).await;
    assert_denied(&reply, &ana, "CreateAlias", &alias);
    h.allow("ana", &allow(&[&alias])).await;
    let reply = h.kms_as(&user, "CreateAlias", body.clone()).await;
    assert_denied(&reply, &ana, "CreateAlias", &key);
    assert_eq!(aliases(&h).await, []);

    h.allow("ana", &allow(&[&alias, &key])).await;
    assert_done(&h.kms_as(&user, "CreateAlias", body).await);
}

#[tokio::test]
async fn keys_of_other_accounts_get_no_alias() {
    let h = Harness::new().await;
    let everyone = statement("Allow", Some("*"), "kms:*");
    let key = a_key_with(&h, &[everyone]).await;
    let other = h.another_account(OTHER).await;

    let body = json!({ "AliasName": "alias/x", "TargetKeyId": key });
    let reply = h.kms_as(&other, "CreateAlias", body).await;

    assert_no_leave(&reply, "CreateAlias");
    assert_eq!(aliases(&h).await, []);
}

#[tokio::test]
async fn conditions_see_the_aliases_of_a_key() {
    let h = Harness::new().await;
    let mut statement = statement("Allow", Some(&user_arn("ana")), "kms:Encrypt");
    let user = h.a_user("ana", None).await;
    statement["Condition"] =
        json!({ "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/shop" } });
    let key = a_key_with(&h, &[statement]).await;

    let before = encrypt_as(&h, &user, &key, json!({})).await;
    alias(&h, "alias/shop", &key).await;
    let after = encrypt_as(&h, &user, &key, json!({})).await;

    assert_no_leave(&before, "Encrypt");
    assert_eq!(after.ok()["KeyId"], key);
}

#[tokio::test]
async fn a_key_has_fifty_aliases_at_most() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    for n in 0..50 {
        alias(&h, &format!("alias/{n}"), &key).await;
    }

    let body = json!({ "AliasName": "alias/more", "TargetKeyId": key });
    let reply = h.kms("CreateAlias", body).await;

    reply.refused(
        "LimitExceededException",
        "The key has reached its limit of aliases.",
    );
    assert_eq!(aliases(&h).await.len(), 50);
}
