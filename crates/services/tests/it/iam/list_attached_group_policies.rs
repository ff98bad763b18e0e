use super::grants::{GROUP, assert_lists_attached};

#[tokio::test]
async fn policies_are_listed_with_their_names_by_path_and_in_pages() {
    assert_lists_attached(GROUP).await;
}

#[tokio::test]
async fn an_unknown_group_has_no_policies() {
    GROUP.assert_missing("ListAttachedGroupPolicies", &[]).await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    GROUP.assert_denied("ListAttachedGroupPolicies", &[]).await;
}
