use super::grants::{ROLE, assert_lists};

#[tokio::test]
async fn names_are_listed_in_order_and_in_pages() {
    assert_lists(ROLE).await;
}

#[tokio::test]
async fn an_unknown_role_has_no_policies() {
    ROLE.assert_missing("ListRolePolicies", &[]).await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    ROLE.assert_denied("ListRolePolicies", &[]).await;
}
