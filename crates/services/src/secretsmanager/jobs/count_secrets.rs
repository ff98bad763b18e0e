//! Secrets Manager's own metric: every hour, how many secrets an account has in a Region, those that are
//! marked for deletion included (behaviour reference §13.3).

use crate::app::App;
use crate::authorize::Permit;
use crate::identity::accounts;
use crate::ports::{Aggregate, MetricDatum};
use crate::secretsmanager::secrets_counter;
use crate::stored::stored;
use crate::tx::Derived;
use base::{CommonError, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Column, Key, Kind, key};

/// Counts, unless that was done this hour. The counts and that it was done are one transaction.
///
/// # Errors
/// When the store fails; then it is due still.
pub(crate) async fn count_secrets(app: &App, own: &Permit) -> Result<(), CommonError> {
    let now = app.clock.now();
    let millis = now.as_millis();
    let hour = Timestamp::from_millis(millis - millis.rem_euclid(HOUR_MILLIS));
    let mut tx = app.ledger.derive();
    let found = tx.get::<Counted>(&Counted::key()).await?;
    if found
        .as_ref()
        .is_some_and(|found| found.record.hour >= hour)
    {
        return Ok(());
    }
    let mut data = Vec::new();
    for account in accounts::list(app).await? {
        for region in app.regions() {
            let counter = secrets_counter(&account.account_id, region);
            let secrets = app.ledger.counted(&counter).await?;
            if secrets > 0 {
                let dimension = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
                let secrets = f64::from(u32::try_from(secrets).unwrap_or(u32::MAX));
                data.push(MetricDatum {
                    account: account.account_id.clone(),
                    region: region.clone(),
                    namespace: String::from("AWS/SecretsManager"),
                    name: String::from("ResourceCount"),
                    dimensions: DIMENSIONS.into_iter().map(dimension).collect(),
                    unit: None,
                    values: vec![(hour, Aggregate::of(secrets, 1.0))],
                });
            }
        }
    }
    app.metrics.put(app, own, &mut tx, &data).await?;
    match found {
        Some(found) => tx.update(own, Counted { hour }, found.rev),
        None => tx.insert(own, Counted { hour }),
    }
    match tx.commit().await {
        // Another server counts.
        Ok(()) | Err(CommonError::Conflict) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Which hour was counted last.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Counted {
    hour: Timestamp,
}

impl Counted {
    fn key() -> Key {
        key!["secrets"]
    }
}

/// It says how far counting is, and nothing of anybody.
impl Derived for Counted {}

stored!(
    Counted as COUNTED,
    key: |_counted| Counted::key(),
    columns: |_counted| Vec::new(),
    weight: |_counted| 0
);

/// The kind of [`Counted`].
pub(crate) static COUNTED: Kind = Kind {
    name: "secretsmanager_counted",
    service: "secretsmanager",
    version: 1,
    key: &[Column::text("what")],
    columns: &[],
    indexes: &[],
    cached: false,
};

const DIMENSIONS: [(&str, &str); 4] = [
    ("Service", "Secrets Manager"),
    ("Type", "Resource"),
    ("Resource", "SecretCount"),
    ("Class", "None"),
];
const HOUR_MILLIS: i64 = 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn counted() -> Counted {
        Counted {
            hour: Timestamp::from_millis(1_768_478_400_000),
        }
    }

    #[test]
    fn what_was_stored_is_read() {
        fixtures::assert_reads(1, &counted());
    }

    #[test]
    #[ignore = "writes the fixtures of a new version; run once for each"]
    fn write_fixtures() {
        fixtures::write(&counted());
    }
}
