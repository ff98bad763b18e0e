use super::done;
use super::kit::{
    NO_ROLE, READER, a_role, assert_denied, assert_refused, encoded, the_role, trust, trusting,
};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn the_policy_is_replaced() {
    let h = Harness::new().await;
    a_role(&h).await;
    let mut expected = the_role(&h).await;
    let trust = trusting(&json!({ "Service": "lambda.amazonaws.com" }));

    done(
        &h,
        "UpdateAssumeRolePolicy",
        &[READER, ("PolicyDocument", &trust)],
    )
    .await;

    expected["AssumeRolePolicyDocument"] = json!(encoded(&trust));
    assert_eq!(the_role(&h).await, expected);
}

#[tokio::test]
async fn a_policy_that_names_nobody_is_refused() {
    let h = Harness::new().await;
    a_role(&h).await;
    let trust = trusting(&json!({ "AWS": "arn:aws:iam::123456789012:user/none" }));

    let parameters = [READER, ("PolicyDocument", trust.as_str())];
    let text = "Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:user/none\"";
    let expected = (400, "MalformedPolicyDocument", text);
    assert_refused(&h, "UpdateAssumeRolePolicy", &parameters, expected).await;
}

#[tokio::test]
async fn a_role_may_trust_itself_once_it_is_there() {
    let h = Harness::new().await;
    a_role(&h).await;
    let trust = trusting(&json!({ "AWS": super::kit::ROLE }));

    done(
        &h,
        "UpdateAssumeRolePolicy",
        &[READER, ("PolicyDocument", &trust)],
    )
    .await;

    assert_eq!(
        the_role(&h).await["AssumeRolePolicyDocument"],
        encoded(&trust)
    );
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;
    let trust = trust();

    let parameters = [READER, ("PolicyDocument", trust.as_str())];
    assert_refused(&h, "UpdateAssumeRolePolicy", &parameters, NO_ROLE).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let trust = trust();
    let parameters = [READER, ("PolicyDocument", trust.as_str())];
    assert_denied("UpdateAssumeRolePolicy", &parameters, "role Reader", None).await;
}
