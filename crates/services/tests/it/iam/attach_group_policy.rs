use super::grants::{
    GROUP, assert_asks_for_the_policy, assert_attaches, assert_attaches_policies_only,
    assert_limits_attached,
};

#[tokio::test]
async fn a_policy_is_attached_once() {
    assert_attaches(GROUP).await;
}

#[tokio::test]
async fn only_policies_can_be_attached() {
    assert_attaches_policies_only(GROUP).await;
}

#[tokio::test]
async fn twenty_policies_can_be_attached() {
    assert_limits_attached(GROUP).await;
}

#[tokio::test]
async fn a_delegate_may_be_held_to_some_policies() {
    assert_asks_for_the_policy(GROUP, "Attach").await;
}

#[tokio::test]
async fn an_unknown_group_has_no_policies() {
    GROUP
        .assert_missing(
            "AttachGroupPolicy",
            &[("PolicyArn", "arn:aws:iam::aws:policy/IAMFullAccess")],
        )
        .await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    GROUP
        .assert_denied(
            "AttachGroupPolicy",
            &[("PolicyArn", "arn:aws:iam::aws:policy/IAMFullAccess")],
        )
        .await;
}
