use super::kit::{PROVIDER, a_provider, assert_denied};
use super::told;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn providers_of_the_account_are_listed() {
    let h = Harness::new().await;
    let none = told(&h, "ListOpenIDConnectProviders", &[]).await;
    a_provider(&h).await;
    let other = h.another_account("210987654321").await;
    let url = [("Url", "https://other.example")];
    h.iam_as(&other, "CreateOpenIDConnectProvider", &url)
        .await
        .xml_ok();

    let told = told(&h, "ListOpenIDConnectProviders", &[]).await;

    assert_eq!(none, json!({ "OpenIDConnectProviderList": "" }));
    assert_eq!(
        told,
        json!({ "OpenIDConnectProviderList": [{ "Arn": PROVIDER }] })
    );
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [];
    assert_denied(
        "ListOpenIDConnectProviders",
        &parameters,
        &super::arn("oidc-provider/*"),
        None,
    )
    .await;
}
