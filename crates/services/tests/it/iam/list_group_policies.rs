use super::grants::{GROUP, assert_lists};

#[tokio::test]
async fn names_are_listed_in_order_and_in_pages() {
    assert_lists(GROUP).await;
}

#[tokio::test]
async fn an_unknown_group_has_no_policies() {
    GROUP.assert_missing("ListGroupPolicies", &[]).await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    GROUP.assert_denied("ListGroupPolicies", &[]).await;
}
