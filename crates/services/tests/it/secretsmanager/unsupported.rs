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
        assert_eq!(event["requestParameters"], json!({ "secretId": "db" }));
    }

    assert_eq!(h.everything().await, before);
    assert_eq!(h.value("db").await, "x");
}

#[tokio::test]
async fn each_is_allowed_and_refused_on_the_secret_that_it_names() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let other = h.a_secret("other", "x").await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "secretsmanager:*", "Resource": arn,
    }]});
    let alice = h.a_user("alice", Some(&policy)).await;

    for operation in UNSUPPORTED {
        let allowed = h
            .call_as(&alice, operation, json!({ "SecretId": "db" }))
            .await;
        let text = format!("{operation} is not supported by this server yet.");
        allowed.refused("InvalidRequestException", &text);
        for (body, on) in [
            (
                json!({ "SecretId": "other" }),
                format!(" on resource: {other}"),
            ),
            (
                json!({ "SecretId": "none" }),
                String::from(" on resource: none"),
            ),
            (json!({}), String::new()),
        ] {
            let refused = h.call_as(&alice, operation, body).await;
            let text = format!(
                "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: \
                 secretsmanager:{operation}{on} because no identity-based policy allows the \
                 secretsmanager:{operation} action"
            );
            refused.refused("AccessDeniedException", &text);
        }
        h.call(operation, json!({ "SecretId": "no name" }))
            .await
            .refused("ValidationException", super::INVALID_NAME);
    }
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
