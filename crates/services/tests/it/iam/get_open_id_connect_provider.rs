use super::kit::{NO_PROVIDER, PROVIDER, a_provider, assert_denied, assert_refused, the_provider};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_provider_is_shown_in_full() {
    let h = Harness::new().await;
    a_provider(&h).await;

    let told = the_provider(&h).await;

    let expected = json!({
        "Url": "issuer.example/id/1", "ClientIDList": ["sts.amazonaws.com"],
        "ThumbprintList": ["ab".repeat(20)], "CreateDate": super::kit::NOW,
        "Tags": [{ "Key": "Team", "Value": "red" }],
    });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_is_no_arn_of_a_provider_is_refused() {
    let h = Harness::new().await;

    for arn in [
        "no ARN but long enough",
        "arn:aws:iam::123456789012:saml-provider/x",
    ] {
        let text = format!("ARN {arn} is not valid.");
        let expected = (400, "InvalidInput", text.as_str());
        let parameters = [("OpenIDConnectProviderArn", arn)];
        assert_refused(&h, "GetOpenIDConnectProvider", &parameters, expected).await;
    }
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("OpenIDConnectProviderArn", PROVIDER)];
    assert_refused(&h, "GetOpenIDConnectProvider", &parameters, NO_PROVIDER).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("OpenIDConnectProviderArn", PROVIDER)];
    assert_denied("GetOpenIDConnectProvider", &parameters, PROVIDER, None).await;
}
