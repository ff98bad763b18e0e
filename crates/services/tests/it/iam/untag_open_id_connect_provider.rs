use super::done;
use super::kit::{NO_PROVIDER, PROVIDER, a_provider, assert_denied, assert_refused, the_provider};
use testkit::Harness;

#[tokio::test]
async fn tags_go_by_key_in_any_case() {
    let h = Harness::new().await;
    a_provider(&h).await;
    let mut expected = the_provider(&h).await;

    let parameters = [
        ("OpenIDConnectProviderArn", PROVIDER),
        ("TagKeys.member.1", "tEAM"),
        ("TagKeys.member.2", "none"),
    ];
    done(&h, "UntagOpenIDConnectProvider", &parameters).await;

    expected.as_object_mut().unwrap().remove("Tags");
    assert_eq!(the_provider(&h).await, expected);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [
        ("OpenIDConnectProviderArn", PROVIDER),
        ("TagKeys.member.1", "a"),
    ];
    assert_refused(&h, "UntagOpenIDConnectProvider", &parameters, NO_PROVIDER).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [
        ("OpenIDConnectProviderArn", PROVIDER),
        ("TagKeys.member.1", "a"),
    ];
    assert_denied("UntagOpenIDConnectProvider", &parameters, PROVIDER, None).await;
}
