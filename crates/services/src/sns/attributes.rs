//! The attributes of topics.

use super::error::Error;
use super::records::Topic;
use super::topic_policy::default_text;
use crate::document::ResourceDocument;
use crate::identity::known_principals::{self, UnknownPrincipal};
use crate::tx::Tx;
use wire::xml;

/// Sets the attribute `name` of `topic`.
///
/// # Errors
/// [`Error::InvalidParameter`] for one that there is not, or a value that it cannot have.
pub(super) async fn set(
    tx: &mut Tx<'_>,
    topic: &mut Topic,
    name: &str,
    value: &str,
) -> Result<(), Error> {
    match name {
        "DisplayName" => {
            if value.chars().count() > LONGEST_DISPLAY_NAME || value.chars().any(char::is_control) {
                return Err(Error::invalid(
                    "DisplayName",
                    "must be at most 100 characters long",
                ));
            }
            value.clone_into(&mut topic.display_name);
        }
        "Policy" => topic.policy = policy(tx, value).await?,
        "SignatureVersion" => match value {
            "2" => {}
            // COMPAT: what is sent is signed with SHA-256, never with SHA-1.
            "1" => return Err(Error::unsupported("SignatureVersion 1")),
            _ => return Err(Error::invalid("SignatureVersion", "must be 1 or 2")),
        },
        "TracingConfig" if value == "PassThrough" => {}
        "FifoTopic" | "ContentBasedDeduplication" if value == "false" => {}
        "DeliveryPolicy" | "KmsMasterKeyId" if value.is_empty() => {}
        "DeliveryPolicy"
        | "KmsMasterKeyId"
        | "TracingConfig"
        | "FifoTopic"
        | "ContentBasedDeduplication"
        | "ArchivePolicy"
        | "FifoThroughputScope" => {
            return Err(Error::unsupported(name));
        }
        _ => return Err(Error::InvalidParameter(String::from("AttributeName"))),
    }
    Ok(())
}

/// The document that `text` is. An empty one puts the default back.
async fn policy(tx: &mut Tx<'_>, text: &str) -> Result<Option<ResourceDocument>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > LONGEST_POLICY {
        return Err(Error::invalid("Policy", "Policy length exceeded"));
    }
    let document = ResourceDocument::parse(text)
        .map_err(|_| Error::InvalidParameter(String::from("Policy Error: null")))?;
    match known_principals::resolve(tx, &document).await {
        Ok(ids) => Ok(Some(document.bound_to(ids))),
        Err(UnknownPrincipal::Common(error)) => Err(error.into()),
        Err(UnknownPrincipal::Named { .. }) => Err(Error::InvalidParameter(String::from(
            "Policy Error: PrincipalNotFound",
        ))),
    }
}

/// Writes what GetTopicAttributes shows, with the numbers of its subscriptions.
pub(super) fn write(
    element: &mut xml::Element<'_>,
    topic: &Topic,
    pending: usize,
    confirmed: usize,
) {
    let arn = topic.arn();
    let policy = topic.policy.as_ref().map_or_else(
        || default_text(&arn, &topic.account),
        |document| document.text().to_owned(),
    );
    let (pending, confirmed) = (pending.to_string(), confirmed.to_string());
    let pairs = [
        ("DisplayName", topic.display_name.as_str()),
        ("EffectiveDeliveryPolicy", DELIVERY_POLICY),
        ("Owner", topic.account.as_str()),
        ("Policy", &policy),
        ("SignatureVersion", "2"),
        ("SubscriptionsConfirmed", &confirmed),
        ("SubscriptionsDeleted", "0"),
        ("SubscriptionsPending", &pending),
        ("TopicArn", &arn),
    ];
    write_map(element, pairs);
}

/// Writes `Attributes` as a map.
pub(super) fn write_map<'a>(
    element: &mut xml::Element<'_>,
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) {
    element.element("Attributes", |map| {
        for (key, value) in pairs {
            map.element("entry", |entry| {
                entry.text("key", key);
                entry.text("value", value);
            });
        }
    });
}

const LONGEST_DISPLAY_NAME: usize = 100;
/// 30 KiB, as AWS's quota has it.
const LONGEST_POLICY: usize = 30_720;
/// What deliveries do, in SNS's words.
const DELIVERY_POLICY: &str = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":20,"numRetries":100,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"exponential"},"disableSubscriptionOverrides":true,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}"#;
