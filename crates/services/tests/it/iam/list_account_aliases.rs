use super::{assert_refused, denial, told};
use serde_json::json;
use testkit::Harness;

const ACTION: &str = "ListAccountAliases";

#[tokio::test]
async fn an_account_has_none() {
    let h = Harness::new().await;

    let none = told(&h, ACTION, &[]).await;

    assert_eq!(
        none,
        json!({ "AccountAliases": "", "IsTruncated": "false" })
    );
}

#[tokio::test]
async fn a_marker_from_elsewhere_is_refused() {
    let h = Harness::new().await;

    let refusal = (400, "ValidationError", "Invalid Marker.");
    assert_refused(&h, ACTION, &[("Marker", "x")], refusal).await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    let h = Harness::new().await;
    let mallory = h.a_user("mallory", None).await;

    let refused = h.iam_as(&mallory, ACTION, &[]).await;

    let text = denial("mallory", ACTION, "*");
    refused.xml_refused(403, "AccessDenied", &text);
}
