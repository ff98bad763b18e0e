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
        access(&of_user("ada"), &["user/ada policy p"], &[]),
        access(&of_user("bob"), &[&format!("group/devs → {READER}")], &[]),
        access(
            &of_role("reader"),
            &[&format!("role/reader → {ADMINISTRATOR}")],
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
        access(&of_user("ada"), &["user/ada policy p"], &keys),
        access(&of_user("bob"), &["user/bob policy p"], &keys),
        access(&of_user("dora"), &["user/dora policy p"], &[]),
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
        [access(&of_role("reader"), &["role/reader policy p"], &keys)]
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
        access(&of_user("ada"), &["user/ada policy p"], &[]),
        access(&of_role("reader"), &["role/reader policy p"], &keys),
    ];
    assert_eq!(found[1..], expected);
}

/// Secrets named by the team, and those left out by it, allowed and denied.
#[tokio::test]
async fn a_resource_that_hangs_on_a_session_leaves_a_role_open_both_ways() {
    let rig = Rig::new().await;
    let by_team = "arn:aws:secretsmanager:*:*:secret:${aws:PrincipalTag/team}*";
    let elsewhere = "arn:aws:secretsmanager:eu-*:*:secret:${aws:PrincipalTag/team}*";
    let about = |effect, element: &str, resource| {
        let statement = json!({ "Effect": effect, "Action": GET, element: resource });
        let any = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        let all = if effect == "Deny" {
            vec![statement, any]
        } else {
            vec![statement]
        };
        inline(&json!({ "Version": "2012-10-17", "Statement": all }))
    };
    for (name, grants) in [
        ("a1", about("Allow", "Resource", by_team)),
        ("a2", about("Allow", "NotResource", by_team)),
        ("a3", about("Allow", "Resource", elsewhere)),
        ("a4", about("Allow", "NotResource", elsewhere)),
        ("d1", about("Deny", "Resource", by_team)),
        ("d2", about("Deny", "NotResource", by_team)),
        ("d3", about("Deny", "Resource", elsewhere)),
        ("d4", about("Deny", "NotResource", elsewhere)),
    ] {
        rig.role(OWN, name, grants).await;
    }

    let found = rig.who(GET, "db").await;

    let keys = ["aws:PrincipalTag/team"];
    let listed = |name: &str, keys: &[&str]| {
        access(&of_role(name), &[&format!("role/{name} policy p")], keys)
    };
    assert_eq!(
        found[1..],
        [
            listed("a1", &keys),
            listed("a2", &keys),
            listed("a4", &[]),
            listed("d1", &keys),
            listed("d2", &keys),
            listed("d3", &[]),
        ]
    );
}

#[tokio::test]
async fn what_sessions_of_a_role_differ_in_is_open_whatever_the_role_has() {
    let rig = Rig::new().await;
    let of = |key: &str, operator: &str, value: &str| {
        inline(&allow(GET, &json!({ operator: { key: value } }), None))
    };
    let team = of("aws:PrincipalTag/team", "StringEquals", "blue");
    rig.role(OWN, "named", of("aws:userid", "StringLike", "*:night"))
        .await;
    let issued = "2020-01-01T00:00:00Z";
    rig.role(OWN, "old", of("aws:TokenIssueTime", "DateLessThan", issued))
        .await;
    rig.role(OWN, "tagged", team).await;
    let mut tx = rig.0.ledger.begin();
    let key = Role::key_of(&account(OWN), "tagged");
    let found = tx.get::<Role>(&key).await.unwrap().unwrap();
    let mut tagged = Role::clone(&found.record);
    let red = (Some(String::from("team")), String::from("red"));
    tagged.tags.set([red].into_iter()).unwrap();
    tx.update(&Permit::of_tests(), tagged, found.rev);
    tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();

    let found = rig.who(GET, "db").await;
    let session = format!("arn:aws:sts::{OWN}:assumed-role/named/day");
    let named = rig.ask(&session, GET, "db").await;
    let blue = [("aws:PrincipalTag/team", "blue")];
    let blue = rig.ask_with(&of_role("tagged"), GET, "db", &blue).await;

    let listed =
        |name: &str, key: &str| access(&of_role(name), &[&format!("role/{name} policy p")], &[key]);
    assert_eq!(
        found[1..],
        [
            listed("named", "aws:userid"),
            listed("old", "aws:TokenIssueTime"),
            listed("tagged", "aws:PrincipalTag/team"),
        ]
    );
    // A session that has a name is known by it, and a tag that is given is known.
    assert_eq!(
        (named.decision.as_str(), named.conditional),
        ("implicitDeny", false)
    );
    assert_eq!(
        (blue.decision.as_str(), blue.conditional),
        ("allowed", false)
    );
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
    let administrator = format!("user/eve → {ADMINISTRATOR}");
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
async fn a_unique_id_means_its_holder_in_whatever_account() {
    let rig = Rig::new().await;
    let mut eve = user(OTHER, "eve", attached(&[ADMINISTRATOR]));
    eve.id = String::from("AIDAEVEEVEEVEEVEEVE1");
    let policy = allow(DESCRIBE, &json!({}), Some(&eve.id));
    rig.insert(eve).await;
    rig.secret(Some(&policy)).await;

    let found = rig.who(DESCRIBE, "shared").await;

    let principals: Vec<&str> = found.iter().map(|one| one.principal.as_str()).collect();
    let eve = format!("arn:aws:iam::{OTHER}:user/eve");
    assert_eq!(principals, [&root_of(OWN), &eve]);
}

#[tokio::test]
async fn a_policy_that_comes_by_several_ways_is_named_by_each() {
    let rig = Rig::new().await;
    for name in ["devs", "ops"] {
        rig.insert(group(name, attached(&[READER]))).await;
    }
    let mut ada = user(OWN, "ada", attached(&[ADMINISTRATOR, READER]));
    ada.groups = vec![String::from("ops"), String::from("devs")];
    rig.insert(ada).await;

    let found = rig.who(GET, "db").await;

    let ways = [
        format!("user/ada → {ADMINISTRATOR}"),
        format!("user/ada → {READER}"),
        format!("group/ops → {READER}"),
        format!("group/devs → {READER}"),
    ];
    let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
    assert_eq!(found[1..], [access(&of_user("ada"), &ways, &[])]);
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
