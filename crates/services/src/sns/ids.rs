//! The names of topics and subscriptions.

use super::error::Error;
use base::{AccountId, Arn, RegionName};

/// What the ARN of a topic says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicId {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
}

/// What the ARN of a subscription says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubscriptionId {
    pub(crate) topic: TopicId,
    pub(crate) id: String,
}

impl TopicId {
    /// Reads an ARN. `None`: it names no topic.
    pub(crate) fn of_arn(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).ok()?;
        let region = RegionName::parse(&arn.region).ok()?;
        let is_of_sns = arn.partition == region.partition() && arn.service == "sns";
        (is_of_sns && is_name(&arn.resource)).then_some(())?;
        Some(Self {
            account: AccountId::parse(&arn.account).ok()?,
            region,
            name: arn.resource,
        })
    }

    /// Reads the parameter `member`, an ARN of a topic in `region`.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] in AWS's words.
    pub(crate) fn parse(member: &str, text: &str, region: &RegionName) -> Result<Self, Error> {
        let elements = text.split(':').count();
        if elements < ARN_ELEMENTS {
            let reason = format!("An ARN must have at least 6 elements, not {elements}");
            return Err(Error::invalid(member, &reason));
        }
        let id = Self::of_arn(text).filter(|id| id.region == *region);
        id.ok_or_else(|| Error::InvalidParameter(member.to_owned()))
    }

    /// The ARN.
    pub(crate) fn arn(&self) -> String {
        let Self {
            account,
            region,
            name,
        } = self;
        let partition = region.partition();
        format!("arn:{partition}:sns:{region}:{account}:{name}")
    }
}

impl SubscriptionId {
    /// Reads an ARN. `None`: it names no subscription.
    pub(crate) fn of_arn(text: &str) -> Option<Self> {
        let (topic, id) = text.rsplit_once(':')?;
        let is_id = !id.is_empty() && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        Some(Self {
            topic: TopicId::of_arn(topic).filter(|_| is_id)?,
            id: id.to_owned(),
        })
    }

    /// Reads the parameter `SubscriptionArn`, of a subscription in `region`.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] in AWS's words.
    pub(crate) fn parse(text: &str, region: &RegionName) -> Result<Self, Error> {
        let id = Self::of_arn(text).filter(|id| id.topic.region == *region);
        id.ok_or_else(|| {
            let elements = text.split(':').count();
            let reason = format!("An ARN must have at least 6 elements, not {elements}");
            match elements < ARN_ELEMENTS {
                true => Error::invalid("SubscriptionArn", &reason),
                false => Error::InvalidParameter(String::from("SubscriptionArn")),
            }
        })
    }

    /// The ARN.
    pub(crate) fn arn(&self) -> String {
        format!("{}:{}", self.topic.arn(), self.id)
    }
}

/// The ARN that stands for every topic of an account in a Region.
pub(crate) fn every_topic(account: &AccountId, region: &RegionName) -> String {
    let partition = region.partition();
    format!("arn:{partition}:sns:{region}:{account}:*")
}

/// Whether a topic may be called so.
pub(crate) fn is_name(name: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(is_allowed)
}

const ARN_ELEMENTS: usize = 6;
const LONGEST_NAME: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sns:us-east-1:123456789012:alarms";

    #[test]
    fn an_arn_is_read_and_written() {
        let topic = TopicId::of_arn(ARN).unwrap();
        let text = format!("{ARN}:11111111-2222-4333-8444-555555555555");
        let subscription = SubscriptionId::of_arn(&text).unwrap();

        assert_eq!(topic.arn(), ARN);
        assert_eq!(subscription.arn(), text);
        assert_eq!(subscription.topic, topic);
    }

    #[test]
    fn an_arn_has_the_partition_of_its_region() {
        let arn = "arn:aws-us-gov:sns:us-gov-west-1:123456789012:alarms";

        assert_eq!(TopicId::of_arn(arn).unwrap().arn(), arn);
        assert_eq!(TopicId::of_arn(&arn.replace("aws-us-gov", "aws")), None);
        assert_eq!(TopicId::of_arn(&ARN.replace("aws", "aws-cn")), None);
    }

    #[test]
    fn what_is_no_topic_is_refused_in_aws_words() {
        let region = RegionName::parse("us-east-1").unwrap();
        for (text, expected) in [
            (
                "alarms",
                "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1",
            ),
            (
                "arn:aws:sns:eu-west-1:123456789012:alarms",
                "Invalid parameter: TopicArn",
            ),
            (
                "arn:aws:sqs:us-east-1:123456789012:alarms",
                "Invalid parameter: TopicArn",
            ),
            (
                "arn:aws:sns:us-east-1:123456789012:a:b",
                "Invalid parameter: TopicArn",
            ),
            (
                "arn:aws:sns:us-east-1:x:alarms",
                "Invalid parameter: TopicArn",
            ),
        ] {
            let refused = TopicId::parse("TopicArn", text, &region).unwrap_err();

            assert_eq!(refused.to_string(), expected);
        }
    }
}
