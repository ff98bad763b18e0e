//! `AWS::IAM::Role`.

use super::{Call, Invalid, Place, Plan, ResourceKind, chosen, document, pair, text, texts, with};
use serde_json::{Value, json};

pub(super) struct Role;

impl ResourceKind for Role {
    fn name(&self) -> &'static str {
        "AWS::IAM::Role"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "Path",
            "PermissionsBoundary",
            "Policies",
            "RoleName",
            "Tags",
        ]
    }

    fn capability(&self, properties: &Value) -> Option<&'static str> {
        Some(match properties.get("RoleName") {
            Some(_) => "CAPABILITY_NAMED_IAM",
            None => "CAPABILITY_IAM",
        })
    }

    fn physical_id(&self, properties: &Value, drawn: String) -> String {
        text(properties, "RoleName").map_or(drawn, str::to_owned)
    }

    fn plan(&self, place: &Place<'_>, properties: &Value) -> Result<Plan, Invalid> {
        let name = place.physical_id;
        let mut role = chosen(properties, CREATED_WITH);
        role.insert(String::from("RoleName"), json!(name));
        let trust = document(properties, "AssumeRolePolicyDocument")?;
        let mut make = vec![Call::iam(
            "CreateRole",
            with(role, "AssumeRolePolicyDocument", trust),
        )];
        let mut remove = Vec::new();
        for arn in texts(properties, "ManagedPolicyArns")? {
            let attachment = pair(("RoleName", name), ("PolicyArn", arn));
            make.push(Call::iam("AttachRolePolicy", attachment.clone()));
            remove.push(Call::iam("DetachRolePolicy", attachment));
        }
        let none = Vec::new();
        let inline = properties.get("Policies").and_then(Value::as_array);
        for policy in inline.unwrap_or(&none) {
            let policy_name = text(policy, "PolicyName")?;
            let embedded = pair(("RoleName", name), ("PolicyName", policy_name));
            remove.push(Call::iam("DeleteRolePolicy", embedded));
            let document = document(policy, "PolicyDocument")?;
            make.push(Call::iam(
                "PutRolePolicy",
                json!({
                    "RoleName": name, "PolicyName": policy_name, "PolicyDocument": document,
                }),
            ));
        }
        remove.push(Call::iam("DeleteRole", json!({ "RoleName": name })));
        let path = properties.get("Path").and_then(Value::as_str);
        let path = path.unwrap_or("/");
        let arn = format!("arn:aws:iam::{}:role{path}{name}", place.account);
        Ok(Plan {
            make,
            remove,
            attributes: vec![("Arn", arn)],
        })
    }
}

const CREATED_WITH: &[&str] = &[
    "Description",
    "MaxSessionDuration",
    "Path",
    "PermissionsBoundary",
    "Tags",
];
