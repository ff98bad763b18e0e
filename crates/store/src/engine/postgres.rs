//! The engine on a PostgreSQL server, for any number of nodes at once.
//!
//! One thread with a runtime of its own carries the messages of all connections; calls are tasks there,
//! and callers on other runtimes wait for them. Every call is bounded in time. What is lost is
//! connected again by itself: nothing is given up for good, so the engine never fails as SQLite's
//! does.
//!
//! Reads are single statements on the primary, so each sees every commit that was acknowledged before
//! it began. How a transaction commits is in [`commit`], how other nodes' changes reach the cache in
//! [`poll`].

use super::sql::{Dialect, Give, Registry};
use super::{Commit, Engine, Health, Pending, Row, Watcher};
use crate::query::Plan as QueryPlan;
use crate::{Cause, Key, Kind, StoreError};
use base::{Entropy, Timestamp};
use commit::Told;
use dial::Dialer;
use lanes::Lanes;
use plan::Plan;
use poll::Freshness;
use pool::Pool;
use session::Step;
use std::future::Future;
use std::sync::{Arc, Weak, mpsc};
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use trouble::Trouble;
use value::{Param, bytes_of, int_of, text_of};

mod changes;
mod commit;
mod dial;
mod lanes;
mod options;
mod plan;
mod poll;
mod pool;
mod resolve;
mod schema;
mod session;
mod tls;
mod trouble;
mod value;

pub use options::PostgresOptions;

/// A PostgreSQL database in use.
pub(crate) struct Postgres {
    shared: Arc<Shared>,
    /// The thread ends when this does.
    _thread: oneshot::Sender<()>,
}

/// What calls share.
struct Shared {
    dialer: Arc<Dialer>,
    pool: Arc<Pool>,
    lanes: Lanes,
    registry: Registry,
    health: Arc<Health>,
    freshness: Freshness,
    entropy: Arc<dyn Entropy>,
    /// This run of this node.
    instance: [u8; 16],
    handle: Handle,
}

impl Shared {
    fn options(&self) -> &PostgresOptions {
        self.dialer.options()
    }

    /// The rows of one statement, asked once more when a connection turns out to be lost that lay idle.
    async fn rows(self: Arc<Self>, step: Step) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let limit = self.options().call_timeout();
        loop {
            let mut lent = self.pool.lend().await?;
            match lent.session.ask(&step, limit).await {
                Ok(answer) => {
                    lent.give_back();
                    return Ok(answer.into_rows());
                }
                Err(Trouble::Lost(cause)) => {
                    let was_idle = lent.was_idle;
                    lent.discard();
                    if !was_idle {
                        return Err(trouble::unavailable(cause));
                    }
                }
                Err(other) => {
                    lent.give_back();
                    return Err(match other {
                        Trouble::Again(text) => trouble::unavailable(text),
                        other => other.into_error(),
                    });
                }
            }
        }
    }
}

impl Postgres {
    /// Connects, and sees that the database is one of ours or makes it so. Blocks.
    pub(crate) fn open(
        options: &PostgresOptions,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        schema::check_name(options)?;
        let (handle, thread) = start()?;
        let dialer = Arc::new(Dialer::new(options.clone()));
        let mut instance = [0; 16];
        entropy.fill_public(&mut instance);
        let shared = Arc::new(Shared {
            pool: Arc::new(Pool::new(Arc::clone(&dialer))),
            dialer,
            lanes: Lanes::default(),
            registry: Registry::new(Dialect::Postgres),
            health: Arc::default(),
            freshness: Freshness::new(options.max_staleness),
            entropy,
            instance,
            handle,
        });
        let engine = Self {
            shared,
            _thread: thread,
        };
        let shared = Arc::clone(&engine.shared);
        engine.block(async move {
            let mut lent = shared.pool.lend().await?;
            schema::open(&mut lent.session, shared.options()).await?;
            lent.give_back();
            Ok(())
        })?;
        let following = poll::follow(Arc::clone(&engine.shared));
        engine.shared.handle.spawn(following);
        Ok(engine)
    }

    /// Waits for `work`, which runs on the engine's thread, while this thread does nothing else.
    fn block(
        &self,
        work: impl Future<Output = Result<(), StoreError>> + Send + 'static,
    ) -> Result<(), StoreError> {
        let (sender, receiver) = mpsc::channel();
        self.shared.handle.spawn(async move {
            // Nobody has stopped waiting.
            let _ = sender.send(work.await);
        });
        receiver.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Runs `work` on the engine's thread. It goes on when nobody waits for it any more.
    fn call<'a, T: Send + 'static>(
        &'a self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Pending<'a, T> {
        Box::pin(async move {
            self.shared.health.check()?;
            let answer = self.shared.handle.spawn(work).await;
            answer.unwrap_or_else(|_| Err(StoreError::Closed))
        })
    }

    /// Reads rows, and what `read` makes of them.
    fn read<'a, T: Send + 'a>(
        &'a self,
        step: Result<Step, StoreError>,
        read: impl FnOnce(Vec<tokio_postgres::Row>) -> T + Send + 'a,
    ) -> Pending<'a, T> {
        let rows = step.map(|step| self.call(Arc::clone(&self.shared).rows(step)));
        Box::pin(async move { Ok(read(rows?.await?)) })
    }

    fn transact(&self, plan: Plan, told: Told) -> Pending<'_, Vec<u64>> {
        let done = Arc::clone(&self.shared).transact(plan, told);
        let shared = &self.shared;
        Box::pin(async move {
            shared.health.check()?;
            let answer = shared.handle.spawn(done).await;
            answer.unwrap_or_else(|_| Err(no_answer()))
        })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.shared.health.close();
        self.shared.freshness.close();
    }
}

impl Engine for Postgres {
    fn prepare(&self, kinds: &[&'static Kind]) -> Result<(), StoreError> {
        self.shared.health.check()?;
        let (shared, kinds) = (Arc::clone(&self.shared), kinds.to_vec());
        self.block(async move {
            let mut lent = shared.pool.lend().await?;
            schema::prepare(&mut lent.session, shared.options(), &kinds).await?;
            lent.give_back();
            for kind in kinds {
                shared.registry.add(kind);
            }
            Ok(())
        })
    }

    fn get<'a>(&'a self, kind: &'static Kind, key: &'a Key) -> Pending<'a, Option<Row>> {
        let statements = self.shared.registry.of(kind);
        let step = statements
            .map(|statements| Step::rows(statements.get.as_str(), plan::key_of(key).collect()));
        self.read(step, move |rows| {
            rows.first().map(|row| value::whole(kind, row))
        })
    }

    fn query<'a>(&'a self, plan: &'a QueryPlan) -> Pending<'a, Vec<Row>> {
        self.read(Ok(plan::query(plan, Give::Rows)), |rows| {
            let rows = rows.iter().map(|row| value::whole(plan.kind, row));
            rows.collect()
        })
    }

    fn commit(&self, mut commit: Commit) -> Pending<'_, Vec<u64>> {
        let observer = std::mem::replace(&mut commit.observer, Box::new(Nobody));
        match Plan::of(&self.shared.registry, &self.shared.options().node, commit) {
            Ok(plan) => self.transact(plan, Told::new(observer)),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn counter<'a>(&'a self, name: &'a str) -> Pending<'a, i64> {
        let params = vec![Param::Text(name.to_owned())];
        let step = Step::rows("SELECT value FROM counter WHERE name = $1", params);
        self.read(Ok(step), |rows| {
            rows.first().and_then(|row| int_of(row, 0)).unwrap_or(0)
        })
    }

    fn counters<'a>(&'a self, prefix: &'a str, limit: usize) -> Pending<'a, Vec<(String, i64)>> {
        let params = vec![Param::Text(prefix.to_owned()), limit_of(limit)];
        let step = Step::rows(
            "SELECT name, value FROM counter WHERE name >= $1 AND starts_with(name, $1) \
             ORDER BY name LIMIT $2",
            params,
        );
        self.read(Ok(step), |rows| {
            let counter = |row: &tokio_postgres::Row| Some((text_of(row, 0)?, int_of(row, 1)?));
            rows.iter().filter_map(counter).collect()
        })
    }

    fn outbox(&self, limit: usize) -> Pending<'_, Vec<(u64, Vec<u8>)>> {
        let params = vec![
            Param::Text(self.shared.options().node.clone()),
            limit_of(limit),
        ];
        let step = Step::rows(
            "SELECT seq, body FROM audit_outbox WHERE node = $1 ORDER BY seq LIMIT $2",
            params,
        );
        self.read(Ok(step), |rows| {
            let entry = |row: &tokio_postgres::Row| {
                Some((int_of(row, 0)?.unsigned_abs(), bytes_of(row, 1)))
            };
            rows.iter().filter_map(entry).collect()
        })
    }

    fn outbox_done(&self, seqs: Vec<u64>) -> Pending<'_, ()> {
        let seqs = seqs.into_iter().filter_map(|seq| i64::try_from(seq).ok());
        let step = Step::rows(
            "DELETE FROM audit_outbox WHERE seq = ANY ($1)",
            vec![Param::Ints(seqs.collect())],
        );
        self.read(Ok(step), drop)
    }

    fn other_outboxes(&self) -> Pending<'_, Vec<String>> {
        let step = Step::rows(
            "SELECT DISTINCT node FROM audit_outbox WHERE node <> $1 ORDER BY node",
            vec![Param::Text(self.shared.options().node.clone())],
        );
        self.read(Ok(step), |rows| {
            rows.iter().filter_map(|row| text_of(row, 0)).collect()
        })
    }

    fn adopt_outbox<'a>(&'a self, node: &'a str) -> Pending<'a, u64> {
        let step = Step::rows(
            "WITH adopted AS (UPDATE audit_outbox SET node = $1 WHERE node = $2 RETURNING 1) \
             SELECT count(*) FROM adopted",
            vec![
                Param::Text(self.shared.options().node.clone()),
                Param::Text(node.to_owned()),
            ],
        );
        self.read(Ok(step), |rows| {
            let count = rows.first().and_then(|row| int_of(row, 0));
            count.map_or(0, i64::unsigned_abs)
        })
    }

    fn meta<'a>(&'a self, name: &'a str) -> Pending<'a, Option<Vec<u8>>> {
        let params = vec![Param::Text(name.to_owned())];
        let step = Step::rows("SELECT value FROM meta WHERE name = $1", params);
        self.read(Ok(step), |rows| rows.first().map(|row| bytes_of(row, 0)))
    }

    fn put_meta<'a>(
        &'a self,
        name: &'a str,
        expected: Option<&'a [u8]>,
        value: &'a [u8],
    ) -> Pending<'a, ()> {
        let plan = Plan::of_meta(name, expected, value);
        let done = self.transact(plan, Told::new(Box::new(Nobody)));
        Box::pin(async move { done.await.map(drop) })
    }

    fn now(&self) -> Option<Pending<'_, Timestamp>> {
        let step = Step::rows(
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
            Vec::new(),
        );
        let millis = self.read(Ok(step), |rows| rows.first().and_then(|row| int_of(row, 0)));
        Some(Box::pin(async move {
            let millis = millis.await?;
            millis
                .map(Timestamp::from_millis)
                .ok_or_else(|| trouble::unavailable("the database did not tell the time"))
        }))
    }

    fn refresh(&self) -> Option<Pending<'_, ()>> {
        Some(Box::pin(self.shared.freshness.refresh()))
    }

    fn watch(&self, watcher: Weak<dyn Watcher>) {
        self.shared.freshness.watch(watcher);
    }

    fn close(&self) -> Pending<'_, ()> {
        Box::pin(async {
            self.shared.health.close();
            self.shared.freshness.close();
            let pool = Arc::clone(&self.shared.pool);
            let limit = self.shared.options().commit_timeout;
            let closing = self
                .shared
                .handle
                .spawn(async move { pool.close(limit).await });
            // The thread is there as long as the engine is.
            let _ = closing.await;
            Ok(())
        })
    }

    fn health(&self) -> &Arc<Health> {
        &self.shared.health
    }
}

/// Whom nobody has to tell.
struct Nobody;

impl super::Observer for Nobody {
    fn before(&mut self) {}
    fn after(&mut self, _: bool) {}
}

/// Starts the thread. It ends when the sender is dropped, and what runs there with it.
fn start() -> Result<(Handle, oneshot::Sender<()>), StoreError> {
    let unavailable = |error| StoreError::Unavailable(Cause::from(error));
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(unavailable)?;
    let handle = runtime.handle().clone();
    let (sender, ended) = oneshot::channel::<()>();
    thread::Builder::new()
        .name(String::from("store-postgres"))
        .spawn(move || {
            // An error is the sender's end.
            let _ = runtime.block_on(ended);
            runtime.shutdown_timeout(SHUTDOWN);
        })
        .map_err(unavailable)?;
    Ok((handle, sender))
}

fn limit_of(limit: usize) -> Param {
    Param::Int(i64::try_from(limit).unwrap_or(i64::MAX))
}

/// A name as part of a statement. It is checked to be a plain word before.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn no_answer() -> StoreError {
    StoreError::Unknown(Cause::from("the engine ended without an answer"))
}

const SHUTDOWN: Duration = Duration::from_millis(100);
