use super::kit::{
    NOW, ROLE, a_policy, a_role, assert_denied, assert_refused, encoded, trust, trusting,
};
use super::{allowing, told};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_role_is_shown_as_it_was_made() {
    let h = Harness::new().await;
    a_policy(&h).await;
    let trust = trust();

    let parameters = [
        ("RoleName", "Reader"),
        ("Path", "/team/"),
        ("AssumeRolePolicyDocument", trust.as_str()),
        ("Description", "reads one secret"),
        ("MaxSessionDuration", "7200"),
        (
            "PermissionsBoundary",
            "arn:aws:iam::123456789012:policy/team/Secrets",
        ),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "red"),
    ];
    let told = told(&h, "CreateRole", &parameters).await;

    let role = &told["Role"];
    let id = role["RoleId"].as_str().unwrap();
    assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
    let expected = json!({
        "Path": "/team/", "RoleName": "Reader", "RoleId": id, "Arn": ROLE, "CreateDate": NOW,
        "AssumeRolePolicyDocument": encoded(&trust), "Description": "reads one secret",
        "MaxSessionDuration": "7200",
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/team/Secrets",
        },
        "Tags": [{ "Key": "Team", "Value": "red" }],
    });
    assert_eq!(*role, expected);
}

#[tokio::test]
async fn what_is_not_given_has_aws_defaults() {
    let h = Harness::new().await;
    let trust = trust();

    let parameters = [
        ("RoleName", "r"),
        ("AssumeRolePolicyDocument", trust.as_str()),
    ];
    let told = told(&h, "CreateRole", &parameters).await;

    let expected = json!({
        "Path": "/", "RoleName": "r", "RoleId": told["Role"]["RoleId"],
        "Arn": "arn:aws:iam::123456789012:role/r", "CreateDate": NOW,
        "AssumeRolePolicyDocument": encoded(&trust), "MaxSessionDuration": "3600",
    });
    assert_eq!(told["Role"], expected);
}

#[tokio::test]
async fn a_name_is_taken_in_any_case() {
    let h = Harness::new().await;
    a_role(&h).await;
    let trust = trust();

    let parameters = [
        ("RoleName", "READER"),
        ("AssumeRolePolicyDocument", trust.as_str()),
    ];
    let expected = (
        409,
        "EntityAlreadyExists",
        "Role with name READER already exists.",
    );
    assert_refused(&h, "CreateRole", &parameters, expected).await;
}

#[tokio::test]
async fn a_trust_policy_names_only_those_who_are_there() {
    let h = Harness::new().await;
    h.another_account("210987654321").await;
    a_role(&h).await;
    h.iam("CreateUser", &[("UserName", "alice"), ("Path", "/a/")])
        .await
        .xml_ok();

    for principal in [
        json!("*"),
        json!({ "AWS": "123456789012" }),
        json!({ "AWS": ["arn:aws:iam::210987654321:root", "210987654321"] }),
        json!({ "AWS": "arn:aws:iam::123456789012:user/a/alice" }),
        json!({ "AWS": ROLE }),
        json!({ "AWS": "arn:aws:sts::123456789012:assumed-role/Reader/any" }),
        json!({ "AWS": "AROAAAAAAAAAAAAAAAAAA" }),
        json!({ "Service": ["lambda.amazonaws.com", "logs.eu-west-1.amazonaws.com"] }),
        json!({ "Federated": "arn:aws:iam::123456789012:oidc-provider/not.there" }),
        json!({ "Federated": "accounts.google.com" }),
    ] {
        let document = trusting(&principal);
        let parameters = [
            ("RoleName", "r"),
            ("AssumeRolePolicyDocument", document.as_str()),
        ];
        let reply = h.iam("CreateRole", &parameters).await;
        assert_eq!(reply.status, 200, "{principal}: {}", reply.text);
        h.iam("DeleteRole", &[("RoleName", "r")]).await.xml_ok();
    }
}

#[tokio::test]
async fn a_trust_policy_that_names_nobody_is_refused_with_the_name() {
    let h = Harness::new().await;
    a_role(&h).await;
    h.iam("CreateUser", &[("UserName", "alice"), ("Path", "/a/")])
        .await
        .xml_ok();

    for (kind, shown, name) in [
        ("AWS", "AWS", "999999999999"),
        ("AWS", "AWS", "arn:aws:iam::999999999999:root"),
        ("AWS", "AWS", "arn:aws-cn:iam::123456789012:root"),
        ("AWS", "AWS", "arn:aws:iam::123456789012:user/bob"),
        ("AWS", "AWS", "arn:aws:iam::123456789012:user/alice"),
        ("AWS", "AWS", "arn:aws:iam::123456789012:user/a/ALICE"),
        ("AWS", "AWS", "arn:aws:iam::123456789012:role/r"),
        ("AWS", "AWS", "arn:aws:iam::999999999999:role/r"),
        (
            "AWS",
            "AWS",
            "arn:aws:sts::123456789012:assumed-role/none/any",
        ),
        (
            "AWS",
            "AWS",
            "arn:aws:sts::123456789012:assumed-role/reader/any",
        ),
        ("Service", "SERVICE", "lambda"),
        ("Service", "SERVICE", "lambda.example.com"),
        ("Service", "SERVICE", ".amazonaws.com"),
        ("Service", "SERVICE", "nope.amazonaws.com"),
        ("Service", "SERVICE", "logs.nowhere-1.amazonaws.com"),
        ("Federated", "FEDERATED", "issuer.example"),
        (
            "Federated",
            "FEDERATED",
            "arn:aws:iam::123456789012:oidc-provider/",
        ),
        (
            "CanonicalUser",
            "CANONICAL_USER",
            "79a59df900b949e55d96a1e698fbaced",
        ),
    ] {
        let document = trusting(&json!({ kind: name }));
        let parameters = [
            ("RoleName", "r"),
            ("AssumeRolePolicyDocument", document.as_str()),
        ];
        let text = format!("Invalid principal in policy: \"{shown}\":\"{name}\"");
        let expected = (400, "MalformedPolicyDocument", text.as_str());
        assert_refused(&h, "CreateRole", &parameters, expected).await;
    }
}

#[tokio::test]
async fn what_is_no_trust_policy_is_refused_with_its_place() {
    let h = Harness::new().await;
    let long = trusting(&json!({ "AWS": vec!["123456789012"; 300] }));
    let with_resource = allowing(&["sts:AssumeRole"]).to_string();

    for (document, code, part) in [
        ("{\n x", "MalformedPolicyDocument", "line 2, column 2"),
        (
            with_resource.as_str(),
            "MalformedPolicyDocument",
            "`Resource` has no place",
        ),
        (
            long.as_str(),
            "LimitExceeded",
            "Cannot exceed quota for ACLSizePerRole: 4096",
        ),
    ] {
        let parameters = [("RoleName", "r"), ("AssumeRolePolicyDocument", document)];
        let reply = h.iam("CreateRole", &parameters).await;
        let error = &reply.xml()["Error"];
        assert_eq!(error["Code"], code, "{}", reply.text);
        let message = error["Message"].as_str().unwrap();
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(told(&h, "ListRoles", &[]).await["Roles"], "");
}

#[tokio::test]
async fn a_boundary_must_be_there() {
    let h = Harness::new().await;
    let (trust, arn) = (trust(), "arn:aws:iam::123456789012:policy/none");
    let parameters = [
        ("RoleName", "r"),
        ("AssumeRolePolicyDocument", trust.as_str()),
        ("PermissionsBoundary", arn),
    ];

    let text = format!("Scope ARN: {arn} does not exist or is not attachable.");
    assert_refused(&h, "CreateRole", &parameters, (404, "NoSuchEntity", &text)).await;
}

#[tokio::test]
async fn tags_and_boundary_are_condition_keys() {
    let h = Harness::new().await;
    a_policy(&h).await;
    let trust = trust();
    let arn = "arn:aws:iam::123456789012:policy/team/Secrets";
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Action": "iam:CreateRole",
            "Resource": "arn:aws:iam::*:role/team/*",
            "Condition": { "StringEquals": {
                "iam:PermissionsBoundary": arn, "aws:RequestTag/team": "red",
            } },
        },
    });
    let admin = h.a_user("admin", Some(&policy)).await;
    let all = [
        ("RoleName", "r"),
        ("AssumeRolePolicyDocument", trust.as_str()),
        ("Path", "/team/"),
        ("PermissionsBoundary", arn),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "red"),
    ];

    for less in [&all[..2], &all[..3], &all[..4]] {
        assert_eq!(h.iam_as(&admin, "CreateRole", less).await.status, 403);
    }
    assert_eq!(h.iam_as(&admin, "CreateRole", &all).await.status, 200);
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let trust = trust();
    let parameters = [
        ("RoleName", "r"),
        ("AssumeRolePolicyDocument", trust.as_str()),
    ];
    assert_denied("CreateRole", &parameters, &super::arn("role/r"), None).await;
}
