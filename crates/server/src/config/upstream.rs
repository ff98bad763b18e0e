//! Where the server may send signed requests to: URLs that the operator listed by their beginnings.

use super::oidc::Endpoint;
use base::{AccountId, InvalidId};
use serde::Deserialize;
use std::path::PathBuf;

/// `[[functions.remote]]` and `[[rotators.http]]` as they are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    /// How the URLs begin.
    url: String,
    /// The Region in the signature.
    region: String,
    /// A file with an access key, as the AWS CLI has it.
    credentials_file: PathBuf,
    /// Which profile of the file.
    profile: Option<String>,
    /// Whom to trust (PEM), in the place of the system's authorities.
    ca_file: Option<PathBuf>,
    /// Whose functions may call there; everybody's when left out.
    accounts: Option<Vec<String>>,
}

/// Servers that may be called, and how requests to them are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upstream {
    /// How the URLs begin.
    prefix: Endpoint,
    /// The Region in the signature.
    pub(crate) region: String,
    /// A file with an access key, read at each call.
    pub(crate) credentials_file: PathBuf,
    /// Which profile of the file.
    pub(crate) profile: String,
    /// Whom to trust (PEM). `None`: the system's authorities.
    pub(crate) ca_file: Option<PathBuf>,
    /// Whose functions may call there. `None`: those of all accounts.
    accounts: Option<Vec<AccountId>>,
}

/// Why a section cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// Not a URL that may be called.
    #[error(
        "`{0}` cannot be used: write a URL like `https://lambda.example/2015-03-31/functions/`, \
         without user name, query, fragment and dot segments (`http://` is for loopback hosts only)"
    )]
    Url(String),
    /// Listed more than once.
    #[error("`{0}` has more than one section")]
    Twice(String),
    /// Not a Region's name.
    #[error("`{0}` is no name of a Region: write it like `us-east-1`")]
    Region(String),
    /// Not an account.
    #[error("`{0}` is no account id")]
    Account(String, #[source] InvalidId),
}

impl Upstream {
    /// Reads all sections.
    pub(super) fn resolve(sections: &[Section]) -> Result<Vec<Self>, UpstreamError> {
        let mut found: Vec<Self> = Vec::new();
        for section in sections {
            let upstream = Self::of(section)?;
            if found.iter().any(|known| known.prefix == upstream.prefix) {
                return Err(UpstreamError::Twice(section.url.clone()));
            }
            found.push(upstream);
        }
        Ok(found)
    }

    fn of(section: &Section) -> Result<Self, UpstreamError> {
        let prefix = Endpoint::parse(&section.url)
            .filter(|url| !url.target().contains('?') && is_plain(url.target()))
            .ok_or_else(|| UpstreamError::Url(section.url.clone()))?;
        let is_region = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if section.region.is_empty() || !section.region.bytes().all(is_region) {
            return Err(UpstreamError::Region(section.region.clone()));
        }
        let account = |text: &String| {
            AccountId::parse(text).map_err(|error| UpstreamError::Account(text.clone(), error))
        };
        let accounts = section.accounts.as_ref();
        let accounts = accounts.map(|all| all.iter().map(account).collect());
        let profile = section.profile.as_deref().unwrap_or("default");
        Ok(Self {
            prefix,
            region: section.region.clone(),
            credentials_file: section.credentials_file.clone(),
            profile: profile.to_owned(),
            ca_file: section.ca_file.clone(),
            accounts: accounts.transpose()?,
        })
    }

    /// Those of `listed` that functions of `account` may call.
    pub(crate) fn for_account(listed: &[Self], account: &AccountId) -> Vec<Self> {
        let is_for = |one: &&Self| {
            let accounts = one.accounts.as_ref();
            accounts.is_none_or(|accounts| accounts.contains(account))
        };
        listed.iter().filter(is_for).cloned().collect()
    }

    /// The first of `listed` that `url` begins as, with the URL as it is called.
    pub(crate) fn find<'a>(listed: &'a [Self], url: &str) -> Option<(&'a Self, Endpoint)> {
        let endpoint = Endpoint::parse(url)?;
        let upstream = listed.iter().find(|one| one.admits(&endpoint))?;
        Some((upstream, endpoint))
    }

    /// SECURITY: whole segments are compared, and a path that could be read as another one is not
    /// admitted, so that nothing beside the listed path is reached.
    fn admits(&self, endpoint: &Endpoint) -> bool {
        let path = endpoint.target().split('?').next().unwrap_or_default();
        let listed = self.prefix.target();
        let rest = path.strip_prefix(listed);
        let at_a_segment = rest
            .is_some_and(|rest| rest.is_empty() || listed.ends_with('/') || rest.starts_with('/'));
        endpoint.has_origin_of(&self.prefix) && at_a_segment && is_plain(path)
    }
}

/// Whether every segment of a path means itself.
fn is_plain(path: &str) -> bool {
    let lower = path.to_ascii_lowercase().replace("%2e", ".");
    let means_another = |segment: &str| matches!(segment, "." | "..");
    let is_hidden = lower.contains("%2f") || lower.contains("%5c") || lower.contains('\\');
    !is_hidden && !lower.split('/').any(means_another)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(url: &str) -> Section {
        Section {
            url: url.to_owned(),
            region: String::from("eu-west-1"),
            credentials_file: PathBuf::from("/etc/key"),
            profile: None,
            ca_file: None,
            accounts: None,
        }
    }

    fn listed(url: &str) -> Vec<Upstream> {
        Upstream::resolve(&[section(url)]).unwrap()
    }

    #[test]
    fn only_urls_that_begin_as_a_listed_one_are_found() {
        let listed = listed("https://lambda.example/functions");

        for url in [
            "https://lambda.example/functions",
            "https://lambda.example/functions/f/invocations",
            "https://LAMBDA.example:443/functions/f?Qualifier=1",
            "https://lambda.example/functions/arn%3Aaws%3Alambda/invocations",
        ] {
            assert!(Upstream::find(&listed, url).is_some(), "{url}");
        }
        for url in [
            "https://lambda.example/",
            "https://lambda.example/functions2",
            "https://lambda.example/functions/../other",
            "https://lambda.example/functions/%2E%2e/other",
            "https://lambda.example/functions/..%2fother",
            "https://lambda.example/functions/..\\other",
            "https://lambda.example/Functions/f",
            "https://lambda.example:8443/functions/f",
            "http://lambda.example/functions/f",
            "https://lambda.example@evil.example/functions/f",
            "https://evil.example/functions/f",
            "https://lambda.example.evil.example/functions/f",
            "file:///functions",
            "",
        ] {
            assert!(Upstream::find(&listed, url).is_none(), "{url}");
        }
    }

    #[test]
    fn a_slash_at_the_end_admits_what_is_below_only() {
        let listed = listed("https://lambda.example/functions/");

        assert!(Upstream::find(&listed, "https://lambda.example/functions/f").is_some());
        assert!(Upstream::find(&listed, "https://lambda.example/functions").is_none());
    }

    #[test]
    fn a_section_may_be_for_some_accounts() {
        let account = |text: &str| AccountId::parse(text).unwrap();
        let of = |url: &str, accounts: &[&str]| Section {
            accounts: Some(accounts.iter().map(|text| String::from(*text)).collect()),
            ..section(url)
        };
        let listed = Upstream::resolve(&[
            of(
                "https://lambda.example/some",
                &["111122223333", "444455556666"],
            ),
            of("https://lambda.example/none", &[]),
            section("https://lambda.example/all"),
        ])
        .unwrap();

        let urls = |id: &str| {
            let listed = Upstream::for_account(&listed, &account(id));
            ["some", "none", "all"].map(|path| {
                Upstream::find(&listed, &format!("https://lambda.example/{path}/f")).is_some()
            })
        };

        assert_eq!(urls("111122223333"), [true, false, true]);
        assert_eq!(urls("444455556666"), [true, false, true]);
        assert_eq!(urls("777788889999"), [false, false, true]);
        let malformed = Upstream::resolve(&[of("https://lambda.example/", &["1111"])]);
        assert_eq!(
            malformed.unwrap_err().to_string(),
            "`1111` is no account id"
        );
    }

    #[test]
    fn what_cannot_be_listed_is_refused() {
        for url in [
            "http://lambda.example/",
            "https://lambda.example/?a=b",
            "https://lambda.example/a/../b",
            "https://user@lambda.example/",
            "lambda.example",
        ] {
            let refused = Upstream::resolve(&[section(url)]).unwrap_err();
            assert!(
                matches!(refused, UpstreamError::Url(named) if named == url),
                "{url}"
            );
        }
        let twice = [section("https://a.example/"), section("https://a.example/")];
        assert_eq!(
            Upstream::resolve(&twice).unwrap_err().to_string(),
            "`https://a.example/` has more than one section"
        );
        let nowhere = Section {
            region: String::from("eu west"),
            ..section("https://a.example/")
        };
        assert_eq!(
            Upstream::resolve(&[nowhere]).unwrap_err().to_string(),
            "`eu west` is no name of a Region: write it like `us-east-1`"
        );
    }
}
