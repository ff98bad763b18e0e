//! `Subscribe`: has an endpoint told what is published, once it agreed.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>
//!
//! - SECURITY: endpoints are those that the operator allows, and nobody else is sent as much as a request
//!   for a confirmation, nor asked again and again (`asking.rs`).
//! - Functions of the caller's account need not agree; whether they may be called is for their policies,
//!   at each message.
//! - COMPAT: who subscribes an endpoint twice gets the same subscription, as long as its attributes are
//!   the same.

use crate::authorize::{Action, Permit};
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::asking;
use crate::sns::confirming::{self, MOST_SUBSCRIPTIONS};
use crate::sns::error::Error;
use crate::sns::fan_out::subscriptions;
use crate::sns::ids::TopicId;
use crate::sns::records::{Protocol, State, Subscription};
use crate::sns::shapes::{ATTRIBUTES, Attribute, BOOLEAN, TEXT};
use crate::sns::subscription_attributes;
use crate::sns::target::Target;
use crate::tx::{Reply, Tx};
use base::{Arn, random_uuid};
use serde_json::json;
use store::Versioned;
use wire::xml;

pub(crate) struct Subscribe;

wire::input! {
    /// What `Subscribe` takes.
    pub(crate) struct Input {
        topic: String = required audited "TopicArn" TEXT,
        protocol: String = required audited "Protocol" TEXT,
        endpoint: Option<String> = "Endpoint" TEXT,
        attributes: Option<Vec<Attribute>> = "Attributes" ATTRIBUTES,
        wants_arn: Option<bool> = audited "ReturnSubscriptionArn" BOOLEAN,
    }
}

/// The ARN, or that it is pending.
pub(crate) struct Output(String);

impl Operation for Subscribe {
    const NAME: &'static str = "Subscribe";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.topic).await?;
        let keys = Keys::none()
            .text("sns:protocol", input.protocol.as_str())
            .opt_text("sns:endpoint", input.endpoint.as_deref());
        let permit = target.permit_with(cx, Action("SNS:Subscribe"), &keys)?;

        target.existing(&permit)?;
        let (protocol, endpoint) = input.endpoint(cx)?;
        let all = tx.query::<Subscription>(&subscriptions(&target.id)).await?;
        let twin = all.iter().find(|one| {
            one.record.protocol == protocol
                && one.record.endpoint == endpoint
                && one.record.owner == *cx.account()
        });
        let (token, state) = confirming::ask(cx.entropy(), cx.now());
        let wanted = input.subscription(cx, &target.id, protocol, endpoint, state)?;
        let is_asked = match twin {
            Some(twin) if twin.record.is_confirmed() => false,
            _ if wanted.is_confirmed() => false,
            _ => {
                let of = (&target.id, protocol, wanted.endpoint.as_str());
                asking::count(&mut tx, &permit, cx.account(), of, cx.now()).await?
            }
        };
        if twin.is_none() && all.len() >= MOST_SUBSCRIPTIONS {
            return Err(Error::TooManySubscriptions);
        }
        let subscription = store(&mut tx, &permit, wanted, twin, is_asked)?;
        if is_asked {
            confirming::send(cx.app, &mut tx, &permit, &subscription, &token).await?;
        }
        let shown = match subscription.is_confirmed() || input.wants_arn == Some(true) {
            true => subscription.id().arn(),
            false => String::from(PENDING),
        };
        let event = cx
            .event(&permit)
            .responding(json!({ "subscriptionArn": shown }));
        let recorded = tx.commit(event).await?;

        Ok(recorded.reply(Output(shown)))
    }
}

impl Input {
    /// Where messages are to go, if they may.
    fn endpoint(&self, cx: &Cx<'_>) -> Result<(Protocol, String), Error> {
        let protocol = Protocol::parse(&self.protocol).ok_or_else(|| {
            let what = format!(
                "Amazon SNS does not support this protocol string: {}",
                self.protocol
            );
            match KNOWN.contains(&self.protocol.as_str()) {
                true => Error::unsupported(&format!("The protocol {}", self.protocol)),
                false => Error::InvalidParameter(what),
            }
        })?;
        let invalid = |reason: &str| Error::invalid("Endpoint", reason);
        let endpoint = self.endpoint.as_deref().unwrap_or_default();
        if endpoint.is_empty() || endpoint.len() > LONGEST_ENDPOINT {
            return Err(Error::InvalidParameter(String::from("Endpoint")));
        }
        match protocol {
            Protocol::Http | Protocol::Https => {
                let scheme = format!("{}://", protocol.name());
                if !endpoint.starts_with(&scheme) {
                    return Err(invalid("Endpoint must match the specified protocol"));
                }
                if !cx.app.messenger.may_post(endpoint) {
                    return Err(invalid(NOT_ALLOWED));
                }
            }
            Protocol::Email | Protocol::EmailJson => {
                if !is_address(endpoint) {
                    return Err(Error::InvalidParameter(String::from("Email address")));
                }
                if !cx.app.messenger.may_mail(endpoint) {
                    return Err(invalid(NOT_ALLOWED));
                }
            }
            Protocol::Lambda => {
                let arn = cx.app.functions.arn_of(endpoint);
                let is_own = Arn::parse(endpoint).is_ok_and(|arn| {
                    arn.account == cx.account().as_str() && arn.region == cx.region.as_str()
                });
                if arn.is_none() {
                    return Err(invalid("Invalid Lambda ARN"));
                }
                if !is_own {
                    return Err(Error::unsupported(
                        "A function of another account or Region",
                    ));
                }
            }
        }
        Ok((protocol, endpoint.to_owned()))
    }

    fn subscription(
        &self,
        cx: &Cx<'_>,
        topic: &TopicId,
        protocol: Protocol,
        endpoint: String,
        asking: State,
    ) -> Result<Subscription, Error> {
        let state = match protocol {
            Protocol::Lambda => State::Confirmed {
                authenticated: true,
                authenticate_on_unsubscribe: true,
            },
            _ => asking,
        };
        let mut subscription = Subscription {
            account: topic.account.clone(),
            region: topic.region.clone(),
            topic: topic.name.clone(),
            id: random_uuid(cx.entropy()),
            owner: cx.account().clone(),
            principal: cx.principal.arn().to_owned(),
            protocol,
            endpoint,
            state,
            is_raw: false,
            filter_policy: None,
            filters_body: false,
            created: cx.now(),
        };
        for attribute in self.attributes.iter().flatten() {
            let value = Some(attribute.value.as_str());
            subscription_attributes::set(&mut subscription, &attribute.key, value)?;
        }
        Ok(subscription)
    }
}

/// Stores `wanted`, or what is there in its place: with a new token, if it is asked again.
fn store(
    tx: &mut Tx<'_>,
    permit: &Permit,
    wanted: Subscription,
    twin: Option<&Versioned<Subscription>>,
    is_asked: bool,
) -> Result<Subscription, Error> {
    let Some(twin) = twin else {
        tx.insert(permit, wanted.clone());
        return Ok(wanted);
    };
    check_same(&wanted, twin)?;
    let kept = Subscription::clone(&twin.record);
    if !is_asked {
        return Ok(kept);
    }
    let again = Subscription {
        state: wanted.state,
        ..kept
    };
    tx.update(permit, again.clone(), twin.rev);
    Ok(again)
}

/// A subscription that is there has to be as it is asked for.
fn check_same(wanted: &Subscription, twin: &Versioned<Subscription>) -> Result<(), Error> {
    let twin = &twin.record;
    let is_same = wanted.is_raw == twin.is_raw
        && wanted.filter_policy == twin.filter_policy
        && wanted.filters_body == twin.filters_body;
    match is_same {
        true => Ok(()),
        false => Err(Error::invalid(
            "Attributes",
            "Subscription already exists with different attributes",
        )),
    }
}

/// One local part and one domain, of characters that have no meaning in mail.
fn is_address(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b);
    let is_of_domain = |b: u8| b.is_ascii_alphanumeric() || b"-.".contains(&b);
    text.split_once('@').is_some_and(|(local, domain)| {
        (1..=64).contains(&local.len())
            && (1..=255).contains(&domain.len())
            && local.bytes().all(is_plain)
            && domain.bytes().all(is_of_domain)
            && !domain.starts_with(['.', '-'])
            && !domain.ends_with(['.', '-'])
    })
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.text("SubscriptionArn", &self.0);
    }
}

const PENDING: &str = "pending confirmation";
const NOT_ALLOWED: &str = "the operator of this server does not allow this endpoint";
const LONGEST_ENDPOINT: usize = 2_048;
/// Protocols of AWS's that are not here.
const KNOWN: [&str; 4] = ["sqs", "sms", "application", "firehose"];
