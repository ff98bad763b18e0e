//! Going through the log for reads, and storing them seldom.

use super::record::LastAccess;
use super::tally::{Read, Tally};
use crate::app::App;
use crate::authorize::Permit;
use crate::follow::{self, Cursor, Followed};
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::names::SecretId;
use crate::tx::Deriving;
use base::{CommonError, Timestamp};
use std::collections::HashMap;
use store::Record as _;
use tokio::sync::Mutex;

/// What was read of the log and is not stored yet.
#[derive(Default)]
pub(crate) struct Noting(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    /// How far the stored tallies go, and how far these do. `None`: it was not looked up yet.
    reach: Option<Reach>,
    /// By secret and principal.
    tallies: HashMap<(String, String), Tally>,
    /// Since when they wait.
    since: Option<Timestamp>,
}

#[derive(Clone, Copy)]
struct Reach {
    stored: u64,
    read: u64,
}

impl Noting {
    /// Reads what comes next in the log, and tells whether there was anything. Stores what waits when that
    /// is enough, or was read long enough ago.
    ///
    /// # Errors
    /// When the log or the store fails; nothing is lost by it.
    pub(crate) async fn follow(&self, app: &App, own: &Permit) -> Result<bool, CommonError> {
        let mut waiting = self.0.lock().await;
        let is_more = waiting.read(app).await?;
        let now = app.clock.now();
        let is_old = |since: Timestamp| now >= since.plus_seconds(PATIENCE_SECONDS);
        if waiting.tallies.len() >= MOST_WAITING || waiting.since.is_some_and(is_old) {
            waiting.store(app, own).await?;
        }
        Ok(is_more)
    }

    /// Reads to the end of the log, and stores everything.
    ///
    /// # Errors
    /// When the log or the store fails; nothing is lost by it.
    pub(crate) async fn catch_up(&self, app: &App, own: &Permit) -> Result<(), CommonError> {
        while self.follow(app, own).await? {}
        self.0.lock().await.store(app, own).await
    }

    /// The number of the last event that was read. What was read of late is stored when it is enough.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn read_through(&self, app: &App) -> Result<u64, CommonError> {
        Ok(self.0.lock().await.reach(app).await?.read)
    }

    /// The time of the oldest event that the log has, before which no read is known.
    ///
    /// # Errors
    /// When the log fails.
    pub(crate) async fn known_since(&self, app: &App) -> Result<Option<Timestamp>, CommonError> {
        let oldest = app.stream.read(0, 1).await?;
        let followed = oldest.first().and_then(Followed::of);
        Ok(followed.and_then(|event| Timestamp::parse_iso(&event.head.event_time)))
    }
}

impl Waiting {
    async fn reach(&self, app: &App) -> Result<Reach, CommonError> {
        if let Some(reach) = self.reach {
            return Ok(reach);
        }
        let stored = Cursor::find(&mut app.ledger.derive(), NAME).await?;
        let stored = stored.map_or(0, |found| found.record.after());
        Ok(Reach {
            stored,
            read: stored,
        })
    }

    async fn read(&mut self, app: &App) -> Result<bool, CommonError> {
        let reach = self.reach(app).await?;
        let events = app.stream.read(reach.read, AT_ONCE).await?;
        let Some(last) = events.last().map(|event| event.sequence) else {
            self.reach = Some(reach);
            return Ok(false);
        };
        for event in events.iter().filter_map(Followed::of) {
            if let Some(read) = Read::of(&event) {
                self.add(read);
            }
        }
        if !self.tallies.is_empty() && self.since.is_none() {
            self.since = Some(app.clock.now());
        }
        self.reach = Some(Reach {
            read: last,
            ..reach
        });
        Ok(true)
    }

    fn add(&mut self, read: Read<'_>) {
        let key = (read.secret.into_owned(), read.principal.into_owned());
        match self.tallies.get_mut(&key) {
            Some(tally) => tally.add(read.tally),
            None => {
                self.tallies.insert(key, read.tally);
            }
        }
    }

    async fn store(&mut self, app: &App, own: &Permit) -> Result<(), CommonError> {
        let Some(reach) = self.reach.filter(|reach| reach.read > reach.stored) else {
            return Ok(());
        };
        let is_ours = follow::retried(|| self.try_store(app, own, reach)).await?;
        *self = Self {
            // Another node was at it: what is stored says how far.
            reach: is_ours.then_some(Reach {
                stored: reach.read,
                ..reach
            }),
            ..Self::default()
        };
        Ok(())
    }

    /// `false`: somebody else stored some of it, and nothing was stored.
    async fn try_store(&self, app: &App, own: &Permit, reach: Reach) -> Result<bool, CommonError> {
        let mut tx = app.ledger.derive();
        let found = Cursor::find(&mut tx, NAME).await?;
        if found.as_ref().map_or(0, |found| found.record.after()) != reach.stored {
            return Ok(false);
        }
        Cursor::put(&mut tx, own, found, NAME, reach.read);
        for ((secret, principal), tally) in &self.tallies {
            if is_there(&mut tx, secret).await? {
                put(&mut tx, own, secret, principal, tally.clone()).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Whether there is still a secret with this ARN.
async fn is_there(tx: &mut Deriving<'_>, arn: &str) -> Result<bool, CommonError> {
    let Some(id) = SecretId::from_arn(arn) else {
        return Ok(false);
    };
    let key = Secret::key_of(&id.account, &id.region, &id.name);
    let found = tx.get::<Secret>(&key).await?;
    Ok(found.is_some_and(|found| Some(&found.record.suffix) == id.suffix.as_ref()))
}

async fn put(
    tx: &mut Deriving<'_>,
    own: &Permit,
    secret: &str,
    principal: &str,
    tally: Tally,
) -> Result<(), CommonError> {
    let access = LastAccess {
        secret: secret.to_owned(),
        principal: principal.to_owned(),
        tally,
    };
    match tx.get::<LastAccess>(&access.key()).await? {
        None => tx.insert(own, access),
        Some(found) => {
            let mut sum = LastAccess::clone(&found.record);
            sum.tally.add(access.tally);
            tx.update(own, sum, found.rev);
        }
    }
    Ok(())
}

/// What the cursor is stored under.
const NAME: &str = "secretsmanager/access";
/// How many events are read at once.
const AT_ONCE: usize = 2_000;
/// How many tallies wait for each other.
const MOST_WAITING: usize = 5_000;
/// How long a tally waits.
const PATIENCE_SECONDS: i64 = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secretsmanager::model::tests::a_secret;
    use crate::secretsmanager::world::World;
    use serde_json::json;
    use store::Query;

    async fn a_read(world: &World, arn: &str, principal: &str) {
        let event = json!({
            "userIdentity": { "arn": principal },
            "eventTime": "2026-01-15T12:00:00Z",
            "eventSource": "secretsmanager.amazonaws.com",
            "eventName": "GetSecretValue",
            "resources": [{ "ARN": arn }],
        });
        let recorded = world
            .app
            .ledger
            .record(event.to_string().into(), Vec::new());
        recorded.await.unwrap();
    }

    async fn stored(world: &World, arn: &str) -> Vec<(String, u64)> {
        let mut tx = world.app.ledger.derive();
        let query = LastAccess::of_secret(arn).with_limit(100);
        let found = tx.query::<LastAccess>(&query).await.unwrap();
        found
            .iter()
            .map(|one| (one.record.principal.clone(), one.record.tally.reads))
            .collect()
    }

    #[tokio::test]
    async fn a_read_is_stored_a_minute_after_it_was_noted() {
        let world = World::new();
        let arn = world.store(a_secret("db"), 1).await.arn();
        let own = Permit::of_tests();
        a_read(&world, &arn, "ann").await;

        let noted = world.app.accesses.follow(&world.app, &own).await.unwrap();
        let at_once = stored(&world, &arn).await;
        world.clock.advance_seconds(PATIENCE_SECONDS);
        let more = world.app.accesses.follow(&world.app, &own).await.unwrap();
        let later = stored(&world, &arn).await;

        assert_eq!((noted, more), (true, false));
        assert_eq!(at_once, []);
        assert_eq!(later, [(String::from("ann"), 1)]);
    }

    #[tokio::test]
    async fn what_another_node_stored_is_not_stored_again() {
        let world = World::new();
        let arn = world.store(a_secret("db"), 1).await.arn();
        let own = Permit::of_tests();
        let (one, other) = (Noting::default(), Noting::default());
        a_read(&world, &arn, "ann").await;
        one.follow(&world.app, &own).await.unwrap();

        other.catch_up(&world.app, &own).await.unwrap();
        one.catch_up(&world.app, &own).await.unwrap();
        a_read(&world, &arn, "ann").await;
        one.catch_up(&world.app, &own).await.unwrap();

        assert_eq!(stored(&world, &arn).await, [(String::from("ann"), 2)]);
    }

    #[tokio::test]
    async fn a_read_of_a_secret_that_is_gone_is_not_stored() {
        let world = World::new();
        let there = world.store(a_secret("db"), 1).await;
        let gone = format!("{}-000000", there.arn().rsplit_once('-').unwrap().0);
        a_read(&world, &gone, "ann").await;
        a_read(
            &world,
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:x-AbCdEf",
            "ann",
        )
        .await;
        a_read(&world, "no ARN", "ann").await;

        let own = Permit::of_tests();
        world.app.accesses.catch_up(&world.app, &own).await.unwrap();

        assert_eq!(stored(&world, &gone).await, []);
        let mut tx = world.app.ledger.derive();
        let all = Query::primary(10);
        assert!(tx.query::<LastAccess>(&all).await.unwrap().is_empty());
    }
}
