use super::grants::{ROLE, assert_no_such_policy, assert_puts};

#[tokio::test]
async fn the_document_is_percent_encoded_and_the_name_as_it_was_given() {
    assert_puts(ROLE).await;
}

#[tokio::test]
async fn an_unknown_policy_is_told_so() {
    assert_no_such_policy(ROLE, "Get").await;
}

#[tokio::test]
async fn an_unknown_role_has_no_policies() {
    ROLE.assert_missing("GetRolePolicy", &[("PolicyName", "p")])
        .await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    ROLE.assert_denied("GetRolePolicy", &[("PolicyName", "p")])
        .await;
}
