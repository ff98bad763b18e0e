//! AWS managed keys: one per service, account and Region, made at the first use.
//!
//! A managed key is its service's own. Its policy lets callers of its account use it through that
//! service and look at it, and nothing else; nobody can change it.

use super::aliases::Alias;
use super::crypto::Crypto;
use super::dues;
use super::model::{Cause, KmsKey, Manager, Rotation, State};
use crate::authorize::Permit;
use crate::cx::Cx;
use crate::document::ResourceDocument;
use crate::ports::DataKeyCall;
use crate::tags::Tags;
use crate::tx::Lines;
use base::{AccountId, CommonError, RegionName, Timestamp, random_uuid};
use serde_json::json;
use store::Versioned;

impl KmsKey {
    /// The key of `service`, such as `secretsmanager`, still without material.
    pub(crate) fn managed(
        service: &str,
        account: AccountId,
        region: RegionName,
        id: String,
        created: Timestamp,
    ) -> Self {
        let policy = policy(service, &account, &region);
        Self {
            account,
            region,
            id,
            created,
            manager: Manager::Aws,
            description: description(service),
            state: State::Enabled,
            policy,
            tags: Tags::default(),
            aliases: vec![format!("{ALIASES}{service}")],
            has_grants: false,
            rotation: Some(Rotation {
                period_days: YEAR,
                next: created.plus_days(YEAR),
            }),
            material: Vec::new(),
        }
    }
}

/// The key that `alias` names in the account and Region of the call, if it was made already.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn known(
    cx: &Cx<'_>,
    call: DataKeyCall<'_>,
) -> Result<Option<Versioned<KmsKey>>, CommonError> {
    let mut tx = cx.begin();
    let alias_key = Alias::key_of(call.account, call.region, call.managed_alias);
    let Some(alias) = tx.get::<Alias>(&alias_key).await? else {
        return Ok(None);
    };
    let key = KmsKey::key_of(call.account, call.region, &alias.record.key_id);
    Ok(tx.get::<KmsKey>(&key).await?)
}

/// The key that `alias` names, made now if it was not before.
///
/// # Errors
/// A failure of ours.
pub(crate) async fn obtain(
    cx: &Cx<'_>,
    own: &Permit,
    crypto: &Crypto,
    call: DataKeyCall<'_>,
) -> Result<Versioned<KmsKey>, CommonError> {
    // When two requests make it at once, one of them conflicts and finds the other's.
    for _ in 0..ATTEMPTS {
        if let Some(found) = known(cx, call).await? {
            return Ok(found);
        }
        match create(cx, own, crypto, call).await {
            Ok(()) | Err(CommonError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Err(CommonError::Conflict)
}

/// In a transaction of its own: whoever is the first to need the key has no part in its making.
async fn create(
    cx: &Cx<'_>,
    own: &Permit,
    crypto: &Crypto,
    call: DataKeyCall<'_>,
) -> Result<(), CommonError> {
    let mut tx = cx.begin();
    let alias_key = Alias::key_of(call.account, call.region, call.managed_alias);
    if tx.get::<Alias>(&alias_key).await?.is_some() {
        return Ok(());
    }
    let now = cx.app.clock.now();
    let (account, region) = (call.account.clone(), call.region.clone());
    let service = call.managed_alias.strip_prefix(ALIASES);
    let service = service.unwrap_or(call.managed_alias);
    let id = random_uuid(cx.entropy());
    let mut key = KmsKey::managed(service, account.clone(), region.clone(), id, now);
    crypto.renew(&mut key, now, Cause::Creation)?;
    let alias = Alias {
        account,
        region,
        name: call.managed_alias.to_owned(),
        key_id: key.id.clone(),
        created: Some(now),
        updated: Some(now),
    };
    let event = creation_event(cx, call, &key);
    tx.insert(own, alias);
    dues::insert(&mut tx, own, key);
    tx.commit(event).await?;
    Ok(())
}

fn creation_event(cx: &Cx<'_>, call: DataKeyCall<'_>, key: &KmsKey) -> Lines {
    let details = json!({ "alias": call.managed_alias, "keyId": key.id });
    Lines::of(key.service_event("CreateKey", cx.entropy(), key.created, details))
}

/// AWS's policy of a service's own key (behaviour reference §12.4).
fn policy(service: &str, account: &AccountId, region: &RegionName) -> ResourceDocument {
    let policy = json!({
        "Version": "2012-10-17",
        "Id": format!("auto-{service}-1"),
        "Statement": [
            {
                "Sid": format!(
                    "Allow access through {} for all principals in the account that are \
                     authorized to use {0}",
                    spoken(service)
                ),
                "Effect": "Allow",
                "Principal": { "AWS": "*" },
                "Action": [
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:CreateGrant",
                    "kms:DescribeKey",
                ],
                "Resource": "*",
                "Condition": { "StringEquals": {
                    "kms:CallerAccount": account.as_str(),
                    "kms:ViaService": format!("{service}.{region}.amazonaws.com"),
                } },
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    });
    ResourceDocument::stored(&policy.to_string())
}

fn description(service: &str) -> String {
    format!(
        "Default key that protects my {} data when no other key is defined",
        spoken(service)
    )
}

/// The service as a person calls it.
fn spoken(service: &str) -> &str {
    match service {
        "secretsmanager" => "Secrets Manager",
        other => other,
    }
}

/// What the aliases of managed keys begin with.
pub(crate) const ALIASES: &str = "alias/aws/";
const ATTEMPTS: usize = 5;
/// COMPAT: AWS renews the material of its managed keys every year.
const YEAR: i64 = 365;
