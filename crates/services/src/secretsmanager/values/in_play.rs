//! The values that a rotation has to do with, for the log of its function to be cleaned of.
//!
//! SECURITY: they are opened in the server's own name, whoever may read them, and leave to nobody. So
//! there is no event, and no day of a last access changes.

use super::{REWRAPPED, aad, context, find};
use crate::app::App;
use crate::authorize::Permit;
use crate::ports::{DataKeyError, OwnUse};
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::records::SecretValue;
use crate::secretsmanager::versions::Version;
use crate::witness::{InPlay, NotAllKnown};
use base::{CommonError, Plaintext};
use seal::AeadKey;

/// Puts the values of `secret` that carry `AWSCURRENT`, `AWSPENDING` or `AWSPREVIOUS` in play. One that
/// does not open, because of its KMS key, is a gap: the function is called, and its log withheld.
///
/// # Errors
/// A failure of ours: then the function is not called.
pub(crate) async fn gather(
    app: &App,
    permit: &Permit,
    secret: &Secret,
    in_play: &InPlay,
) -> Result<(), CommonError> {
    let matters = |version: &&Version| REWRAPPED.iter().any(|label| version.has(label));
    let mut tx = app.ledger.begin_reading();
    for version in secret.versions.labelled().filter(matters) {
        // The version of a rotation has no value at first.
        let Some(found) = find(&mut tx, permit, secret, &version.id).await? else {
            continue;
        };
        match opened(app, secret, &found.record).await {
            Ok(value) => in_play.add(&value),
            Err(DataKeyError::Common(error)) => return Err(error),
            Err(error) => {
                let (version, arn) = (&version.id, secret.arn());
                tracing::warn!(%error, version, arn, "a function's log has to be withheld");
                in_play.has_gap(NotAllKnown::NotOpened);
            }
        }
    }
    Ok(())
}

/// Opens a stored value with any of its wrapped keys.
async fn opened(
    app: &App,
    secret: &Secret,
    value: &SecretValue,
) -> Result<Plaintext, DataKeyError> {
    let own = OwnUse {
        app,
        account: &secret.account,
        region: &secret.region,
    };
    let arn = secret.arn();
    let context = context(&arn, value.bound_to());
    let aad = aad(&arn, value.bound_to(), value.form);
    let mut refusal = DataKeyError::NotDecryptable;
    for wrapped in &value.wrapped_keys {
        match app.data_keys.open(own, &wrapped.blob, &context).await {
            Ok(key) => {
                let opened = AeadKey::new(key.expose());
                let opened = opened.and_then(|key| key.open(&aad, &value.ciphertext));
                return opened.map_err(|_| DataKeyError::NotDecryptable);
            }
            Err(error @ DataKeyError::Common(_)) => return Err(error),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secretsmanager::model::tests::a_secret;
    use crate::secretsmanager::versions::{AWSCURRENT, AWSPENDING};
    use crate::secretsmanager::world::World;
    use crate::tx::Lines;

    async fn gathered(world: &World, secret: &Secret) -> Result<Vec<String>, NotAllKnown> {
        let in_play = InPlay::default();
        gather(&world.app, &Permit::of_tests(), secret, &in_play)
            .await
            .unwrap();
        let text = |value: &Plaintext| String::from_utf8(value.expose().to_vec()).unwrap();
        Ok(in_play.values()?.iter().map(text).collect())
    }

    /// Stores a secret with these versions, each with its value and label.
    async fn stored(world: &World, versions: &[(&str, &str, &str)]) -> Secret {
        let mut secret = a_secret("db");
        let mut tx = world.app.ledger.begin();
        for (id, value, label) in versions {
            secret.versions.add(id, &[(*label).to_owned()], 20).unwrap();
            tx.insert(&Permit::of_tests(), world.encrypt(&secret, id, value).await);
        }
        tx.insert(&Permit::of_tests(), secret.clone());
        tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();
        secret
    }

    #[tokio::test]
    async fn the_values_of_the_three_labels_are_in_play_and_no_other() {
        let world = World::new();
        let secret = stored(
            &world,
            &[
                ("v1", "deprecated", AWSCURRENT),
                ("v2", "previous", AWSCURRENT),
                ("v3", "current", AWSCURRENT),
                ("v4", "pending", AWSPENDING),
                ("v5", "of another label", "OWN"),
            ],
        )
        .await;

        let mut values = gathered(&world, &secret).await.unwrap();

        values.sort();
        assert_eq!(values, ["current", "pending", "previous"]);
    }

    #[tokio::test]
    async fn a_version_without_a_value_is_no_gap() {
        let world = World::new();
        let mut secret = stored(&world, &[("v1", "current", AWSCURRENT)]).await;
        secret.versions.prepare("v2", 20).unwrap();

        let values = gathered(&world, &secret).await;

        assert_eq!(values, Ok(vec![String::from("current")]));
    }

    #[tokio::test]
    async fn a_value_that_does_not_open_is_a_gap() {
        let world = World::new();
        let mut secret = stored(&world, &[("v1", "current", AWSCURRENT)]).await;
        let other = world.encrypt(&secret, "v9", "moved").await;
        secret.versions.prepare("v2", 20).unwrap();
        let moved = SecretValue {
            version_id: String::from("v2"),
            ..other
        };
        let mut tx = world.app.ledger.begin();
        tx.insert(&Permit::of_tests(), moved);
        tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();

        let values = gathered(&world, &secret).await;

        assert_eq!(values, Err(NotAllKnown::NotOpened));
    }
}
