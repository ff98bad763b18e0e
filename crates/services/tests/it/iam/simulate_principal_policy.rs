use super::kit::{
    POLICY, READER, ROLE, a_policy, a_role, assert_denied, assert_refused, attached, document,
};
use super::{ADMIN, done, told};
use serde_json::{Value, json};
use testkit::Harness;

const ALICE: &str = "arn:aws:iam::123456789012:user/alice";

/// A user with policies of every origin: `s3:Own` of its own, `s3:Group` of its group's, `POLICY`
/// attached to both.
async fn alice(h: &Harness) {
    a_policy(h).await;
    h.iam("CreateUser", &[("UserName", "alice")]).await.xml_ok();
    h.iam("CreateGroup", &[("GroupName", "team")])
        .await
        .xml_ok();
    done(
        h,
        "AddUserToGroup",
        &[("GroupName", "team"), ("UserName", "alice")],
    )
    .await;
    let (own, group) = (document("s3:Own"), document("s3:Group"));
    let user = ("UserName", "alice");
    let team = ("GroupName", "team");
    done(
        h,
        "PutUserPolicy",
        &[user, ("PolicyName", "p"), ("PolicyDocument", &own)],
    )
    .await;
    done(
        h,
        "PutGroupPolicy",
        &[team, ("PolicyName", "q"), ("PolicyDocument", &group)],
    )
    .await;
    done(h, "AttachUserPolicy", &[user, ("PolicyArn", POLICY)]).await;
    done(h, "AttachGroupPolicy", &[team, ("PolicyArn", POLICY)]).await;
}

/// What a simulation says of each action: the decision, and the policies that matched.
async fn simulate(h: &Harness, arn: &str, more: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
    let actions = [
        ("PolicySourceArn", arn),
        ("ActionNames.member.1", "s3:Own"),
        ("ActionNames.member.2", "s3:Group"),
        ("ActionNames.member.3", "secretsmanager:ListSecrets"),
    ];
    let told = told(h, "SimulatePrincipalPolicy", &[&actions, more].concat()).await;
    let results = told["EvaluationResults"].as_array().unwrap();
    let shown = results.iter().map(|one| {
        let decision = one["EvalDecision"].as_str().unwrap().to_owned();
        let matched = super::items(one["MatchedStatements"].clone());
        let policy = |one: &Value| {
            let text = |member: &str| one[member].as_str().unwrap();
            format!("{}/{}", text("SourcePolicyType"), text("SourcePolicyId"))
        };
        (decision, matched.iter().map(policy).collect())
    });
    shown.collect()
}

fn allowed(by: &str) -> (String, Vec<String>) {
    ("allowed".to_owned(), vec![by.to_owned()])
}

fn not_allowed() -> (String, Vec<String>) {
    ("implicitDeny".to_owned(), Vec::new())
}

#[tokio::test]
async fn a_user_has_its_own_policies_and_its_groups() {
    let h = Harness::new().await;
    alice(&h).await;

    let user = simulate(&h, ALICE, &[]).await;
    let group = simulate(&h, "arn:aws:iam::123456789012:group/team", &[]).await;

    let (own, of_group) = (allowed("user/user_alice_p"), allowed("group/group_team_q"));
    let managed = allowed("user-managed/Secrets");
    assert_eq!(user, [own, of_group.clone(), managed.clone()]);
    assert_eq!(group, [not_allowed(), of_group, managed]);
}

#[tokio::test]
async fn a_role_has_its_policies_and_boundary() {
    let h = Harness::new().await;
    a_policy(&h).await;
    a_role(&h).await;
    done(&h, "AttachRolePolicy", &[READER, ("PolicyArn", ADMIN)]).await;
    let before = simulate(&h, ROLE, &[]).await;
    done(
        &h,
        "PutRolePermissionsBoundary",
        &[READER, ("PermissionsBoundary", POLICY)],
    )
    .await;

    let bounded = simulate(&h, ROLE, &[]).await;
    let excluded = [
        (
            "PolicyExclusionList.member.1.PolicyType",
            "permission-boundary",
        ),
        ("PolicyExclusionList.member.1.PolicyArn", POLICY),
    ];
    let unbounded = simulate(&h, ROLE, &excluded).await;
    let all = document("*");
    let other = [("PermissionsBoundaryPolicyInputList.member.1", all.as_str())];
    let replaced = simulate(&h, ROLE, &other).await;

    let admin = allowed("aws-managed/AdministratorAccess");
    let bound = ("implicitDeny".to_owned(), admin.1.clone());
    assert_eq!(before, [admin.clone(), admin.clone(), admin.clone()]);
    assert_eq!(bounded, [bound.clone(), bound, admin]);
    assert_eq!(unbounded, before);
    assert_eq!(replaced, before);
}

#[tokio::test]
async fn policies_can_be_added_and_left_out() {
    let h = Harness::new().await;
    alice(&h).await;
    let text = document("s3:Own");
    let inline = "PolicyExclusionList.member.1.InlinePolicyIdentifier";
    let names = ["PolicyName", "AttachmentType", "AttachmentName"].map(|n| format!("{inline}.{n}"));
    let parameters = [
        ("PolicyInputList.member.1", text.as_str()),
        (names[0].as_str(), "p"),
        (names[1].as_str(), "user"),
        (names[2].as_str(), "alice"),
        ("PolicyExclusionList.member.2.PolicyType", "user-managed"),
        ("PolicyExclusionList.member.2.PolicyArn", POLICY),
    ];

    let simulated = simulate(&h, ALICE, &parameters).await;

    let expected = [
        allowed("none/PolicyInputList.1"),
        allowed("group/group_team_q"),
        not_allowed(),
    ];
    assert_eq!(simulated, expected);
}

#[tokio::test]
async fn a_users_tags_and_name_are_condition_keys() {
    let h = Harness::new().await;
    let tag = [
        ("UserName", "bob"),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "red"),
    ];
    h.iam("CreateUser", &tag).await.xml_ok();
    let text = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Action": "s3:Own",
            "Resource": "arn:aws:s3:::bucket/${aws:username}/${aws:PrincipalTag/team}",
        },
    })
    .to_string();
    let parameters = [
        ("PolicyInputList.member.1", text.as_str()),
        ("ResourceArns.member.1", "arn:aws:s3:::bucket/bob/red"),
    ];

    let simulated = simulate(&h, "arn:aws:iam::123456789012:user/bob", &parameters).await;

    assert_eq!(simulated[0], allowed("none/PolicyInputList.1"));
}

#[tokio::test]
async fn a_detached_policy_counts_no_more() {
    let h = Harness::new().await;
    a_policy(&h).await;
    a_role(&h).await;
    attached(&h).await;
    assert_eq!(
        simulate(&h, ROLE, &[]).await[2],
        allowed("user-managed/Secrets")
    );

    done(&h, "DetachRolePolicy", &[READER, ("PolicyArn", POLICY)]).await;

    assert_eq!(simulate(&h, ROLE, &[]).await[2], not_allowed());
}

#[tokio::test]
async fn what_is_no_identity_is_refused() {
    let h = Harness::new().await;

    for arn in [
        "arn:aws:iam::123456789012:root",
        "no ARN but long enough",
        POLICY,
    ] {
        let parameters = [("PolicySourceArn", arn), ("ActionNames.member.1", "s3:A")];
        let text = format!("Invalid Entity Arn: {arn}");
        let expected = (400, "InvalidInput", text.as_str());
        assert_refused(&h, "SimulatePrincipalPolicy", &parameters, expected).await;
    }
}

#[tokio::test]
async fn an_identity_that_is_not_there_cannot_be_found() {
    let h = Harness::new().await;
    a_role(&h).await;

    for (arn, text) in [
        (ALICE, "The user with name alice cannot be found."),
        (
            "arn:aws:iam::123456789012:role/Reader",
            "The role with name Reader cannot be found.",
        ),
    ] {
        let parameters = [("PolicySourceArn", arn), ("ActionNames.member.1", "s3:A")];
        let expected = (404, "NoSuchEntity", text);
        assert_refused(&h, "SimulatePrincipalPolicy", &parameters, expected).await;
    }
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicySourceArn", ALICE), ("ActionNames.member.1", "s3:A")];
    assert_denied("SimulatePrincipalPolicy", &parameters, ALICE, None).await;
}
