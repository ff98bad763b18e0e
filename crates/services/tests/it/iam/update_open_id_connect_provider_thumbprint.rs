use super::done;
use super::kit::{NO_PROVIDER, PROVIDER, a_provider, assert_denied, assert_refused, the_provider};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn thumbprints_are_replaced() {
    let h = Harness::new().await;
    a_provider(&h).await;
    let (one, two) = ("0".repeat(40), "CD".repeat(20));

    let parameters = [
        ("OpenIDConnectProviderArn", PROVIDER),
        ("ThumbprintList.member.1", one.as_str()),
        ("ThumbprintList.member.2", two.as_str()),
    ];
    done(&h, "UpdateOpenIDConnectProviderThumbprint", &parameters).await;

    let expected = json!([one, "cd".repeat(20)]);
    assert_eq!(the_provider(&h).await["ThumbprintList"], expected);
}

#[tokio::test]
async fn what_is_no_thumbprint_changes_nothing() {
    let h = Harness::new().await;
    a_provider(&h).await;
    let bad = "g".repeat(40);

    let parameters = [
        ("OpenIDConnectProviderArn", PROVIDER),
        ("ThumbprintList.member.1", bad.as_str()),
    ];
    let text = format!("the thumbprint `{bad}` is not 40 hexadecimal digits");
    let expected = (400, "InvalidInput", text.as_str());
    assert_refused(
        &h,
        "UpdateOpenIDConnectProviderThumbprint",
        &parameters,
        expected,
    )
    .await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [
        ("OpenIDConnectProviderArn", PROVIDER),
        ("ThumbprintList", ""),
    ];
    assert_refused(
        &h,
        "UpdateOpenIDConnectProviderThumbprint",
        &parameters,
        NO_PROVIDER,
    )
    .await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [
        ("OpenIDConnectProviderArn", PROVIDER),
        ("ThumbprintList", ""),
    ];
    assert_denied(
        "UpdateOpenIDConnectProviderThumbprint",
        &parameters,
        PROVIDER,
        None,
    )
    .await;
}
