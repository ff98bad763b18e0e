//! What only a request, or a session, tells.

use super::*;

/// A policy under one condition.
fn under(operator: &str, key: &str, value: &str) -> Value {
    allow(GET, &json!({ operator: { key: value } }), None)
}

/// Who may read `db` beside root, and on what it hangs.
async fn others(rig: &Rig) -> Vec<(String, Vec<String>)> {
    let found = rig.who(GET, "db").await.into_iter().skip(1);
    found.map(|one| (one.principal, one.keys)).collect()
}

/// The decision, and whether it hangs on the request.
fn answer(explained: &Explanation) -> (&str, bool) {
    (explained.decision.as_str(), explained.conditional)
}

fn session(name: &str) -> String {
    format!("arn:aws:sts::{OWN}:assumed-role/r/{name}")
}

#[tokio::test]
async fn by_what_name_a_secret_is_asked_for_is_open() {
    let rig = Rig::new().await;
    let id = "secretsmanager:SecretId";
    let arn = a_secret("db").arn();
    for (name, operator, value) in [
        ("by-arn", "ArnLike", arn.as_str()),
        ("by-name", "StringEquals", "db"),
        ("never-by-arn", "StringNotEquals", &arn),
    ] {
        let grants = inline(&under(operator, id, value));
        rig.user(OWN, name, grants).await;
    }

    let found = others(&rig).await;
    let by_name = of_user("by-name");
    let open = rig.ask(&by_name, GET, "db").await;
    let given = rig.ask_with(&by_name, GET, "db", &[(id, "db")]).await;
    let other = rig.ask_with(&by_name, GET, "db", &[(id, &arn)]).await;

    let keys = vec![id.to_owned()];
    let names = ["by-arn", "by-name", "never-by-arn"];
    assert_eq!(found, names.map(|name| (of_user(name), keys.clone())));
    assert_eq!(
        (answer(&open), &open.missing_keys),
        (("implicitDeny", true), &keys)
    );
    assert_eq!(answer(&given), ("allowed", false));
    assert_eq!(answer(&other), ("implicitDeny", false));
}

#[tokio::test]
async fn a_role_for_one_session_is_open_until_the_session_is_named() {
    let rig = Rig::new().await;
    let mine = under("StringEquals", "aws:userid", "AROAr:alice");
    rig.role(OWN, "r", inline(&mine)).await;

    let found = others(&rig).await;
    let role = rig.ask(&of_role("r"), GET, "db").await;
    let alice = rig.ask(&session("alice"), GET, "db").await;
    let bob = rig.ask(&session("bob"), GET, "db").await;

    let keys = vec![String::from("aws:userid")];
    assert_eq!(found, [(of_role("r"), keys.clone())]);
    assert_eq!(
        (answer(&role), &role.missing_keys),
        (("implicitDeny", true), &keys)
    );
    assert_eq!(answer(&alice), ("allowed", false));
    assert_eq!(answer(&bob), ("implicitDeny", false));
}

#[tokio::test]
async fn when_a_session_began_is_open_until_the_question_tells() {
    let rig = Rig::new().await;
    let issued = "aws:TokenIssueTime";
    let old = under("DateLessThan", issued, "2020-01-01T00:00:00Z");
    rig.role(OWN, "r", inline(&old)).await;
    let at = async |time: &str| {
        rig.ask_with(&session("s"), GET, "db", &[(issued, time)])
            .await
    };

    let found = others(&rig).await;
    let role = rig.ask(&of_role("r"), GET, "db").await;
    let named = rig.ask(&session("s"), GET, "db").await;
    let before = at("2019-12-31T23:59:59Z").await;
    let after = at("2020-01-01T00:00:01Z").await;

    assert_eq!(found, [(of_role("r"), vec![issued.to_owned()])]);
    assert_eq!(answer(&role), ("implicitDeny", true));
    assert_eq!(answer(&named), ("implicitDeny", true));
    assert_eq!(answer(&before), ("allowed", false));
    assert_eq!(answer(&after), ("implicitDeny", false));
}

/// The policy by which AWS's console revokes a role's sessions.
#[tokio::test]
async fn revoking_the_older_sessions_of_a_role_leaves_it_open() {
    let rig = Rig::new().await;
    let issued = "aws:TokenIssueTime";
    let time = "2026-01-01T00:00:00.000Z";
    let revoking = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": GET, "Resource": "*" },
        { "Effect": "Deny", "Action": ["*"], "Resource": ["*"],
          "Condition": { "DateLessThan": { issued: time } } },
    ]});
    rig.role(OWN, "r", inline(&revoking)).await;

    let found = others(&rig).await;
    let role = rig.ask(&of_role("r"), GET, "db").await;
    let old = [(issued, "2025-12-31T00:00:00Z")];
    let old = rig.ask_with(&of_role("r"), GET, "db", &old).await;
    let new = [(issued, "2026-01-01T00:00:00Z")];
    let new = rig.ask_with(&of_role("r"), GET, "db", &new).await;

    let keys = vec![issued.to_owned()];
    assert_eq!(found, [(of_role("r"), keys.clone())]);
    assert_eq!(
        (answer(&role), &role.missing_keys),
        (("allowed", true), &keys)
    );
    assert_eq!(answer(&old), ("explicitDeny", false));
    assert_eq!(answer(&new), ("allowed", false));
}
