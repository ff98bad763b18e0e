//! Whether the credential in a secret is good, as the operator asks.

use super::kit::{Act, FUNCTION, Rig};
use base::{AccountId, RegionName};
use serde_json::json;
use strongroom_services::Operator;
use strongroom_services::secretsmanager::{CheckError, CheckedRotation};
use testkit::token;

/// What the check of the secret `id` says.
pub(super) async fn checked(rig: &Rig, id: &str) -> Result<CheckedRotation, CheckError> {
    let account = AccountId::parse("123456789012").unwrap();
    let region = RegionName::parse("us-east-1").unwrap();
    let operator = Operator {
        uid: 0,
        request_id: String::from("command-1"),
    };
    let check = rig.h.app.check_rotation(&account, &region, id, &operator);
    check.await
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
            rotation_lambda_arn: Some(String::from(FUNCTION)),
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
async fn what_no_function_can_check_is_read_as_root_and_tried_by_the_server_itself() {
    let (rig, foreign) = rotated().await;
    let alone = rig.h.a_secret("alone", "old").await;
    let before = rig.describe("db").await;
    let rotated = rig.h.call("GetSecretValue", json!({ "SecretId": "db" }));
    let rotated = rotated.await.ok()["SecretString"]
        .as_str()
        .unwrap()
        .to_owned();

    let of_foreign = checked(&rig, &foreign).await.unwrap();
    let of_alone = checked(&rig, "alone").await.unwrap();

    for (checked, arn, value) in [
        (of_foreign, foreign, rotated.as_str()),
        (of_alone, alone, "old"),
    ] {
        assert_eq!(
            checked,
            CheckedRotation {
                arn: arn.clone(),
                works: true,
                log: vec![format!("command-1 tried {value} of {arn}")],
                ..CheckedRotation::default()
            }
        );
    }
    assert_eq!(
        rig.describe("db").await["VersionIdsToStages"],
        before["VersionIdsToStages"]
    );
    assert_eq!(rig.rotator.payloads().len(), 4);
}

#[tokio::test]
async fn what_cannot_be_checked_is_told_why() {
    let (rig, _) = rotated().await;
    let binary =
        json!({ "Name": "binary", "SecretBinary": "AAAA", "ClientRequestToken": token(3) });
    rig.h.call("CreateSecret", binary).await.ok();
    let closed = rig.h.a_secret("closed", "old").await;
    let to_nobody = json!({
        "SecretId": "closed",
        "ResourcePolicy": json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
        }] }).to_string(),
    });
    rig.h.call("PutResourcePolicy", to_nobody).await.ok();
    rig.h.a_secret("odd", "nowhere").await;
    let told = async |id: &str| checked(&rig, id).await.unwrap_err().to_string();

    let binary = told("binary").await;
    let denied = told("closed").await;
    let odd = told("odd").await;
    let missing = told("other").await;

    assert!(
        binary.ends_with("cannot be checked: it has no `SecretString`"),
        "{binary}"
    );
    let start = format!("the secret `{closed}` cannot be read as its account's root: User: ");
    assert!(denied.starts_with(&start), "{denied}");
    assert!(
        odd.ends_with("cannot be checked: it is nothing to log in with"),
        "{odd}"
    );
    assert_eq!(missing, "the account `123456789012` has no secret `other`");
}
