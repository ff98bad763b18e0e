//! From an event to the endpoint of an API destination.

use super::kit::*;
use serde_json::{Value, json};
use strongroom_services::ports::NotSent;
use testkit::{Harness, with};

async fn told(h: &Harness, secret: &str) -> Vec<testkit::SentPost> {
    let before = h.messenger.posts().len();
    h.a_secret(secret, "CANARY-VALUE").await;
    h.follow().await;
    h.messenger.posts().split_off(before)
}

#[tokio::test]
async fn an_event_reaches_the_endpoint_with_what_authorizes_there() {
    let (h, _) = with_destination(api_key(), json!({})).await;

    let posts = told(&h, "db").await;

    assert_eq!(posts.len(), 1);
    let post = &posts[0];
    assert_eq!((post.method.as_str(), post.url.as_str()), ("POST", HOOK));
    let headers: Vec<(&str, &str)> = post
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let expected = [
        ("accept-encoding", "gzip,deflate"),
        ("content-type", "application/json; charset=utf-8"),
        ("range", "bytes=0-1048575"),
        ("user-agent", "Amazon/EventBridge/ApiDestinations"),
        ("x-key", "CANARY-KEY"),
    ];
    assert_eq!(headers, expected);
    assert_eq!(post.json()["detail"]["eventName"], "CreateSecret");
    assert!(!post.body.contains("CANARY"));
    let shown = h.app.show_deliveries(None).await.unwrap();
    assert_eq!(
        (
            shown.waiting.len(),
            shown.dead.len(),
            shown.counts.delivered
        ),
        (0, 0, 1)
    );
    assert!(
        !Value::Array(h.audit.events())
            .to_string()
            .contains("CANARY")
    );
}

#[tokio::test]
async fn a_target_adds_parameters_that_may_be_parts_of_the_event() {
    let parameters = json!({
        "PathParameterValues": ["$.detail.requestParameters.name"],
        "HeaderParameters": { "X-Team": "red", "X-Of": "$.source", "Host": "evil.example" },
        "QueryStringParameters": { "n": "$.detail.eventName", "key": "theirs" },
    });
    let transformer = json!({ "InputTemplate": "{\"rule\":<aws.events.rule-name>}" });
    let more = json!({ "HttpParameters": parameters, "InputTransformer": transformer });
    let (h, arn) = with_destination(basic(), more.clone()).await;
    let endpoint = json!({ "Name": "pager", "InvocationEndpoint": "https://hooks.example/in/*/x" });
    h.rules("UpdateApiDestination", endpoint).await.ok();

    let posts = told(&h, "a+b=c").await;

    let target = json!({ "Id": "t", "Arn": arn, "RoleArn": ROLE });
    assert_eq!(targets(&h).await, json!([with(target, more)]));
    let post = &posts[0];
    assert_eq!(
        post.url,
        "https://hooks.example/in/a%2Bb%3Dc/x?n=CreateSecret&key=CANARY-QUERY"
    );
    assert_eq!(post.header("x-team"), Some("blue"));
    assert_eq!(post.header("x-of"), Some("aws.secretsmanager"));
    assert_eq!(post.header("host"), None);
    assert_eq!(post.json(), json!({ "rule": "r", "token": "CANARY-BODY" }));
}

#[tokio::test]
async fn a_parameter_without_a_value_is_a_dead_letter() {
    let parameters = json!({ "HeaderParameters": { "X-Of": "$.detail.nothing" } });
    let (h, _) = with_destination(api_key(), json!({ "HttpParameters": parameters })).await;

    let posts = told(&h, "db").await;

    assert_eq!(posts.len(), 0);
    assert_eq!(
        whys(&h).await,
        ["a parameter of the target has no value that can be sent"]
    );
}

#[tokio::test]
async fn the_role_has_to_be_allowed_at_each_request() {
    let (h, arn) = with_destination(api_key(), json!({})).await;

    allow_role(&h, "Deny").await;
    let refused = told(&h, "a").await;
    allow_role(&h, "Allow").await;
    let told = told(&h, "b").await;

    assert_eq!((refused.len(), told.len()), (0, 1));
    let shown = h.app.show_deliveries(None).await.unwrap();
    let letter = &shown.dead[0];
    assert_eq!(
        (letter.source.as_str(), letter.endpoint.as_str()),
        (RULE, arn.as_str())
    );
    assert_eq!(
        letter.why,
        "the role of the target may not invoke the API destination"
    );
}

#[tokio::test]
async fn what_fails_is_tried_again_as_the_policy_of_the_target_says() {
    let policy = json!({ "MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60 });
    let (h, _) = with_destination(api_key(), json!({ "RetryPolicy": policy })).await;
    let refusal = NotSent::for_now("the endpoint answered 503");
    h.messenger
        .fail(HOOK, Some(refusal.clone().after(Some(30))));

    let first = told(&h, "a").await.len();
    h.clock.advance_seconds(29);
    h.deliver().await;
    let too_early = h.messenger.posts().len();
    h.clock.advance_seconds(1);
    h.deliver().await;
    let second = h.messenger.posts().len();
    h.clock.advance_seconds(3_600);
    h.deliver().await;

    assert_eq!(
        (first, too_early, second, h.messenger.posts().len()),
        (1, 1, 2, 2)
    );
    assert_eq!(whys(&h).await, [refusal.why]);
}

#[tokio::test]
async fn an_endpoint_is_not_asked_more_often_in_a_second_than_it_says() {
    let (h, _) = with_destination(api_key(), json!({})).await;
    let rate = json!({ "Name": "pager", "InvocationRateLimitPerSecond": 2 });
    h.rules("UpdateApiDestination", rate).await.ok();
    for name in ["a", "b", "c"] {
        h.a_secret(name, "x").await;
    }

    let mut counts = Vec::new();
    for millis in [0, 499, 1, 500] {
        h.clock.advance_millis(millis);
        h.follow().await;
        counts.push(h.messenger.posts().len());
    }

    assert_eq!(counts, [1, 1, 2, 3]);
}

#[tokio::test]
async fn what_waits_has_no_secrets_and_finds_those_that_are_there_by_then() {
    let (h, _) = with_destination(api_key(), json!({})).await;
    h.messenger.fail(HOOK, Some(NotSent::for_now("down")));
    told(&h, "a").await;
    let waiting = h.app.show_deliveries(None).await.unwrap();
    let waiting = serde_json::to_string(&waiting).unwrap();
    h.messenger.fail(HOOK, None);
    let key = json!({ "Name": "hooks", "AuthParameters": {
        "ApiKeyAuthParameters": { "ApiKeyValue": "later" },
    }});
    h.rules("UpdateConnection", key).await.ok();

    h.clock.advance_seconds(1);
    h.deliver().await;

    assert!(
        !waiting.contains("CANARY") && !waiting.contains(HOOK),
        "{waiting}"
    );
    let posts = h.messenger.posts();
    let keys: Vec<_> = posts.iter().map(|post| post.header("x-key")).collect();
    assert_eq!(keys, [Some("CANARY-KEY"), Some("later")]);
}
