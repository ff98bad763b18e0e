//! What an event says of itself to who looks for it, as CloudTrail's `LookupEvents` tells it.
//!
//! Rules kept here: it is read from the record alone, so that who looks an event up and who indexes it see
//! the same; an event of nobody's account is none; a caller of another account is told without its name and
//! key.

use base::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// An event as who looks it up sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described<'a> {
    /// `eventID`.
    pub event_id: Cow<'a, str>,
    /// `eventName`.
    pub event_name: Cow<'a, str>,
    /// `eventSource`.
    pub event_source: Cow<'a, str>,
    /// `eventTime`, in seconds after 1970.
    pub time: i64,
    /// Whose event it is.
    pub account: Cow<'a, str>,
    /// Where it happened.
    pub region: Cow<'a, str>,
    /// `readOnly`.
    pub read_only: bool,
    /// The user's name, `root`, or the name of the session.
    pub username: Option<Cow<'a, str>>,
    /// The access key that signed.
    pub access_key_id: Option<Cow<'a, str>>,
    /// `errorCode`, of a call that was refused.
    pub error_code: Option<Cow<'a, str>>,
    /// `eventType`.
    pub event_type: Option<Cow<'a, str>>,
    /// The ARN of who called.
    pub user_arn: Option<Cow<'a, str>>,
    /// `vpcEndpointId`.
    pub vpc_endpoint_id: Option<Cow<'a, str>>,
    /// What it was done to: each by its ARN, and by the name that the request gave.
    pub resources: Vec<DescribedResource<'a>>,
}

/// A resource of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedResource<'a> {
    /// Such as `AWS::SecretsManager::Secret`, where there is a name for it.
    pub kind: Option<Cow<'a, str>>,
    /// An ARN, a name or an id.
    pub name: Cow<'a, str>,
}

impl<'a> Described<'a> {
    /// What `record`, one JSON object, says. `None`: it is no event of an account.
    #[must_use]
    pub fn of(record: &'a [u8]) -> Option<Self> {
        let record: Record<'a> = serde_json::from_slice(record).ok()?;
        let time = Timestamp::parse_iso(&record.event_time)?
            .as_millis()
            .div_euclid(1_000);
        if record.recipient_account_id.is_empty() {
            return None;
        }
        let resources = record.described_resources();
        let mut identity = record.user_identity.unwrap_or_default();
        let account = identity.account_id.as_ref();
        if account.is_some_and(|account| *account != record.recipient_account_id) {
            // SECURITY: neither is told to the account of a resource.
            (identity.access_key_id, identity.user_name) = (None, None);
        }
        Some(Self {
            event_id: record.event_id,
            event_name: record.event_name,
            event_source: record.event_source,
            time,
            account: record.recipient_account_id,
            region: record.aws_region,
            read_only: record.read_only,
            username: identity.username(),
            access_key_id: identity.access_key_id,
            error_code: record.error_code,
            event_type: record.event_type,
            user_arn: identity.arn,
            vpc_endpoint_id: record.vpc_endpoint_id,
            resources,
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Record<'a> {
    #[serde(borrow, rename = "eventID")]
    event_id: Cow<'a, str>,
    #[serde(borrow)]
    event_name: Cow<'a, str>,
    #[serde(borrow)]
    event_source: Cow<'a, str>,
    #[serde(borrow)]
    event_time: Cow<'a, str>,
    #[serde(borrow)]
    aws_region: Cow<'a, str>,
    #[serde(borrow)]
    recipient_account_id: Cow<'a, str>,
    read_only: bool,
    #[serde(borrow, deserialize_with = "text")]
    error_code: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    event_type: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    vpc_endpoint_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    user_identity: Option<Identity<'a>>,
    #[serde(borrow)]
    resources: Option<Vec<Resource<'a>>>,
    #[serde(borrow)]
    request_parameters: Option<Parameters<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    principal_id: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    account_id: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    arn: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    access_key_id: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    user_name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Resource<'a> {
    #[serde(borrow, rename = "type", default, deserialize_with = "text")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "ARN", default)]
    arn: Cow<'a, str>,
}

/// The parameters that name a resource.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Parameters<'a> {
    #[serde(borrow, deserialize_with = "text")]
    alias_name: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    function_name: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    group_name: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    key_id: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    log_group_name: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    policy_arn: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    role_arn: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    role_name: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    secret_id: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    stack_name: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    topic_arn: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "text")]
    user_name: Option<Cow<'a, str>>,
}

impl<'a> Record<'a> {
    fn described_resources(&self) -> Vec<DescribedResource<'a>> {
        let arns = self.resources.iter().flatten();
        let mut described: Vec<_> = arns
            .map(|resource| DescribedResource {
                kind: { resource.kind.clone() }.or_else(|| kind_of(&resource.arn).map(Cow::from)),
                name: resource.arn.clone(),
            })
            .collect();
        let parameters = self.request_parameters.iter();
        for (kind, name) in parameters.flat_map(|all| all.named(&self.event_source)) {
            if described.iter().any(|known| known.name == name) {
                continue;
            }
            let kind = Some(Cow::from(kind));
            described.push(DescribedResource { kind, name });
        }
        described
    }
}

impl<'a> Identity<'a> {
    fn username(&self) -> Option<Cow<'a, str>> {
        if self.user_name.is_some() {
            return self.user_name.clone();
        }
        match self.kind.as_ref() {
            "Root" => Some("root".into()),
            "AssumedRole" | "FederatedUser" => {
                let (_, session) = self.principal_id.split_once(':')?;
                Some(session.to_owned().into())
            }
            _ => None,
        }
    }
}

impl<'a> Parameters<'a> {
    /// What the parameters of a request to `source` name.
    fn named(&self, source: &str) -> Vec<(&'static str, Cow<'a, str>)> {
        let service = source.split('.').next().unwrap_or_default();
        let names: &[(&'static str, &Option<Cow<'a, str>>)] = match service {
            "secretsmanager" => &[(SECRET, &self.secret_id), (SECRET, &self.name)],
            "kms" => &[(KEY, &self.key_id), (ALIAS, &self.alias_name)],
            "iam" => &[
                (USER, &self.user_name),
                (ROLE, &self.role_name),
                (GROUP, &self.group_name),
                (POLICY, &self.policy_arn),
            ],
            "sts" => &[(ROLE, &self.role_arn)],
            "lambda" => &[(FUNCTION, &self.function_name)],
            "logs" => &[(LOG_GROUP, &self.log_group_name)],
            "cloudformation" => &[(STACK, &self.stack_name)],
            "cloudtrail" => &[(TRAIL, &self.name)],
            "events" => &[(RULE, &self.name)],
            "sns" => &[(TOPIC, &self.topic_arn), (TOPIC, &self.name)],
            _ => &[],
        };
        let given = |(kind, name): &(&'static str, &Option<Cow<'a, str>>)| {
            Some((*kind, Option::clone(name)?))
        };
        names.iter().filter_map(given).collect()
    }
}

/// What a resource with this ARN is called.
fn kind_of(arn: &str) -> Option<&'static str> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let service = parts.next()?;
    let resource = parts.nth(2)?;
    let named = match service {
        "secretsmanager" => ("secret:", SECRET),
        "lambda" => ("function:", FUNCTION),
        "logs" => ("log-group:", LOG_GROUP),
        "cloudformation" => ("stack/", STACK),
        "cloudtrail" => ("trail/", TRAIL),
        "cloudwatch" => ("alarm:", "AWS::CloudWatch::Alarm"),
        "events" => ("rule/", RULE),
        "sns" => ("", TOPIC),
        "kms" if resource.starts_with("alias/") => ("alias/", ALIAS),
        "kms" => ("key/", KEY),
        "iam" | "sts" => {
            let known = [
                ("user/", USER),
                ("role/", ROLE),
                ("assumed-role/", ROLE),
                ("group/", GROUP),
                ("policy/", POLICY),
            ];
            known
                .into_iter()
                .find(|(start, _)| resource.starts_with(start))?
        }
        _ => return None,
    };
    resource.starts_with(named.0).then_some(named.1)
}

/// A text, or `None` for anything else that may stand there.
fn text<'de: 'a, 'a, D: Deserializer<'de>>(from: D) -> Result<Option<Cow<'a, str>>, D::Error> {
    from.deserialize_any(Texts)
}

struct Texts;

impl<'de> Visitor<'de> for Texts {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

const ALIAS: &str = "AWS::KMS::Alias";
const FUNCTION: &str = "AWS::Lambda::Function";
const GROUP: &str = "AWS::IAM::Group";
const KEY: &str = "AWS::KMS::Key";
const LOG_GROUP: &str = "AWS::Logs::LogGroup";
const POLICY: &str = "AWS::IAM::Policy";
const ROLE: &str = "AWS::IAM::Role";
const RULE: &str = "AWS::Events::Rule";
const SECRET: &str = "AWS::SecretsManager::Secret";
const STACK: &str = "AWS::CloudFormation::Stack";
const TOPIC: &str = "AWS::SNS::Topic";
const TRAIL: &str = "AWS::CloudTrail::Trail";
const USER: &str = "AWS::IAM::User";

#[cfg(test)]
mod tests;
