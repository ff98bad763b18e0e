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
pub(crate) struct Credential {
    text: Box<str>,
    /// Where the slashes between the parts are.
    slashes: [usize; 4],
}

impl Credential {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        // COMPAT: AWS ignores slashes at the end (recorded on DynamoDB).
        let trimmed = text.trim_end_matches('/');
        let malformed = || Error::CredentialShape(text.to_owned());
        let mut found = trimmed
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'/');
        let mut slashes = [0; 4];
        for slash in &mut slashes {
            (*slash, _) = found.next().ok_or_else(malformed)?;
        }
        match found.next() {
            None => Ok(Self {
                text: trimmed.into(),
                slashes,
            }),
            Some(_) => Err(malformed()),
        }
    }

    pub(crate) fn access_key_id(&self) -> &str {
        let [end, ..] = self.slashes;
        self.text.get(..end).unwrap_or_default()
    }

    pub(crate) fn scope(&self) -> Scope<'_> {
        let [first, second, third, fourth] = self.slashes;
        Scope {
            date: self.between(first, second),
            region: self.between(second, third),
            service: self.between(third, fourth),
        }
    }

    pub(crate) fn terminator(&self) -> &str {
        let [.., last] = self.slashes;
        self.after(last)
    }

    /// Everything after the access key: the scope as it stands in the string to sign.
    pub(crate) fn scope_text(&self) -> &str {
        let [first, ..] = self.slashes;
        self.after(first)
    }

    fn between(&self, slash: usize, next: usize) -> &str {
        self.text.get(slash + 1..next).unwrap_or_default()
    }

    fn after(&self, slash: usize) -> &str {
        self.text.get(slash + 1..).unwrap_or_default()
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
