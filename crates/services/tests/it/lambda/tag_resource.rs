use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn tags(h: &Harness) -> Value {
    let listed = h.lambda("ListTags", json!({ "Resource": ARN })).await;
    listed.done(200)["Tags"].clone()
}

#[tokio::test]
async fn tags_are_set_and_replaced() {
    let (h, _) = with_function().await;

    let first = json!({ "Resource": ARN, "Tags": { "a": "1", "b": "" } });
    let reply = h.lambda("TagResource", first).await;
    let second = json!({ "Resource": ARN, "Tags": { "a": "2", "c": "3" } });
    h.lambda("TagResource", second).await;

    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    assert_eq!(tags(&h).await, json!({ "a": "2", "b": "", "c": "3" }));
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "TagResource20170331v2");
    assert_eq!(
        event["requestParameters"]["tags"],
        json!({ "a": "1", "b": "" })
    );
}

#[tokio::test]
async fn wrong_tags_change_nothing() {
    let (h, _) = with_function().await;
    let code = "InvalidParameterValueException";
    let set = async |tags: Value| {
        let body = json!({ "Resource": ARN, "Tags": tags });
        h.lambda("TagResource", body).await
    };
    set(json!({ "team": "a" })).await;
    let many: serde_json::Map<String, Value> =
        (0..50).map(|n| (format!("k{n}"), json!(""))).collect();

    let reserved = set(json!({ "aws:x": "" })).await;
    let twin = set(json!({ "Team": "b" })).await;
    let many = set(Value::Object(many)).await;
    let empty = set(json!({ "": "b" })).await;

    reserved.rest_refused(
        400,
        code,
        "Tag keys starting with aws: are reserved for system use.",
    );
    twin.rest_refused(
        400,
        code,
        "Tag keys of a function can't differ only in case. Key: Team",
    );
    let text = "The number of tags exceeds the limit of 50 tags for a resource.";
    many.rest_refused(400, code, text);
    assert_eq!(empty.error_type.as_deref(), Some("ValidationException"));
    assert_eq!(tags(&h).await, json!({ "team": "a" }));
}

#[tokio::test]
async fn only_functions_have_tags_here() {
    let (h, _) = with_function().await;
    let set = async |arn: String| {
        let body = json!({ "Resource": arn, "Tags": { "a": "1" } });
        h.lambda("TagResource", body).await
    };

    let version = set(format!("{ARN}:$LATEST")).await;
    let mapping = ARN.replace(
        "function:f",
        "event-source-mapping:11111111-2222-3333-4444-555555555555",
    );
    let mapping = set(mapping).await;

    let text = "Tags on function aliases and versions are not supported. Please specify either a \
                function ARN.";
    version.rest_refused(400, "InvalidParameterValueException", text);
    let text = "A resource other than a function is not supported by this server yet.";
    mapping.rest_refused(400, "InvalidParameterValueException", text);
}

#[tokio::test]
async fn conditions_see_what_is_set_and_what_is_there() {
    let (h, _) = with_function().await;
    let statement = |action: &str, condition: Value| json!({ "Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition });
    let setting = json!({ "StringEquals": { "aws:RequestTag/env": "dev" } });
    let using = json!({ "StringEquals": { "aws:ResourceTag/env": "dev" } });
    let allowed = policy(&[
        statement("lambda:TagResource", setting),
        statement("lambda:InvokeFunction", using),
    ]);
    let user = h.a_user("ana", Some(&allowed)).await;
    let tag = |value: &str| json!({ "Resource": ARN, "Tags": { "env": value } });
    let invoke = async || {
        h.lambda_as(&user, "Invoke", json!({ "FunctionName": "f" }))
            .await
            .status
    };

    let before = invoke().await;
    let other = h.lambda_as(&user, "TagResource", tag("prod")).await.status;
    let meant = h.lambda_as(&user, "TagResource", tag("dev")).await.status;
    let after = invoke().await;

    assert_eq!((before, other, meant, after), (403, 403, 204, 200));
}
