//! The attributes of subscriptions.

use super::attributes::write_map;
use super::error::Error;
use super::filter;
use super::records::{Protocol, State, Subscription};
use wire::xml;

/// Sets the attribute `name`. Without a value it is taken away.
///
/// # Errors
/// [`Error::InvalidParameter`] for one that there is not, or a value that it cannot have.
pub(super) fn set(
    subscription: &mut Subscription,
    name: &str,
    value: Option<&str>,
) -> Result<(), Error> {
    let value = value.unwrap_or_default();
    match name {
        "RawMessageDelivery" => {
            let is_raw = match value {
                "true" => true,
                "false" | "" => false,
                _ => return Err(Error::invalid(RAW, "must be true or false")),
            };
            if is_raw && !matches!(subscription.protocol, Protocol::Http | Protocol::Https) {
                let protocol = subscription.protocol.name();
                let reason = format!(
                    "Delivery protocol [{protocol}] does not support raw message delivery."
                );
                return Err(Error::invalid(RAW, &reason));
            }
            subscription.is_raw = is_raw;
        }
        "FilterPolicyScope" => {
            subscription.filters_body = match value {
                "MessageBody" => true,
                "MessageAttributes" | "" => false,
                _ => {
                    return Err(Error::invalid(
                        "FilterPolicyScope",
                        "must be MessageAttributes or MessageBody",
                    ));
                }
            };
        }
        "FilterPolicy" => {
            let is_none = value.is_empty() || value == "{}";
            if !is_none {
                filter::parse(value).map_err(|invalid| {
                    let reason = invalid.reason().to_owned();
                    Error::InvalidParameter(format!("FilterPolicy: {reason}"))
                })?;
            }
            subscription.filter_policy = (!is_none).then(|| value.to_owned());
        }
        "DeliveryPolicy" | "RedrivePolicy" | "SubscriptionRoleArn" | "ReplayPolicy" => {
            if !value.is_empty() {
                return Err(Error::unsupported(name));
            }
        }
        _ => return Err(Error::InvalidParameter(String::from("AttributeName"))),
    }
    Ok(())
}

/// Writes what GetSubscriptionAttributes shows.
pub(super) fn write(element: &mut xml::Element<'_>, subscription: &Subscription) {
    let id = subscription.id();
    let (arn, topic) = (id.arn(), id.topic.arn());
    let truth = |value: bool| if value { "true" } else { "false" };
    let authenticated = matches!(
        subscription.state,
        State::Confirmed {
            authenticated: true,
            ..
        }
    );
    let mut pairs = vec![
        ("ConfirmationWasAuthenticated", truth(authenticated)),
        ("Endpoint", subscription.endpoint.as_str()),
        ("Owner", subscription.owner.as_str()),
        ("PendingConfirmation", truth(!subscription.is_confirmed())),
        ("Protocol", subscription.protocol.name()),
        (RAW, truth(subscription.is_raw)),
        ("SubscriptionArn", &arn),
        ("SubscriptionPrincipal", &subscription.principal),
        ("TopicArn", &topic),
    ];
    if let Some(policy) = &subscription.filter_policy {
        let scope = match subscription.filters_body {
            true => "MessageBody",
            false => "MessageAttributes",
        };
        pairs.extend([
            ("FilterPolicy", policy.as_str()),
            ("FilterPolicyScope", scope),
        ]);
    }
    write_map(element, pairs);
}

const RAW: &str = "RawMessageDelivery";
