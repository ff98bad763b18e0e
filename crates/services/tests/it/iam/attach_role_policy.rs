use super::grants::{
    ROLE, assert_asks_for_the_policy, assert_attaches, assert_attaches_policies_only,
    assert_limits_attached,
};

#[tokio::test]
async fn a_policy_is_attached_once() {
    assert_attaches(ROLE).await;
}

#[tokio::test]
async fn only_policies_can_be_attached() {
    assert_attaches_policies_only(ROLE).await;
}

#[tokio::test]
async fn twenty_policies_can_be_attached() {
    assert_limits_attached(ROLE).await;
}

#[tokio::test]
async fn a_delegate_may_be_held_to_some_policies() {
    assert_asks_for_the_policy(ROLE, "Attach").await;
}

#[tokio::test]
async fn an_unknown_role_has_no_policies() {
    ROLE.assert_missing(
        "AttachRolePolicy",
        &[("PolicyArn", "arn:aws:iam::aws:policy/IAMFullAccess")],
    )
    .await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    ROLE.assert_denied(
        "AttachRolePolicy",
        &[("PolicyArn", "arn:aws:iam::aws:policy/IAMFullAccess")],
    )
    .await;
}
