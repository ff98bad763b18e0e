//! The shortest way to set a stage in SNS.

use serde_json::{Value, json};
use testkit::{Harness, Reply, SentPost, Signed};

pub(super) const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:t";
pub(super) const HOOK: &str = "https://hooks.example/in";

/// With the topic `t`.
pub(super) async fn with_topic() -> Harness {
    let h = Harness::new().await;
    h.sns("CreateTopic", &[("Name", "t")]).await.xml_ok();
    h
}

/// The same, with a confirmed subscription of the hook, whose ARN comes too.
pub(super) async fn with_hook() -> (Harness, String) {
    let h = with_topic().await;
    let arn = a_hook(&h, HOOK, &[]).await;
    (h, arn)
}

/// A confirmed subscription of `url` with these attributes.
pub(super) async fn a_hook(h: &Harness, url: &str, attributes: &[(&str, &str)]) -> String {
    subscribe(h, "https", url, attributes).await.xml_ok();
    h.deliver().await;
    let asked = last_post(h, url).json();
    let confirmed = confirm(h, asked["Token"].as_str().unwrap()).await;
    let arn = &confirmed.xml_ok()["ConfirmSubscriptionResult"]["SubscriptionArn"];
    arn.as_str().unwrap().to_owned()
}

pub(super) async fn subscribe(
    h: &Harness,
    protocol: &str,
    endpoint: &str,
    attributes: &[(&str, &str)],
) -> Reply {
    let names: Vec<(String, String)> = (1..=attributes.len())
        .map(|n| {
            (
                format!("Attributes.entry.{n}.key"),
                format!("Attributes.entry.{n}.value"),
            )
        })
        .collect();
    let mut parameters = vec![
        ("TopicArn", TOPIC),
        ("Protocol", protocol),
        ("Endpoint", endpoint),
    ];
    for ((key, value), (key_name, value_name)) in attributes.iter().zip(&names) {
        parameters.extend([(key_name.as_str(), *key), (value_name.as_str(), *value)]);
    }
    h.sns("Subscribe", &parameters).await
}

/// Confirms by the link, which nobody signs.
pub(super) async fn confirm(h: &Harness, token: &str) -> Reply {
    let query = format!("Action=ConfirmSubscription&TopicArn={TOPIC}&Token={token}");
    visit(h, &query).await
}

/// Visits a link of this server.
pub(super) async fn visit(h: &Harness, query: &str) -> Reply {
    let request = Signed {
        method: http::Method::GET,
        path: String::from("/"),
        query: query.to_owned(),
        headers: http::HeaderMap::new(),
        body: Vec::new(),
    };
    h.send(request).await
}

pub(super) async fn publish(h: &Harness, message: &str) -> Reply {
    h.sns("Publish", &[("TopicArn", TOPIC), ("Message", message)])
        .await
}

/// The last attempt to post to `url`.
pub(super) fn last_post(h: &Harness, url: &str) -> SentPost {
    let posts = h.messenger.posts();
    let found = posts.into_iter().rfind(|post| post.url == url);
    found.unwrap()
}

/// The texts of the notifications that `url` got.
pub(super) fn told(h: &Harness, url: &str) -> Vec<String> {
    let posts = h
        .messenger
        .posts()
        .into_iter()
        .filter(|post| post.url == url);
    let notifications =
        posts.filter(|post| post.header("x-amz-sns-message-type") == Some("Notification"));
    notifications
        .map(|post| post.json()["Message"].as_str().unwrap().to_owned())
        .collect()
}

/// The subscriptions of the topic, as lists show them.
pub(super) async fn listed(h: &Harness) -> Value {
    let reply = h
        .sns("ListSubscriptionsByTopic", &[("TopicArn", TOPIC)])
        .await;
    match reply.xml_ok()["ListSubscriptionsByTopicResult"]["Subscriptions"].take() {
        Value::String(_) => json!([]),
        list => list,
    }
}

/// What GetSubscriptionAttributes shows.
pub(super) async fn shown(h: &Harness, arn: &str) -> Value {
    let reply = h
        .sns("GetSubscriptionAttributes", &[("SubscriptionArn", arn)])
        .await;
    reply.xml_ok()["GetSubscriptionAttributesResult"]["Attributes"].take()
}

/// What GetTopicAttributes shows.
pub(super) async fn topic(h: &Harness) -> Value {
    let reply = h.sns("GetTopicAttributes", &[("TopicArn", TOPIC)]).await;
    reply.xml_ok()["GetTopicAttributesResult"]["Attributes"].take()
}

/// A policy that allows one thing.
pub(super) fn allow(action: &str, resource: &str) -> Value {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}
