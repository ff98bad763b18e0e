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
