//! The identity whose policies are simulated.

use super::circumstances::SimulatedCaller;
use super::input::PolicyIdentifier;
use super::sources::{Part, Source, Sources};
use crate::authorize::{Permit, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::target::Entity as _;
use crate::identity::model::{EntityKind, Grants, Group, Role, User};
use crate::identity::{IamArn, IamKind, Managed, resolve_managed};
use crate::tx::Tx;
use base::{AccountId, CommonError};
use std::sync::Arc;

/// The identity that a `PolicySourceArn` means, whether or not it exists.
///
/// INVARIANT: "cannot be found" is told only to holders of a [`Permit`].
pub(crate) struct HolderTarget {
    arn: String,
    owner: AccountId,
    kind: EntityKind,
    name: String,
    found: Option<Holder>,
}

/// An identity that has policies.
#[derive(Clone)]
pub(crate) enum Holder {
    Group(Arc<Group>),
    Role(Arc<Role>),
    User(Arc<User>),
}

impl HolderTarget {
    /// Looks the identity up.
    ///
    /// # Errors
    /// [`Error::InvalidEntityArn`] for what is the ARN of no user, group or role; a failure of the
    /// store.
    pub(crate) async fn find(cx: &Cx<'_>, tx: &mut Tx<'_>, arn: &str) -> Result<Self, Error> {
        let invalid = || Error::InvalidEntityArn(arn.to_owned());
        let parsed = IamArn::parse(arn).ok_or_else(invalid)?;
        let owner = parsed.account().ok_or_else(invalid)?;
        let kind = match parsed.kind {
            IamKind::Group => EntityKind::Group,
            IamKind::Role => EntityKind::Role,
            IamKind::User => EntityKind::User,
            IamKind::OidcProvider | IamKind::Policy | IamKind::SamlProvider => {
                return Err(invalid());
            }
        };
        let found = if owner == *cx.account() {
            Holder::find(tx, &owner, kind, parsed.name).await?
        } else {
            None
        };
        Ok(Self {
            owner,
            kind,
            name: parsed.name.to_owned(),
            found: found.filter(|found| found.arn() == arn),
            arn: arn.to_owned(),
        })
    }

    /// As authorization sees it.
    pub(crate) fn resource(&self) -> Resource<'_> {
        let tags = match &self.found {
            Some(Holder::User(user)) => Some(&user.tags),
            Some(Holder::Role(role)) => Some(&role.tags),
            Some(Holder::Group(_)) | None => None,
        };
        Resource::named(&self.owner, self.arn.clone()).tagged(tags)
    }

    /// The identity.
    ///
    /// # Errors
    /// [`Error::NoSuchEntity`].
    pub(crate) fn existing(&self, _: &Permit) -> Result<&Holder, Error> {
        self.found.as_ref().ok_or_else(|| Error::NoSuchEntity {
            kind: match self.kind {
                EntityKind::Group => Group::KIND_NAME,
                EntityKind::Role => Role::KIND_NAME,
                EntityKind::User => User::KIND_NAME,
            },
            name: self.name.clone(),
        })
    }
}

impl Holder {
    async fn find(
        tx: &mut Tx<'_>,
        account: &AccountId,
        kind: EntityKind,
        name: &str,
    ) -> Result<Option<Self>, CommonError> {
        Ok(match kind {
            EntityKind::Group => {
                let found = tx.get::<Group>(&Group::key_of(account, name)).await?;
                found.map(|found| Self::Group(found.record))
            }
            EntityKind::Role => {
                let found = tx.get::<Role>(&Role::key_of(account, name)).await?;
                found.map(|found| Self::Role(found.record))
            }
            EntityKind::User => {
                let found = tx.get::<User>(&User::key_of(account, name)).await?;
                found.map(|found| Self::User(found.record))
            }
        })
    }

    fn arn(&self) -> String {
        match self {
            Self::Group(group) => group.arn(),
            Self::Role(role) => role.arn(),
            Self::User(user) => user.arn(),
        }
    }

    /// Whose requests are simulated when nobody else is named.
    pub(crate) fn caller(&self) -> SimulatedCaller {
        match self {
            Self::Group(_) => SimulatedCaller::Anyone,
            Self::Role(role) => SimulatedCaller::Role(role.clone()),
            Self::User(user) => SimulatedCaller::User(user.clone()),
        }
    }

    /// The identity's policies and boundary, those of its groups, without the `excluded` ones.
    ///
    /// # Errors
    /// [`CommonError::Internal`] when an attached policy is missing; a failure of the store.
    pub(crate) async fn sources(
        &self,
        tx: &mut Tx<'_>,
        account: &AccountId,
        excluded: &[PolicyIdentifier],
    ) -> Result<Sources, Error> {
        let mut gathering = Gathering {
            account,
            excluded,
            seen: Vec::new(),
            sources: Sources::default(),
        };
        match self {
            Self::Group(group) => {
                gathering
                    .grants(tx, "group", &group.name, &group.grants)
                    .await?;
            }
            Self::Role(role) => {
                gathering
                    .grants(tx, "role", &role.name, &role.grants)
                    .await?;
                gathering.boundary(tx, role.boundary.as_deref()).await?;
            }
            Self::User(user) => {
                gathering
                    .grants(tx, "user", &user.name, &user.grants)
                    .await?;
                for name in &user.groups {
                    let found = tx.get::<Group>(&Group::key_of(account, name)).await;
                    let found = found.map_err(CommonError::from)?;
                    let group =
                        found.ok_or_else(|| CommonError::internal("a member of no group"))?;
                    let group = group.record;
                    gathering
                        .grants(tx, "group", &group.name, &group.grants)
                        .await?;
                }
                gathering.boundary(tx, user.boundary.as_deref()).await?;
            }
        }
        Ok(gathering.sources)
    }
}

/// The policies of an identity, being gathered.
struct Gathering<'g> {
    account: &'g AccountId,
    excluded: &'g [PolicyIdentifier],
    /// ARNs: a policy that is attached twice counts once.
    seen: Vec<String>,
    sources: Sources,
}

impl Gathering<'_> {
    async fn grants(
        &mut self,
        tx: &mut Tx<'_>,
        kind: &'static str,
        holder: &str,
        grants: &Grants,
    ) -> Result<(), Error> {
        for (name, document) in &grants.inline {
            let mut excluded = self.excluded.iter();
            if !excluded.any(|one| one.is_inline(kind, holder, name)) {
                let source = Source::inline(kind, holder, name, document);
                self.sources.add(Part::Identity, source);
            }
        }
        for arn in &grants.attached {
            let source = Source::managed(self.managed(tx, arn).await?);
            let mut excluded = self.excluded.iter();
            let is_excluded = excluded.any(|one| one.is_managed(source.kind, arn));
            if !is_excluded && !self.seen.contains(arn) {
                self.seen.push(arn.clone());
                self.sources.add(Part::Identity, source);
            }
        }
        Ok(())
    }

    async fn boundary(&mut self, tx: &mut Tx<'_>, arn: Option<&str>) -> Result<(), Error> {
        let is_excluded = |arn: &str| {
            let mut excluded = self.excluded.iter();
            excluded.any(|one| one.is_managed("permission-boundary", arn))
        };
        if let Some(arn) = arn
            && !is_excluded(arn)
        {
            let source = Source::managed(self.managed(tx, arn).await?);
            self.sources.add(Part::Boundary, source);
        }
        Ok(())
    }

    async fn managed(&self, tx: &mut Tx<'_>, arn: &str) -> Result<Managed, CommonError> {
        let found = resolve_managed(tx, self.account, arn).await?;
        found.ok_or_else(|| CommonError::internal(format!("the policy `{arn}` is missing")))
    }
}
