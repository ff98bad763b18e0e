use super::grants::{ROLE, assert_deletes, assert_no_such_policy};

#[tokio::test]
async fn one_policy_goes_and_the_others_stay() {
    assert_deletes(ROLE).await;
}

#[tokio::test]
async fn an_unknown_policy_is_told_so() {
    assert_no_such_policy(ROLE, "Delete").await;
}

#[tokio::test]
async fn an_unknown_role_has_no_policies() {
    ROLE.assert_missing("DeleteRolePolicy", &[("PolicyName", "p")])
        .await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    ROLE.assert_denied("DeleteRolePolicy", &[("PolicyName", "p")])
        .await;
}
