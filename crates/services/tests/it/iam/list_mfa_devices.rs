use super::empty_lists::{EmptyList, assert_empty};

#[tokio::test]
async fn it_is_empty_for_whoever_may_ask() {
    assert_empty(EmptyList {
        action: "ListMFADevices",
        member: "MFADevices",
    })
    .await;
}
