//! The policies of users, groups and roles: embedded in them, attached to them, or bounding them.
//!
//! The three kinds differ in names and limits only, which [`Grantee`] tells. INVARIANT: what an
//! identity says is attached to it, an [`Attachment`] says of the policy; both change together.

pub(crate) mod attached;
pub(crate) mod boundary;
pub(crate) mod inline;

use self::boundary::CONDITION_KEY;
use super::error::Error;
use super::target::Entity;
use crate::authorize::Action;
use crate::context::Keys;
use crate::identity::model::{Attachment, EntityKind, Group, Role, User};
use base::{AccountId, Timestamp};

/// A kind of identity that policies grant something to.
pub(crate) trait Grantee: Entity {
    /// The kind, as attachments tell it.
    const ENTITY: EntityKind;
    /// What answers call its name: `UserName`.
    const NAME_MEMBER: &'static str;
    /// What answers call its unique id: `UserId`.
    const ID_MEMBER: &'static str;
    /// What messages call a policy embedded in it.
    const INLINE_KIND: &'static str;
    /// How long its embedded policies may be together, white space aside.
    const INLINE_SIZE: usize;
    /// What messages call the quota of attached policies.
    const ATTACHED_QUOTA: &'static str;

    /// The account that it is in.
    fn account(&self) -> &AccountId;

    /// Its name.
    fn name(&self) -> &str;

    /// Its unique id.
    fn id(&self) -> &str;

    /// Its path, with both its slashes.
    fn path(&self) -> &str;

    /// Its ARN.
    fn arn(&self) -> String;

    /// When it was created.
    fn created(&self) -> Timestamp;

    /// What it tells the conditions of policies about a change of its own policies.
    fn keys(&self) -> Keys<'_>;
}

/// A kind of identity that a permissions boundary can bound.
pub(crate) trait Bounded: Grantee {
    /// The ARN of its permissions boundary.
    fn boundary(&self) -> Option<&str>;

    /// Its permissions boundary, to be changed.
    fn boundary_mut(&mut self) -> &mut Option<String>;

    /// What taking the bound off the one called `name` answers when there is none.
    ///
    /// # Errors
    /// When the kind refuses.
    fn no_boundary(name: &str) -> Result<(), Error>;
}

/// Which identity is asked about, and the action that the question needs.
pub(crate) struct Ask<'a> {
    pub(crate) action: Action,
    pub(crate) name: &'a str,
}

/// The note that `policy_arn` is attached to `entity`, or bounds it.
pub(crate) fn attachment<R: Grantee>(
    entity: &R,
    policy_arn: &str,
    is_boundary: bool,
) -> Attachment {
    Attachment {
        account: entity.account().clone(),
        policy_arn: policy_arn.to_owned(),
        is_boundary,
        entity: R::ENTITY,
        name: entity.name().to_owned(),
        entity_id: entity.id().to_owned(),
    }
}

/// What every kind answers alike, from fields of the same names.
macro_rules! kept_in_fields {
    () => {
        fn account(&self) -> &AccountId {
            &self.account
        }

        fn name(&self) -> &str {
            &self.name
        }

        fn id(&self) -> &str {
            &self.id
        }

        fn path(&self) -> &str {
            &self.path
        }

        fn arn(&self) -> String {
            self.arn()
        }

        fn created(&self) -> Timestamp {
            self.created
        }
    };
}

impl Grantee for User {
    const ENTITY: EntityKind = EntityKind::User;
    const NAME_MEMBER: &'static str = "UserName";
    const ID_MEMBER: &'static str = "UserId";
    const INLINE_KIND: &'static str = "user policy";
    const INLINE_SIZE: usize = 2_048;
    const ATTACHED_QUOTA: &'static str = "PoliciesPerUser";

    kept_in_fields!();

    fn keys(&self) -> Keys<'_> {
        Keys::none().opt_text(CONDITION_KEY, self.boundary())
    }
}

impl Bounded for User {
    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }

    fn boundary_mut(&mut self) -> &mut Option<String> {
        &mut self.boundary
    }

    /// COMPAT: what AWS answers here is not documented; nothing changes.
    fn no_boundary(_: &str) -> Result<(), Error> {
        Ok(())
    }
}

impl Grantee for Group {
    const ENTITY: EntityKind = EntityKind::Group;
    const NAME_MEMBER: &'static str = "GroupName";
    const ID_MEMBER: &'static str = "GroupId";
    const INLINE_KIND: &'static str = "group policy";
    const INLINE_SIZE: usize = 5_120;
    const ATTACHED_QUOTA: &'static str = "PoliciesPerGroup";

    kept_in_fields!();

    fn keys(&self) -> Keys<'_> {
        Keys::none()
    }
}

impl Grantee for Role {
    const ENTITY: EntityKind = EntityKind::Role;
    const NAME_MEMBER: &'static str = "RoleName";
    const ID_MEMBER: &'static str = "RoleId";
    const INLINE_KIND: &'static str = "role policy";
    const INLINE_SIZE: usize = 10_240;
    const ATTACHED_QUOTA: &'static str = "PoliciesPerRole";

    kept_in_fields!();

    fn keys(&self) -> Keys<'_> {
        Keys::none().opt_text(CONDITION_KEY, self.boundary())
    }
}

impl Bounded for Role {
    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }

    fn boundary_mut(&mut self) -> &mut Option<String> {
        &mut self.boundary
    }

    fn no_boundary(name: &str) -> Result<(), Error> {
        Err(Error::BoundaryNotFound(name.to_owned()))
    }
}
