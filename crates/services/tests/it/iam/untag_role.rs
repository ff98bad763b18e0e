use super::done;
use super::kit::{NO_ROLE, READER, a_role, assert_denied, assert_refused, the_role};
use testkit::Harness;

#[tokio::test]
async fn tags_go_by_key_in_any_case() {
    let h = Harness::new().await;
    a_role(&h).await;
    let mut expected = the_role(&h).await;

    let parameters = [
        READER,
        ("TagKeys.member.1", "tEAM"),
        ("TagKeys.member.2", "none"),
    ];
    done(&h, "UntagRole", &parameters).await;

    expected.as_object_mut().unwrap().remove("Tags");
    assert_eq!(the_role(&h).await, expected);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [READER, ("TagKeys.member.1", "a")];
    assert_refused(&h, "UntagRole", &parameters, NO_ROLE).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [READER, ("TagKeys.member.1", "a")];
    assert_denied("UntagRole", &parameters, "role Reader", None).await;
}
