//! Keys: their policies, grants and states, and the secrets under them.

use super::*;
use testkit::with;

const ARN: &str = "arn:aws:kms:us-east-1:123456789012:";
const DECRYPT: &str = "kms:Decrypt";
const GET: &str = "secretsmanager:GetSecretValue";

fn user(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

fn allowing(actions: &[&str]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": actions, "Resource": "*",
    }})
}

async fn ask(h: &Harness, principal: &str, action: &str, on: &str) -> Value {
    ask_with(h, principal, action, on, &[]).await
}

async fn ask_with(
    h: &Harness,
    principal: &str,
    action: &str,
    on: &str,
    context: &[(&str, &str)],
) -> Value {
    let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let question = Question {
        action: action.to_owned(),
        context: context.iter().map(pair).collect(),
        ..reading(principal, on)
    };
    serde_json::to_value(h.app.explain(&question).await.unwrap()).unwrap()
}

/// Who may, by what, and depending on what.
async fn who(h: &Harness, action: &str, on: &str) -> Vec<(String, Vec<String>, Vec<String>)> {
    let found = h.app.who_can(action, on, &account(), &region()).await;
    let found = found.unwrap().into_iter();
    found
        .map(|access| (access.principal, access.via, access.keys))
        .collect()
}

async fn grant(h: &Harness, key: &str, grantee: &str, more: Value) -> String {
    let body = json!({ "KeyId": key, "GranteePrincipal": grantee, "Operations": ["Decrypt"] });
    let made = h.kms("CreateGrant", with(body, more)).await.ok();
    made["GrantId"].as_str().unwrap().to_owned()
}

/// A secret under `key`.
async fn a_secret_under(h: &Harness, name: &str, key: &str) -> String {
    let body = json!({ "Name": name, "SecretString": "x", "KmsKeyId": key,
        "ClientRequestToken": testkit::token(0) });
    let created = h.call("CreateSecret", body).await.ok();
    created["ARN"].as_str().unwrap().to_owned()
}

async fn put_key_policy(h: &Harness, key: &str, statements: Value) {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    let body = json!({
        "KeyId": key, "Policy": policy.to_string(), "BypassPolicyLockoutSafetyCheck": true,
    });
    h.kms("PutKeyPolicy", body).await.ok();
}

#[tokio::test]
async fn a_key_delegates_and_its_statement_is_named() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.a_user("ana", Some(&allowing(&["kms:*"]))).await;
    h.a_user("bob", None).await;

    let ana = ask(&h, &user("ana"), DECRYPT, &key).await;
    let bob = ask(&h, &user("bob"), DECRYPT, &key).await;
    let found = who(&h, DECRYPT, &key).await;

    let delegated = "key policy default, statement 1 (Enable IAM User Permissions)";
    assert_eq!(ana["Decision"], "allowed");
    assert_eq!(ana["Resource"], key);
    assert_eq!(ana["By"]["Policy"], "user/ana policy p");
    assert_eq!(ana["Matched"][0]["Policy"], "key policy default");
    assert_eq!(bob["Decision"], "implicitDeny");
    assert_eq!(
        bob["Reason"],
        "because no identity-based policy allows the kms:Decrypt action"
    );
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let via = |more: &[&str]| [&[delegated], more].concat().join("; ");
    let found: Vec<(String, String)> = found
        .into_iter()
        .map(|(principal, via, _)| (principal, via.join("; ")))
        .collect();
    assert_eq!(
        found,
        [(root, via(&[])), (user("ana"), via(&["user/ana policy p"]))]
    );
}

#[tokio::test]
async fn an_event_and_an_explanation_call_policies_and_grants_of_keys_alike() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let ana = h.a_user("ana", None).await;
    let id = grant(&h, &key, &user("ana"), json!({ "Operations": ["Encrypt"] })).await;
    let body = json!({ "KeyId": key, "Plaintext": "eA==" });
    let named = async |caller: &Caller, principal: &str| {
        let reply = h.kms_as(caller, "Encrypt", body.clone()).await;
        let event = &h.audit.events_of(&reply.request_id)[0];
        let explained = ask(&h, principal, "kms:Encrypt", &key).await;
        let decision = &event["additionalEventData"]["decision"];
        assert_eq!(decision["policy"], explained["By"]["Policy"]);
        decision["policy"].clone()
    };

    let by_grant = named(&ana, &user("ana")).await;
    let by_policy = named(&h.root, &format!("arn:aws:iam::{ACCOUNT}:root")).await;

    assert_eq!(by_grant, format!("grant {id}"));
    assert_eq!(by_policy, "key policy default");
}

#[tokio::test]
async fn a_grant_hangs_on_its_encryption_context_until_that_is_given() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.a_user("ana", None).await;
    let constraints = json!({ "EncryptionContextEquals": { "Team": "blue" } });
    let id = grant(
        &h,
        &key,
        &user("ana"),
        json!({ "Constraints": constraints }),
    )
    .await;
    let name = "kms:EncryptionContext:Team";
    let asked = async |context: &[(&str, &str)]| {
        let answer = ask_with(&h, &user("ana"), DECRYPT, &key, context).await;
        (
            answer["Decision"].as_str().unwrap().to_owned(),
            answer["MissingKeys"].clone(),
        )
    };

    let open = asked(&[]).await;
    let blue = asked(&[(name, "blue")]).await;
    let red = asked(&[(name, "red")]).await;
    let more = asked(&[(name, "blue"), ("kms:EncryptionContext:env", "x")]).await;
    let none = asked(&[("kms:EncryptionContextKeys", "")]).await;
    let found = who(&h, DECRYPT, &key).await;

    let keys = json!(["kms:EncryptionContext:Team", "kms:EncryptionContextKeys"]);
    let refused = (String::from("implicitDeny"), json!([]));
    assert_eq!(open, (String::from("implicitDeny"), keys));
    assert_eq!(blue, (String::from("allowed"), json!([])));
    assert_eq!(
        [red, more, none],
        [refused.clone(), refused.clone(), refused]
    );
    let keys = vec![name.to_owned(), String::from("kms:EncryptionContextKeys")];
    assert_eq!((&found[1].0, &found[1].2), (&user("ana"), &keys));
    assert!(found[1].1.contains(&format!("grant {id}")));
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn what_a_grantee_may_pass_on_or_retire_is_open() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.a_user("ana", None).await;
    h.a_user("bob", None).await;
    let more =
        json!({ "Operations": ["CreateGrant", "Decrypt"], "RetiringPrincipal": user("bob") });
    grant(&h, &key, &user("ana"), more).await;

    let passing = ask(&h, &user("ana"), "kms:CreateGrant", &key).await;
    let found = who(&h, "kms:RetireGrant", &key).await;
    let retiring = ask(&h, &user("ana"), "kms:RetireGrant", &key).await;

    assert_eq!(passing["Conditional"], true);
    assert_eq!(passing["MissingKeys"], json!(["kms:GrantOperations"]));
    let keys = vec![String::from("the grant that is retired")];
    assert_eq!((&found[1].0, &found[1].2), (&user("bob"), &keys));
    assert_eq!(found.len(), 2);
    assert_eq!(retiring["Conditional"], false);
}

#[tokio::test]
async fn the_state_of_a_key_is_told_beside_the_answer() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let told = async |action: &str, on: &str| {
        let answer = ask(&h, &root, action, on).await;
        assert_eq!(answer["Decision"], "allowed");
        answer["Note"].clone()
    };

    let enabled = told(DECRYPT, &key).await;
    h.kms("DisableKey", json!({ "KeyId": key })).await.ok();
    let disabled = told(DECRYPT, &key).await;
    let enabling = told("kms:EnableKey", &key).await;
    let body = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    h.kms("ScheduleKeyDeletion", body).await.ok();
    let doomed = told("kms:EnableKey", &key).await;
    let describing = told("kms:DescribeKey", &key).await;

    assert_eq!([&enabled, &enabling, &describing], [&Value::Null; 3]);
    assert_eq!(
        disabled,
        format!("the key `{key}` is Disabled, so the call fails")
    );
    assert_eq!(
        doomed,
        format!("the key `{key}` is PendingDeletion, so the call fails")
    );
}

#[tokio::test]
async fn an_alias_means_its_key_and_is_one_of_its_names() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "AliasName": "alias/db", "TargetKeyId": key });
    h.kms("CreateAlias", body).await.ok();
    let by_alias = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*",
        "Condition": { "StringEquals": { "kms:RequestAlias": "alias/db" } },
    }});
    h.a_user("ana", Some(&by_alias)).await;
    let alias = format!("{ARN}alias/db");

    let named = ask(&h, &user("ana"), "kms:Encrypt", &alias).await;
    let short = ask(&h, &user("ana"), "kms:Encrypt", "alias/db").await;
    let by_arn = ask(&h, &user("ana"), "kms:Encrypt", &key).await;
    let found = who(&h, "kms:Encrypt", "alias/db").await;

    assert_eq!(
        (&named["Decision"], &named["Conditional"]),
        (&json!("allowed"), &json!(false))
    );
    assert_eq!(named["Resource"], key);
    assert_eq!(named, short);
    assert_eq!(
        (&by_arn["Decision"], &by_arn["Conditional"]),
        (&json!("implicitDeny"), &json!(true))
    );
    assert_eq!(by_arn["MissingKeys"], json!(["kms:RequestAlias"]));
    assert_eq!(found[1].0, user("ana"));
    assert_eq!(found[1].2, ["kms:RequestAlias"]);
}

#[tokio::test]
async fn changing_an_alias_takes_leave_for_its_key_as_well() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "AliasName": "alias/db", "TargetKeyId": key });
    h.kms("CreateAlias", body).await.ok();
    let alias = format!("{ARN}alias/db");
    let of_alias = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "kms:*Alias", "Resource": alias,
    }});
    let ana = h.a_user("ana", Some(&of_alias)).await;

    let deleting = ask(&h, &user("ana"), "kms:DeleteAlias", &alias).await;
    let refused = h
        .kms_as(&ana, "DeleteAlias", json!({ "AliasName": "alias/db" }))
        .await;
    let found = who(&h, "kms:DeleteAlias", "alias/db").await;

    assert_eq!(deleting["Decision"], "implicitDeny");
    assert_eq!(
        deleting["Reason"],
        format!(
            "because no identity-based policy allows the kms:DeleteAlias action on the key `{key}`"
        )
    );
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn across_accounts_both_sides_must_allow() {
    let h = Harness::new().await;
    let eve = h.another_account("999988887777").await;
    let key = h.a_key().await;
    let root = "arn:aws:iam::999988887777:root";

    let closed = ask(&h, root, DECRYPT, &key).await;
    let all = json!([
        { "Effect": "Allow", "Principal": { "AWS": ACCOUNT }, "Action": "kms:*", "Resource": "*" },
        { "Effect": "Allow", "Principal": { "AWS": root }, "Action": "kms:*", "Resource": "*" },
    ]);
    put_key_policy(&h, &key, all).await;
    let open = ask(&h, root, DECRYPT, &key).await;
    let managing = ask(&h, root, "kms:GetKeyPolicy", &key).await;
    let refused = h
        .kms_as(&eve, "GetKeyPolicy", json!({ "KeyId": key }))
        .await;
    let found = who(&h, DECRYPT, &key).await;

    assert_eq!(closed["Decision"], "implicitDeny");
    assert_eq!(open["Decision"], "allowed");
    assert_eq!(managing["Decision"], "implicitDeny");
    assert!(refused.text.contains(managing["Reason"].as_str().unwrap()));
    assert_eq!(found[1].0, root);
}

#[tokio::test]
async fn the_value_of_a_secret_takes_leave_for_its_key_too() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let arn = a_secret_under(&h, "db", &key).await;
    h.a_user("ana", Some(&allowing(&[GET]))).await;
    h.a_user("bob", Some(&allowing(&[GET, DECRYPT]))).await;
    h.a_user("carl", Some(&allowing(&[DECRYPT]))).await;

    let ana = ask(&h, &user("ana"), GET, "db").await;
    let bob = ask(&h, &user("bob"), GET, "db").await;
    let carl = ask(&h, &user("carl"), GET, "db").await;
    let found = who(&h, GET, "db").await;

    assert_eq!(ana["Decision"], "implicitDeny");
    assert_eq!(
        ana["Reason"],
        format!(
            "because no identity-based policy allows the kms:Decrypt action on the key `{key}`"
        )
    );
    assert_eq!(ana["Resource"], arn);
    assert_eq!(ana["Key"]["Resource"], key);
    assert_eq!(ana["Key"]["Decision"], "implicitDeny");
    assert_eq!(bob["Decision"], "allowed");
    assert_eq!(bob["Key"]["Decision"], "allowed");
    assert_eq!(bob["Key"]["Action"], DECRYPT);
    assert_eq!(bob["Conditional"], false);
    // The secret refuses first.
    assert_eq!(
        carl["Reason"],
        format!("because no identity-based policy allows the {GET} action")
    );
    let by_key = "kms:Decrypt: key policy default, statement 1 (Enable IAM User Permissions)";
    let via = [
        "user/bob policy p",
        by_key,
        "kms:Decrypt: user/bob policy p",
    ];
    assert_eq!(
        found[1..],
        [(user("bob"), via.map(str::to_owned).into(), vec![])]
    );
}

#[tokio::test]
async fn the_service_brings_what_the_policy_of_the_key_asks_of_it() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let arn = a_secret_under(&h, "db", &key).await;
    let ana = h.a_user("ana", Some(&allowing(&[GET]))).await;
    let policy = json!([
        { "Effect": "Allow", "Principal": { "AWS": ACCOUNT }, "Action": "kms:Put*", "Resource": "*" },
        {
            "Sid": "Through", "Effect": "Allow", "Principal": { "AWS": "*" },
            "Action": "kms:Decrypt", "Resource": "*",
            "Condition": { "StringEquals": {
                "kms:CallerAccount": ACCOUNT,
                "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
                "kms:EncryptionContext:SecretARN": arn,
                "kms:EncryptionContext:SecretVersionId": testkit::token(0),
            } },
        },
    ]);
    put_key_policy(&h, &key, policy).await;

    let reads = ask(&h, &user("ana"), GET, "db").await;
    let direct = ask(&h, &user("ana"), DECRYPT, &key).await;
    let found = who(&h, DECRYPT, &key).await;

    assert_eq!(read(&h, &ana, "db").await.status, 200);
    assert_eq!(
        (&reads["Decision"], &reads["Conditional"]),
        (&json!("allowed"), &json!(false))
    );
    assert_eq!(reads["Key"]["By"]["Sid"], "Through");
    assert_eq!(
        (&direct["Decision"], &direct["Conditional"]),
        (&json!("implicitDeny"), &json!(true))
    );
    let keys = json!([
        "kms:EncryptionContext:SecretARN",
        "kms:EncryptionContext:SecretVersionId",
        "kms:ViaService",
    ]);
    assert_eq!(direct["MissingKeys"], keys);
    let listed: Vec<&str> = found.iter().map(|(who, ..)| who.as_str()).collect();
    assert_eq!(
        listed,
        [&format!("arn:aws:iam::{ACCOUNT}:root"), &user("ana")]
    );
}

/// A value that was put under another key since can be read by who may use either.
#[tokio::test]
async fn any_of_the_keys_of_a_value_will_do() {
    let h = Harness::new().await;
    let (first, second) = (h.a_key().await, h.a_key().await);
    a_secret_under(&h, "db", &first).await;
    let body = json!({ "SecretId": "db", "KmsKeyId": second });
    h.call("UpdateSecret", body).await.ok();
    let only_first = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": GET, "Resource": "*" },
        { "Effect": "Allow", "Action": DECRYPT, "Resource": first },
    ]});
    let ana = h.a_user("ana", Some(&only_first)).await;

    let explained = ask(&h, &user("ana"), GET, "db").await;
    let found = who(&h, GET, "db").await;

    assert_eq!(read(&h, &ana, "db").await.status, 200);
    assert_eq!(explained["Decision"], "allowed");
    assert_eq!(explained["Key"]["Resource"], first);
    assert_eq!(found[1].0, user("ana"));
}

#[tokio::test]
async fn versions_under_different_keys_are_told_apart() {
    let h = Harness::new().await;
    let (first, second) = (h.a_key().await, h.a_key().await);
    a_secret_under(&h, "db", &first).await;
    for n in 1..4 {
        let body = json!({ "SecretId": "db", "SecretString": n.to_string(),
            "ClientRequestToken": testkit::token(n) });
        h.call("PutSecretValue", body).await.ok();
    }
    let body = json!({ "SecretId": "db", "KmsKeyId": second });
    h.call("UpdateSecret", body).await.ok();
    let body = json!({ "SecretId": "db", "SecretString": "new",
        "ClientRequestToken": testkit::token(4) });
    h.call("PutSecretValue", body).await.ok();
    let only_second = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": GET, "Resource": "*" },
        { "Effect": "Allow", "Action": DECRYPT, "Resource": second },
    ]});
    h.a_user("ana", Some(&only_second)).await;
    let oldest = [("secretsmanager:VersionId", testkit::token(0))];
    let oldest = oldest.each_ref().map(|(key, id)| (*key, id.as_str()));

    let explained = ask(&h, &user("ana"), GET, "db").await;
    let of_oldest = ask_with(&h, &user("ana"), GET, "db", &oldest).await;
    let found = who(&h, GET, "db").await;

    assert_eq!(explained["Decision"], "allowed");
    assert_eq!(
        explained["MissingKeys"],
        json!(["secretsmanager:VersionId"])
    );
    assert_eq!(
        (&of_oldest["Decision"], &of_oldest["Conditional"]),
        (&json!("implicitDeny"), &json!(false))
    );
    assert_eq!(found[1].2, ["secretsmanager:VersionId"]);
}

/// The key of a service needs no leave, but a denial counts.
#[tokio::test]
async fn a_denial_keeps_from_the_key_of_a_service_and_a_boundary_does_not() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let denied = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": GET, "Resource": "*" },
        { "Sid": "No", "Effect": "Deny", "Action": "kms:*", "Resource": "*" },
    ]});
    let ana = h.a_user("ana", Some(&denied)).await;
    let bob = h.a_user("bob", Some(&allowing(&[GET]))).await;
    let bound = [
        ("UserName", "bob"),
        (
            "PermissionsBoundary",
            "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
        ),
    ];
    h.iam("PutUserPermissionsBoundary", &bound).await.xml_ok();

    let of_ana = ask(&h, &user("ana"), GET, "db").await;
    let of_bob = ask(&h, &user("bob"), GET, "db").await;
    let found = who(&h, GET, "db").await;
    let using = who(&h, DECRYPT, "alias/aws/secretsmanager").await;

    assert_eq!(read(&h, &ana, "db").await.status, 400);
    assert_eq!(of_ana["Decision"], "explicitDeny");
    assert_eq!(of_ana["By"]["Sid"], "No");
    assert_eq!(read(&h, &bob, "db").await.status, 200);
    assert_eq!(
        (&of_bob["Decision"], &of_bob["Key"]),
        (&json!("allowed"), &Value::Null)
    );
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].1, ["user/bob policy p"]);
    let via = vec![String::from("kms:ViaService")];
    assert_eq!((&using[1].0, &using[1].2), (&user("bob"), &via));
    assert!(using.iter().all(|(who, ..)| *who != user("ana")));
}

#[tokio::test]
async fn what_names_no_key_is_told() {
    let h = Harness::new().await;
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let missing = format!("{ARN}key/11111111-2222-4333-8444-555555555555");
    let ask_of = async |action: &str, on: &str| {
        let question = Question {
            action: action.to_owned(),
            ..reading(&root, on)
        };
        h.app.explain(&question).await
    };

    let anything = ask_of(DECRYPT, "*").await.unwrap_err().to_string();
    let creating = ask_of("kms:CreateKey", "*").await.unwrap();
    let gone = ask_of(DECRYPT, &missing).await.unwrap();
    let found = h
        .app
        .who_can(DECRYPT, &missing, &account(), &region())
        .await;

    assert_eq!(
        anything,
        "`*` names no key: give a key, an alias, or the ARN of one"
    );
    assert_eq!(creating.decision, "allowed");
    assert_eq!(
        gone.note,
        Some(format!("there is no `{missing}`, so the call fails"))
    );
    let text = found.unwrap_err().to_string();
    assert_eq!(text, format!("there is no key `{missing}`"));
}
