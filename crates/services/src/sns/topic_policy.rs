//! Who may publish to a topic that has no policy of its own, and which services may.

use super::records::Topic;
use crate::authorize::{self, Action, Resource};
use crate::context::Keys;
use crate::ports::TopicMessage;
use crate::service_call::{Called, ServiceCall};
use base::{AccountId, CommonError, RegionName, Timestamp};
use policy::Named;
use serde_json::json;

/// The text that AWS gives to a topic at its creation.
pub(super) fn default_text(arn: &str, account: &AccountId) -> String {
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": [
                "SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission",
                "SNS:RemovePermission", "SNS:DeleteTopic", "SNS:Subscribe",
                "SNS:ListSubscriptionsByTopic", "SNS:Publish",
            ],
            "Resource": arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": account.as_str() } },
        }],
    })
    .to_string()
}

/// A topic as authorization sees it.
///
/// COMPAT: the default policy is not among what is asked. Its condition holds for no request of a
/// caller's own: for those IAM decides.
///
/// # Errors
/// When the topic's policy cannot be read. SECURITY: it may be a Deny.
pub(super) fn resource<'a>(
    account: &'a AccountId,
    arn: String,
    topic: Option<&'a Topic>,
) -> Result<Resource<'a>, CommonError> {
    let document = topic.and_then(|topic| topic.policy.as_ref());
    let policy = document.map(|document| document.policy()).transpose()?;
    Ok(Resource {
        policy: policy.map(|policy| Named {
            name: POLICY,
            policy,
        }),
        tags: topic.map(|topic| &topic.tags),
        ..Resource::named(account, arn)
    })
}

/// Whether the service that sends `message` may publish to `topic`.
///
/// COMPAT: the default policy lets alarms of the topic's own account, as on AWS; other services need a
/// statement that names them.
///
/// # Errors
/// When the topic's policy cannot be read.
pub(super) fn lets_service(
    topic: &Topic,
    message: &TopicMessage<'_>,
    region: &RegionName,
    now: Timestamp,
) -> Result<bool, CommonError> {
    let is_own = *message.source_account == topic.account;
    if topic.policy.is_none() {
        return Ok(is_own && message.by == ALARMS);
    }
    let call = ServiceCall::new("");
    let facts = call.facts(Called {
        by: message.by,
        role: None,
        event_source: super::EVENT_SOURCE,
        event_name: "Publish",
        region,
        now,
        parameters: None,
    });
    // COMPAT: alarms are the services that tell for whom they act by the older key.
    let owner = (message.by == ALARMS).then_some(message.source_account.as_str());
    let keys = Keys::none()
        .text("aws:sourcearn", message.source_arn)
        .text("aws:sourceaccount", message.source_account.as_str())
        .opt_text("aws:sourceowner", owner);
    let resource = resource(&topic.account, topic.arn(), Some(topic))?;
    match authorize::service_may(message.by, &facts, PUBLISH, &resource, &keys) {
        Ok(_) => Ok(true),
        Err(CommonError::AccessDenied(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What audit events and explanations call it.
const POLICY: &str = "topic policy";
const ALARMS: &str = "cloudwatch.amazonaws.com";
pub(super) const PUBLISH: Action = Action("SNS:Publish");
