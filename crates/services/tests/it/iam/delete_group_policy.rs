use super::grants::{GROUP, assert_deletes, assert_no_such_policy};

#[tokio::test]
async fn one_policy_goes_and_the_others_stay() {
    assert_deletes(GROUP).await;
}

#[tokio::test]
async fn an_unknown_policy_is_told_so() {
    assert_no_such_policy(GROUP, "Delete").await;
}

#[tokio::test]
async fn an_unknown_group_has_no_policies() {
    GROUP
        .assert_missing("DeleteGroupPolicy", &[("PolicyName", "p")])
        .await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    GROUP
        .assert_denied("DeleteGroupPolicy", &[("PolicyName", "p")])
        .await;
}
