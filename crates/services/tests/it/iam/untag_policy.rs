use super::done;
use super::kit::{
    NO_POLICY, POLICY, THE_POLICY, a_policy, assert_denied, assert_refused, the_policy,
};
use testkit::Harness;

#[tokio::test]
async fn tags_go_by_key_in_any_case() {
    let h = Harness::new().await;
    a_policy(&h).await;
    let mut expected = the_policy(&h).await;

    let parameters = [
        ("PolicyArn", POLICY),
        ("TagKeys.member.1", "tEAM"),
        ("TagKeys.member.2", "none"),
    ];
    done(&h, "UntagPolicy", &parameters).await;

    expected.as_object_mut().unwrap().remove("Tags");
    assert_eq!(the_policy(&h).await, expected);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", POLICY), ("TagKeys.member.1", "a")];
    assert_refused(&h, "UntagPolicy", &parameters, NO_POLICY).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicyArn", POLICY), ("TagKeys.member.1", "a")];
    assert_denied("UntagPolicy", &parameters, THE_POLICY, None).await;
}
