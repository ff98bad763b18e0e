//! Operations of a later release: they refuse clearly, after the signature was verified.

use crate::ratchets::UNSUPPORTED;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn each_refuses_by_its_name_and_changes_nothing() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let before = h.everything().await;

    for operation in UNSUPPORTED {
        let body = json!({ "SecretId": "db", "ClientRequestToken": 1, "Anything": [{}] });
        let reply = h.call(operation, body).await;
        let text = format!("{operation} is not supported by this server yet.");
        reply.refused("InvalidRequestException", &text);
        let event = &h.audit.events_of(&reply.request_id)[0];
        assert_eq!(event["errorCode"], "InvalidRequestException");
        assert_eq!(event["errorMessage"], text);
        assert_eq!(
            event["userIdentity"]["arn"],
            "arn:aws:iam::123456789012:root"
        );
        assert_eq!(event["requestParameters"], json!({}));
    }

    assert_eq!(h.everything().await, before);
    assert_eq!(h.value("db").await, "x");
}

#[tokio::test]
async fn even_they_want_an_object() {
    let h = Harness::new().await;

    for operation in UNSUPPORTED {
        let reply = h.call(operation, Value::Null).await;
        reply.rejected("SerializationException", None);
        let reply = h.call(operation, json!([])).await;
        let text = "Start of list found where not expected";
        reply.rejected("SerializationException", Some(text));
    }
}
