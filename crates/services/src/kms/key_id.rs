//! What a `KeyId` means.

use super::error::Error;
use super::model::arn;
use base::{AccountId, Arn, RegionName};

/// A key or an alias, whether or not there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyId {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) means: Means,
}

/// How a key is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// By the id of the key.
    Key(String),
    /// By an alias, with the `alias/` in front.
    Alias(String),
}

impl KeyId {
    /// Reads `sent` as a caller of `account` in `region` means it: a key id, an alias, or the ARN of
    /// either, of whatever account.
    ///
    /// # Errors
    /// [`Error::InvalidKeyId`] for what is none of these, [`Error::OtherRegion`] for an ARN of
    /// another Region.
    pub(crate) fn parse(
        sent: &str,
        account: &AccountId,
        region: &RegionName,
    ) -> Result<Self, Error> {
        if !sent.starts_with("arn:") {
            return Ok(Self {
                account: account.clone(),
                region: region.clone(),
                means: Means::parse(sent, Means::plain(sent)).map_err(Error::InvalidKeyId)?,
            });
        }
        let invalid = || Error::InvalidKeyId(sent.to_owned());
        let arn = Arn::parse(sent).map_err(|_| invalid())?;
        let account = AccountId::parse(&arn.account).map_err(|_| invalid())?;
        if arn.service != "kms" {
            return Err(invalid());
        }
        if arn.region != region.as_str() || arn.partition != region.partition() {
            return Err(Error::OtherRegion(arn.region));
        }
        let means = match arn.resource.strip_prefix("key/") {
            Some(id) => Means::parse(sent, Means::plain(id).filter(Means::is_key)),
            None => Means::parse(
                sent,
                Means::plain(&arn.resource).filter(|one| !one.is_key()),
            ),
        };
        Ok(Self {
            account,
            region: region.clone(),
            means: means.map_err(Error::InvalidKeyId)?,
        })
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        match &self.means {
            Means::Key(id) => arn(&self.region, &self.account, &format!("key/{id}")),
            Means::Alias(name) => arn(&self.region, &self.account, name),
        }
    }

    /// The alias, if it is one.
    pub(crate) fn alias(&self) -> Option<&str> {
        match &self.means {
            Means::Alias(name) => Some(name),
            Means::Key(_) => None,
        }
    }
}

impl Means {
    fn parse(sent: &str, means: Option<Self>) -> Result<Self, String> {
        means.ok_or_else(|| sent.to_owned())
    }

    fn plain(text: &str) -> Option<Self> {
        if is_alias_name(text) {
            return Some(Self::Alias(text.to_owned()));
        }
        let is_id = !text.is_empty()
            && text.len() <= 64
            && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
            && text.bytes().filter(|b| *b == b'-').count() == 4;
        is_id.then(|| Self::Key(text.to_owned()))
    }

    fn is_key(&self) -> bool {
        matches!(self, Self::Key(_))
    }
}

/// Whether `text` has the form of an alias: `alias/` and letters, digits, `/`, `_` and `-`.
pub(crate) fn is_alias_name(text: &str) -> bool {
    text.strip_prefix("alias/").is_some_and(|name| {
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"/_-".contains(&b);
        !name.is_empty() && text.len() <= 256 && name.bytes().all(is_allowed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::AwsError;

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    fn parse(sent: &str) -> Result<KeyId, Error> {
        let account = AccountId::parse("123456789012").unwrap();
        KeyId::parse(sent, &account, &RegionName::parse("us-east-1").unwrap())
    }

    #[test]
    fn a_key_is_named_in_four_ways() {
        let arn = "arn:aws:kms:us-east-1:123456789012:";
        let foreign = "arn:aws:kms:us-east-1:999988887777:";
        for (sent, means, expected) in [
            (
                ID.to_owned(),
                Means::Key(ID.into()),
                format!("{arn}key/{ID}"),
            ),
            (
                String::from("alias/a/b_c-D"),
                Means::Alias("alias/a/b_c-D".into()),
                format!("{arn}alias/a/b_c-D"),
            ),
            (
                format!("{foreign}key/{ID}"),
                Means::Key(ID.into()),
                format!("{foreign}key/{ID}"),
            ),
            (
                format!("{foreign}alias/x"),
                Means::Alias("alias/x".into()),
                format!("{foreign}alias/x"),
            ),
        ] {
            let parsed = parse(&sent).unwrap();
            assert_eq!((&parsed.means, parsed.arn()), (&means, expected), "{sent}");
            assert_eq!(parsed.alias().is_some(), matches!(means, Means::Alias(_)));
        }
    }

    #[test]
    fn what_names_nothing_is_refused_as_it_was_sent() {
        let arn = "arn:aws:kms:us-east-1:123456789012";
        for sent in [
            String::from("db"),
            String::from("alias/"),
            String::from("alias/a b"),
            String::from("1234"),
            format!("key/{ID}"),
            String::from("arn:aws:kms"),
            format!("{arn}:{ID}"),
            format!("{arn}:key/alias/x"),
            format!("arn:aws:s3:us-east-1:123456789012:key/{ID}"),
            format!("arn:aws:kms:us-east-1:1234:key/{ID}"),
        ] {
            let error = parse(&sent).unwrap_err();
            assert_eq!(error.code(), "NotFoundException");
            assert_eq!(error.to_string(), format!("Invalid keyId '{sent}'"));
        }
    }

    #[test]
    fn an_arn_of_another_region_is_refused() {
        let sent = format!("arn:aws:kms:eu-west-1:123456789012:key/{ID}");

        let error = parse(&sent).unwrap_err();

        assert_eq!(error.code(), "NotFoundException");
        assert_eq!(error.to_string(), "Invalid arn eu-west-1");
    }
}
