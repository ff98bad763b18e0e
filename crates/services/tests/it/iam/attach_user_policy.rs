use super::grants::{
    USER, assert_asks_for_the_policy, assert_attaches, assert_attaches_policies_only,
    assert_limits_attached,
};

#[tokio::test]
async fn a_policy_is_attached_once() {
    assert_attaches(USER).await;
}

#[tokio::test]
async fn only_policies_can_be_attached() {
    assert_attaches_policies_only(USER).await;
}

#[tokio::test]
async fn twenty_policies_can_be_attached() {
    assert_limits_attached(USER).await;
}

#[tokio::test]
async fn a_delegate_may_be_held_to_some_policies() {
    assert_asks_for_the_policy(USER, "Attach").await;
}

#[tokio::test]
async fn an_unknown_user_has_no_policies() {
    USER.assert_missing(
        "AttachUserPolicy",
        &[("PolicyArn", "arn:aws:iam::aws:policy/IAMFullAccess")],
    )
    .await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    USER.assert_denied(
        "AttachUserPolicy",
        &[("PolicyArn", "arn:aws:iam::aws:policy/IAMFullAccess")],
    )
    .await;
}
