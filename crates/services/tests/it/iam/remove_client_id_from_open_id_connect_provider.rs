use super::done;
use super::kit::{NO_PROVIDER, PROVIDER, a_provider, assert_denied, assert_refused, the_provider};
use testkit::Harness;

#[tokio::test]
async fn an_audience_goes_and_removing_twice_is_idempotent() {
    let h = Harness::new().await;
    a_provider(&h).await;
    let parameters = [
        ("OpenIDConnectProviderArn", PROVIDER),
        ("ClientID", "sts.amazonaws.com"),
    ];

    done(&h, "RemoveClientIDFromOpenIDConnectProvider", &parameters).await;
    done(&h, "RemoveClientIDFromOpenIDConnectProvider", &parameters).await;

    assert_eq!(the_provider(&h).await["ClientIDList"], "");
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("OpenIDConnectProviderArn", PROVIDER), ("ClientID", "b")];
    assert_refused(
        &h,
        "RemoveClientIDFromOpenIDConnectProvider",
        &parameters,
        NO_PROVIDER,
    )
    .await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("OpenIDConnectProviderArn", PROVIDER), ("ClientID", "b")];
    assert_denied(
        "RemoveClientIDFromOpenIDConnectProvider",
        &parameters,
        PROVIDER,
        None,
    )
    .await;
}
