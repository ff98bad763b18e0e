use super::{SECRETS, a_plain_user, arn, assert_denied, assert_refused, denial, everything, told};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_user_is_told_whole() {
    let h = Harness::new().await;
    let parameters = [
        ("Path", "/team/a/"),
        ("UserName", "Alice+=,.@-_1"),
        ("PermissionsBoundary", SECRETS),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "a"),
        ("Tags.member.2.Key", "empty"),
        ("Tags.member.2.Value", ""),
    ];

    let created = told(&h, "CreateUser", &parameters).await;

    let id = created["User"]["UserId"].as_str().unwrap();
    assert!(id.starts_with("AIDA") && id.len() == 21, "{id}");
    let expected = json!({
        "User": {
            "Path": "/team/a/",
            "UserName": "Alice+=,.@-_1",
            "UserId": id,
            "Arn": arn("user/team/a/Alice+=,.@-_1"),
            "CreateDate": "2026-01-15T12:00:00Z",
            "PermissionsBoundary": {
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": SECRETS,
            },
            "Tags": [{ "Key": "Team", "Value": "a" }, { "Key": "empty", "Value": "" }],
        },
    });
    assert_eq!(created, expected);
    let name = [("UserName", "Alice+=,.@-_1")];
    assert_eq!(told(&h, "GetUser", &name).await, expected);
}

#[tokio::test]
async fn a_plain_user_has_no_optional_members() {
    let h = Harness::new().await;

    let created = told(&h, "CreateUser", &[("UserName", "bob")]).await;

    let expected = json!({
        "User": {
            "Path": "/",
            "UserName": "bob",
            "UserId": created["User"]["UserId"],
            "Arn": arn("user/bob"),
            "CreateDate": "2026-01-15T12:00:00Z",
        },
    });
    assert_eq!(created, expected);
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case_and_path() {
    let h = Harness::new().await;
    a_plain_user(&h, "Alice").await;

    let text = "User with name aLICE already exists.";
    let again = [("UserName", "aLICE"), ("Path", "/other/")];
    assert_refused(&h, "CreateUser", &again, (409, "EntityAlreadyExists", text)).await;
}

#[tokio::test]
async fn a_boundary_has_to_exist() {
    let h = Harness::new().await;
    let missing = arn("policy/missing");

    let text = format!("Scope ARN: {missing} does not exist or is not attachable.");
    let bounded = [("UserName", "alice"), ("PermissionsBoundary", &missing)];
    assert_refused(&h, "CreateUser", &bounded, (404, "NoSuchEntity", &text)).await;
}

#[tokio::test]
async fn tags_that_cannot_be_are_refused() {
    let h = Harness::new().await;
    let tagged = |one, other| {
        [
            ("UserName", "alice"),
            ("Tags.member.1.Key", one),
            ("Tags.member.1.Value", "1"),
            ("Tags.member.2.Key", other),
            ("Tags.member.2.Value", "2"),
        ]
    };

    let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    let twice = tagged("team", "TEAM");
    assert_refused(&h, "CreateUser", &twice, (400, "InvalidInput", text)).await;
    let text = "System tags cannot be added/updated by requester";
    let reserved = tagged("a", "aws:b");
    assert_refused(&h, "CreateUser", &reserved, (400, "InvalidInput", text)).await;
}

#[tokio::test]
async fn a_look_alike_in_a_name_is_refused() {
    let h = Harness::new().await;
    let before = everything(&h).await;

    let reply = h.iam("CreateUser", &[("UserName", "\u{430}lice")]).await;

    assert_eq!(
        (reply.status, &reply.xml()["Error"]["Code"]),
        (400, &json!("ValidationError"))
    );
    assert_eq!(everything(&h).await, before);
}

#[tokio::test]
async fn a_denied_caller_makes_no_user() {
    let h = Harness::new().await;

    let new = [("UserName", "new"), ("Path", "/team/")];
    assert_denied(&h, "CreateUser", &new, &arn("user/team/new")).await;
}

#[tokio::test]
async fn delegates_may_be_held_to_paths_tags_and_boundaries() {
    let h = Harness::new().await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "iam:CreateUser",
            "Resource": "arn:aws:iam::*:user/team/*",
            "Condition": {
                "StringEquals": {
                    "iam:PermissionsBoundary": SECRETS, "aws:RequestTag/team": "a",
                },
            },
        },
    });
    let delegate = h.a_user("delegate", Some(&policy)).await;
    let right = [
        ("UserName", "x"),
        ("Path", "/team/"),
        ("PermissionsBoundary", SECRETS),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "a"),
    ];
    let before = everything(&h).await;

    for (wrong, value) in [(1, "/"), (2, super::ADMIN), (4, "b")] {
        let mut parameters = right;
        parameters[wrong].1 = value;
        let refused = h.iam_as(&delegate, "CreateUser", &parameters).await;
        let resource = arn(if wrong == 1 { "user/x" } else { "user/team/x" });
        let text = denial("delegate", "CreateUser", &resource);
        refused.xml_refused(403, "AccessDenied", &text);
    }
    assert_eq!(everything(&h).await, before);
    h.iam_as(&delegate, "CreateUser", &right).await.xml_ok();
}
