use super::grants::{USER, assert_lists_attached};

#[tokio::test]
async fn policies_are_listed_with_their_names_by_path_and_in_pages() {
    assert_lists_attached(USER).await;
}

#[tokio::test]
async fn an_unknown_user_has_no_policies() {
    USER.assert_missing("ListAttachedUserPolicies", &[]).await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    USER.assert_denied("ListAttachedUserPolicies", &[]).await;
}
