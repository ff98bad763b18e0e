use super::done;
use super::kit::{NO_PROVIDER, PROVIDER, a_provider, assert_denied, assert_refused, picture};
use testkit::Harness;

#[tokio::test]
async fn a_provider_goes() {
    let h = Harness::new().await;
    let before = picture(&h).await;
    a_provider(&h).await;

    done(
        &h,
        "DeleteOpenIDConnectProvider",
        &[("OpenIDConnectProviderArn", PROVIDER)],
    )
    .await;

    assert_eq!(picture(&h).await, before);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("OpenIDConnectProviderArn", PROVIDER)];
    assert_refused(&h, "DeleteOpenIDConnectProvider", &parameters, NO_PROVIDER).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("OpenIDConnectProviderArn", PROVIDER)];
    assert_denied("DeleteOpenIDConnectProvider", &parameters, PROVIDER, None).await;
}
