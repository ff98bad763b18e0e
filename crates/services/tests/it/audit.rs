//! What a caller sends never forges the record, and what is secret never reaches it.

use http::HeaderValue;
use serde_json::{Value, json};
use testkit::{Harness, token};

#[tokio::test]
async fn what_a_caller_says_of_itself_cannot_forge_the_record() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let forged = r#"x","errorCode":null},{"eventName":"Other"#;
    let agents = [
        (forged.as_bytes().to_vec(), forged.to_owned()),
        (b"tab\there".to_vec(), "tab\there".to_owned()),
        (b"caf\xe9 \xff".to_vec(), String::new()),
        (vec![b'a'; 5_000], "a".repeat(512)),
    ];

    for (sent, shown) in agents {
        let mut request = h
            .root
            .signed("GetSecretValue", &json!({ "SecretId": "db" }), h.now());
        let agent = HeaderValue::from_bytes(&sent).unwrap();
        request.headers.insert("user-agent", agent);
        let reply = h.send(request).await;
        let events = h.audit.events_of(&reply.request_id);
        assert_eq!(events.len(), 1);
        assert_eq!(reply.status, 200);
        assert_eq!(events[0]["userAgent"], shown);
    }
    let target = h.send(h.root.signed_raw(forged, b"{}", h.now())).await;
    assert_eq!(
        h.audit.events_of(&target.request_id)[0]["eventName"],
        forged
    );
    let body = "Action=a%0A%7B%22eventName%22%3A%22Other%22%7D%0D%0A%00%E2%80%A8";
    let action = h.send(h.root.signed_query(body, h.now())).await;
    assert_eq!(
        h.audit.events_of(&action.request_id)[0]["eventName"],
        "a\n{\"eventName\":\"Other\"}\r\n\0\u{2028}"
    );
    assert_eq!(h.audit.named("Other"), Vec::<Value>::new());
}

#[tokio::test]
async fn a_value_never_reaches_the_record_whatever_is_wrong_with_the_request() {
    let h = Harness::new().await;
    let canary = "canary-7f3a9c";
    let bodies = [
        json!({ "Name": "db", "SecretString": canary }),
        json!({ "Name": "a b", "SecretString": canary, "ClientRequestToken": token(0) }),
        json!({ "Name": 1, "SecretString": canary }),
        json!({ "SecretString": [canary] }),
        json!({ "SecretBinary": canary }),
        json!({ "SecretString": canary.repeat(6_000), "Name": "db" }),
        json!({ "RotationToken": canary, "SecretId": "db" }),
    ];

    for body in bodies {
        for operation in [
            "CreateSecret",
            "PutSecretValue",
            "UpdateSecret",
            "RotateSecret",
        ] {
            let reply = h.call(operation, body.clone()).await;
            assert!(!reply.text.contains(canary), "{}", reply.text);
        }
    }

    let recorded = Value::Array(h.audit.events()).to_string();
    assert!(!recorded.contains(canary));
    assert_eq!(h.everything().await, json!([]));
}

#[tokio::test]
async fn parameters_without_measure_are_left_out_of_the_record() {
    let h = Harness::new().await;
    let lengths = [100, 100 << 10, 1 << 20];

    for length in lengths {
        // Each character takes six bytes in the record.
        let name = "\0".repeat(length / 6);
        let reply = h.call("CreateSecret", json!({ "Name": name })).await;

        let events = h.audit.events_of(&reply.request_id);
        assert_eq!((reply.status, events.len()), (400, 1));
        assert_eq!(
            events[0]["requestParameters"].is_null(),
            length > 100,
            "{length}"
        );
    }
}

#[tokio::test]
async fn no_event_ever_shows_a_value_a_key_or_a_token_of_a_list() {
    let h = Harness::new().await;
    let canary = "canary-7f3a9c";
    h.a_secret("a", canary).await;
    h.a_secret("b", canary).await;
    let page = h.call("ListSecrets", json!({ "MaxResults": 1 })).await.ok();
    let next = page["NextToken"].as_str().unwrap();
    let batch = json!({ "SecretIdList": ["a", "b"] });

    h.put("a", 1, canary, Value::Null).await;
    h.value("a").await;
    h.call("BatchGetSecretValue", batch).await.ok();
    h.call("ListSecrets", json!({ "NextToken": next }))
        .await
        .ok();
    let force = json!({ "SecretId": "a", "ForceDeleteWithoutRecovery": true });
    h.call("DeleteSecret", force).await.ok();

    let secret_key = String::from_utf8(h.root.credentials().secret_access_key.to_vec()).unwrap();
    let recorded = Value::Array(h.audit.events()).to_string();
    for hidden in [canary, next, secret_key.as_str()] {
        assert!(!recorded.contains(hidden), "{hidden}");
    }
}
