use super::grants::{ROLE, assert_lists_attached};

#[tokio::test]
async fn policies_are_listed_with_their_names_by_path_and_in_pages() {
    assert_lists_attached(ROLE).await;
}

#[tokio::test]
async fn an_unknown_role_has_no_policies() {
    ROLE.assert_missing("ListAttachedRolePolicies", &[]).await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    ROLE.assert_denied("ListAttachedRolePolicies", &[]).await;
}
