use super::kit::{NO_ROLE, READER, a_role, assert_denied, assert_refused, the_role};
use super::told;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn what_is_given_changes_and_nothing_else() {
    let h = Harness::new().await;
    a_role(&h).await;
    let mut expected = the_role(&h).await;

    let seconds = [READER, ("MaxSessionDuration", "43200")];
    assert_eq!(told(&h, "UpdateRole", &seconds).await, "");
    expected["MaxSessionDuration"] = json!("43200");
    assert_eq!(the_role(&h).await, expected);

    told(&h, "UpdateRole", &[READER, ("Description", "new")]).await;
    expected["Description"] = json!("new");
    assert_eq!(the_role(&h).await, expected);
}

#[tokio::test]
async fn an_empty_description_is_none() {
    let h = Harness::new().await;
    a_role(&h).await;

    told(&h, "UpdateRole", &[READER, ("Description", "")]).await;

    assert_eq!(the_role(&h).await["Description"], json!(null));
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [READER];
    assert_refused(&h, "UpdateRole", &parameters, NO_ROLE).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [READER, ("Description", "x")];
    assert_denied("UpdateRole", &parameters, "role Reader", None).await;
}
