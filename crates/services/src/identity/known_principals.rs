//! The principals that a policy document names, looked up when it is written.
//!
//! - What is named must be there: an account of this deployment, a user or role of one, a service of
//!   AWS. A name that is not there yet could be taken later by somebody the author never meant.
//! - Users, roles and sessions are bound to the unique ids that they have at that moment
//!   ([`Document::bound_to`]).
//! - Unique ids are taken as they stand: they are never used again, so that of a deleted user or
//!   role means nobody.
//! - Identity providers need not exist. Their ARNs are never handed to another issuer.

use super::iam_arn::{IamArn, IamKind};
use super::model::{Account, Role, User};
use super::service_principals::is_service;
use crate::document::{Document, DocumentForm};
use crate::tx::Tx;
use base::{AccountId, Arn, CommonError};
use policy::PrincipalType;
use std::collections::{BTreeMap, BTreeSet};
use store::StoreError;

/// Why the principals of a document could not be looked up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnknownPrincipal {
    /// One of them is nobody.
    #[error("Invalid principal in policy: \"{kind}\":\"{name}\"")]
    Named {
        /// The kind, as the document names it.
        kind: &'static str,
        /// As written.
        name: String,
    },
    /// Something of ours failed.
    #[error(transparent)]
    Common(#[from] CommonError),
}

/// Looks up every principal that `document` names, and gives the unique ids of those named by ARN.
///
/// # Errors
/// [`UnknownPrincipal::Named`] for the first one that is nobody; a failure of the store.
pub(crate) async fn resolve<F: DocumentForm>(
    tx: &mut Tx<'_>,
    document: &Document<F>,
) -> Result<BTreeMap<String, String>, UnknownPrincipal> {
    let Principals { ids, unknown } = look_up(tx, document).await?;
    match unknown.into_iter().next() {
        None => Ok(ids),
        Some((kind, name)) => Err(UnknownPrincipal::Named {
            kind: name_of(kind),
            name,
        }),
    }
}

/// The principals of a document.
#[derive(Default)]
pub(crate) struct Principals {
    /// The unique ids of those named by ARN.
    pub(crate) ids: BTreeMap<String, String>,
    /// Those who are nobody, kind by kind.
    pub(crate) unknown: Vec<(PrincipalType, String)>,
}

/// Looks up every principal that `document` names.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn look_up<F: DocumentForm>(
    tx: &mut Tx<'_>,
    document: &Document<F>,
) -> Result<Principals, CommonError> {
    look_up_each(tx, document.policy()?.named_principals().collect()).await
}

/// Looks up the principals `named`.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn look_up_each(
    tx: &mut Tx<'_>,
    // Kinds come first in the order, so that a refusal does not depend on chance.
    named: BTreeSet<(PrincipalType, &str)>,
) -> Result<Principals, CommonError> {
    let mut principals = Principals::default();
    for (kind, name) in named {
        match known(tx, kind, name).await? {
            Known::Bound(id) => {
                principals.ids.insert(name.to_owned(), id);
            }
            Known::AsItStands => {}
            Known::No => principals.unknown.push((kind, name.to_owned())),
        }
    }
    Ok(principals)
}

/// The unique id of the user, role or session with this ARN. `None` when nobody has it.
///
/// # Errors
/// A failure of the store.
pub(super) async fn id_of(tx: &mut Tx<'_>, arn: &str) -> Result<Option<String>, StoreError> {
    match known_aws(tx, arn).await? {
        Known::Bound(id) => Ok(Some(id)),
        Known::AsItStands | Known::No => Ok(None),
    }
}

/// What is known of a principal.
enum Known {
    /// It is there, with this unique id.
    Bound(String),
    /// It means what it says, for ever.
    AsItStands,
    /// There is no such principal.
    No,
}

impl Known {
    fn when(holds: bool) -> Self {
        if holds { Self::AsItStands } else { Self::No }
    }

    fn bound(id: Option<String>) -> Self {
        id.map_or(Self::No, Self::Bound)
    }
}

async fn known(tx: &mut Tx<'_>, kind: PrincipalType, name: &str) -> Result<Known, StoreError> {
    match kind {
        PrincipalType::Aws => known_aws(tx, name).await,
        PrincipalType::Service => Ok(Known::when(is_service(name))),
        PrincipalType::Federated => Ok(Known::when(is_provider(name))),
        PrincipalType::CanonicalUser => Ok(Known::No),
    }
}

async fn known_aws(tx: &mut Tx<'_>, name: &str) -> Result<Known, StoreError> {
    if name == "*" {
        return Ok(Known::AsItStands);
    }
    if let Ok(account) = AccountId::parse(name) {
        return account_is_there(tx, &account).await.map(Known::when);
    }
    let Ok(arn) = Arn::parse(name) else {
        // The engine has read it as a unique id, since it is nothing else.
        return Ok(Known::AsItStands);
    };
    let Some(account) = account_of(&arn) else {
        return Ok(Known::No);
    };
    if !account_is_there(tx, &account).await? {
        return Ok(Known::No);
    }
    match (arn.service.as_str(), arn.resource.split('/').next()) {
        ("iam", _) if arn.resource == "root" => Ok(Known::AsItStands),
        ("iam", _) => user_or_role(tx, &account, name).await,
        ("sts", Some("federated-user")) => Ok(Known::AsItStands),
        ("sts", Some("assumed-role")) => role_of_session(tx, &account, &arn.resource).await,
        _ => Ok(Known::No),
    }
}

async fn user_or_role(
    tx: &mut Tx<'_>,
    account: &AccountId,
    arn: &str,
) -> Result<Known, StoreError> {
    let Some(parts) = IamArn::parse(arn) else {
        return Ok(Known::No);
    };
    let id = match parts.kind {
        IamKind::User => {
            let found = tx.get::<User>(&User::key_of(account, parts.name)).await?;
            let found = found.filter(|found| found.record.arn() == arn);
            found.map(|found| found.record.id.clone())
        }
        IamKind::Role => {
            let found = tx.get::<Role>(&Role::key_of(account, parts.name)).await?;
            let found = found.filter(|found| found.record.arn() == arn);
            found.map(|found| found.record.id.clone())
        }
        IamKind::Group | IamKind::OidcProvider | IamKind::Policy | IamKind::SamlProvider => None,
    };
    Ok(Known::bound(id))
}

/// The role of `assumed-role/<role>/<session>`.
async fn role_of_session(
    tx: &mut Tx<'_>,
    account: &AccountId,
    resource: &str,
) -> Result<Known, StoreError> {
    let parts: Vec<&str> = resource.split('/').collect();
    let &[_, role, _] = parts.as_slice() else {
        return Ok(Known::No);
    };
    let found = tx.get::<Role>(&Role::key_of(account, role)).await?;
    let found = found.filter(|found| found.record.name == role);
    Ok(Known::bound(found.map(|found| found.record.id.clone())))
}

async fn account_is_there(tx: &mut Tx<'_>, account: &AccountId) -> Result<bool, StoreError> {
    let found = tx.get::<Account>(&Account::key_of(account)).await?;
    Ok(found.is_some())
}

/// The account in an ARN of the one partition that identities here have, and of no Region.
fn account_of(arn: &Arn) -> Option<AccountId> {
    AccountId::parse(&arn.account)
        .ok()
        .filter(|_| arn.partition == "aws" && arn.region.is_empty())
}

/// Whether `name` is one of the public providers, or has the form of a provider's ARN.
fn is_provider(name: &str) -> bool {
    PUBLIC_PROVIDERS.contains(&name)
        || IamArn::parse(name)
            .is_some_and(|arn| matches!(arn.kind, IamKind::OidcProvider | IamKind::SamlProvider))
}

fn name_of(kind: PrincipalType) -> &'static str {
    match kind {
        PrincipalType::Aws => "AWS",
        PrincipalType::Service => "SERVICE",
        PrincipalType::Federated => "FEDERATED",
        PrincipalType::CanonicalUser => "CANONICAL_USER",
    }
}

/// Providers that need no record of an account's.
const PUBLIC_PROVIDERS: [&str; 4] = [
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_public_or_of_an_account() {
        for (name, expected) in [
            ("accounts.google.com", true),
            (
                "arn:aws:iam::123456789012:oidc-provider/issuer.example/id",
                true,
            ),
            ("arn:aws:iam::123456789012:saml-provider/corp", true),
            ("arn:aws:iam::123456789012:oidc-provider/", false),
            (
                "arn:aws:iam::12345678901:oidc-provider/issuer.example",
                false,
            ),
            (
                "arn:aws:sts::123456789012:oidc-provider/issuer.example",
                false,
            ),
            (
                "arn:aws-cn:iam::123456789012:oidc-provider/issuer.example",
                false,
            ),
            ("issuer.example", false),
            ("", false),
        ] {
            assert_eq!(is_provider(name), expected, "{name}");
        }
    }

    #[test]
    fn a_refusal_is_worded_as_aws_words_it() {
        let refusal = UnknownPrincipal::Named {
            kind: name_of(PrincipalType::Aws),
            name: String::from("arn:aws:iam::123456789012:user/none"),
        };

        assert_eq!(
            refusal.to_string(),
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:user/none\""
        );
    }
}
