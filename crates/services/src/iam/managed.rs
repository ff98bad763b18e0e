//! Managed policies: what an ARN means, what is known of their use, how answers show them.

use super::documents;
use super::error::Error;
use super::view::encoded_document;
use crate::authorize::{Permit, Resource};
use crate::cx::Cx;
use crate::document::IdentityDocument;
use crate::identity::aws_managed::{self, AwsManaged};
use crate::identity::model::{Attachment, ManagedPolicy, PolicyVersion};
use crate::identity::{IamArn, IamKind, Managed};
use crate::tags::Tags;
use crate::tx::Tx;
use base::{AccountId, CommonError, Timestamp};
use std::sync::Arc;
use store::{Query, Versioned};
use wire::xml::Element;

/// The managed policy that an ARN means, whether or not it exists.
///
/// INVARIANT: "was not found" is told only to holders of a [`Permit`].
pub(crate) struct PolicyTarget {
    arn: String,
    /// The account in the ARN; `None` for a policy of AWS's.
    owner: Option<AccountId>,
    found: Option<Found>,
}

enum Found {
    Aws(&'static AwsManaged),
    Own(Versioned<ManagedPolicy>),
}

impl PolicyTarget {
    /// Looks the policy up.
    ///
    /// # Errors
    /// [`Error::InvalidArn`] for what is no ARN of a policy; a failure of the store.
    pub(crate) async fn find(cx: &Cx<'_>, tx: &mut Tx<'_>, arn: &str) -> Result<Self, Error> {
        let parsed = IamArn::parse(arn).filter(|parsed| parsed.kind == IamKind::Policy);
        let parsed = parsed.ok_or_else(|| Error::InvalidArn(arn.to_owned()))?;
        let Some(owner) = parsed.account() else {
            return Ok(Self {
                arn: arn.to_owned(),
                owner: None,
                found: aws_managed::find(arn).map(Found::Aws),
            });
        };
        // SECURITY: only the caller's own account is looked into; a policy of another one is
        // refused for whose it is, not for whether it is there.
        let found = if owner == *cx.account() {
            let key = ManagedPolicy::key_of(&owner, parsed.name);
            tx.get(&key).await.map_err(CommonError::from)?
        } else {
            None
        };
        let found = found.filter(|found: &Versioned<ManagedPolicy>| found.record.arn() == arn);
        Ok(Self {
            arn: arn.to_owned(),
            owner: Some(owner),
            found: found.map(Found::Own),
        })
    }

    /// As authorization sees it when it is read: everyone may be allowed to read AWS's policies.
    pub(crate) fn to_read<'a>(&'a self, cx: &Cx<'a>) -> Resource<'a> {
        let owner = self.owner.as_ref().unwrap_or(cx.account());
        Resource::named(owner, self.arn.clone())
            .tagged(self.tags())
            .called(self.called())
    }

    /// As authorization sees it when it is changed. Nobody may change a policy of AWS's.
    pub(crate) fn to_change(&self) -> Resource<'_> {
        Resource {
            owner: self.owner.as_ref(),
            name: Some(self.arn.clone()),
            ..Resource::default()
        }
        .tagged(self.tags())
        .called(self.called())
    }

    /// COMPAT: how AWS's denials call it.
    fn called(&self) -> String {
        format!("policy {}", self.arn)
    }

    fn tags(&self) -> Option<&Tags> {
        match &self.found {
            Some(Found::Own(found)) => Some(&found.record.tags),
            Some(Found::Aws(_)) | None => None,
        }
    }

    /// The policy.
    ///
    /// # Errors
    /// [`Error::PolicyNotFound`].
    pub(crate) fn existing(&self, _: &Permit) -> Result<Policy, Error> {
        match &self.found {
            Some(Found::Aws(policy)) => Ok(Policy(Managed::Aws(policy))),
            Some(Found::Own(found)) => Ok(Policy(Managed::Customer(found.record.clone()))),
            None => Err(self.not_there()),
        }
    }

    /// The policy, to be changed.
    ///
    /// # Errors
    /// [`Error::PolicyNotFound`]; [`Error::PolicyUnmodifiable`] for a policy of AWS's, which no
    /// permit is given for.
    pub(crate) fn own(&self, _: &Permit) -> Result<&Versioned<ManagedPolicy>, Error> {
        match &self.found {
            Some(Found::Own(found)) => Ok(found),
            Some(Found::Aws(policy)) => Err(Error::PolicyUnmodifiable(policy.arn.to_owned())),
            None => Err(self.not_there()),
        }
    }

    /// The number of the version that is called `id`.
    ///
    /// # Errors
    /// [`Error::PolicyVersionNotFound`] when there is none.
    pub(crate) fn version(&self, permit: &Permit, id: &str) -> Result<u32, Error> {
        let policy = self.existing(permit)?;
        let number = id.strip_prefix('v').and_then(|digits| digits.parse().ok());
        let number = number.filter(|number| policy.has(*number));
        number.ok_or_else(|| Error::PolicyVersionNotFound {
            arn: self.arn.clone(),
            version: id.to_owned(),
        })
    }

    fn not_there(&self) -> Error {
        Error::PolicyNotFound(self.arn.clone())
    }
}

/// A managed policy as answers show it.
#[derive(Clone)]
pub(crate) struct Policy(pub(crate) Managed);

impl Policy {
    /// The policy's ARN.
    pub(crate) fn arn(&self) -> String {
        self.0.arn().into_owned()
    }

    /// The tags; AWS's policies have none.
    pub(crate) fn tags(&self) -> Option<&Tags> {
        match &self.0 {
            Managed::Aws(_) => None,
            Managed::Customer(policy) => Some(&policy.tags),
        }
    }

    fn has(&self, version: u32) -> bool {
        match &self.0 {
            Managed::Aws(policy) => policy.version == version,
            Managed::Customer(policy) => policy.version(version).is_some(),
        }
    }

    /// The versions, the newest first. Lists leave their documents out.
    pub(crate) fn versions(&self, with_text: bool) -> Vec<VersionShown> {
        match &self.0 {
            Managed::Aws(policy) => vec![VersionShown {
                number: policy.version,
                is_default: true,
                created: policy.updated,
                text: with_text.then(|| policy.document().text().to_owned()),
            }],
            Managed::Customer(policy) => {
                let versions = policy.versions.iter().rev();
                let shown = versions.map(|one| VersionShown::of(policy, one, with_text));
                shown.collect()
            }
        }
    }

    /// The members that every answer has.
    pub(crate) fn write(&self, element: &mut Element<'_>, usage: Usage) {
        let (name, id, path) = match &self.0 {
            Managed::Aws(policy) => (policy.name, policy.id, policy.path),
            Managed::Customer(policy) => (&*policy.name, &*policy.id, &*policy.path),
        };
        let (version, created, updated) = match &self.0 {
            Managed::Aws(policy) => (policy.version, policy.created, policy.updated),
            Managed::Customer(policy) => (policy.default_version, policy.created, policy.updated),
        };
        element.text("PolicyName", name);
        element.text("PolicyId", id);
        element.text("Arn", &self.arn());
        element.text("Path", path);
        element.text("DefaultVersionId", &version_id(version));
        element.integer("AttachmentCount", usage.attached);
        element.integer("PermissionsBoundaryUsageCount", usage.bounding);
        element.boolean("IsAttachable", true);
        element.timestamp("CreateDate", created);
        element.timestamp("UpdateDate", updated);
    }

    /// `Description`, which lists leave out.
    pub(crate) fn write_description(&self, element: &mut Element<'_>) {
        let description = match &self.0 {
            Managed::Aws(policy) => Some(policy.description),
            Managed::Customer(policy) => policy.description.as_deref(),
        };
        element.opt_text("Description", description);
    }
}

/// How many identities use a policy.
#[derive(Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) attached: i64,
    pub(crate) bounding: i64,
}

/// Counts the identities of the caller's account that use the policy `arn`.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn usage(cx: &Cx<'_>, tx: &mut Tx<'_>, arn: &str) -> Result<Usage, Error> {
    let mut usage = Usage::default();
    tx.every(attachments(cx, arn), |one: Arc<Attachment>| {
        if one.is_boundary {
            usage.bounding += 1;
        } else {
            usage.attached += 1;
        }
    })
    .await
    .map_err(CommonError::from)?;
    Ok(usage)
}

/// Whether any identity of the caller's account uses the policy `arn`.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn is_used(cx: &Cx<'_>, tx: &mut Tx<'_>, arn: &str) -> Result<bool, Error> {
    let query = attachments(cx, arn).with_limit(1);
    let found = tx.query::<Attachment>(&query).await;
    Ok(!found.map_err(CommonError::from)?.is_empty())
}

/// The identities of the caller's account that use the policy `arn`.
pub(crate) fn attachments(cx: &Cx<'_>, arn: &str) -> Query {
    Query::primary(0).equal(cx.account()).equal(arn)
}

/// The document of a managed policy.
///
/// # Errors
/// [`Error::LimitExceeded`] when it is too long; [`Error::MalformedPolicy`].
pub(crate) fn parse(text: &str) -> Result<IdentityDocument, Error> {
    if documents::size(text) > MOST_CHARACTERS {
        return Err(Error::LimitExceeded {
            quota: "PolicySize",
            limit: MOST_CHARACTERS,
        });
    }
    documents::parse(text)
}

/// A version as answers show it.
#[derive(Clone)]
pub(crate) struct VersionShown {
    pub(crate) number: u32,
    pub(crate) is_default: bool,
    pub(crate) created: Timestamp,
    /// Lists leave it out.
    pub(crate) text: Option<String>,
}

impl VersionShown {
    /// A version of a policy of the account's.
    pub(crate) fn of(policy: &ManagedPolicy, version: &PolicyVersion, with_text: bool) -> Self {
        Self {
            number: version.number,
            is_default: version.number == policy.default_version,
            created: version.created,
            text: with_text.then(|| version.document.text().to_owned()),
        }
    }

    /// The members of a `PolicyVersion`.
    pub(crate) fn write(&self, element: &mut Element<'_>) {
        if let Some(text) = &self.text {
            element.text("Document", &encoded_document(text));
        }
        element.text("VersionId", &version_id(self.number));
        element.boolean("IsDefaultVersion", self.is_default);
        element.timestamp("CreateDate", self.created);
    }
}

/// A version's number as the API writes it.
fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// AWS's quota, white space left out.
const MOST_CHARACTERS: usize = 6_144;
