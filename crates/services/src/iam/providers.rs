//! OpenID Connect providers: what an ARN means, and what a provider may say of itself.

use super::error::Error;
use crate::authorize::{Permit, Resource};
use crate::cx::Cx;
use crate::identity::model::OidcProvider;
use crate::identity::{IamArn, IamKind};
use crate::tx::Tx;
use base::{AccountId, CommonError, IssuerUrl};
use store::Versioned;
use wire::{Shape, UNBOUNDED};

/// The provider that an ARN means, whether or not it exists.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`].
pub(crate) struct ProviderTarget {
    arn: String,
    owner: AccountId,
    found: Option<Versioned<OidcProvider>>,
}

impl ProviderTarget {
    /// Looks the provider up.
    ///
    /// # Errors
    /// [`Error::InvalidArn`] for what is no ARN of a provider; a failure of the store.
    pub(crate) async fn find(cx: &Cx<'_>, tx: &mut Tx<'_>, arn: &str) -> Result<Self, Error> {
        let invalid = || Error::InvalidArn(arn.to_owned());
        let parsed = IamArn::parse(arn).filter(|parsed| parsed.kind == IamKind::OidcProvider);
        let parsed = parsed.ok_or_else(invalid)?;
        let owner = parsed.account().ok_or_else(invalid)?;
        // SECURITY: only the caller's own account is looked into.
        let found = if owner == *cx.account() {
            let key = OidcProvider::key_of(&owner, parsed.name);
            tx.get(&key).await.map_err(CommonError::from)?
        } else {
            None
        };
        Ok(Self {
            arn: arn.to_owned(),
            owner,
            found,
        })
    }

    /// As authorization sees it.
    pub(crate) fn resource(&self) -> Resource<'_> {
        let tags = self.found.as_ref().map(|found| &found.record.tags);
        Resource::named(&self.owner, self.arn.clone()).tagged(tags)
    }

    /// The provider.
    ///
    /// # Errors
    /// [`Error::ProviderNotFound`].
    pub(crate) fn existing(&self, _: &Permit) -> Result<&Versioned<OidcProvider>, Error> {
        let found = self.found.as_ref();
        found.ok_or_else(|| Error::ProviderNotFound(self.arn.clone()))
    }

    /// Whether the issuer has a provider.
    pub(crate) fn is_taken(&self, _: &Permit) -> bool {
        self.found.is_some()
    }
}

/// The ARN that the provider of an issuer has, whose URL without scheme is `bare`.
pub(crate) fn arn_of(account: &AccountId, bare: &str) -> String {
    format!("arn:aws:iam::{account}:oidc-provider/{bare}")
}

/// The issuer that a request names.
///
/// # Errors
/// [`Error::InvalidIssuer`].
pub(crate) fn issuer(url: &str) -> Result<IssuerUrl, Error> {
    IssuerUrl::parse(url).map_err(|_| Error::InvalidIssuer)
}

/// The audiences as they are kept: each once, in the order given.
///
/// # Errors
/// [`Error::LimitExceeded`].
pub(crate) fn client_ids(given: &[String]) -> Result<Vec<String>, Error> {
    let mut kept: Vec<String> = Vec::new();
    for id in given {
        if !kept.contains(id) {
            kept.push(id.clone());
        }
        // SECURITY: checked at every step, so that a long list costs no more than a short one.
        if kept.len() > MOST_CLIENT_IDS {
            return Err(Error::LimitExceeded {
                quota: "ClientIdsPerOpenIdConnectProvider",
                limit: MOST_CLIENT_IDS,
            });
        }
    }
    Ok(kept)
}

/// The thumbprints as they are kept: in lower case.
///
/// # Errors
/// [`Error::TooManyThumbprints`], [`Error::InvalidThumbprint`].
pub(crate) fn thumbprints(given: &[String]) -> Result<Vec<String>, Error> {
    if given.len() > MOST_THUMBPRINTS {
        return Err(Error::TooManyThumbprints);
    }
    let is_hex = |text: &&String| text.bytes().all(|b| b.is_ascii_hexdigit());
    if let Some(bad) = given.iter().find(|text| !is_hex(text)) {
        return Err(Error::InvalidThumbprint(bad.clone()));
    }
    Ok(given.iter().map(|text| text.to_ascii_lowercase()).collect())
}

/// The URL of an issuer.
pub(crate) const URL: Shape = Shape::text(1, 255);
/// An audience.
pub(crate) const CLIENT_ID: Shape = Shape::text(1, 255);
/// Audiences.
pub(crate) const CLIENT_IDS: Shape = Shape::list(&CLIENT_ID, 0, UNBOUNDED);
/// Thumbprints.
pub(crate) const THUMBPRINTS: Shape = Shape::list(&THUMBPRINT, 0, UNBOUNDED);
const THUMBPRINT: Shape = Shape::text(40, 40);

/// AWS's quota.
const MOST_CLIENT_IDS: usize = 100;
const MOST_THUMBPRINTS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audiences_are_kept_once_and_bounded() {
        let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
        let twice: Vec<String> = ["b", "a", "b"].map(String::from).to_vec();

        assert_eq!(client_ids(&twice).unwrap(), ["b", "a"]);
        assert_eq!(client_ids(&many[..100]).unwrap().len(), 100);
        assert_eq!(
            client_ids(&many).unwrap_err().to_string(),
            "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"
        );
    }

    #[test]
    fn thumbprints_are_hexadecimal_and_few() {
        let good = "AB".repeat(20);
        let bad = "x".repeat(40);

        assert_eq!(
            thumbprints(std::slice::from_ref(&good)).unwrap(),
            ["ab".repeat(20)]
        );
        assert_eq!(
            thumbprints(std::slice::from_ref(&bad))
                .unwrap_err()
                .to_string(),
            format!("the thumbprint `{bad}` is not 40 hexadecimal digits")
        );
        assert!(thumbprints(&vec![good; 6]).is_err());
    }
}
