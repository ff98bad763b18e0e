use super::folded;
use crate::stored::stored;
use base::AccountId;
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, key};

/// That a managed policy is attached to an identity, or bounds it: lists the users of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    /// The account of the identity.
    pub(crate) account: AccountId,
    pub(crate) policy_arn: String,
    pub(crate) is_boundary: bool,
    pub(crate) entity: EntityKind,
    pub(crate) name: String,
    /// The identity's unique id.
    pub(crate) entity_id: String,
}

/// What a policy can be attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EntityKind {
    Group,
    Role,
    User,
}

impl EntityKind {
    /// As keys write it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Role => "role",
            Self::User => "user",
        }
    }
}

impl Attachment {
    pub(crate) fn key_of(
        account: &AccountId,
        policy_arn: &str,
        is_boundary: bool,
        entity: EntityKind,
        name: &str,
    ) -> Key {
        let usage = usage(is_boundary);
        key![account, policy_arn, usage, entity.as_str(), folded(name)]
    }
}

/// How a policy is used, as keys write it.
pub(crate) fn usage(is_boundary: bool) -> &'static str {
    if is_boundary {
        "boundary"
    } else {
        "permissions"
    }
}

/// The kind of [`Attachment`].
pub(crate) static ATTACHMENT: Kind = Kind {
    name: "iam_attachment",
    service: "iam",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("policy_arn"),
        Column::text("usage"),
        Column::text("entity"),
        Column::text("name"),
    ],
    columns: &[],
    indexes: &[],
    cached: false,
};

stored!(Attachment as ATTACHMENT,
    key: |it| Self::key_of(&it.account, &it.policy_arn, it.is_boundary, it.entity, &it.name),
    columns: |_it| Vec::new(),
    weight: |it| it.policy_arn.len() + it.name.len() + it.entity_id.len());
