//! Removing a secret for good: its record, its values, and its place in the quota.

use super::access;
use super::error::Error;
use super::model::Secret;
use super::records::SecretValue;
use super::resource_policy::ResourcePolicy;
use super::rotation::changes;
use super::secrets_counter;
use super::values;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::tx::Tx;
use base::{CommonError, Entropy, Timestamp, random_uuid};
use serde_json::json;
use store::{Record, Versioned};

/// Deletes the secret and every version. Gives the versions, for their events.
pub(crate) async fn remove(
    tx: &mut Tx<'_>,
    permit: &Permit,
    found: &Versioned<Secret>,
) -> Result<Vec<Versioned<SecretValue>>, Error> {
    let secret = &found.record;
    let versions = values::all(tx, permit, secret).await?;
    for version in &versions {
        tx.delete::<SecretValue>(permit, &version.record.key(), version.rev);
    }
    if secret.has_resource_policy {
        let key = ResourcePolicy::key_of(secret);
        let policy = tx
            .get::<ResourcePolicy>(&key)
            .await
            .map_err(CommonError::from)?;
        if let Some(policy) = policy {
            tx.delete::<ResourcePolicy>(permit, &key, policy.rev);
        }
    }
    changes::forget(tx, permit, secret).await?;
    access::forget(tx, permit, secret).await?;
    tx.delete::<Secret>(permit, &secret.key(), found.rev);
    tx.count(
        permit,
        &secrets_counter(&secret.account, &secret.region),
        -1,
        None,
    );
    Ok(versions)
}

/// When, and in whose course, versions come closer to their end.
pub(crate) struct Course<'a> {
    /// The moment.
    pub(crate) now: Timestamp,
    /// The request.
    pub(crate) request_id: &'a str,
    /// For the ids of the events.
    pub(crate) entropy: &'a dyn Entropy,
}

impl Course<'_> {
    /// The lines of one service event for each version, such as `EndSecretVersionDelete`.
    pub(crate) fn each_version(
        &self,
        event_name: &str,
        secret: &Secret,
        versions: &[Versioned<SecretValue>],
    ) -> Vec<Vec<u8>> {
        let detail = |version: &Versioned<SecretValue>| json!({ "SecretId": secret.arn(), "SecretVersionId": version.record.version_id });
        versions
            .iter()
            .map(|version| self.line(event_name, secret, detail(version)))
            .collect()
    }

    /// The line that tells that nothing is left of `secret`, which may have had no version.
    pub(crate) fn removed(&self, secret: &Secret) -> Vec<u8> {
        self.line(
            "EndSecretDelete",
            secret,
            json!({ "SecretId": secret.arn() }),
        )
    }

    fn line(&self, event_name: &str, secret: &Secret, additional: serde_json::Value) -> Vec<u8> {
        ServiceEvent {
            event_source: super::EVENT_SOURCE,
            event_name,
            region: secret.region.as_str(),
            account: secret.account.as_str(),
            now: self.now,
            request_id: self.request_id,
            response_elements: None,
            additional,
        }
        .to_line(&random_uuid(self.entropy))
    }
}
