use super::{DELETED, INVALID_NAME, NOT_FOUND, a_policy};
use serde_json::{Value, json};
use testkit::{Harness, Reply};

const BROAD: &str = "This resource policy grants broad access to your secret. Secrets Manager does \
                     not allow creating and applying such policies in the console.";
const LOCKED_OUT: &str =
    "Your requested changes will not allow you to manage this secret in the future.";

async fn validate(h: &Harness, secret: Option<&str>, policy: &str) -> Reply {
    let mut body = json!({ "ResourcePolicy": policy });
    if let Some(secret) = secret {
        body["SecretId"] = json!(secret);
    }
    h.call("ValidateResourcePolicy", body).await
}

fn failed(errors: &[(&str, &str)]) -> Value {
    let errors: Vec<Value> = errors
        .iter()
        .map(|(check, text)| json!({ "CheckName": check, "ErrorMessage": text }))
        .collect();
    json!({ "PolicyValidationPassed": false, "ValidationErrors": errors })
}

#[tokio::test]
async fn a_good_policy_passes_with_and_without_a_secret_and_is_not_attached() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let text = a_policy("123456789012", &json!("secretsmanager:*")).to_string();
    let passed = json!({ "PolicyValidationPassed": true, "ValidationErrors": [] });

    for secret in [None, Some("db")] {
        assert_eq!(validate(&h, secret, &text).await.ok(), passed);
    }

    let answer = h
        .call("GetResourcePolicy", json!({ "SecretId": "db" }))
        .await;
    assert_eq!(answer.ok().get("ResourcePolicy"), None);
}

#[tokio::test]
async fn several_errors_are_told_in_one_answer() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let open = a_policy("*", &json!("secretsmanager:GetSecretValue"));
    let mut closed = a_policy("*", &json!("secretsmanager:PutResourcePolicy"));
    closed["Statement"][0]["Effect"] = json!("Deny");
    let both = json!({
        "Version": "2012-10-17",
        "Statement": [open["Statement"][0], closed["Statement"][0]],
    });

    let only_open = validate(&h, Some("db"), &open.to_string()).await.ok();
    let only_closed = validate(&h, Some("db"), &closed.to_string()).await.ok();
    let both = validate(&h, Some("db"), &both.to_string()).await.ok();
    let nowhere = validate(&h, None, &closed.to_string()).await.ok();

    let broad = ("BROAD_ACCESS_CHECK", BROAD);
    let locked_out = ("LOCKOUT_CHECK", LOCKED_OUT);
    assert_eq!(only_open, failed(&[broad]));
    assert_eq!(only_closed, failed(&[locked_out]));
    assert_eq!(both, failed(&[broad, locked_out]));
    assert_eq!(nowhere["PolicyValidationPassed"], true);
}

#[tokio::test]
async fn whom_only_the_present_policy_lets_in_is_warned() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let other = h.another_account("999988887777").await;
    let all = a_policy("999988887777", &json!("secretsmanager:*")).to_string();
    let body = json!({ "SecretId": "db", "ResourcePolicy": all });
    h.call("PutResourcePolicy", body).await.ok();
    let read = a_policy("999988887777", &json!("secretsmanager:GetSecretValue")).to_string();

    let mine = validate(&h, Some("db"), &read).await.ok();
    let body = json!({ "SecretId": arn, "ResourcePolicy": read });
    let theirs = h.call_as(&other, "ValidateResourcePolicy", body).await.ok();

    assert_eq!(mine["PolicyValidationPassed"], true);
    assert_eq!(theirs, failed(&[("LOCKOUT_CHECK", LOCKED_OUT)]));
}

#[tokio::test]
async fn mistakes_and_unknown_principals_are_told_with_their_places() {
    let h = Harness::new().await;
    let effect = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "AllowSomething", "Principal": "*", "Action": "*", "Resource": "*",
    }]});
    let named = json!({ "AWS": ["999988887777", "*"], "Service": "x.example.com" });
    let nobody = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": named, "Action": "*", "Resource": "*",
    }]});

    let effect = validate(&h, None, &effect.to_string()).await.ok();
    let nobody = validate(&h, None, &nobody.to_string()).await.ok();

    assert_eq!(effect["PolicyValidationPassed"], false);
    let error = &effect["ValidationErrors"][0];
    assert_eq!(error["CheckName"], "SYNTAX_CHECK");
    let text = error["ErrorMessage"].as_str().unwrap();
    let start = "This resource policy contains a syntax error. ";
    assert!(
        text.starts_with(start) && text.contains("line 1, column "),
        "{text}"
    );
    let principal = "This resource policy contains an unsupported principal. `999988887777`";
    let service = "This resource policy contains an unsupported service principal. \
                   `x.example.com`";
    assert_eq!(
        nobody,
        failed(&[("PRINCIPAL_CHECK", principal), ("PRINCIPAL_CHECK", service)])
    );
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let h = Harness::new().await;

    for text in ["{", "not JSON", "{}}"] {
        let reply = validate(&h, None, text).await;
        reply.refused(
            "MalformedPolicyDocumentException",
            "This resource policy contains a syntax error.",
        );
    }
    let reply = validate(&h, None, "[]").await.ok();
    assert_eq!(reply["PolicyValidationPassed"], false);
}

#[tokio::test]
async fn both_permissions_are_needed() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let actions = [
        "secretsmanager:ValidateResourcePolicy",
        "secretsmanager:PutResourcePolicy",
    ];
    let policy = |actions: &[&str]| {
        json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": actions, "Resource": "*" },
        ]})
    };
    let text = a_policy("123456789012", &json!("secretsmanager:*")).to_string();
    let alice = h.a_user("alice", None).await;

    for secret in [Value::Null, json!("db"), json!("nothing")] {
        let body = testkit::with(
            json!({ "ResourcePolicy": text }),
            json!({ "SecretId": secret }),
        );
        for granted in [&actions[..1], &actions[1..]] {
            h.allow("alice", &policy(granted)).await;
            let reply = h
                .call_as(&alice, "ValidateResourcePolicy", body.clone())
                .await;
            assert_eq!(reply.json()["__type"], "AccessDeniedException");
        }
        h.allow("alice", &policy(&actions)).await;
        let reply = h.call_as(&alice, "ValidateResourcePolicy", body).await;
        assert_ne!(reply.json()["__type"], "AccessDeniedException");
    }
}

#[tokio::test]
async fn what_is_missing_deleted_or_no_name_is_refused() {
    let h = Harness::new().await;
    let text = a_policy("123456789012", &json!("secretsmanager:*")).to_string();

    let missing = validate(&h, Some("db"), &text).await;
    h.a_secret("db", "x").await;
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    let deleted = validate(&h, Some("db"), &text).await;
    let no_name = validate(&h, Some("d b"), &text).await;

    missing.refused("ResourceNotFoundException", NOT_FOUND);
    deleted.refused("InvalidRequestException", DELETED);
    no_name.refused("ValidationException", INVALID_NAME);
}

#[tokio::test]
async fn principals_that_nobody_is_are_told_beside_what_else_is_wrong() {
    let h = Harness::new().await;
    let group = "arn:aws:iam::123456789012:group/admins";
    let user = "arn:aws:iam::123456789012:user/none";
    let principals = json!({
        "AWS": [group, "123456789012", user, "*", "arn:*", 7], "Service": "nope.amazonaws.com",
    });
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Perhaps", "Principal": principals, "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "NotPrincipal": { "AWS": user }, "Action": "*", "Resource": "*" },
        "no statement",
    ]});

    let answer = validate(&h, None, &policy.to_string()).await.ok();

    let errors = answer["ValidationErrors"].as_array().unwrap();
    let times = |name: &str| {
        let told = |error: &&Value| error["ErrorMessage"].as_str().unwrap().contains(name);
        errors.iter().filter(told).count()
    };
    assert_eq!([times(group), times(user), times("nope")], [1, 1, 1]);
    assert_eq!([times("arn:*"), times("`123456789012`")], [1, 0]);
    let syntax = |error: &&Value| error["CheckName"] == "SYNTAX_CHECK";
    assert_eq!(errors.iter().filter(syntax).count(), 2);
    assert_eq!(answer["PolicyValidationPassed"], false);
}
