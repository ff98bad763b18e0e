use super::done;
use super::kit::{NO_PROVIDER, PROVIDER, a_provider, assert_denied, assert_refused, the_provider};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn an_audience_is_added_once() {
    let h = Harness::new().await;
    a_provider(&h).await;
    let parameters = [("OpenIDConnectProviderArn", PROVIDER), ("ClientID", "b")];

    done(&h, "AddClientIDToOpenIDConnectProvider", &parameters).await;
    done(&h, "AddClientIDToOpenIDConnectProvider", &parameters).await;

    let expected = json!(["sts.amazonaws.com", "b"]);
    assert_eq!(the_provider(&h).await["ClientIDList"], expected);
}

#[tokio::test]
async fn a_hundred_audiences_are_the_most() {
    let h = Harness::new().await;
    a_provider(&h).await;
    let names: Vec<String> = (1..100).map(|n| n.to_string()).collect();
    for name in &names {
        let parameters = [
            ("OpenIDConnectProviderArn", PROVIDER),
            ("ClientID", name.as_str()),
        ];
        done(&h, "AddClientIDToOpenIDConnectProvider", &parameters).await;
    }

    let parameters = [
        ("OpenIDConnectProviderArn", PROVIDER),
        ("ClientID", "one more"),
    ];
    let text = "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100";
    let expected = (409, "LimitExceeded", text);
    assert_refused(
        &h,
        "AddClientIDToOpenIDConnectProvider",
        &parameters,
        expected,
    )
    .await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("OpenIDConnectProviderArn", PROVIDER), ("ClientID", "b")];
    assert_refused(
        &h,
        "AddClientIDToOpenIDConnectProvider",
        &parameters,
        NO_PROVIDER,
    )
    .await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("OpenIDConnectProviderArn", PROVIDER), ("ClientID", "b")];
    assert_denied(
        "AddClientIDToOpenIDConnectProvider",
        &parameters,
        PROVIDER,
        None,
    )
    .await;
}
