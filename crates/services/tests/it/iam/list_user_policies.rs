use super::grants::{USER, assert_lists};

#[tokio::test]
async fn names_are_listed_in_order_and_in_pages() {
    assert_lists(USER).await;
}

#[tokio::test]
async fn an_unknown_user_has_no_policies() {
    USER.assert_missing("ListUserPolicies", &[]).await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    USER.assert_denied("ListUserPolicies", &[]).await;
}
