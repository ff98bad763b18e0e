//! What a caller named, and perhaps the user, group or role behind it.

use super::error::Error;
use crate::authorize::{Permit, Resource};
use crate::cx::Cx;
use crate::identity::model::{Grants, Group, Role, User, arn};
use crate::tags::Tags;
use crate::tx::Tx;
use base::AccountId;
use store::{Key, Record, Versioned};

/// A user, group or role.
pub(crate) trait Entity: Record + Clone {
    /// What it is, as messages and ARNs call it.
    const KIND_NAME: &'static str;

    /// The key of the one called `name`.
    fn key_of(account: &AccountId, name: &str) -> Key;

    /// Its ARN.
    fn arn(&self) -> String;

    /// Its tags, if its kind can have any.
    fn tags(&self) -> Option<&Tags>;

    /// The ARN of its permissions boundary, if its kind can have one.
    fn boundary(&self) -> Option<&str>;

    /// Its policies.
    fn grants(&self) -> &Grants;

    /// Its policies, to be changed.
    fn grants_mut(&mut self) -> &mut Grants;
}

/// The identity that a name means, whether or not it exists.
///
/// INVARIANT: "cannot be found" is told only to holders of a [`Permit`], so that refusal comes
/// first.
pub(crate) struct Target<R> {
    account: AccountId,
    name: String,
    found: Option<Versioned<R>>,
}

impl<R: Entity> Target<R> {
    /// Looks the identity up in the caller's account.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn find(cx: &Cx<'_>, tx: &mut Tx<'_>, name: &str) -> Result<Self, Error> {
        let found = tx.get::<R>(&R::key_of(cx.account(), name)).await;
        Ok(Self {
            account: cx.account().clone(),
            name: name.to_owned(),
            found: found.map_err(base::CommonError::from)?,
        })
    }

    /// As authorization sees it: by the ARN that it has, or would have at the root path.
    pub(crate) fn resource(&self) -> Resource<'_> {
        let name = match &self.found {
            Some(found) => found.record.arn(),
            None => arn(&self.account, R::KIND_NAME, "/", &self.name),
        };
        let tags = self.found.as_ref().and_then(|found| found.record.tags());
        Resource::named(&self.account, name).tagged(tags)
    }

    /// The ARN of its permissions boundary, for the condition keys of the question about it.
    pub(crate) fn boundary(&self) -> Option<&str> {
        self.found.as_ref()?.record.boundary()
    }

    /// The identity.
    ///
    /// # Errors
    /// [`Error::NoSuchEntity`].
    pub(crate) fn existing(&self, _: &Permit) -> Result<&Versioned<R>, Error> {
        self.found.as_ref().ok_or_else(|| Error::NoSuchEntity {
            kind: R::KIND_NAME,
            name: self.name.clone(),
        })
    }

    /// Whether the name is taken.
    pub(crate) fn is_taken(&self, _: &Permit) -> bool {
        self.found.is_some()
    }
}

impl Entity for User {
    const KIND_NAME: &'static str = "user";

    fn key_of(account: &AccountId, name: &str) -> Key {
        Self::key_of(account, name)
    }

    fn arn(&self) -> String {
        self.arn()
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }

    fn grants(&self) -> &Grants {
        &self.grants
    }

    fn grants_mut(&mut self) -> &mut Grants {
        &mut self.grants
    }
}

impl Entity for Group {
    const KIND_NAME: &'static str = "group";

    fn key_of(account: &AccountId, name: &str) -> Key {
        Self::key_of(account, name)
    }

    fn arn(&self) -> String {
        self.arn()
    }

    fn tags(&self) -> Option<&Tags> {
        None
    }

    fn boundary(&self) -> Option<&str> {
        None
    }

    fn grants(&self) -> &Grants {
        &self.grants
    }

    fn grants_mut(&mut self) -> &mut Grants {
        &mut self.grants
    }
}

impl Entity for Role {
    const KIND_NAME: &'static str = "role";

    fn key_of(account: &AccountId, name: &str) -> Key {
        Self::key_of(account, name)
    }

    fn arn(&self) -> String {
        self.arn()
    }

    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }

    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }

    fn grants(&self) -> &Grants {
        &self.grants
    }

    fn grants_mut(&mut self) -> &mut Grants {
        &mut self.grants
    }
}
