use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_new_key_is_shown_whole() {
    let h = Harness::new().await;
    let body = json!({ "Description": "of the shop" });
    let created = h.kms("CreateKey", body).await.ok();
    let arn = created["KeyMetadata"]["Arn"].as_str().unwrap();

    let shown = described(&h, arn).await;

    assert_eq!(shown, created["KeyMetadata"]);
    let material = shown["CurrentKeyMaterialId"].as_str().unwrap();
    assert_eq!(material.len(), 64);
    let expected = json!({
        "AWSAccountId": "123456789012",
        "KeyId": id_of(arn),
        "Arn": arn,
        "CreationDate": 1_768_478_400,
        "Enabled": true,
        "Description": "of the shop",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": false,
        "CurrentKeyMaterialId": material,
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn a_key_is_found_by_id_and_arn() {
    let h = Harness::new().await;
    let arn = h.a_key().await;

    for name in [arn.as_str(), id_of(&arn)] {
        assert_eq!(described(&h, name).await["Arn"], arn);
    }
}

#[tokio::test]
async fn what_is_not_there_is_named_by_its_arn() {
    let h = Harness::new().await;

    for (name, text) in [
        (NO_KEY, format!("Key '{NO_KEY_ARN}' does not exist")),
        (NO_KEY_ARN, format!("Key '{NO_KEY_ARN}' does not exist")),
        (
            "alias/none",
            String::from("Alias arn:aws:kms:us-east-1:123456789012:alias/none is not found."),
        ),
        ("db", String::from("Invalid keyId 'db'")),
        (
            "arn:aws:kms:eu-west-1:123456789012:alias/none",
            String::from("Invalid arn eu-west-1"),
        ),
    ] {
        let reply = h.kms("DescribeKey", json!({ "KeyId": name })).await;
        reply.refused("NotFoundException", &text);
    }
}

#[tokio::test]
async fn who_has_no_leave_is_refused_before_it_learns_what_is_there() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let nobody = h.a_user("nobody", None).await;
    let arn = "arn:aws:iam::123456789012:user/nobody";

    for (name, shown) in [
        (key.as_str(), key.as_str()),
        (NO_KEY, NO_KEY_ARN),
        (
            "alias/none",
            "arn:aws:kms:us-east-1:123456789012:alias/none",
        ),
    ] {
        let reply = h
            .kms_as(&nobody, "DescribeKey", json!({ "KeyId": name }))
            .await;
        assert_denied(&reply, arn, "DescribeKey", shown);
    }
}
