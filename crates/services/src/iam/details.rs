//! How `GetAccountAuthorizationDetails` shows identities and policies: with all their documents.

use super::grants::attached::write_attached;
use super::managed::{Policy, Usage};
use super::roles::{ShownRole, write_last_used};
use super::view::{encoded_document, write_boundary, write_identity, write_tags};
use crate::identity::model::{Grants, Group, LastUsed, User};
use wire::xml::Element;

/// A `UserDetail`.
pub(crate) fn write_user(element: &mut Element<'_>, user: &User) {
    write_identity(element, user);
    write_grants(element, "UserPolicyList", &user.grants);
    element.texts("GroupList", &user.groups);
    write_boundary(element, user.boundary.as_deref());
    write_tags(element, &user.tags);
}

/// A `GroupDetail`.
pub(crate) fn write_group(element: &mut Element<'_>, group: &Group) {
    write_identity(element, group);
    write_grants(element, "GroupPolicyList", &group.grants);
}

/// A `RoleDetail`.
pub(crate) fn write_role(element: &mut Element<'_>, shown: &ShownRole, used: Option<&LastUsed>) {
    let role = &*shown.role;
    write_identity(element, role);
    shown.write_trust(element);
    element.texts("InstanceProfileList", std::iter::empty::<&str>());
    write_grants(element, "RolePolicyList", &role.grants);
    write_boundary(element, role.boundary.as_deref());
    write_tags(element, &role.tags);
    write_last_used(element, used);
}

/// A `ManagedPolicyDetail`.
pub(crate) fn write_policy(element: &mut Element<'_>, policy: &Policy, usage: Usage) {
    policy.write(element, usage);
    policy.write_description(element);
    element.list(
        "PolicyVersionList",
        policy.versions(true),
        |one, element| {
            one.write(element);
        },
    );
}

fn write_grants(element: &mut Element<'_>, list: &str, grants: &Grants) {
    element.list(list, &grants.inline, |(name, document), element| {
        element.text("PolicyName", name);
        element.text("PolicyDocument", &encoded_document(document.text()));
    });
    element.list(
        "AttachedManagedPolicies",
        &grants.attached,
        |arn, element| write_attached(arn, element),
    );
}
