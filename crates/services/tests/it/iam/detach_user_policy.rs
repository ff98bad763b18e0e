use super::grants::{USER, assert_asks_for_the_policy, assert_detaches};

#[tokio::test]
async fn one_policy_goes_and_the_others_stay() {
    assert_detaches(USER).await;
}

#[tokio::test]
async fn a_delegate_may_be_held_to_some_policies() {
    assert_asks_for_the_policy(USER, "Detach").await;
}

#[tokio::test]
async fn an_unknown_user_has_no_policies() {
    USER.assert_missing(
        "DetachUserPolicy",
        &[(
            "PolicyArn",
            "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
        )],
    )
    .await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    USER.assert_denied(
        "DetachUserPolicy",
        &[(
            "PolicyArn",
            "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
        )],
    )
    .await;
}
