//! Who may.

use super::*;

fn access(principal: &str, via: &[&str], keys: &[&str]) -> Access {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Access {
        principal: principal.to_owned(),
        via: owned(via),
        conditional: !keys.is_empty(),
        keys: owned(keys),
    }
}

#[tokio::test]
async fn everyone_who_may_is_listed_with_the_path() {
    let rig = Rig::new().await;
    rig.insert(group("devs", attached(&[READER]))).await;
    let mut bob = user(OWN, "bob", Grants::default());
    bob.groups.push(String::from("devs"));
    rig.insert(bob).await;
    rig.user(OWN, "ada", inline(&allow(GET, &json!({}), None)))
        .await;
    rig.user(OWN, "carl", Grants::default()).await;
    rig.user(OWN, "dora", inline(&deny(GET, &json!({})))).await;
    rig.role(OWN, "reader", attached(&[ADMINISTRATOR])).await;
    rig.user(OTHER, "eve", attached(&[ADMINISTRATOR])).await;

    let found = rig.who(GET, "db").await;

    let root = root_of(OWN);
    let expected = [
        access(&root, &["root of the account"], &[]),
        access(&of_user("ada"), &["user policy p"], &[]),
        access(&of_user("bob"), &[&format!("group devs → {READER}")], &[]),
        access(
            &of_role("reader"),
            &[&format!("role → {ADMINISTRATOR}")],
            &[],
        ),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_hangs_on_the_request_is_marked_with_its_keys() {
    let rig = Rig::new().await;
    let inside = json!({ "StringEquals": { "aws:SourceVpce": "vpce-1" } });
    rig.user(OWN, "ada", inline(&allow(GET, &inside, None)))
        .await;
    rig.user(OWN, "bob", inline(&deny(GET, &inside))).await;
    let mine = json!({ "StringEquals": { "aws:username": "dora" } });
    rig.user(OWN, "carl", inline(&allow(GET, &mine, None)))
        .await;
    rig.user(OWN, "dora", inline(&allow(GET, &mine, None)))
        .await;

    let found = rig.who(GET, "db").await;

    let keys = ["aws:SourceVpce"];
    let expected = [
        access(&of_user("ada"), &["user policy p"], &keys),
        access(&of_user("bob"), &["user policy p"], &keys),
        access(&of_user("dora"), &["user policy p"], &[]),
    ];
    assert_eq!(found[1..], expected);
}

#[tokio::test]
async fn tags_that_a_session_may_bring_leave_a_role_open_and_not_a_user() {
    let rig = Rig::new().await;
    let tagged = json!({ "StringEquals": { "aws:PrincipalTag/team": "blue" } });
    let grants = inline(&allow(GET, &tagged, None));
    rig.user(OWN, "ada", grants.clone()).await;
    rig.role(OWN, "reader", grants).await;

    let found = rig.who(GET, "db").await;

    let keys = ["aws:PrincipalTag/team"];
    assert_eq!(
        found[1..],
        [access(&of_role("reader"), &["role policy p"], &keys)]
    );
}

#[tokio::test]
async fn a_session_whose_tag_is_compared_with_the_secrets_is_open() {
    let rig = Rig::new().await;
    let same = json!({ "StringEquals": { "aws:ResourceTag/team": "${aws:PrincipalTag/team}" } });
    let grants = inline(&allow(GET, &same, None));
    rig.role(OWN, "reader", grants.clone()).await;
    rig.user(OWN, "bob", grants.clone()).await;
    let mut ada = user(OWN, "ada", grants);
    let team = (Some(String::from("team")), String::from("blue"));
    ada.tags.set([team].into_iter()).unwrap();
    rig.insert(ada).await;

    let found = rig.who(GET, "db").await;

    let keys = ["aws:PrincipalTag/team"];
    let expected = [
        access(&of_user("ada"), &["user policy p"], &[]),
        access(&of_role("reader"), &["role policy p"], &keys),
    ];
    assert_eq!(found[1..], expected);
}

#[tokio::test]
async fn a_resource_policy_brings_in_whom_it_names() {
    let rig = Rig::new().await;
    rig.user(OWN, "ada", Grants::default()).await;
    rig.user(OWN, "bob", Grants::default()).await;
    rig.user(OTHER, "eve", attached(&[ADMINISTRATOR])).await;
    rig.user(OTHER, "fay", Grants::default()).await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": of_user("ada") },
          "Action": "secretsmanager:*", "Resource": "*" },
        { "Sid": "Others", "Effect": "Allow",
          "Principal": { "AWS": [OTHER, "555566667777"] },
          "Action": "secretsmanager:*", "Resource": "*" },
    ]});
    rig.secret(Some(&policy)).await;

    let describing = rig.who(DESCRIBE, "shared").await;
    let reading = rig.who(GET, "shared").await;

    let others = "resource policy default, statement 2 (Others)";
    let own = [
        access(&root_of(OWN), &["root of the account"], &[]),
        access(
            &of_user("ada"),
            &["resource policy default, statement 1"],
            &[],
        ),
    ];
    let administrator = format!("user → {ADMINISTRATOR}");
    let eve = format!("arn:aws:iam::{OTHER}:user/eve");
    let foreign = [
        access(&root_of(OTHER), &[others], &[]),
        access(&eve, &[others, &administrator], &[]),
    ];
    assert_eq!(describing, [own.clone(), foreign].concat());
    // The default key serves nobody else.
    assert_eq!(reading, own);
}

#[tokio::test]
async fn everyone_means_every_account_of_the_deployment() {
    let rig = Rig::new().await;
    rig.user(OTHER, "eve", attached(&[ADMINISTRATOR])).await;
    rig.secret(Some(&allow(DESCRIBE, &json!({}), Some("*"))))
        .await;

    let found = rig.who(DESCRIBE, "shared").await;

    let principals: Vec<&str> = found.iter().map(|one| one.principal.as_str()).collect();
    let eve = format!("arn:aws:iam::{OTHER}:user/eve");
    assert_eq!(principals, [&root_of(OWN), &root_of(OTHER), &eve]);
}

#[tokio::test]
async fn a_session_that_is_named_stands_beside_its_role() {
    let rig = Rig::new().await;
    rig.role(OWN, "reader", Grants::default()).await;
    let session = format!("arn:aws:sts::{OWN}:assumed-role/reader/night");
    let gone = format!("arn:aws:sts::{OWN}:assumed-role/gone/night");
    let mut policy = allow(GET, &json!({}), None);
    policy["Statement"][0]["Principal"] = json!({ "AWS": [session, gone] });
    rig.secret(Some(&policy)).await;

    let found = rig.who(GET, "shared").await;

    let via = ["resource policy default, statement 1 (S)"];
    assert_eq!(found[1..], [access(&session, &via, &[])]);
}

#[tokio::test]
async fn more_users_than_a_page_holds_are_all_seen() {
    let rig = Rig::new().await;
    let mut tx = rig.0.ledger.begin();
    for n in 0..501 {
        let grants = attached(&[ADMINISTRATOR]);
        tx.insert(&Permit::of_tests(), user(OWN, &format!("u{n:04}"), grants));
    }
    tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();

    let found = rig.who(GET, "db").await;

    assert_eq!(found.len(), 502);
    assert_eq!(found[501].principal, of_user("u0500"));
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_told() {
    let rig = Rig::new().await;
    let region = a_secret("db").region;
    let other = a_secret("db").arn().replace("AbCdEf", "ZzZzZz");

    for id in [
        "web",
        "a b",
        "*",
        "arn:aws:iam::123456789012:user/ada",
        &other,
    ] {
        let refused = rig.0.who_can(GET, id, &account(OWN), &region).await;

        let text = refused.unwrap_err().to_string();
        assert_eq!(text, format!("there is no secret `{id}`"));
    }
}

/// The list and the explanations are two ways to the same answer.
#[tokio::test]
async fn the_list_agrees_with_every_explanation() {
    let rig = Rig::new().await;
    let inside = json!({ "StringEquals": { "aws:SourceVpce": "vpce-1" } });
    let policies = [
        allow(GET, &json!({}), None),
        allow(GET, &inside, None),
        allow(DESCRIBE, &json!({}), None),
        deny(GET, &inside),
        deny(GET, &json!({})),
        deny(DESCRIBE, &json!({})),
    ];
    let mut arns = vec![root_of(OWN)];
    for (n, policy) in policies.iter().enumerate() {
        rig.user(OWN, &format!("u{n}"), inline(policy)).await;
        rig.role(OWN, &format!("r{n}"), inline(policy)).await;
        arns.extend([of_user(&format!("u{n}")), of_role(&format!("r{n}"))]);
    }

    for action in [GET, DESCRIBE] {
        let listed = rig.who(action, "db").await;
        for arn in &arns {
            let explained = rig.ask(arn, action, "db").await;

            let access = listed.iter().find(|access| access.principal == *arn);
            let is_listed = explained.conditional || explained.decision == "allowed";
            assert_eq!(access.is_some(), is_listed, "{arn} {action}");
            if let Some(access) = access {
                assert_eq!(access.conditional, explained.conditional, "{arn} {action}");
            }
        }
    }
}
