//! Why somebody may or may not.

use super::*;

#[tokio::test]
async fn a_user_without_policies_is_told_what_is_missing() {
    let rig = Rig::new().await;
    rig.user(OWN, "ada", Grants::default()).await;

    let explained = rig.ask(&of_user("ada"), GET, "db").await;

    let expected = Explanation {
        principal: of_user("ada"),
        action: GET.to_owned(),
        resource: a_secret("db").arn(),
        decision: String::from("implicitDeny"),
        policy_type: Some(String::from("identity-based policy")),
        reason: format!("because no identity-based policy allows the {GET} action"),
        by: None,
        matched: Vec::new(),
        conditional: false,
        missing_keys: Vec::new(),
        key: None,
        note: None,
    };
    assert_eq!(explained, expected);
}

#[tokio::test]
async fn the_statement_that_denies_is_named_and_so_is_what_it_overrules() {
    let rig = Rig::new().await;
    rig.user(OWN, "ada", inline(&deny(GET, &json!({})))).await;

    let explained = rig.ask(&of_user("ada"), GET, "db").await;

    let kind = "identity-based policy";
    let by = matched("Deny", kind, "user/ada policy p", 1, Some("S"));
    assert_eq!(explained.decision, "explicitDeny");
    assert_eq!(explained.by, Some(by.clone()));
    let overruled = matched("Allow", kind, "user/ada policy p", 2, None);
    assert_eq!(explained.matched, [by, overruled]);
    assert_eq!(
        explained.reason,
        "with an explicit deny in an identity-based policy"
    );
}

#[tokio::test]
async fn the_root_needs_no_statement() {
    let rig = Rig::new().await;

    let explained = rig.ask(&root_of(OWN), GET, "db").await;

    assert_eq!(explained.decision, "allowed");
    assert_eq!((explained.by, explained.policy_type), (None, None));
    assert_eq!(
        explained.reason,
        "as the root of the account that owns the resource"
    );
}

#[tokio::test]
async fn policies_are_named_by_the_way_they_come() {
    let rig = Rig::new().await;
    let everything = allow("*", &json!({}), None);
    rig.insert(group("devs", {
        let mut grants = inline(&everything);
        grants.attached.push(READER.to_owned());
        grants
    }))
    .await;
    let mut ada = user(OWN, "ada", attached(&[ADMINISTRATOR]));
    ada.grants.inline = inline(&everything).inline;
    ada.groups.push(String::from("devs"));
    ada.boundary = Some(ADMINISTRATOR.to_owned());
    rig.insert(ada).await;

    let explained = rig.ask(&of_user("ada"), GET, "db").await;

    let names: Vec<(&str, &str)> = explained
        .matched
        .iter()
        .map(|one| (one.policy_type.as_str(), one.policy.as_str()))
        .collect();
    let kind = "identity-based policy";
    assert_eq!(
        names,
        [
            (kind, "user/ada policy p"),
            (kind, "group/devs policy p"),
            (kind, &*format!("user/ada → {ADMINISTRATOR}")),
            (kind, &*format!("group/devs → {READER}")),
            (
                "permissions boundary",
                &*format!("boundary → {ADMINISTRATOR}")
            ),
        ]
    );
    assert_eq!(explained.by.unwrap().policy, "user/ada policy p");
}

#[tokio::test]
async fn a_role_and_a_session_of_it_are_judged_alike() {
    let rig = Rig::new().await;
    rig.role(OWN, "reader", attached(&[READER])).await;
    let session = format!("arn:aws:sts::{OWN}:assumed-role/reader/s");

    let of_the_role = rig.ask(&of_role("reader"), GET, "db").await;
    let of_the_session = rig.ask(&session, GET, "db").await;

    assert_eq!(
        of_the_role.principal,
        format!("arn:aws:sts::{OWN}:assumed-role/reader/*")
    );
    let expected = Explanation {
        principal: session,
        ..of_the_role
    };
    assert_eq!(of_the_session, expected);
    assert_eq!(of_the_session.decision, "allowed");
    assert_eq!(
        of_the_session.by.unwrap().policy,
        format!("role/reader → {READER}")
    );
}

#[tokio::test]
async fn a_secret_brings_its_policy_and_tags_by_whatever_name() {
    let rig = Rig::new().await;
    rig.user(OWN, "ada", Grants::default()).await;
    let team = json!({ "StringEquals": { "aws:ResourceTag/team": "blue" } });
    rig.secret(Some(&allow(GET, &team, Some(&of_user("ada")))))
        .await;
    let arn = a_secret("shared").arn();
    let partial = arn.rsplit_once('-').unwrap().0;

    for id in ["shared", &arn, partial] {
        let explained = rig.ask(&of_user("ada"), GET, id).await;

        let kind = "resource-based policy";
        let by = matched("Allow", kind, "resource policy default", 1, Some("S"));
        assert_eq!(explained.by, Some(by), "{id}");
        assert_eq!(explained.resource, arn);
        assert!(!explained.conditional);
        assert_eq!(explained.reason, "by a resource-based policy");
    }
}

#[tokio::test]
async fn an_answer_that_hangs_on_the_request_says_so() {
    let rig = Rig::new().await;
    let inside = json!({
        "StringEquals": { "aws:SourceVpce": "vpce-1" },
        "StringLike": { "secretsmanager:VersionStage": "AWS*" },
    });
    rig.user(OWN, "ada", inline(&allow(GET, &inside, None)))
        .await;
    let given = [
        ("AWS:SourceVpce", "vpce-1"),
        ("secretsmanager:VersionStage", "AWSCURRENT"),
    ];

    let open = rig.ask(&of_user("ada"), GET, "db").await;
    let inside = rig.ask_with(&of_user("ada"), GET, "db", &given).await;
    let outside = [("aws:SourceVpce", "vpce-2")];
    let outside = rig.ask_with(&of_user("ada"), GET, "db", &outside).await;

    assert_eq!(open.decision, "implicitDeny");
    assert!(open.conditional);
    assert_eq!(
        open.missing_keys,
        ["aws:SourceVpce", "secretsmanager:VersionStage"]
    );
    assert_eq!(inside.decision, "allowed");
    assert!(!inside.conditional && inside.missing_keys.is_empty());
    assert_eq!(outside.decision, "implicitDeny");
    assert!(!outside.conditional);
}

#[tokio::test]
async fn an_allowance_that_a_deny_may_take_away_is_conditional() {
    let rig = Rig::new().await;
    let plain = json!({ "Bool": { "aws:SecureTransport": "false" } });
    rig.user(OWN, "ada", inline(&deny(GET, &plain))).await;

    let open = rig.ask(&of_user("ada"), GET, "db").await;
    let unrelated = rig.ask(&of_user("ada"), DESCRIBE, "db").await;
    let secure = [("aws:SecureTransport", "true")];
    let secure = rig.ask_with(&of_user("ada"), GET, "db", &secure).await;

    assert_eq!(
        (open.decision.as_str(), open.conditional),
        ("allowed", true)
    );
    assert_eq!(open.missing_keys, ["aws:SecureTransport"]);
    assert!(!unrelated.conditional && unrelated.missing_keys.is_empty());
    assert_eq!(
        (secure.decision.as_str(), secure.conditional),
        ("allowed", false)
    );
}

#[tokio::test]
async fn what_follows_from_the_caller_is_known_and_may_be_overridden() {
    let rig = Rig::new().await;
    let condition = json!({ "StringEquals": {
        "aws:username": "ada", "aws:RequestedRegion": "us-east-1", "aws:PrincipalAccount": OWN,
    }});
    rig.user(OWN, "ada", inline(&allow(GET, &condition, None)))
        .await;

    let known = rig.ask(&of_user("ada"), GET, "db").await;
    let elsewhere = [("aws:RequestedRegion", "eu-west-1")];
    let elsewhere = rig.ask_with(&of_user("ada"), GET, "db", &elsewhere).await;

    assert_eq!(
        (known.decision.as_str(), known.conditional),
        ("allowed", false)
    );
    assert_eq!(elsewhere.decision, "implicitDeny");
}

#[tokio::test]
async fn several_values_of_a_key_are_a_set() {
    let rig = Rig::new().await;
    let condition = json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } });
    rig.user(OWN, "ada", inline(&allow(GET, &condition, None)))
        .await;

    for (keys, decision) in [
        (vec![("aws:TagKeys", "a"), ("aws:TagKeys", "b")], "allowed"),
        (
            vec![("aws:TagKeys", "a"), ("aws:TagKeys", "c")],
            "implicitDeny",
        ),
    ] {
        let explained = rig.ask_with(&of_user("ada"), GET, "db", &keys).await;

        assert_eq!(explained.decision, decision, "{keys:?}");
    }
}

#[tokio::test]
async fn other_resources_are_taken_as_they_are() {
    let rig = Rig::new().await;
    rig.user(OWN, "ada", attached(&[ADMINISTRATOR])).await;
    let explain = async |action, resource| rig.ask(&of_user("ada"), action, resource).await;

    let bucket = explain("s3:GetObject", "arn:aws:s3:::bucket/key").await;
    let list = explain("secretsmanager:ListSecrets", "*").await;
    let foreign = explain("iam:GetUser", "arn:aws:iam::999988887777:user/eve").await;

    assert_eq!(
        (bucket.decision.as_str(), &*bucket.resource),
        ("allowed", "arn:aws:s3:::bucket/key")
    );
    assert_eq!((list.decision.as_str(), &*list.resource), ("allowed", "*"));
    assert_eq!(foreign.policy_type.unwrap(), "resource-based policy");
}

#[tokio::test]
async fn assuming_a_role_takes_its_trust_policy() {
    let rig = Rig::new().await;
    rig.user(OWN, "ada", attached(&[ADMINISTRATOR])).await;
    rig.user(OTHER, "eve", Grants::default()).await;
    rig.role(OWN, "reader", Grants::default()).await;
    let eve = format!("arn:aws:iam::{OTHER}:user/eve");

    let ada = rig
        .ask(&of_user("ada"), "sts:AssumeRole", &of_role("reader"))
        .await;
    let eve = rig.ask(&eve, "sts:AssumeRole", &of_role("reader")).await;
    let unknown = rig
        .ask(&of_user("ada"), "sts:AssumeRole", &of_role("writer"))
        .await;

    assert_eq!(ada.decision, "allowed");
    assert!(ada.matched.iter().any(|one| one.policy == "trust policy"));
    assert_eq!(eve.policy_type.unwrap(), "identity-based policy");
    assert_eq!(unknown.matched.len(), 1);
}

#[tokio::test]
async fn a_default_key_is_told_to_stand_in_the_way_of_others() {
    let rig = Rig::new().await;
    rig.secret(Some(&allow("secretsmanager:*", &json!({}), Some(OTHER))))
        .await;
    let arn = a_secret("shared").arn();

    let reading = rig.ask(&root_of(OTHER), GET, &arn).await;
    let describing = rig.ask(&root_of(OTHER), DESCRIBE, &arn).await;

    assert_eq!(reading.decision, "allowed");
    assert_eq!(reading.note.as_deref(), Some(subject::DEFAULT_KEY_NOTE));
    assert_eq!(
        (describing.decision.as_str(), describing.note),
        ("allowed", None)
    );
}

#[tokio::test]
async fn nobody_and_nothing_are_told_apart_from_a_refusal() {
    let rig = Rig::new().await;
    rig.user(OWN, "ada", Grants::default()).await;
    let refused = async |principal: &str, action, resource| {
        let question = question(principal, action, resource, &[]);
        rig.0.explain(&question).await.unwrap_err().to_string()
    };
    let no_principal = |arn: &str| format!("there is no principal `{arn}`");

    for arn in [
        of_user("eve"),
        of_user("path/ada"),
        of_role("ada"),
        root_of("111122223333"),
        format!("arn:aws:sts::{OWN}:assumed-role/ada/s"),
    ] {
        assert_eq!(refused(&arn, GET, "db").await, no_principal(&arn));
    }
    for arn in [
        "ada",
        "arn:aws:iam::12:user/ada",
        "arn:aws:iam::123456789012:group/devs",
        "arn:aws:sts::123456789012:assumed-role/x",
    ] {
        assert!(refused(arn, GET, "db").await.contains("names no principal"));
    }
    for action in ["", "GetSecretValue", "secretsmanager:*", "a:b:c"] {
        let text = refused(&of_user("ada"), action, "db").await;
        assert!(text.contains("is no action"), "{text}");
    }
    for (action, resource) in [("iam:GetUser", "ada"), (GET, "a b")] {
        let text = refused(&of_user("ada"), action, resource).await;
        assert!(text.contains("names no resource"), "{text}");
    }
}

#[tokio::test]
async fn a_policy_that_is_attached_and_gone_is_a_failure() {
    let rig = Rig::new().await;
    let gone = format!("arn:aws:iam::{OWN}:policy/gone");
    rig.user(OWN, "ada", attached(&[&gone])).await;

    let question = question(&of_user("ada"), GET, "db", &[]);
    let failed = rig.0.explain(&question).await;

    assert!(matches!(
        failed,
        Err(ExplainError::Common(CommonError::Internal(_)))
    ));
}

#[tokio::test]
async fn a_tag_with_two_values_allows_nobody_who_needs_it() {
    let rig = Rig::new().await;
    let mut twins = a_secret("twins");
    twins.set_tags([("env", "prod"), ("ENV", "test")]);
    rig.insert(twins).await;
    let condition = json!({ "StringEquals": { "aws:ResourceTag/env": "prod" } });
    rig.user(OWN, "ada", inline(&allow(GET, &condition, None)))
        .await;
    rig.user(OWN, "bob", inline(&allow(GET, &json!({}), None)))
        .await;

    let of_ada = rig.ask(&of_user("ada"), GET, "twins").await;
    let of_bob = rig.ask(&of_user("bob"), GET, "twins").await;
    let who = rig.who(GET, "twins").await;

    assert_eq!(of_ada.decision, "implicitDeny");
    assert_eq!(of_bob.decision, "allowed");
    let names: Vec<&str> = who.iter().map(|one| one.principal.as_str()).collect();
    assert_eq!(names, [root_of(OWN), of_user("bob")]);
}
