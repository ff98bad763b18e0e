use super::grants::{USER, assert_deletes, assert_no_such_policy};

#[tokio::test]
async fn one_policy_goes_and_the_others_stay() {
    assert_deletes(USER).await;
}

#[tokio::test]
async fn an_unknown_policy_is_told_so() {
    assert_no_such_policy(USER, "Delete").await;
}

#[tokio::test]
async fn an_unknown_user_has_no_policies() {
    USER.assert_missing("DeleteUserPolicy", &[("PolicyName", "p")])
        .await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    USER.assert_denied("DeleteUserPolicy", &[("PolicyName", "p")])
        .await;
}
