//! `AWS::Lambda::Permission`.

use super::{Call, Invalid, Place, Plan, ResourceKind, chosen, pair, text, with};
use serde_json::Value;

pub(super) struct Permission;

impl ResourceKind for Permission {
    fn name(&self) -> &'static str {
        "AWS::Lambda::Permission"
    }

    fn properties(&self) -> &'static [&'static str] {
        GRANTED_WITH
    }

    fn capability(&self, _: &Value) -> Option<&'static str> {
        Some("CAPABILITY_RESOURCE_POLICY")
    }

    fn physical_id(&self, _: &Value, drawn: String) -> String {
        drawn
    }

    fn plan(&self, place: &Place<'_>, properties: &Value) -> Result<Plan, Invalid> {
        for name in ["Action", "Principal"] {
            text(properties, name)?;
        }
        let function = text(properties, "FunctionName")?;
        let statement = ("StatementId", place.physical_id);
        let granted = chosen(properties, GRANTED_WITH);
        let removed = pair(("FunctionName", function), statement);
        Ok(Plan {
            make: vec![Call::lambda(
                "AddPermission",
                with(granted, statement.0, statement.1),
            )],
            remove: vec![Call::lambda("RemovePermission", removed)],
            attributes: vec![("Id", place.physical_id.to_owned())],
        })
    }
}

const GRANTED_WITH: &[&str] = &[
    "Action",
    "EventSourceToken",
    "FunctionName",
    "Principal",
    "SourceAccount",
    "SourceArn",
];
