//! The shortest way to set a stage in EventBridge.

use serde_json::{Value, json};
use testkit::{Harness, Reply};

pub(super) const RULE: &str = "arn:aws:events:us-east-1:123456789012:rule/r";
pub(super) const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:t";
pub(super) const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";
pub(super) const HOOK: &str = "https://hooks.example/in";

/// A pattern for changes of secrets.
pub(super) fn pattern() -> Value {
    json!({ "source": ["aws.secretsmanager"] })
}

pub(super) async fn put_rule(h: &Harness, pattern: &Value) -> Reply {
    let body = json!({ "Name": "r", "EventPattern": pattern.to_string() });
    h.rules("PutRule", body).await
}

pub(super) async fn put_target(h: &Harness, target: Value) -> Reply {
    let body = json!({ "Rule": "r", "Targets": [target] });
    h.rules("PutTargets", body).await
}

/// With the rule `r`.
pub(super) async fn with_rule() -> Harness {
    let h = Harness::new().await;
    put_rule(&h, &pattern()).await.ok();
    h
}

/// With a topic that lets rules publish, the hook that hears of it, and the rule `r` that tells it.
pub(super) async fn with_topic(target: Value) -> Harness {
    let h = with_rule().await;
    h.sns("CreateTopic", &[("Name", "t")]).await.xml_ok();
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sns:Publish", "Resource": TOPIC,
        "Condition": { "ArnEquals": { "aws:SourceArn": RULE } },
    }]})
    .to_string();
    let parameters = [
        ("TopicArn", TOPIC),
        ("AttributeName", "Policy"),
        ("AttributeValue", &policy),
    ];
    h.sns("SetTopicAttributes", &parameters).await.xml_ok();
    let parameters = [
        ("TopicArn", TOPIC),
        ("Protocol", "https"),
        ("Endpoint", HOOK),
        ("Attributes.entry.1.key", "RawMessageDelivery"),
        ("Attributes.entry.1.value", "true"),
    ];
    h.sns("Subscribe", &parameters).await.xml_ok();
    h.deliver().await;
    let asked = h.messenger.posts()[0].json();
    let token = asked["Token"].as_str().unwrap();
    let parameters = [("TopicArn", TOPIC), ("Token", token)];
    h.sns("ConfirmSubscription", &parameters).await.xml_ok();
    put_target(&h, target).await.ok();
    // What happened until now is no event for the rule.
    h.follow().await;
    h
}

/// The target that is the topic.
pub(super) fn topic() -> Value {
    json!({ "Id": "t", "Arn": TOPIC })
}

/// The texts that the hook was told, the confirmation apart.
pub(super) fn told(h: &Harness) -> Vec<String> {
    let posts = h.messenger.posts().into_iter().skip(1);
    posts.map(|post| post.body).collect()
}

pub(super) async fn targets(h: &Harness) -> Value {
    let listed = h.rules("ListTargetsByRule", json!({ "Rule": "r" })).await;
    listed.ok()["Targets"].take()
}

pub(super) const CONNECTION: &str = "arn:aws:events:us-east-1:123456789012:connection/hooks/";
pub(super) const DESTINATION: &str = "arn:aws:events:us-east-1:123456789012:api-destination/pager/";
pub(super) const ROLE: &str = "arn:aws:iam::123456789012:role/hooks";

/// A connection that has an API key.
pub(super) fn api_key() -> Value {
    json!({
        "Name": "hooks", "AuthorizationType": "API_KEY",
        "AuthParameters": {
            "ApiKeyAuthParameters": { "ApiKeyName": "X-Key", "ApiKeyValue": "CANARY-KEY" },
        },
    })
}

/// One with a password, and a parameter in each place, secrets among them.
pub(super) fn basic() -> Value {
    let parameter = |key: &str, value: &str, is_secret: bool| json!([{ "Key": key, "Value": value, "IsValueSecret": is_secret }]);
    json!({
        "Name": "hooks", "Description": "of the pager", "AuthorizationType": "BASIC",
        "AuthParameters": {
            "BasicAuthParameters": { "Username": "ana", "Password": "CANARY-PASSWORD" },
            "InvocationHttpParameters": {
                "HeaderParameters": parameter("X-Team", "blue", false),
                "QueryStringParameters": parameter("key", "CANARY-QUERY", true),
                "BodyParameters": parameter("token", "CANARY-BODY", true),
            },
        },
    })
}

/// Creates the connection, and gives its ARN.
pub(super) async fn connect(h: &Harness, connection: Value) -> String {
    let created = h.rules("CreateConnection", connection).await.ok();
    created["ConnectionArn"].as_str().unwrap().to_owned()
}

/// An API destination that uses `connection`.
pub(super) fn pager(connection: &str) -> Value {
    json!({
        "Name": "pager", "ConnectionArn": connection, "InvocationEndpoint": HOOK,
        "HttpMethod": "POST",
    })
}

/// Creates the API destination, and gives its ARN.
pub(super) async fn direct(h: &Harness, destination: Value) -> String {
    let created = h.rules("CreateApiDestination", destination).await.ok();
    created["ApiDestinationArn"].as_str().unwrap().to_owned()
}

/// With a role that EventBridge may assume, and that may invoke API destinations.
pub(super) async fn with_role(h: &Harness) {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sts:AssumeRole",
        "Condition": { "ArnEquals": { "aws:SourceArn": RULE } },
    }]})
    .to_string();
    let parameters = [("RoleName", "hooks"), ("AssumeRolePolicyDocument", &trust)];
    h.iam("CreateRole", &parameters).await.xml_ok();
    allow_role(h, "Allow").await;
}

/// Lets the role invoke the API destination `pager`, or not.
pub(super) async fn allow_role(h: &Harness, effect: &str) {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": effect, "Action": "events:InvokeApiDestination",
        "Resource": format!("{DESTINATION}*"),
    }]})
    .to_string();
    let parameters = [
        ("RoleName", "hooks"),
        ("PolicyName", "p"),
        ("PolicyDocument", &policy),
    ];
    h.iam("PutRolePolicy", &parameters).await.xml_ok();
}

/// With the rule `r` that tells an API destination, whose ARN comes too. `more` are members of the target.
pub(super) async fn with_destination(connection: Value, more: Value) -> (Harness, String) {
    let h = with_rule().await;
    with_role(&h).await;
    let connection = connect(&h, connection).await;
    let arn = direct(&h, pager(&connection)).await;
    let target = testkit::with(json!({ "Id": "t", "Arn": arn, "RoleArn": ROLE }), more);
    put_target(&h, target).await.ok();
    h.follow().await;
    (h, arn)
}

/// Why the messages were given up that were, the latest first.
pub(super) async fn whys(h: &Harness) -> Vec<String> {
    let shown = h.app.show_deliveries(None).await.unwrap();
    shown.dead.into_iter().map(|letter| letter.why).collect()
}

pub(super) fn events_of(h: &Harness, reply: &Reply) -> Value {
    h.audit.events_of(&reply.request_id)[0].clone()
}
