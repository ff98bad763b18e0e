//! Who calls: an account, the identity inside it, and the policies that say what it may do.

use super::aws_managed::AwsManaged;
use super::model::{Grants, Group, ManagedPolicy, Role, User};
use super::sessions::Session;
use crate::document::IdentityDocument;
use base::{AccountId, CommonError};
use policy::{Caller, Named, Policy};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// An authenticated caller.
pub struct Principal {
    account: AccountId,
    arn: Box<str>,
    identity: Identity,
    /// The groups that a user is in.
    groups: Vec<Arc<Group>>,
    /// The managed policies attached to the identity or its groups.
    managed: Vec<Managed>,
    boundary: Option<Managed>,
    session: Option<Arc<Session>>,
    /// The managed policies that the session was narrowed by.
    session_managed: Vec<Managed>,
}

/// Which identity of the account calls.
#[derive(Clone)]
pub(crate) enum Identity {
    Root,
    User(Arc<User>),
    /// A session of the role.
    Role(Arc<Role>),
}

/// A managed policy of the account or of AWS.
#[derive(Clone)]
pub(crate) enum Managed {
    Aws(&'static AwsManaged),
    Customer(Arc<ManagedPolicy>),
}

/// One policy that grants.
pub(crate) struct Source<'a> {
    /// Whose it is, if it is embedded.
    holder: Option<Holder<'a>>,
    /// Its name, or its ARN if it is attached.
    name: Cow<'a, str>,
    pub(crate) policy: &'a Policy,
}

/// Whoever holds policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder<'a> {
    /// `user`, `group` or `role`.
    kind: &'static str,
    name: &'a str,
}

impl Managed {
    /// The policy's ARN.
    pub(crate) fn arn(&self) -> Cow<'static, str> {
        match self {
            Self::Aws(policy) => policy.arn.into(),
            Self::Customer(policy) => policy.arn().into(),
        }
    }

    /// The version in force.
    ///
    /// # Errors
    /// [`CommonError::Internal`] when it cannot be read: then nothing is allowed.
    pub(crate) fn policy(&self) -> Result<&Policy, CommonError> {
        self.document()?.policy()
    }

    /// The document of that version.
    ///
    /// # Errors
    /// As [`Managed::policy`].
    pub(crate) fn document(&self) -> Result<&IdentityDocument, CommonError> {
        match self {
            Self::Aws(policy) => Ok(policy.document()),
            Self::Customer(policy) => policy
                .in_force()
                .map(|version| &version.document)
                .ok_or_else(|| CommonError::internal("a policy without a version in force")),
        }
    }
}

impl Principal {
    /// The root of `account`: may do everything in its own account.
    pub fn root(account: AccountId) -> Self {
        let arn = format!("arn:aws:iam::{account}:root").into();
        Self::new(account, arn, Identity::Root)
    }

    pub(super) fn new(account: AccountId, arn: Box<str>, identity: Identity) -> Self {
        Self {
            account,
            arn,
            identity,
            groups: Vec::new(),
            managed: Vec::new(),
            boundary: None,
            session: None,
            session_managed: Vec::new(),
        }
    }

    pub(super) fn granted(
        mut self,
        groups: Vec<Arc<Group>>,
        managed: Vec<Managed>,
        boundary: Option<Managed>,
    ) -> Self {
        self.groups = groups;
        self.managed = managed;
        self.boundary = boundary;
        self
    }

    pub(super) fn in_session(mut self, session: Arc<Session>, managed: Vec<Managed>) -> Self {
        self.session = Some(session);
        self.session_managed = managed;
        self
    }

    /// The account that the caller belongs to.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The caller's ARN, such as `arn:aws:iam::123456789012:user/alice` or
    /// `arn:aws:sts::123456789012:assumed-role/reader/session`.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The unique id that AWS gives to the caller: for root the account's number, for a session of
    /// a role `AROA…:session`.
    pub fn id(&self) -> String {
        match &self.identity {
            Identity::Root => self.account.to_string(),
            Identity::User(user) => user.id.clone(),
            Identity::Role(role) => {
                let session = self.session.as_ref().and_then(|one| one.name.as_deref());
                format!("{}:{}", role.id, session.unwrap_or_default())
            }
        }
    }

    /// The `userIdentity.type` of CloudTrail.
    pub fn kind(&self) -> &'static str {
        match self.identity {
            Identity::Root => "Root",
            Identity::User(_) => "IAMUser",
            Identity::Role(_) => "AssumedRole",
        }
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What the caller's temporary credentials say. `None` for long-term ones.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_deref()
    }

    /// The caller as the policy engine sees it.
    pub(crate) fn with_caller<T>(&self, then: impl FnOnce(Caller<'_>) -> T) -> T {
        let account = self.account.as_str();
        match &self.identity {
            Identity::Root => {
                let root = match &self.session {
                    None => Cow::Borrowed(&*self.arn),
                    Some(_) => format!("arn:aws:iam::{account}:root").into(),
                };
                let identity = policy::Identity::Root { arn: &root };
                then(Caller { account, identity })
            }
            Identity::User(user) => {
                let identity = policy::Identity::User {
                    arn: &self.arn,
                    id: &user.id,
                };
                then(Caller { account, identity })
            }
            Identity::Role(role) => {
                let identity = policy::Identity::Session {
                    session_arn: &self.arn,
                    role_arn: &role.arn(),
                    role_id: &role.id,
                };
                then(Caller { account, identity })
            }
        }
    }

    /// The tags of the identity with this key, in any case; those of the session come first.
    pub(crate) fn tag(&self, key: &str) -> Option<&str> {
        let of_session = self.session.as_ref().map(|session| &session.tags);
        let of_identity = match &self.identity {
            Identity::Root => None,
            Identity::User(user) => Some(&user.tags),
            Identity::Role(role) => Some(&role.tags),
        };
        let mut tags = of_session.into_iter().chain(of_identity);
        tags.find_map(|tags| tags.value_of(key))
    }

    /// Every policy that grants: embedded and attached, of the identity and of its groups.
    ///
    /// # Errors
    /// [`CommonError::Internal`] when one of them cannot be read: then nothing is allowed.
    pub(crate) fn identity_policies(&self) -> Result<Vec<Source<'_>>, CommonError> {
        let mut sources = Vec::with_capacity(self.managed.len() + 2);
        for (holder, grants) in self.holders() {
            for (name, document) in &grants.inline {
                sources.push(Source::inline(Some(holder), name, document)?);
            }
        }
        for managed in &self.managed {
            sources.push(Source::managed(managed)?);
        }
        Ok(sources)
    }

    /// Who grants something to the caller: the identity itself, then its groups.
    pub(crate) fn holders(&self) -> impl Iterator<Item = (Holder<'_>, &Grants)> {
        let holder = |kind, name| Holder { kind, name };
        let own = match &self.identity {
            Identity::Root => None,
            Identity::User(user) => Some((holder("user", &user.name), &user.grants)),
            Identity::Role(role) => Some((holder("role", &role.name), &role.grants)),
        };
        let groups = self.groups.iter();
        let of_groups = groups.map(move |group| (holder("group", &group.name), &group.grants));
        own.into_iter().chain(of_groups)
    }

    /// The permissions boundary.
    ///
    /// # Errors
    /// As [`Principal::identity_policies`].
    pub(crate) fn boundary(&self) -> Result<Option<Source<'_>>, CommonError> {
        self.boundary.as_ref().map(Source::managed).transpose()
    }

    /// The policies that the session was narrowed by; `None` when it was not.
    ///
    /// # Errors
    /// As [`Principal::identity_policies`].
    pub(crate) fn session_policies(&self) -> Result<Option<Vec<Source<'_>>>, CommonError> {
        let Some(session) = &self.session else {
            return Ok(None);
        };
        if session.policy.is_none() && self.session_managed.is_empty() {
            return Ok(None);
        }
        let own = session.policy.iter();
        let mut sources = own
            .map(|document| Source::inline(None, "session policy", document))
            .collect::<Result<Vec<_>, _>>()?;
        for managed in &self.session_managed {
            sources.push(Source::managed(managed)?);
        }
        Ok(Some(sources))
    }
}

impl<'a> Source<'a> {
    fn inline(
        holder: Option<Holder<'a>>,
        name: &'a str,
        document: &'a IdentityDocument,
    ) -> Result<Self, CommonError> {
        Ok(Self {
            holder,
            name: name.into(),
            policy: document.policy()?,
        })
    }

    fn managed(managed: &'a Managed) -> Result<Self, CommonError> {
        Ok(Self {
            holder: None,
            name: managed.arn(),
            policy: managed.policy()?,
        })
    }

    /// Whether it is embedded in a user, a group or a role.
    pub(crate) fn is_embedded(&self) -> bool {
        self.holder.is_some()
    }

    /// What audit events and explanations call it: `user/alice policy p`, or its ARN.
    pub(crate) fn title(&self) -> String {
        match self.holder {
            Some(Holder { kind, name }) => [kind, "/", name, " policy ", &self.name].concat(),
            None => self.name.clone().into_owned(),
        }
    }

    /// As the policy engine takes it. The name is the policy's own, and not always the only one.
    pub(crate) fn named(&self) -> Named<'_> {
        Named {
            name: &self.name,
            policy: self.policy,
        }
    }
}

impl fmt::Display for Holder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}
