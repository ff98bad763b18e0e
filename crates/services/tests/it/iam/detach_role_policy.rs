use super::grants::{ROLE, assert_asks_for_the_policy, assert_detaches};

#[tokio::test]
async fn one_policy_goes_and_the_others_stay() {
    assert_detaches(ROLE).await;
}

#[tokio::test]
async fn a_delegate_may_be_held_to_some_policies() {
    assert_asks_for_the_policy(ROLE, "Detach").await;
}

#[tokio::test]
async fn an_unknown_role_has_no_policies() {
    ROLE.assert_missing(
        "DetachRolePolicy",
        &[(
            "PolicyArn",
            "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
        )],
    )
    .await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    ROLE.assert_denied(
        "DetachRolePolicy",
        &[(
            "PolicyArn",
            "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
        )],
    )
    .await;
}
