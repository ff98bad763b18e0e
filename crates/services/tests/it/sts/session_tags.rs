//! Session tags, from session to session.

use super::{
    ALICE, READER, a_role, allow_role, allowing, assume, holder, not_authorized, read, trusting,
    when,
};
use serde_json::json;
use testkit::Harness;

const TEAM_RED: [(&str, &str); 2] = [
    ("Tags.member.1.Key", "team"),
    ("Tags.member.1.Value", "red"),
];

#[tokio::test]
async fn tags_need_a_permission_of_their_own() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let role = a_role(&h, "reader", &trusting(ALICE, &json!("sts:AssumeRole"))).await;

    let refused = assume(&h, &alice, &role, &TEAM_RED).await;

    let text = not_authorized(ALICE, "sts:TagSession", READER);
    refused.xml_refused(403, "AccessDenied", &text);
    assume(&h, &alice, &role, &[]).await.xml_ok();
}

#[tokio::test]
async fn tags_are_condition_keys_of_the_request_and_then_of_the_session() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let both = json!(["sts:AssumeRole", "sts:TagSession"]);
    let condition = json!({
        "StringEquals": { "aws:RequestTag/Team": ["red", "blue"] },
        "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] },
    });
    let role = a_role(&h, "reader", &when(trusting(ALICE, &both), condition)).await;
    let statement = allowing(&json!("secretsmanager:GetSecretValue"), "*");
    let equal = json!({ "StringEquals": { "aws:ResourceTag/team": "${aws:PrincipalTag/team}" } });
    allow_role(&h, "reader", &when(statement, equal)).await;
    h.a_secret("db", "x").await;
    let tag = json!({ "SecretId": "db", "Tags": [{ "Key": "team", "Value": "red" }] });
    h.call("TagResource", tag).await.ok();
    let tagged = |team| [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", team)];

    let red = holder(&assume(&h, &alice, &role, &TEAM_RED).await);
    let blue = holder(&assume(&h, &alice, &role, &tagged("blue")).await);
    let green = assume(&h, &alice, &role, &tagged("green")).await;
    let untagged = assume(&h, &alice, &role, &[]).await;

    read(&h, &red, "db").await.ok();
    let refused = read(&h, &blue, "db").await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
    let text = not_authorized(ALICE, "sts:AssumeRole", READER);
    green.xml_refused(403, "AccessDenied", &text);
    untagged.xml_refused(403, "AccessDenied", &text);
}

#[tokio::test]
async fn tags_of_the_session_hide_those_of_the_role() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let both = json!(["sts:AssumeRole", "sts:TagSession"]);
    let role = a_role(&h, "reader", &trusting(ALICE, &both)).await;
    let of_role = [
        ("RoleName", "reader"),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "blue"),
    ];
    h.iam("TagRole", &of_role).await.xml_ok();
    let red = json!({ "StringEquals": { "aws:PrincipalTag/team": "red" } });
    let policy = when(allowing(&json!("secretsmanager:ListSecrets"), "*"), red);
    allow_role(&h, "reader", &policy).await;

    let tagged = holder(&assume(&h, &alice, &role, &TEAM_RED).await);
    let untagged = holder(&assume(&h, &alice, &role, &[]).await);

    h.call_as(&tagged, "ListSecrets", json!({})).await.ok();
    let refused = h.call_as(&untagged, "ListSecrets", json!({})).await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}

#[tokio::test]
async fn transitive_tags_go_on_and_others_end_with_their_session() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let both = json!(["sts:AssumeRole", "sts:TagSession"]);
    let first = a_role(&h, "first", &trusting(ALICE, &both)).await;
    let second = a_role(&h, "second", &trusting(&first, &both)).await;
    let third_trusts = trusting(&second, &both);
    let red = json!({ "StringEquals": { "aws:RequestTag/team": "red" } });
    let third = a_role(&h, "third", &when(third_trusts, red)).await;
    let condition = json!({
        "StringEquals": { "aws:PrincipalTag/team": "red" },
        "Null": { "aws:PrincipalTag/cost": "true" },
    });
    let policy = when(
        allowing(&json!("secretsmanager:ListSecrets"), "*"),
        condition,
    );
    allow_role(&h, "third", &policy).await;
    let tags = [
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "red"),
        ("Tags.member.2.Key", "cost"),
        ("Tags.member.2.Value", "7"),
        ("TransitiveTagKeys.member.1", "Team"),
    ];

    let one = holder(&assume(&h, &alice, &first, &tags).await);
    let two = holder(&assume(&h, &one, &second, &[]).await);
    let three = holder(&assume(&h, &two, &third, &[]).await);

    h.call_as(&three, "ListSecrets", json!({})).await.ok();
}

#[tokio::test]
async fn a_transitive_tag_cannot_be_set_again_further_down() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let both = json!(["sts:AssumeRole", "sts:TagSession"]);
    let first = a_role(&h, "first", &trusting(ALICE, &both)).await;
    let second = a_role(&h, "second", &trusting(&first, &both)).await;
    let plain = a_role(&h, "plain", &trusting(&first, &json!("sts:AssumeRole"))).await;
    let mut tags = TEAM_RED.to_vec();
    tags.push(("TransitiveTagKeys.member.1", "team"));
    let session = holder(&assume(&h, &alice, &first, &tags).await);

    let text = "One of the specified transitive tag keys can't be set because it conflicts with a \
                transitive tag key from the calling session.";
    for key in ["team", "TEAM"] {
        let again = [("Tags.member.1.Key", key), ("Tags.member.1.Value", "blue")];
        assume(&h, &session, &second, &again)
            .await
            .xml_refused(400, "InvalidParameterValue", text);
    }
    let reply = assume(&h, &session, &plain, &[]).await;

    let caller = "arn:aws:sts::123456789012:assumed-role/first/session";
    let text = not_authorized(caller, "sts:TagSession", &plain);
    reply.xml_refused(403, "AccessDenied", &text);
}

#[tokio::test]
async fn tags_that_do_not_go_together_are_refused() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let both = json!(["sts:AssumeRole", "sts:TagSession"]);
    let role = a_role(&h, "reader", &trusting(ALICE, &both)).await;
    let with = |more: &[(&'static str, &'static str)]| [&TEAM_RED[..], more].concat();
    let cases = [
        (
            with(&[
                ("Tags.member.2.Key", "Team"),
                ("Tags.member.2.Value", "red"),
            ]),
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            with(&[("Tags.member.2.Key", "aws:x"), ("Tags.member.2.Value", "")]),
            "System tags cannot be added/updated by requester",
        ),
        (
            with(&[("TransitiveTagKeys.member.1", "cost")]),
            "The specified transitive tag key must be included in the requested tags.",
        ),
    ];

    for (parameters, text) in cases {
        assume(&h, &alice, &role, &parameters).await.xml_refused(
            400,
            "InvalidParameterValue",
            text,
        );
    }
}

#[tokio::test]
async fn conditions_find_a_tag_in_any_case_of_any_script() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let both = json!(["sts:AssumeRole", "sts:TagSession"]);
    let condition = json!({ "StringEquals": { "aws:RequestTag/TÜR": "offen" } });
    let role = a_role(&h, "reader", &when(trusting(ALICE, &both), condition)).await;
    let statement = allowing(&json!("secretsmanager:GetSecretValue"), "*");
    let condition = json!({ "StringEquals": { "aws:PrincipalTag/TÜR": "offen" } });
    allow_role(&h, "reader", &when(statement, condition)).await;
    h.a_secret("db", "x").await;
    let tags = [
        ("Tags.member.1.Key", "tür"),
        ("Tags.member.1.Value", "offen"),
    ];

    let session = holder(&assume(&h, &alice, &role, &tags).await);

    read(&h, &session, "db").await.ok();
}
