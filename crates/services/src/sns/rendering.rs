//! Messages in the form that each kind of endpoint gets.
//!
//! COMPAT: members, headers and texts are SNS's. Those who read messages look for its user agent too.

use super::confirming::Links;
use super::error::Error;
use super::message::{Message, MessageValue};
use super::records::{Protocol, Subscription, Topic};
use super::signing::Signer;
use crate::deliveries::{CalledFunction, Destination, Sender};
use base::{CommonError, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A message that is about to leave, signed once for each text.
pub(super) struct Envelope<'a> {
    topic: &'a Topic,
    message: &'a Message,
    links: &'a Links,
    signer: &'a Signer,
    at: Timestamp,
    /// By text: there are as many as protocols at most, and a signature takes long.
    signatures: HashMap<&'a str, String>,
}

impl<'a> Envelope<'a> {
    /// One for a message of a topic that leaves at `at`.
    pub(super) fn new(
        (topic, message): (&'a Topic, &'a Message),
        links: &'a Links,
        signer: &'a Signer,
        at: Timestamp,
    ) -> Self {
        Self {
            topic,
            message,
            links,
            signer,
            at,
            signatures: HashMap::new(),
        }
    }

    /// Where and in which form it goes to `subscription`.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub(super) fn to(&mut self, subscription: &Subscription) -> Result<Destination, CommonError> {
        let protocol = subscription.protocol;
        let message: &'a Message = self.message;
        let text = message.text_for(protocol);
        Ok(match protocol {
            Protocol::Http | Protocol::Https if subscription.is_raw => Destination::Url {
                url: subscription.endpoint.clone(),
                headers: self.headers(subscription, true),
                body: text.to_owned(),
            },
            Protocol::Http | Protocol::Https => Destination::Url {
                url: subscription.endpoint.clone(),
                headers: self.headers(subscription, false),
                body: self.notification(subscription, text)?.to_string(),
            },
            Protocol::EmailJson => Destination::Mail {
                to: subscription.endpoint.clone(),
                subject: self.subject(),
                body: self.notification(subscription, text)?.to_string(),
            },
            Protocol::Email => Destination::Mail {
                to: subscription.endpoint.clone(),
                subject: self.subject(),
                body: self.letter(subscription, text),
            },
            Protocol::Lambda => Destination::Function(CalledFunction {
                arn: subscription.endpoint.clone(),
                payload: self.event(subscription, text)?.to_string(),
                by: Sender::Sns,
                source_arn: self.topic.arn(),
                source_account: self.topic.account.clone(),
                failed_runs: 0,
            }),
        })
    }

    fn headers(&self, subscription: &Subscription, is_raw: bool) -> Vec<(String, String)> {
        let mut headers = headers_of("Notification", &self.message.id, &self.topic.arn());
        headers.push((SUBSCRIPTION_ARN.to_owned(), subscription.id().arn()));
        if is_raw {
            headers.push((RAW_DELIVERY.to_owned(), String::from("true")));
        }
        headers
    }

    /// `Notification`, with the names of URLs as HTTP endpoints get them.
    fn notification(
        &mut self,
        subscription: &Subscription,
        text: &'a str,
    ) -> Result<Value, CommonError> {
        let mut members = self.members(text)?;
        let url = self.links.certificate(&self.signer.certificate_file());
        members.insert(String::from("SigningCertURL"), json!(url));
        let url = self.links.unsubscribe(&subscription.id());
        members.insert(String::from("UnsubscribeURL"), json!(url));
        if !self.message.attributes.is_empty() {
            members.insert(String::from("MessageAttributes"), self.attributes());
        }
        Ok(Value::Object(members))
    }

    /// The event that a function is called with.
    fn event(&mut self, subscription: &Subscription, text: &'a str) -> Result<Value, CommonError> {
        let mut members = self.members(text)?;
        let url = self.links.certificate(&self.signer.certificate_file());
        members.insert(String::from("SigningCertUrl"), json!(url));
        let url = self.links.unsubscribe(&subscription.id());
        members.insert(String::from("UnsubscribeUrl"), json!(url));
        members.insert(String::from("MessageAttributes"), self.attributes());
        members.entry("Subject").or_insert(Value::Null);
        let record = json!({
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription.id().arn(),
            "Sns": members,
        });
        Ok(json!({ "Records": [record] }))
    }

    fn members(&mut self, text: &'a str) -> Result<Map<String, Value>, CommonError> {
        let message = self.message;
        let (at, topic) = (iso(self.at), self.topic.arn());
        let mut signed = vec![("Message", text), ("MessageId", message.id.as_str())];
        signed.extend(
            message
                .subject
                .as_deref()
                .map(|subject| ("Subject", subject)),
        );
        signed.extend([
            ("Timestamp", at.as_str()),
            ("TopicArn", &topic),
            ("Type", "Notification"),
        ]);
        let signature = match self.signatures.entry(text) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unsigned) => unsigned.insert(self.signer.sign(&signed)?),
        };
        Ok(with_signature(&signed, signature))
    }

    fn attributes(&self) -> Value {
        let attributes = self.message.attributes.iter().map(|attribute| {
            let value = match &attribute.value {
                MessageValue::Text(value) | MessageValue::Bytes(value) => value,
            };
            let shown = json!({ "Type": attribute.data_type, "Value": value });
            (attribute.name.clone(), shown)
        });
        Value::Object(attributes.collect())
    }

    fn subject(&self) -> String {
        let subject = self.message.subject.as_deref();
        subject.unwrap_or(DEFAULT_SUBJECT).to_owned()
    }

    fn letter(&self, subscription: &Subscription, text: &str) -> String {
        let arn = subscription.id().arn();
        let link = self.links.unsubscribe(&subscription.id());
        format!(
            "{text}\n\n--\nThis message was published to the topic of the subscription {arn}.\nIf you wish to stop receiving notifications from this topic, please visit the link below to unsubscribe:\n{link}\n"
        )
    }
}

/// The request for a confirmation, in the form that `subscription` gets.
///
/// # Errors
/// When it cannot be signed; [`Error::InvalidParameter`] for an endpoint that is not asked.
pub(super) fn confirmation(
    subscription: &Subscription,
    message_id: &str,
    token: &str,
    links: &Links,
    signer: &Signer,
    at: Timestamp,
) -> Result<Destination, Error> {
    let topic = subscription.id().topic;
    let topic_arn = topic.arn();
    let link = links.confirm(&topic_arn, token);
    let text = format!(
        "You have chosen to subscribe to the topic {topic_arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message."
    );
    let at = iso(at);
    let signed = [
        ("Message", text.as_str()),
        ("MessageId", message_id),
        ("SubscribeURL", &link),
        ("Timestamp", &at),
        ("Token", token),
        ("TopicArn", &topic_arn),
        ("Type", CONFIRMATION),
    ];
    let signature = signer.sign(&signed)?;
    let mut members = with_signature(&signed, &signature);
    let url = links.certificate(&signer.certificate_file());
    members.insert(String::from("SigningCertURL"), json!(url));
    let body = Value::Object(members).to_string();
    let to = subscription.endpoint.clone();
    let subject = String::from("AWS Notification - Subscription Confirmation");
    match subscription.protocol {
        Protocol::Http | Protocol::Https => Ok(Destination::Url {
            url: to,
            headers: headers_of(CONFIRMATION, message_id, &topic_arn),
            body,
        }),
        Protocol::EmailJson => Ok(Destination::Mail { to, subject, body }),
        Protocol::Email => Ok(Destination::Mail {
            to,
            subject,
            body: format!(
                "You have chosen to subscribe to the topic:\n{topic_arn}\n\nTo confirm this subscription, visit the link below (if this was in error no action is necessary):\n{link}\n"
            ),
        }),
        Protocol::Lambda => Err(Error::InvalidParameter(String::from("Endpoint"))),
    }
}

/// As in `2026-01-15T12:00:00.000Z`.
fn iso(at: Timestamp) -> String {
    format!("{}Z", at.to_iso_millis())
}

fn with_signature(signed: &[(&str, &str)], signature: &str) -> Map<String, Value> {
    let pairs = signed.iter().copied();
    let mut members: Map<String, Value> = pairs
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    members.insert(String::from("SignatureVersion"), json!("2"));
    members.insert(String::from("Signature"), json!(signature));
    members
}

/// INVARIANT: nothing but what this server made up, and names that topics may have.
fn headers_of(kind: &str, message_id: &str, topic_arn: &str) -> Vec<(String, String)> {
    [
        ("content-type", "text/plain; charset=UTF-8"),
        ("user-agent", "Amazon Simple Notification Service Agent"),
        ("x-amz-sns-message-type", kind),
        ("x-amz-sns-message-id", message_id),
        ("x-amz-sns-topic-arn", topic_arn),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

const CONFIRMATION: &str = "SubscriptionConfirmation";
const SUBSCRIPTION_ARN: &str = "x-amz-sns-subscription-arn";
const RAW_DELIVERY: &str = "x-amz-sns-rawdelivery";
const DEFAULT_SUBJECT: &str = "AWS Notification Message";
