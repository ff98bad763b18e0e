use super::grants::{ROLE, assert_limits_size, assert_puts, assert_refuses_malformed};

#[tokio::test]
async fn a_policy_is_told_as_it_was_put_and_replaced_when_put_again() {
    assert_puts(ROLE).await;
}

#[tokio::test]
async fn embedded_policies_have_a_size_together() {
    assert_limits_size(ROLE).await;
}

#[tokio::test]
async fn what_is_no_policy_is_refused_with_its_place() {
    assert_refuses_malformed(ROLE).await;
}

#[tokio::test]
async fn an_unknown_role_has_no_policies() {
    ROLE.assert_missing(
        "PutRolePolicy",
        &[("PolicyName", "p"), ("PolicyDocument", "{}")],
    )
    .await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    ROLE.assert_denied(
        "PutRolePolicy",
        &[("PolicyName", "p"), ("PolicyDocument", "{}")],
    )
    .await;
}
