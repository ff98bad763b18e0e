use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn other_kinds_of_keys_are_refused_as_what_is_not_there_yet() {
    let h = Harness::new().await;

    for (body, what) in [
        (json!({ "KeySpec": "RSA_2048" }), "KeySpec RSA_2048"),
        (
            json!({ "CustomerMasterKeySpec": "HMAC_256" }),
            "KeySpec HMAC_256",
        ),
        (
            json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY" }),
            "KeySpec ECC_NIST_P256",
        ),
        (json!({ "Origin": "EXTERNAL" }), "Origin EXTERNAL"),
        (json!({ "MultiRegion": true }), "MultiRegion"),
        (json!({ "CustomKeyStoreId": "cks-1" }), "CustomKeyStoreId"),
        (json!({ "XksKeyId": "key-1" }), "XksKeyId"),
    ] {
        let reply = h.kms("CreateKey", body).await;
        let text = format!("{what} is not supported by this server yet.");
        reply.refused("UnsupportedOperationException", &text);
    }
}

#[tokio::test]
async fn parameters_that_exclude_each_other_are_refused() {
    let h = Harness::new().await;

    let both =
        json!({ "KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT" });
    h.kms("CreateKey", both).await.refused(
        "ValidationException",
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
         CustomerMasterKeySpec is deprecated.",
    );
    h.kms("CreateKey", json!({ "KeyUsage": "SIGN_VERIFY" }))
        .await
        .refused(
            "ValidationException",
            "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT",
        );
}

#[tokio::test]
async fn the_event_names_the_new_key() {
    let h = Harness::new().await;

    let reply = h.kms("CreateKey", json!({ "Description": "d" })).await;

    let metadata = &reply.ok()["KeyMetadata"];
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventSource"], "kms.amazonaws.com");
    assert_eq!(event["readOnly"], false);
    assert_eq!(event["requestParameters"], json!({ "description": "d" }));
    assert_eq!(
        event["responseElements"]["keyMetadata"]["arn"],
        metadata["Arn"]
    );
    let resource = json!({
        "accountId": "123456789012", "type": "AWS::KMS::Key", "ARN": metadata["Arn"],
    });
    assert_eq!(event["resources"], Value::Array(vec![resource]));
}
