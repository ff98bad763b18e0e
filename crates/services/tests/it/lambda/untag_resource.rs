use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn named_tags_go_and_unknown_keys_do_not_matter() {
    let (h, _) = with_function().await;
    let body = json!({ "Resource": ARN, "Tags": { "a": "1", "b c": "2", "d": "3" } });
    h.lambda("TagResource", body).await;

    let body = json!({ "Resource": ARN, "TagKeys": ["a", "b c", "nope"] });
    let reply = h.lambda("UntagResource", body).await;

    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    let left = h
        .lambda("ListTags", json!({ "Resource": ARN }))
        .await
        .done(200);
    assert_eq!(left, json!({ "Tags": { "d": "3" } }));
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "UntagResource20170331v2");
    assert_eq!(
        event["requestParameters"]["tagKeys"],
        json!(["a", "b c", "nope"])
    );
}

#[tokio::test]
async fn the_keys_are_a_condition_key() {
    let (h, _) = with_function().await;
    let statement = json!({
        "Effect": "Allow", "Action": "lambda:UntagResource", "Resource": "*",
        "Condition": { "ForAllValues:StringEquals": { "aws:TagKeys": ["env"] } },
    });
    let user = h.a_user("ana", Some(&policy(&[statement]))).await;
    let untag = |key: &str| json!({ "Resource": ARN, "TagKeys": [key] });

    let other = h.lambda_as(&user, "UntagResource", untag("team")).await;
    let meant = h.lambda_as(&user, "UntagResource", untag("env")).await;

    assert_eq!((other.status, meant.status), (403, 204));
}
