use super::grants::{GROUP, assert_no_such_policy, assert_puts};

#[tokio::test]
async fn the_document_is_percent_encoded_and_the_name_as_it_was_given() {
    assert_puts(GROUP).await;
}

#[tokio::test]
async fn an_unknown_policy_is_told_so() {
    assert_no_such_policy(GROUP, "Get").await;
}

#[tokio::test]
async fn an_unknown_group_has_no_policies() {
    GROUP
        .assert_missing("GetGroupPolicy", &[("PolicyName", "p")])
        .await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    GROUP
        .assert_denied("GetGroupPolicy", &[("PolicyName", "p")])
        .await;
}
