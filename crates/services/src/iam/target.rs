//! What a caller named, and perhaps the user, group or role behind it.

use super::error::Error;
use super::grants::{Bounded, Grantee};
use crate::authorize::{Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::identity::model::{Grants, Group, Role, User, arn};
use crate::tx::Tx;
use base::AccountId;
use store::{Key, Record, Versioned};

/// A user, group or role.
pub(crate) trait Entity: Record + Clone {
    /// What it is, as messages and ARNs call it.
    const KIND_NAME: &'static str;
    /// What it is, as messages call it that say that there is one already.
    const KIND_TITLE: &'static str;

    /// The key of the one called `name`.
    fn key_of(account: &AccountId, name: &str) -> Key;

    /// As authorization sees it, with its tags if its kind can have any.
    fn resource(&self) -> Resource<'_>;

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
    ///
    /// SECURITY: a denial has the name as it was sent, and no path, so that it does not tell
    /// whether the identity exists.
    pub(crate) fn resource(&self) -> Resource<'_> {
        let resource = match &self.found {
            Some(found) => found.record.resource(),
            None => {
                let name = arn(&self.account, R::KIND_NAME, "/", &self.name);
                Resource::named(&self.account, name)
            }
        };
        resource.called(called::<R>(&self.name))
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

    /// Refuses a name that is taken.
    ///
    /// # Errors
    /// [`Error::EntityExists`].
    pub(crate) fn free(&self, _: &Permit) -> Result<(), Error> {
        match self.found {
            None => Ok(()),
            Some(_) => Err(Error::EntityExists {
                kind: R::KIND_TITLE,
                name: self.name.clone(),
            }),
        }
    }
}

/// How denials call the user, group or role with this name.
///
/// COMPAT: `role Reader`, as AWS has it for all that is done to one.
pub(crate) fn called<R: Entity>(name: &str) -> String {
    format!("{} {name}", R::KIND_NAME)
}

impl<R: Bounded> Target<R> {
    /// The ARN of its permissions boundary, for the condition keys of the question about it.
    pub(crate) fn boundary(&self) -> Option<&str> {
        self.found.as_ref()?.record.boundary()
    }
}

impl<R: Grantee> Target<R> {
    /// What it tells the conditions of policies about a change of its own policies.
    pub(crate) fn keys(&self) -> Keys<'_> {
        let found = self.found.as_ref();
        found.map_or_else(Keys::none, |found| found.record.keys())
    }
}

/// What every kind answers alike, from fields of the same names.
macro_rules! kept_in_fields {
    () => {
        fn key_of(account: &AccountId, name: &str) -> Key {
            Self::key_of(account, name)
        }

        fn grants(&self) -> &Grants {
            &self.grants
        }

        fn grants_mut(&mut self) -> &mut Grants {
            &mut self.grants
        }
    };
}

impl Entity for User {
    const KIND_NAME: &'static str = "user";
    const KIND_TITLE: &'static str = "User";

    fn resource(&self) -> Resource<'_> {
        Resource::named(&self.account, self.arn()).tagged(Some(&self.tags))
    }

    kept_in_fields!();
}

impl Entity for Group {
    const KIND_NAME: &'static str = "group";
    const KIND_TITLE: &'static str = "Group";

    fn resource(&self) -> Resource<'_> {
        Resource::named(&self.account, self.arn())
    }

    kept_in_fields!();
}

impl Entity for Role {
    const KIND_NAME: &'static str = "role";
    const KIND_TITLE: &'static str = "Role";

    fn resource(&self) -> Resource<'_> {
        Resource::named(&self.account, self.arn()).tagged(Some(&self.tags))
    }

    kept_in_fields!();
}
