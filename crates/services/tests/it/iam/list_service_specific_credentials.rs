use super::{a_plain_user, allowing, arn, assert_denied, assert_refused, told};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_user_has_none() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    let of_alice = told(
        &h,
        "ListServiceSpecificCredentials",
        &[("UserName", "alice")],
    )
    .await;
    let of_root = told(&h, "ListServiceSpecificCredentials", &[]).await;

    let none = json!({ "ServiceSpecificCredentials": "", "IsTruncated": "false" });
    assert_eq!((of_alice, of_root), (none.clone(), none));
}

#[tokio::test]
async fn without_a_name_it_is_about_the_caller() {
    let h = Harness::new().await;
    let alice = h
        .a_user(
            "alice",
            Some(&allowing(&["iam:ListServiceSpecificCredentials"])),
        )
        .await;

    let own = h
        .iam_as(&alice, "ListServiceSpecificCredentials", &[])
        .await
        .xml_ok();

    let none = json!({ "ServiceSpecificCredentials": "", "IsTruncated": "false" });
    assert_eq!(own["ListServiceSpecificCredentialsResult"], none);
}

#[tokio::test]
async fn a_marker_from_elsewhere_is_refused() {
    let h = Harness::new().await;

    let refusal = (400, "ValidationError", "Invalid Marker.");
    assert_refused(
        &h,
        "ListServiceSpecificCredentials",
        &[("Marker", "x")],
        refusal,
    )
    .await;
}

#[tokio::test]
async fn an_unknown_user_is_told_so() {
    let h = Harness::new().await;

    let text = "The user with name nobody cannot be found.";
    let nobody = [("UserName", "nobody")];
    assert_refused(
        &h,
        "ListServiceSpecificCredentials",
        &nobody,
        (404, "NoSuchEntity", text),
    )
    .await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    let h = Harness::new().await;

    let nobody = [("UserName", "nobody")];
    assert_denied(
        &h,
        "ListServiceSpecificCredentials",
        &nobody,
        &arn("user/nobody"),
    )
    .await;
}
