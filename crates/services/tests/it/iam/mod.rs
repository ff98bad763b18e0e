//! One file for each operation, and what several operations share.

mod add_client_id_to_open_id_connect_provider;
mod add_user_to_group;
mod attach_group_policy;
mod attach_role_policy;
mod attach_user_policy;
mod create_access_key;
mod create_group;
mod create_open_id_connect_provider;
mod create_policy;
mod create_policy_version;
mod create_role;
mod create_user;
mod delete_access_key;
mod delete_group;
mod delete_group_policy;
mod delete_open_id_connect_provider;
mod delete_policy;
mod delete_policy_version;
mod delete_role;
mod delete_role_permissions_boundary;
mod delete_role_policy;
mod delete_user;
mod delete_user_permissions_boundary;
mod delete_user_policy;
mod denials;
mod detach_group_policy;
mod detach_role_policy;
mod detach_user_policy;
mod empty_lists;
mod get_access_key_last_used;
mod get_account_authorization_details;
mod get_account_summary;
mod get_context_keys_for_custom_policy;
mod get_context_keys_for_principal_policy;
mod get_group;
mod get_group_policy;
mod get_login_profile;
mod get_open_id_connect_provider;
mod get_policy;
mod get_policy_version;
mod get_role;
mod get_role_policy;
mod get_user;
mod get_user_policy;
mod grants;
pub(crate) mod kit;
mod list_access_keys;
mod list_account_aliases;
mod list_attached_group_policies;
mod list_attached_role_policies;
mod list_attached_user_policies;
mod list_entities_for_policy;
mod list_group_policies;
mod list_groups;
mod list_groups_for_user;
mod list_instance_profiles_for_role;
mod list_mfa_devices;
mod list_open_id_connect_provider_tags;
mod list_open_id_connect_providers;
mod list_policies;
mod list_policy_tags;
mod list_policy_versions;
mod list_role_policies;
mod list_role_tags;
mod list_roles;
mod list_service_specific_credentials;
mod list_signing_certificates;
mod list_ssh_public_keys;
mod list_user_policies;
mod list_user_tags;
mod list_users;
mod names;
mod put_group_policy;
mod put_role_permissions_boundary;
mod put_role_policy;
mod put_user_permissions_boundary;
mod put_user_policy;
mod remove_client_id_from_open_id_connect_provider;
mod remove_user_from_group;
mod set_default_policy_version;
mod simulate_custom_policy;
mod simulate_principal_policy;
mod tag_open_id_connect_provider;
mod tag_policy;
mod tag_role;
mod tag_user;
mod untag_open_id_connect_provider;
mod untag_policy;
mod untag_role;
mod untag_user;
mod update_access_key;
mod update_assume_role_policy;
mod update_group;
mod update_open_id_connect_provider_thumbprint;
mod update_role;
mod update_role_description;
mod update_user;

use serde_json::{Value, json};
use testkit::Harness;

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const SECRETS: &str = "arn:aws:iam::aws:policy/SecretsManagerReadWrite";
const LAMBDA: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/// A policy that allows `actions` on everything.
fn allowing(actions: &[&str]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": actions, "Resource": "*" },
    })
}

/// The ARN of something in the first account.
fn arn(resource: &str) -> String {
    format!("arn:aws:iam::123456789012:{resource}")
}

/// AWS's refusal of the user `user` of the first account.
fn denial(user: &str, action: &str, resource: &str) -> String {
    format!(
        "User: arn:aws:iam::123456789012:user/{user} is not authorized to perform: iam:{action} \
         on resource: {resource} because no identity-based policy allows the iam:{action} action"
    )
}

/// Asserts that a user without policies is refused, and that nothing changed.
async fn assert_denied(h: &Harness, action: &str, parameters: &[(&str, &str)], resource: &str) {
    let mallory = h.a_user("mallory", None).await;
    let before = everything(h).await;

    let refused = h.iam_as(&mallory, action, parameters).await;

    refused.xml_refused(403, "AccessDenied", &denial("mallory", action, resource));
    assert_eq!(everything(h).await, before);
}

/// Asserts that the root is refused with this, and that nothing changed.
async fn assert_refused(
    h: &Harness,
    action: &str,
    parameters: &[(&str, &str)],
    (status, code, message): (u16, &str, &str),
) {
    let before = everything(h).await;

    let refused = h.iam(action, parameters).await;

    refused.xml_refused(status, code, message);
    assert_eq!(everything(h).await, before);
}

/// Asserts that an operation of root succeeds and tells nothing.
async fn done(h: &Harness, action: &str, parameters: &[(&str, &str)]) {
    assert_eq!(h.iam(action, parameters).await.xml_ok(), json!({}));
}

/// What an operation of root tells.
async fn told(h: &Harness, action: &str, parameters: &[(&str, &str)]) -> Value {
    h.iam(action, parameters).await.xml_ok()[format!("{action}Result")].take()
}

/// The pages of a list of root's, `size` items each.
async fn pages(
    h: &Harness,
    action: &str,
    parameters: &[(&str, &str)],
    member: &str,
    size: &str,
) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let mut asked = parameters.to_vec();
        asked.push(("MaxItems", size));
        asked.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let mut page = told(h, action, &asked).await;
        pages.push(page[member].take());
        marker = page["Marker"].as_str().map(str::to_owned);
        let goes_on = if marker.is_some() { "true" } else { "false" };
        assert_eq!(page["IsTruncated"], goes_on);
        if marker.is_none() {
            return pages;
        }
    }
}

/// Everything that the API shows of the first account's users and groups, of a role called
/// `Reader`, and of those who have some of AWS's policies.
pub(crate) async fn everything(h: &Harness) -> Value {
    let mut all = Vec::new();
    for policy_arn in [ADMIN, LAMBDA, SECRETS] {
        let policy = [("PolicyArn", policy_arn)];
        all.push(told(h, "ListEntitiesForPolicy", &policy).await);
    }
    for user in items(told(h, "ListUsers", &[]).await["Users"].take()) {
        let name = [("UserName", user["UserName"].as_str().unwrap())];
        all.push(told(h, "GetUser", &name).await);
        all.push(told(h, "ListGroupsForUser", &name).await);
        all.push(told(h, "ListAccessKeys", &name).await);
        all.extend(policies(h, "User", name[0]).await);
    }
    for group in items(told(h, "ListGroups", &[]).await["Groups"].take()) {
        let name = [("GroupName", group["GroupName"].as_str().unwrap())];
        all.push(told(h, "GetGroup", &name).await);
        all.extend(policies(h, "Group", name[0]).await);
    }
    let role = ("RoleName", "Reader");
    if h.iam("ListRolePolicies", &[role]).await.status == 200 {
        all.extend(policies(h, "Role", role).await);
    }
    Value::Array(all)
}

/// Everything that is granted to one user, group or role.
async fn policies(h: &Harness, kind: &str, name: (&str, &str)) -> Vec<Value> {
    let inline = told(h, &format!("List{kind}Policies"), &[name]).await;
    let attached = told(h, &format!("ListAttached{kind}Policies"), &[name]).await;
    let mut all = vec![attached];
    for policy in items(inline["PolicyNames"].clone()) {
        let policy = ("PolicyName", policy.as_str().unwrap());
        all.push(told(h, &format!("Get{kind}Policy"), &[name, policy]).await);
    }
    all
}

/// The items of a list; one without any reads as an empty text.
fn items(list: Value) -> Vec<Value> {
    match list {
        Value::Array(items) => items,
        other => {
            assert_eq!(other, "");
            Vec::new()
        }
    }
}

/// A user without anything.
async fn a_plain_user(h: &Harness, name: &str) {
    h.iam("CreateUser", &[("UserName", name)]).await.xml_ok();
}

/// A group with `members`.
async fn a_group(h: &Harness, name: &str, members: &[&str]) {
    h.iam("CreateGroup", &[("GroupName", name)]).await.xml_ok();
    for member in members {
        let parameters = [("GroupName", name), ("UserName", member)];
        done(h, "AddUserToGroup", &parameters).await;
    }
}
