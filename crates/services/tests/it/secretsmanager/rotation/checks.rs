//! Whether the credential in a secret is good, as the operator asks.

use super::kit::{Act, FUNCTION, Rig};
use base::{AccountId, RegionName};
use serde_json::json;
use strongroom_services::secretsmanager::{CheckError, CheckedRotation};
use testkit::token;

async fn checked(rig: &Rig, id: &str) -> Result<CheckedRotation, CheckError> {
    let account = AccountId::parse("123456789012").unwrap();
    let region = RegionName::parse("us-east-1").unwrap();
    rig.h.app.check_rotation(&account, &region, id).await
}

/// A secret that its function rotated once.
async fn rotated() -> (Rig, String) {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;
    rig.rotate(1).await.ok();
    rig.work().await;
    (rig, arn)
}

#[tokio::test]
async fn the_function_is_asked_once_and_nothing_changes() {
    let (rig, arn) = rotated().await;
    rig.rotator.be_built_in();
    let before = (rig.describe("db").await, rig.events());

    let checked = checked(&rig, "db").await.unwrap();

    assert_eq!(
        checked,
        CheckedRotation {
            arn: arn.clone(),
            rotation_lambda_arn: String::from(FUNCTION),
            works: true,
            error_type: None,
            error_message: None,
            log: vec![String::from("call-5 in stream")],
        }
    );
    assert_eq!(
        rig.rotator.payloads()[4..],
        [json!({ "Step": "checkSecret", "SecretId": arn })]
    );
    assert_eq!(
        rig.rotator.invokers()[4],
        (arn, String::from("123456789012"))
    );
    let after = rig.describe("db").await;
    assert_eq!(after["VersionIdsToStages"], before.0["VersionIdsToStages"]);
    assert_eq!(after["LastRotatedDate"], before.0["LastRotatedDate"]);
    assert_eq!(rig.events(), before.1);
}

#[tokio::test]
async fn a_credential_that_is_not_taken_is_told_with_the_functions_words() {
    let (rig, _) = rotated().await;
    rig.rotator.be_built_in();
    let by_hand = json!({
        "SecretId": "db", "SecretString": "wrong", "ClientRequestToken": token(2),
    });
    rig.h.call("PutSecretValue", by_hand).await.ok();

    let checked = checked(&rig, "db").await.unwrap();

    assert!(!checked.works);
    assert_eq!(checked.error_type.as_deref(), Some("ValueError"));
    assert_eq!(checked.error_message.as_deref(), Some("cannot log in"));
}

#[tokio::test]
async fn a_function_that_cannot_be_called_is_told() {
    let (rig, _) = rotated().await;
    rig.rotator.be_built_in();
    rig.rotator.script("checkSecret", [Act::NotInvocable]);

    let checked = checked(&rig, "db").await.unwrap();

    assert!(!checked.works);
    assert_eq!(checked.error_type.as_deref(), Some("AccessDenied"));
    assert_eq!(checked.log, Vec::<String>::new());
}

#[tokio::test]
async fn no_other_function_is_called() {
    let (rig, arn) = rotated().await;
    rig.h.a_secret("alone", "old").await;
    let told = async |id: &str| checked(&rig, id).await.unwrap_err().to_string();

    let foreign = told(&arn).await;
    let alone = told("alone").await;
    let missing = told("other").await;

    assert_eq!(
        foreign,
        format!("only built-in functions can check a secret, and `{FUNCTION}` is none")
    );
    assert!(
        alone.contains("has no rotation function, and only that knows how to log in"),
        "{alone}"
    );
    assert_eq!(missing, "the account `123456789012` has no secret `other`");
    assert_eq!(rig.rotator.payloads().len(), 4);
}
