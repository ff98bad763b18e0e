use super::{DELETED, INVALID_NAME, MIDNIGHT, NOON, NOT_FOUND, denial};
use serde_json::{Value, json};
use testkit::{Harness, token};

async fn batch(h: &Harness, body: Value) -> testkit::Reply {
    h.call("BatchGetSecretValue", body).await
}

fn value(arn: &str, name: &str, text: &str) -> Value {
    json!({
        "ARN": arn,
        "Name": name,
        "VersionId": token(0),
        "SecretString": text,
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": NOON,
    })
}

#[tokio::test]
async fn each_named_secret_gives_its_current_value_in_the_order_asked_for() {
    let h = Harness::new().await;
    let a = h.a_secret("a", "one").await;
    let b = h.a_secret("b", "two").await;
    let c = h.a_secret("c", "three").await;

    let body = json!({ "SecretIdList": ["c", a, &b[..b.len() - 7]] });
    let answer = batch(&h, body).await.ok();

    let values = [
        value(&c, "c", "three"),
        value(&a, "a", "one"),
        value(&b, "b", "two"),
    ];
    assert_eq!(answer, json!({ "SecretValues": values, "Errors": [] }));
}

#[tokio::test]
async fn what_cannot_be_read_is_an_entry_among_the_errors() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let body = json!({ "Name": "db", "SecretString": "x", "ClientRequestToken": token(0) });
    let theirs = h.call_as(&other, "CreateSecret", body).await.ok();
    let theirs = theirs["ARN"].as_str().unwrap();
    let good = h.a_secret("good", "value").await;
    h.a_secret("deleted", "value").await;
    h.call("DeleteSecret", json!({ "SecretId": "deleted" }))
        .await
        .ok();
    let empty = json!({ "Name": "empty", "ClientRequestToken": token(0) });
    h.call("CreateSecret", empty).await.ok();

    let ids = ["missing", "good", "deleted", "empty", "no name", theirs];
    let reply = batch(&h, json!({ "SecretIdList": ids })).await;

    let no_value =
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
    let denied = denial("123456789012", "GetSecretValue", theirs);
    let errors = json!([
        { "SecretId": "missing", "ErrorCode": "ResourceNotFoundException", "Message": NOT_FOUND },
        { "SecretId": "deleted", "ErrorCode": "InvalidRequestException", "Message": DELETED },
        { "SecretId": "empty", "ErrorCode": "ResourceNotFoundException", "Message": no_value },
        { "SecretId": "no name", "ErrorCode": "ValidationException", "Message": INVALID_NAME },
        { "SecretId": theirs, "ErrorCode": "AccessDeniedException", "Message": denied },
    ]);
    let values = [value(&good, "good", "value")];
    assert_eq!(
        reply.ok(),
        json!({ "SecretValues": values, "Errors": errors })
    );
}

#[tokio::test]
async fn one_event_is_recorded_for_the_batch_and_one_for_each_secret() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "hunter2").await;

    let reply = batch(&h, json!({ "SecretIdList": ["db", "missing"] })).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 3);
    assert_eq!(events[0]["eventName"], "BatchGetSecretValue");
    assert_eq!(
        events[0]["requestParameters"],
        json!({ "secretIdList": ["db", "missing"] })
    );
    assert_eq!(events[1]["eventName"], "GetSecretValue");
    assert_eq!(events[1]["eventType"], "AwsApiCall");
    assert_eq!(events[1]["requestParameters"], json!({ "secretId": "db" }));
    assert_eq!(events[1]["resources"][0]["ARN"], arn);
    assert_eq!(events[1].get("errorCode"), None);
    assert_eq!(
        events[2]["requestParameters"],
        json!({ "secretId": "missing" })
    );
    assert_eq!(events[2]["errorCode"], "ResourceNotFoundException");
    assert_eq!(events[2]["errorMessage"], NOT_FOUND);
    for event in events {
        assert_eq!(
            event["userIdentity"]["arn"],
            "arn:aws:iam::123456789012:root"
        );
        assert_eq!(event["readOnly"], true);
        assert!(!event.to_string().contains("hunter2"));
    }
}

#[tokio::test]
async fn the_event_of_each_secret_says_what_decided_and_whose_it_is() {
    let h = Harness::new().await;
    let own = h.a_secret("own", "x").await;
    let theirs = h.a_secret("theirs", "x").await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "Read", "Effect": "Allow", "Principal": "*",
        "Action": "secretsmanager:GetSecretValue", "Resource": "*",
    }]});
    let body = json!({ "SecretId": "own", "ResourcePolicy": policy.to_string() });
    h.call("PutResourcePolicy", body).await.ok();
    let only_batch = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "secretsmanager:BatchGetSecretValue", "Resource": "*",
    }]});
    let alice = h.a_user("alice", Some(&only_batch)).await;

    let body = json!({ "SecretIdList": ["theirs", "own"] });
    let reply = h.call_as(&alice, "BatchGetSecretValue", body).await;

    let answer = reply.ok();
    assert_eq!(answer["SecretValues"][0]["ARN"], own);
    assert!(
        answer["Errors"][0]["Message"]
            .as_str()
            .unwrap()
            .contains(&theirs)
    );
    let events = h.audit.events_of(&reply.request_id);
    let refused = json!({
        "outcome": "implicitDeny", "action": "secretsmanager:GetSecretValue",
        "policyType": "identity-based policy",
    });
    let allowed = json!({
        "outcome": "allowed", "action": "secretsmanager:GetSecretValue",
        "policyType": "resource-based policy", "policy": "resource policy default", "statement": 1,
        "sid": "Read",
    });
    assert_eq!(events[1]["additionalEventData"]["decision"], refused);
    assert_eq!(events[2]["additionalEventData"]["decision"], allowed);
    let resource = json!([{ "accountId": "123456789012", "ARN": own }]);
    assert_eq!(events[2]["resources"], resource);
    assert_eq!(events[2]["recipientAccountId"], "123456789012");
}

#[tokio::test]
async fn reading_in_a_batch_notes_the_day() {
    let h = Harness::new().await;
    h.a_secret("a", "x").await;
    h.a_secret("b", "x").await;
    h.a_secret("c", "x").await;

    batch(&h, json!({ "SecretIdList": ["a", "b", "a"] }))
        .await
        .ok();

    assert_eq!(h.describe("a").await["LastAccessedDate"], MIDNIGHT);
    assert_eq!(h.describe("b").await["LastAccessedDate"], MIDNIGHT);
    assert_eq!(h.describe("c").await.get("LastAccessedDate"), None);
}

#[tokio::test]
async fn a_secret_named_twice_is_given_twice() {
    let h = Harness::new().await;
    let arn = h.a_secret("a", "x").await;

    let answer = batch(&h, json!({ "SecretIdList": ["a", arn, "a"] }))
        .await
        .ok();

    let values = vec![value(&arn, "a", "x"); 3];
    assert_eq!(answer, json!({ "SecretValues": values, "Errors": [] }));
}

#[tokio::test]
async fn filters_select_what_is_read_page_by_page() {
    let h = Harness::new().await;
    for n in 0..5 {
        h.a_secret(&format!("prod/{n}"), &format!("value {n}"))
            .await;
    }
    h.a_secret("test/0", "other").await;
    h.a_secret("prod/deleted", "gone").await;
    h.call("DeleteSecret", json!({ "SecretId": "prod/deleted" }))
        .await
        .ok();
    let mut body = json!({ "Filters": [{ "Key": "name", "Values": ["prod/"] }], "MaxResults": 2 });
    let mut values = Vec::new();
    let mut sizes = Vec::new();

    loop {
        let page = batch(&h, body.clone()).await.ok();
        assert_eq!(page["Errors"], json!([]));
        let read = page["SecretValues"].as_array().unwrap();
        sizes.push(read.len());
        values.extend(
            read.iter()
                .map(|one| one["SecretString"].as_str().unwrap().to_owned()),
        );
        match page.get("NextToken") {
            Some(next) => body["NextToken"] = next.clone(),
            None => break,
        }
    }

    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(
        values,
        ["value 0", "value 1", "value 2", "value 3", "value 4"]
    );
}

#[tokio::test]
async fn what_filters_find_without_a_value_is_an_entry_by_arn() {
    let h = Harness::new().await;
    let body = json!({ "Name": "empty", "ClientRequestToken": token(0) });
    let arn = h.call("CreateSecret", body).await.ok()["ARN"].clone();

    let body = json!({ "Filters": [{ "Key": "name", "Values": ["e"] }] });
    let answer = batch(&h, body).await.ok();

    let text =
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
    let errors =
        [json!({ "SecretId": arn, "ErrorCode": "ResourceNotFoundException", "Message": text })];
    assert_eq!(answer, json!({ "SecretValues": [], "Errors": errors }));
}

#[tokio::test]
async fn twenty_secrets_are_read_at_once_and_no_more() {
    let h = Harness::new().await;
    let names: Vec<String> = (0..21).map(|n| format!("db{n}")).collect();
    for name in &names {
        h.a_secret(name, "x").await;
    }

    let twenty = batch(&h, json!({ "SecretIdList": names[..20] })).await.ok();
    let more = batch(&h, json!({ "SecretIdList": names })).await;
    let found = batch(
        &h,
        json!({ "Filters": [{ "Key": "name", "Values": ["db"] }] }),
    )
    .await
    .ok();

    assert_eq!(twenty["SecretValues"].as_array().map(Vec::len), Some(20));
    assert_eq!(
        (more.status, &more.json()["__type"]),
        (400, &json!("ValidationException"))
    );
    assert_eq!(found["SecretValues"].as_array().map(Vec::len), Some(20));
    assert!(found["NextToken"].is_string());
}

#[tokio::test]
async fn each_wrong_request_is_refused_and_reads_nothing() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let before = h.everything().await;
    let filters = json!([{ "Key": "name", "Values": ["db"] }]);
    let list = h.call("ListSecrets", json!({ "MaxResults": 1 })).await.ok();
    assert_eq!(list.get("NextToken"), None);
    let cases = [
        (
            json!({ "SecretIdList": ["db"], "Filters": filters }),
            "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
        ),
        (
            json!({}),
            "Either 'SecretIdList' or 'Filters' must be provided.",
        ),
        (
            json!({ "SecretIdList": ["db"], "MaxResults": 5 }),
            "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is \
             provided.",
        ),
        (
            json!({ "Filters": [{ "Values": ["db"] }] }),
            "Invalid filter key",
        ),
        (
            json!({ "Filters": [{ "Key": "all" }] }),
            "Invalid filter values for key: all",
        ),
    ];

    for (body, text) in cases {
        batch(&h, body)
            .await
            .refused("InvalidParameterException", text);
    }
    let bad_page = batch(&h, json!({ "Filters": filters, "NextToken": "abc" })).await;

    bad_page.refused("InvalidNextTokenException", super::BAD_PAGE);
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn nothing_is_revealed_while_the_audit_log_fails() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    h.value("db").await;
    h.audit.fail(true);

    let reply = batch(&h, json!({ "SecretIdList": ["db"] })).await;

    assert_eq!(
        (reply.status, reply.text.as_str()),
        (500, r#"{"__type":"InternalServiceError"}"#)
    );
}
