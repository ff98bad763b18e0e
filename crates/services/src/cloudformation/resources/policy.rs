//! `AWS::IAM::Policy`: one policy, embedded in roles, users and groups.

use super::{Call, Invalid, Place, Plan, ResourceKind, document, pair, text, texts};
use serde_json::{Value, json};

pub(super) struct Policy;

impl ResourceKind for Policy {
    fn name(&self) -> &'static str {
        "AWS::IAM::Policy"
    }

    fn properties(&self) -> &'static [&'static str] {
        &["Groups", "PolicyDocument", "PolicyName", "Roles", "Users"]
    }

    fn capability(&self, _: &Value) -> Option<&'static str> {
        Some("CAPABILITY_IAM")
    }

    fn physical_id(&self, _: &Value, drawn: String) -> String {
        drawn
    }

    fn plan(&self, _: &Place<'_>, properties: &Value) -> Result<Plan, Invalid> {
        let name = text(properties, "PolicyName")?;
        let document = document(properties, "PolicyDocument")?;
        let mut plan = Plan {
            make: Vec::new(),
            remove: Vec::new(),
            attributes: Vec::new(),
        };
        for holders in HOLDERS {
            for holder in texts(properties, holders.property)? {
                plan.make.push(Call::iam(
                    holders.put,
                    json!({
                        holders.member: holder, "PolicyName": name, "PolicyDocument": document,
                    }),
                ));
                let embedded = pair((holders.member, holder), ("PolicyName", name));
                plan.remove.push(Call::iam(holders.delete, embedded));
            }
        }
        if plan.make.is_empty() {
            return Err(Invalid("Roles"));
        }
        Ok(plan)
    }
}

/// Who may hold a policy.
struct Holders {
    property: &'static str,
    member: &'static str,
    put: &'static str,
    delete: &'static str,
}

const HOLDERS: &[Holders] = &[
    Holders {
        property: "Groups",
        member: "GroupName",
        put: "PutGroupPolicy",
        delete: "DeleteGroupPolicy",
    },
    Holders {
        property: "Roles",
        member: "RoleName",
        put: "PutRolePolicy",
        delete: "DeleteRolePolicy",
    },
    Holders {
        property: "Users",
        member: "UserName",
        put: "PutUserPolicy",
        delete: "DeleteUserPolicy",
    },
];
