use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn as_many_bytes_come_as_are_wanted() {
    let h = Harness::new().await;

    for length in [1, 16, 1024] {
        let drawn = h
            .kms("GenerateRandom", json!({ "NumberOfBytes": length }))
            .await
            .ok();
        assert_eq!(bytes(&drawn["Plaintext"]).len(), length);
        assert_eq!(drawn.as_object().unwrap().len(), 1);
    }
    let body = json!({ "NumberOfBytes": 32 });
    let one = h.kms("GenerateRandom", body.clone()).await.ok();
    assert_ne!(one, h.kms("GenerateRandom", body).await.ok());
}

#[tokio::test]
async fn a_length_is_needed_and_key_stores_and_enclaves_are_not_there() {
    let h = Harness::new().await;

    let reply = h.kms("GenerateRandom", json!({})).await;
    reply.refused("ValidationException", "Please specify number of bytes.");
    for (body, what) in [
        (
            json!({ "NumberOfBytes": 1, "CustomKeyStoreId": "cks-1" }),
            "CustomKeyStoreId",
        ),
        (json!({ "NumberOfBytes": 1, "Recipient": {} }), "Recipient"),
    ] {
        let text = format!("{what} is not supported by this server yet.");
        h.kms("GenerateRandom", body)
            .await
            .refused("UnsupportedOperationException", &text);
    }
}

#[tokio::test]
async fn it_needs_leave_for_everything_and_no_key_policy() {
    let h = Harness::new().await;
    let user = h.a_user("alice", None).await;
    let body = json!({ "NumberOfBytes": 8 });

    let reply = h.kms_as(&user, "GenerateRandom", body.clone()).await;
    assert_denied(
        &reply,
        "arn:aws:iam::123456789012:user/alice",
        "GenerateRandom",
        "*",
    );
    h.allow(
        "alice",
        &policy(&[statement("Allow", None, "kms:GenerateRandom")]),
    )
    .await;
    h.kms_as(&user, "GenerateRandom", body).await.ok();
}
