//! The shapes that simulations take.

use crate::iam::shapes::{ARN, DOCUMENT, POLICY_NAME};
use wire::{Input as _, Shape, UNBOUNDED};

wire::input! {
    /// A condition key and its values.
    pub(crate) struct ContextEntry {
        name: Option<String> = audited "ContextKeyName" KEY_NAME,
        values: Option<Vec<String>> = audited "ContextKeyValues" KEY_VALUES,
        kind: Option<String> = audited "ContextKeyType" KEY_TYPE,
    }
}

wire::input! {
    /// The policies of one level of an organization.
    pub(crate) struct Level {
        policies: Option<Vec<String>> = audited "ServiceControlPolicyInputList" POLICIES,
    }
}

wire::input! {
    /// A policy that a simulation leaves out.
    pub(crate) struct PolicyIdentifier {
        kind: Option<String> = audited "PolicyType" IDENTIFIER_TYPE,
        arn: Option<String> = audited "PolicyArn" ARN,
        inline: Option<InlineIdentifier> = audited "InlinePolicyIdentifier" INLINE_IDENTIFIER,
    }
}

wire::input! {
    /// A policy that is embedded in an identity.
    pub(crate) struct InlineIdentifier {
        policy: String = required audited "PolicyName" POLICY_NAME,
        kind: String = required audited "AttachmentType" ATTACHMENT_TYPE,
        holder: String = required audited "AttachmentName" POLICY_NAME,
    }
}

impl ContextEntry {
    /// The key, in lower case.
    pub(super) fn key(&self) -> Option<String> {
        self.name.as_ref().map(|name| name.to_ascii_lowercase())
    }

    /// Its values.
    pub(super) fn values(&self) -> &[String] {
        self.values.as_deref().unwrap_or_default()
    }

    /// Whether the key holds a set.
    pub(super) fn is_list(&self) -> bool {
        self.kind
            .as_ref()
            .is_some_and(|kind| kind.ends_with("List"))
    }
}

impl Level {
    /// The documents.
    pub(super) fn policies(&self) -> &[String] {
        self.policies.as_deref().unwrap_or_default()
    }
}

impl PolicyIdentifier {
    /// Whether a managed policy in this role is meant.
    pub(super) fn is_managed(&self, kind: &str, arn: &str) -> bool {
        self.kind.as_ref().is_none_or(|asked| asked == kind) && self.arn.as_deref() == Some(arn)
    }

    /// Whether the policy called `policy` in the identity `holder` is meant.
    pub(super) fn is_inline(&self, kind: &str, holder: &str, policy: &str) -> bool {
        let is_meant = |inline: &InlineIdentifier| {
            inline.kind == kind && inline.holder == holder && inline.policy == policy
        };
        self.inline.as_ref().is_some_and(is_meant)
    }
}

/// Policy documents.
pub(crate) const POLICIES: Shape = Shape::list(&DOCUMENT, 0, UNBOUNDED);
/// Levels of an organization, the root first.
pub(crate) const LEVELS: Shape = Shape::list(&LEVEL, 0, 7);
/// Actions.
pub(crate) const ACTIONS: Shape = Shape::list(&ACTION, 0, UNBOUNDED);
/// Resources.
pub(crate) const RESOURCES: Shape = Shape::list(&RESOURCE_NAME, 0, UNBOUNDED);
/// A resource, an account or a caller.
pub(crate) const RESOURCE_NAME: Shape = Shape::text(1, 2048);
/// Condition keys with their values.
pub(crate) const CONTEXT_ENTRIES: Shape = Shape::list(&CONTEXT_ENTRY, 0, UNBOUNDED);
/// A scenario of EC2, which changes nothing for the services here.
pub(crate) const HANDLING: Shape = Shape::text(1, 64);
/// Policies that a simulation leaves out.
pub(crate) const EXCLUSIONS: Shape = Shape::list(&EXCLUSION, 0, 256);

const LEVEL: Shape = Shape::structure(Level::SHAPE);
const ACTION: Shape = Shape::text(3, 128);
const CONTEXT_ENTRY: Shape = Shape::structure(ContextEntry::SHAPE);
const EXCLUSION: Shape = Shape::structure(PolicyIdentifier::SHAPE);
const INLINE_IDENTIFIER: Shape = Shape::structure(InlineIdentifier::SHAPE);
const KEY_NAME: Shape = Shape::text(5, 256);
const KEY_VALUES: Shape = Shape::list(&KEY_VALUE, 0, UNBOUNDED);
const KEY_VALUE: Shape = Shape::text(0, UNBOUNDED);
const KEY_TYPE: Shape = Shape::one_of(&[
    "string",
    "stringList",
    "numeric",
    "numericList",
    "boolean",
    "booleanList",
    "ip",
    "ipList",
    "binary",
    "binaryList",
    "date",
    "dateList",
]);
const IDENTIFIER_TYPE: Shape = Shape::one_of(&[
    "inline",
    "aws-managed",
    "user-managed",
    "permission-boundary",
    "scp",
    "rcp",
]);
const ATTACHMENT_TYPE: Shape = Shape::one_of(&["user", "group", "role"]);
