//! The shapes of IAM's parameters, as its model declares them.

use wire::{Shape, UNBOUNDED, patterns};

/// The name of a user as a request names an existing one, or of a new one.
pub(crate) const USER_NAME: Shape = Shape::text(1, 64)
    .matching(&patterns::NAME)
    .worded(NAME_RULE);
/// The name of a user who exists; the model admits longer ones here.
pub(crate) const EXISTING_USER_NAME: Shape = Shape::text(1, 128)
    .matching(&patterns::NAME)
    .worded(NAME_RULE);
/// The name of a group.
pub(crate) const GROUP_NAME: Shape = Shape::text(1, 128)
    .matching(&patterns::NAME)
    .worded(NAME_RULE);
/// The name of a role.
pub(crate) const ROLE_NAME: Shape = Shape::text(1, 64)
    .matching(&patterns::NAME)
    .worded(NAME_RULE);
/// The name of a policy, managed or inline.
pub(crate) const POLICY_NAME: Shape = Shape::text(1, 128)
    .matching(&patterns::NAME)
    .worded(NAME_RULE);
/// The path of an identity.
pub(crate) const PATH: Shape = Shape::text(1, 512)
    .matching(&patterns::PATH)
    .worded(PATH_RULE);
/// What paths must begin with to be listed.
pub(crate) const PATH_PREFIX: Shape = Shape::text(1, 512)
    .matching(&patterns::PATH_PREFIX)
    .worded(PREFIX_RULE);
/// The same where the model demands a whole path.
pub(crate) const WHOLE_PATH_PREFIX: Shape = Shape::text(1, 512)
    .matching(&patterns::PATH)
    .worded(PREFIX_RULE);
/// The path of a policy.
pub(crate) const POLICY_PATH: Shape = Shape::text(1, 512)
    .matching(&patterns::POLICY_PATH)
    .worded(PATH_RULE);
/// What the paths of policies must begin with to be listed: whole segments.
pub(crate) const POLICY_PATH_PREFIX: Shape = Shape::text(1, 512)
    .matching(&patterns::POLICY_PATH)
    .worded(PREFIX_RULE);
/// An ARN.
pub(crate) const ARN: Shape = Shape::text(20, 2048);
/// A policy document. How long it may be is the service's to check, without white space.
pub(crate) const DOCUMENT: Shape = Shape::text(1, 131_072).matching(&patterns::DOCUMENT);
/// The id of an access key.
pub(crate) const ACCESS_KEY_ID: Shape = Shape::text(16, 128).matching(&patterns::ACCESS_KEY_ID);
/// Whether an access key may be used.
pub(crate) const STATUS: Shape = Shape::one_of(&["Active", "Inactive", "Expired"]);
/// The key of a tag.
pub(crate) const TAG_KEY: Shape = Shape::text(1, 128).matching(&patterns::TAG_KEY);
/// The value of a tag.
pub(crate) const TAG_VALUE: Shape = Shape::text(0, 256).matching(&patterns::TAG_VALUE);
/// Keys of tags.
pub(crate) const TAG_KEYS: Shape = Shape::list(&TAG_KEY, 0, 50);
/// Where a list goes on.
pub(crate) const MARKER: Shape = Shape::text(1, 4096).matching(&patterns::MARKER);
/// How many items a page may have.
pub(crate) const MAX_ITEMS: Shape = Shape::integer().between(1, 1000);
/// A Boolean.
pub(crate) const BOOLEAN: Shape = Shape::boolean();
/// The description of a role.
pub(crate) const ROLE_DESCRIPTION: Shape =
    Shape::text(0, 1000).matching(&patterns::ROLE_DESCRIPTION);
/// How many seconds a session of a role may last.
pub(crate) const MAX_SESSION_DURATION: Shape = Shape::integer().between(3_600, 43_200);
/// The description of a managed policy.
pub(crate) const POLICY_DESCRIPTION: Shape = Shape::text(0, 1000);
/// The id of a version of a managed policy.
pub(crate) const VERSION_ID: Shape =
    Shape::text(0, UNBOUNDED).matching(&patterns::POLICY_VERSION_ID);
/// How a managed policy is used.
pub(crate) const POLICY_USAGE: Shape = Shape::one_of(&["PermissionsPolicy", "PermissionsBoundary"]);
/// What policies belong to, and whose they are.
pub(crate) const ENTITY_TYPE: Shape = Shape::one_of(&[
    "User",
    "Role",
    "Group",
    "LocalManagedPolicy",
    "AWSManagedPolicy",
]);
/// Whose managed policies are listed.
pub(crate) const POLICY_SCOPE: Shape = Shape::one_of(&["All", "AWS", "Local"]);

/// COMPAT: what AWS says of a name. It has the same characters as the model's pattern.
const NAME_RULE: &str =
    "It must contain only alphanumeric characters and/or the following: +=,.@_-";
/// COMPAT: what AWS says of a path, though the model's patterns admit more.
const PATH_RULE: &str =
    "It must begin and end with / and contain only alphanumeric characters and/or / characters.";
/// COMPAT: what AWS says of the beginning of a path, though the model's patterns admit more.
const PREFIX_RULE: &str = "It must begin with the / character and contain only alphanumeric \
                           characters and/or / characters.";
