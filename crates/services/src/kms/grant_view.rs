//! How answers show grants, and where a list of them continues.

use super::grants::{Constraints, Grant};
use super::model::arn;
use super::page::Page;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::json;

/// A page of grants.
pub(crate) struct Grants(pub(super) Page<Arc<Grant>>);

impl json::Output for Grants {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("Grants", &self.0.items, |grant, entry| write(grant, entry));
        self.0.write_end(object);
    }
}

fn write(grant: &Grant, entry: &mut json::Object<'_>) {
    let key = format!("key/{}", grant.key_id);
    entry.text("KeyId", &arn(&grant.region, &grant.account, &key));
    entry.text("GrantId", &grant.id);
    // COMPAT: AWS's examples show an empty name where there is none.
    entry.text("Name", grant.name.as_deref().unwrap_or_default());
    entry.timestamp("CreationDate", grant.created);
    entry.text("GranteePrincipal", &grant.grantee);
    if let Some(retiring) = &grant.retiring {
        entry.text("RetiringPrincipal", &retiring.arn);
    }
    entry.text("IssuingAccount", &grant.issuing_account);
    entry.texts("Operations", &grant.operations);
    if !grant.constraints.is_empty() {
        entry.object("Constraints", |object| {
            write_constraints(&grant.constraints, object);
        });
    }
}

fn write_constraints(constraints: &Constraints, object: &mut json::Object<'_>) {
    let mut write = |name, pairs: &Option<BTreeMap<String, String>>| {
        if let Some(pairs) = pairs {
            object.object(name, |map| {
                for (key, value) in pairs {
                    map.text(key, value);
                }
            });
        }
    };
    write("EncryptionContextSubset", &constraints.subset);
    write("EncryptionContextEquals", &constraints.equals);
}
