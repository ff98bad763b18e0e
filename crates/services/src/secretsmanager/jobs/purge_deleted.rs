//! Removes secrets whose recovery window has ended.
//!
//! Behaviour reference §5.3. Idempotent: it reads what is due and removes it; a secret that was
//! restored in between is no longer due.

use crate::app::App;
use crate::audit::{AuditEntry, ServiceEvent};
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::records::{BY_PURGE, SecretValue};
use crate::secretsmanager::versions::MAX_VERSIONS;
use crate::secretsmanager::{EVENT_SOURCE, secrets_counter};
use base::{CommonError, Timestamp, random_uuid};
use serde_json::json;
use std::ops::Bound;
use store::{Query, Record};

/// Purges every secret that is due at the present moment, each in its own transaction.
pub(crate) async fn purge_deleted(app: &App) -> Result<(), CommonError> {
    let now = app.clock.now();
    loop {
        let due = Query::on(BY_PURGE, STRIDE).to(Bound::Included(now));
        let secrets = app.store.begin().query::<Secret>(&due).await?;
        for found in &secrets {
            match purge(app, &found.record, now).await {
                Ok(()) | Err(CommonError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        if secrets.len() < STRIDE {
            return Ok(());
        }
    }
}

async fn purge(app: &App, due: &Secret, now: Timestamp) -> Result<(), CommonError> {
    let mut tx = app.store.begin();
    let Some(found) = tx.get::<Secret>(&due.key()).await? else {
        return Ok(());
    };
    let secret = &found.record;
    if secret
        .deletion
        .as_ref()
        .is_none_or(|deletion| deletion.due > now)
    {
        return Ok(());
    }
    let most = secret.versions_by_age(MAX_VERSIONS.saturating_add(1));
    let mut events = Vec::new();
    for version in tx.query::<SecretValue>(&most).await? {
        tx.delete::<SecretValue>(&version.record.key(), version.rev);
        events.push(version_deleted(
            app,
            secret,
            &version.record.version_id,
            now,
        ));
    }
    tx.delete::<Secret>(&secret.key(), found.rev);
    tx.count(&secrets_counter(&secret.account, &secret.region), -1, None);

    let numbers = tx.commit(events.clone()).await?;
    for (line, number) in events.into_iter().zip(numbers) {
        let entry = AuditEntry {
            line,
            outbox: Some(number),
        };
        app.audit
            .append(entry)
            .await
            .map_err(CommonError::internal)?;
    }
    Ok(())
}

fn version_deleted(app: &App, secret: &Secret, version_id: &str, now: Timestamp) -> Vec<u8> {
    ServiceEvent {
        event_source: EVENT_SOURCE,
        event_name: "EndSecretVersionDelete",
        region: secret.region.as_str(),
        account: secret.account.as_str(),
        now,
        request_id: &random_uuid(app.entropy.as_ref()),
        additional: json!({ "SecretId": secret.arn(), "SecretVersionId": version_id }),
    }
    .to_line(&random_uuid(app.entropy.as_ref()))
}

const STRIDE: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secretsmanager::model::Deletion;
    use crate::secretsmanager::model::tests::a_secret;
    use crate::secretsmanager::world::World;

    #[tokio::test]
    async fn no_value_outlives_its_secret() {
        let world = World::new();
        let now = world.app.clock.now();
        let due = |name, due| {
            let mut secret = a_secret(name);
            secret.deletion = Some(Deletion {
                requested: now.plus_days(-30),
                due,
            });
            secret
        };
        let gone = world.store(due("gone", now), 150).await;
        let later = world.store(due("later", now.plus_millis(1)), 2).await;
        let kept = world.store(a_secret("kept"), 2).await;

        purge_deleted(&world.app).await.unwrap();

        assert_eq!(world.values_of(&gone).await, 0);
        assert_eq!(world.values_of(&later).await, 2);
        assert_eq!(world.values_of(&kept).await, 2);
    }
}
