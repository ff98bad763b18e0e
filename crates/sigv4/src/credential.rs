use crate::Error;

/// Where and when a signing key is good: one day, one Region, one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope<'a> {
    /// The day, as `20150830`.
    pub date: &'a str,
    /// The Region's name.
    pub region: &'a str,
    /// The service's signing name, such as `secretsmanager`.
    pub service: &'a str,
}

/// `key/date/region/service/terminator`, as a request presents it.
///
/// INVARIANT: has exactly five parts, so that each accessor finds its own.
#[derive(Debug)]
pub(crate) struct Credential(Box<str>);

impl Credential {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        // COMPAT: AWS ignores slashes at the end (recorded on DynamoDB).
        let trimmed = text.trim_end_matches('/');
        if trimmed.split('/').count() == 5 {
            Ok(Self(trimmed.into()))
        } else {
            Err(Error::CredentialShape(text.to_owned()))
        }
    }

    pub(crate) fn access_key_id(&self) -> &str {
        self.part(0)
    }

    pub(crate) fn scope(&self) -> Scope<'_> {
        Scope {
            date: self.part(1),
            region: self.part(2),
            service: self.part(3),
        }
    }

    pub(crate) fn terminator(&self) -> &str {
        self.part(4)
    }

    /// Everything after the access key: the scope as it stands in the string to sign.
    pub(crate) fn scope_text(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, scope)| scope)
    }

    fn part(&self, index: usize) -> &str {
        self.0.split('/').nth(index).unwrap_or_default()
    }
}

pub(crate) const TERMINATOR: &str = "aws4_request";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_parts_are_told_apart() {
        let credential = Credential::parse("AKID/20150830/us-east-1/iam/aws4_request//").unwrap();

        assert_eq!(credential.access_key_id(), "AKID");
        assert_eq!(
            credential.scope(),
            Scope {
                date: "20150830",
                region: "us-east-1",
                service: "iam"
            }
        );
        assert_eq!(credential.terminator(), "aws4_request");
        assert_eq!(
            credential.scope_text(),
            "20150830/us-east-1/iam/aws4_request"
        );
    }

    #[test]
    fn another_number_of_parts_is_refused() {
        for text in ["", "a", "a/b/c/d", "a/b/c/d/e/f", "a/b/c/d/"] {
            let refused = Credential::parse(text).unwrap_err();

            assert_eq!(refused, Error::CredentialShape(text.to_owned()));
        }
    }
}
