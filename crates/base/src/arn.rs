use std::fmt;

/// An Amazon Resource Name, `arn:partition:service:region:account:resource`.
///
/// Region and account may be empty (IAM's ARNs name no Region).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arn {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The service's prefix, such as `secretsmanager`.
    pub service: String,
    /// The Region, or empty.
    pub region: String,
    /// The account, or empty.
    pub account: String,
    /// Everything after the fifth colon; may itself contain colons.
    pub resource: String,
}

impl Arn {
    /// Splits `text` into its six parts. Errors when it does not begin with `arn:` or has fewer.
    pub fn parse(text: &str) -> Result<Self, NotAnArn> {
        let mut parts = text.splitn(6, ':').map(str::to_owned);
        let mut next = || parts.next().ok_or(NotAnArn);
        if next()? != "arn" {
            return Err(NotAnArn);
        }
        Ok(Self {
            partition: next()?,
            service: next()?,
            region: next()?,
            account: next()?,
            resource: next()?,
        })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            service,
            region,
            account,
            resource,
        } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// The text is not an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an ARN")]
pub struct NotAnArn;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_split_at_the_first_five_colons() {
        let arn =
            Arn::parse("arn:aws:secretsmanager:us-east-1:123456789012:secret:a:b-AbCdEf").unwrap();

        assert_eq!(arn.service, "secretsmanager");
        assert_eq!(arn.account, "123456789012");
        assert_eq!(arn.resource, "secret:a:b-AbCdEf");
        assert_eq!(
            arn.to_string(),
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:a:b-AbCdEf"
        );
    }

    #[test]
    fn too_few_parts_are_no_arn() {
        for text in [
            "",
            "arn",
            "arn:aws:secretsmanager:us-east-1:123456789012",
            "urn:a:b:c:d:e",
        ] {
            assert_eq!(Arn::parse(text), Err(NotAnArn), "{text}");
        }
    }
}
