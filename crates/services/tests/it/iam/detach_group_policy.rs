use super::grants::{GROUP, assert_asks_for_the_policy, assert_detaches};

#[tokio::test]
async fn one_policy_goes_and_the_others_stay() {
    assert_detaches(GROUP).await;
}

#[tokio::test]
async fn a_delegate_may_be_held_to_some_policies() {
    assert_asks_for_the_policy(GROUP, "Detach").await;
}

#[tokio::test]
async fn an_unknown_group_has_no_policies() {
    GROUP
        .assert_missing(
            "DetachGroupPolicy",
            &[(
                "PolicyArn",
                "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
            )],
        )
        .await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    GROUP
        .assert_denied(
            "DetachGroupPolicy",
            &[(
                "PolicyArn",
                "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
            )],
        )
        .await;
}
