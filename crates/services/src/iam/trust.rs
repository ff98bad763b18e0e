//! Trust policies: who may assume a role.

use super::documents;
use super::error::Error;
use crate::document::TrustDocument;
use crate::identity::known_principals::{self, UnknownPrincipal};
use crate::tx::Tx;

/// The trust policy with this text, its principals bound to those who have the names now.
///
/// # Errors
/// [`Error::LimitExceeded`] when it is too long; [`Error::MalformedPolicy`] when it is no trust
/// policy, or names somebody who is not there; a failure of the store.
pub(crate) async fn parse(tx: &mut Tx<'_>, text: &str) -> Result<TrustDocument, Error> {
    if documents::size(text) > MOST_CHARACTERS {
        return Err(Error::LimitExceeded {
            quota: "ACLSizePerRole",
            limit: MOST_CHARACTERS,
        });
    }
    let document = documents::parse(text)?;
    let ids = known_principals::resolve(tx, &document).await?;
    Ok(document.bound_to(ids))
}

impl From<UnknownPrincipal> for Error {
    fn from(error: UnknownPrincipal) -> Self {
        match error {
            UnknownPrincipal::Named { .. } => Self::MalformedPolicy(error.to_string()),
            UnknownPrincipal::Common(error) => Self::Common(error),
        }
    }
}

/// AWS's highest quota.
const MOST_CHARACTERS: usize = 4096;
