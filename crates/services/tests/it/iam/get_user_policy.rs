use super::grants::{USER, assert_no_such_policy, assert_puts};

#[tokio::test]
async fn the_document_is_percent_encoded_and_the_name_as_it_was_given() {
    assert_puts(USER).await;
}

#[tokio::test]
async fn an_unknown_policy_is_told_so() {
    assert_no_such_policy(USER, "Get").await;
}

#[tokio::test]
async fn an_unknown_user_has_no_policies() {
    USER.assert_missing("GetUserPolicy", &[("PolicyName", "p")])
        .await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    USER.assert_denied("GetUserPolicy", &[("PolicyName", "p")])
        .await;
}
