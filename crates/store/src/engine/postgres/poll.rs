//! What other nodes write: learnt by asking the change log, over a connection of its own.
//!
//! A poll is one statement, and so one snapshot of the database. It gives the rows that this snapshot
//! sees and the last poll's did not: each change once, however long its transaction took and in
//! whatever order transactions ended. That is decided by the transactions' numbers and the snapshots
//! themselves and by no clock and no sequence, neither of which is in the order of commits.
//!
//! INVARIANT: who has waited for [`Freshness::refresh`] has a cache from which everything is gone that
//! any node's commit changed which was acknowledged before the call. The poll that is waited for began
//! after the call, so its snapshot sees that commit; and what a poll saw is told to the watchers before
//! the poll counts as answered. A watcher that cannot be told what changed (the connection was lost,
//! or too long ago was the last poll) is told that anything may have.
//!
//! Polls are shared: all who wait while one is under way wait for the next, so there is at most one
//! under way per node, however many wait.

use super::Shared;
use super::changes;
use super::pool::Pool;
use super::session::{Session, Step};
use super::trouble::{Trouble, unavailable};
use super::value::{Param, bytes_of, int_of, plain_of};
use crate::StoreError;
use crate::engine::Watcher;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep};

/// How fresh what is known of other nodes' changes is.
pub(super) struct Freshness {
    /// How often somebody asked for a poll.
    asked: AtomicU64,
    wake: Notify,
    served: watch::Sender<Served>,
    max_staleness: Duration,
    watchers: Mutex<Vec<Weak<dyn Watcher>>>,
}

#[derive(Clone, Copy, Default)]
struct Served {
    is_up: bool,
    /// Everybody up to this number has been answered.
    answered: u64,
    /// Everybody up to this number who was not answered has been refused.
    refused: u64,
    /// When the last poll that was answered began.
    began: Option<Instant>,
}

impl Freshness {
    pub(super) fn new(max_staleness: Duration) -> Self {
        Self {
            asked: AtomicU64::new(0),
            wake: Notify::new(),
            served: watch::Sender::default(),
            max_staleness: max_staleness.min(LONGEST_STALENESS),
            watchers: Mutex::default(),
        }
    }

    pub(super) fn watch(&self, watcher: Weak<dyn Watcher>) {
        let mut watchers = self.watchers.lock();
        watchers.retain(|watcher| watcher.strong_count() > 0);
        watchers.push(watcher);
    }

    /// Waits until everything is known that was committed before the call.
    pub(super) async fn refresh(&self) -> Result<(), StoreError> {
        let away = || unavailable("the changes of other nodes cannot be followed");
        {
            let served = self.served.borrow();
            let is_recent = |began: Instant| began.elapsed() <= self.max_staleness;
            if !served.is_up {
                return Err(away());
            }
            if !self.max_staleness.is_zero() && served.began.is_some_and(is_recent) {
                return Ok(());
            }
        }
        let mut served = self.served.subscribe();
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        self.wake.notify_one();
        let is_decided = |served: &Served| served.answered >= number || served.refused >= number;
        match served.wait_for(is_decided).await {
            Ok(served) if served.answered >= number => Ok(()),
            _ => Err(away()),
        }
    }

    /// Refuses whoever waits and will.
    pub(super) fn close(&self) {
        self.served.send_modify(|served| {
            served.is_up = false;
            served.refused = u64::MAX;
        });
    }

    fn refuse(&self) {
        let asked = self.asked.load(Ordering::SeqCst);
        self.served.send_modify(|served| {
            served.is_up = false;
            served.began = None;
            served.refused = served.refused.max(asked);
        });
    }

    fn tell(&self, mut each: impl FnMut(&dyn Watcher)) {
        let watchers: Vec<_> = self
            .watchers
            .lock()
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        for watcher in watchers {
            each(&*watcher);
        }
    }
}

/// Follows the change log until the engine ends.
pub(super) async fn follow(shared: Arc<Shared>) {
    loop {
        if let Err(error) = follow_once(&shared).await {
            tracing::debug!(%error, "the changes of other nodes cannot be followed");
        }
        shared.freshness.refuse();
        if shared.health.check().is_err() {
            return;
        }
        sleep(RETRY_PAUSE).await;
    }
}

/// Follows the change log over one connection, until that is lost.
async fn follow_once(shared: &Arc<Shared>) -> Result<(), StoreError> {
    let mut poller = Poller::new(shared, &shared.pool).await?;
    let freshness = &shared.freshness;
    loop {
        if shared.health.check().is_err() {
            poller.session.take_leave();
            return Ok(());
        }
        let asked = freshness.asked.load(Ordering::SeqCst);
        let began = Instant::now();
        poller.poll().await?;
        freshness.served.send_modify(|served| {
            served.is_up = true;
            served.answered = asked;
            served.began = Some(began);
        });
        poller.prune_at_times();
        tokio::select! {
            () = freshness.wake.notified() => {}
            () = sleep(IDLE_POLL) => {}
        }
    }
}

struct Poller<'a> {
    shared: &'a Arc<Shared>,
    session: Session,
    seen: Snapshot,
    /// When it was last polled, by both clocks.
    last: (Instant, i64),
    /// The lower ends of earlier snapshots, the oldest first.
    samples: VecDeque<(Instant, String)>,
}

/// A snapshot of the database.
struct Snapshot {
    text: String,
    /// The lowest number of a transaction that was under way.
    low: String,
    /// When it was taken, in milliseconds by the database's clock.
    at: i64,
}

impl<'a> Poller<'a> {
    async fn new(shared: &'a Arc<Shared>, pool: &Pool) -> Result<Self, StoreError> {
        let mut session = pool.dial().await?;
        let seen = baseline(&mut session, shared).await?;
        shared.freshness.tell(|watcher| watcher.anything());
        Ok(Self {
            last: (Instant::now(), seen.at),
            samples: VecDeque::new(),
            session,
            seen,
            shared,
        })
    }

    async fn poll(&mut self) -> Result<(), StoreError> {
        let now = Instant::now();
        let step = Step::rows(
            POLL,
            vec![
                Param::Text(self.seen.low.clone()),
                Param::Text(self.seen.text.clone()),
            ],
        );
        let limit = self.shared.options().call_timeout();
        let answer = self
            .session
            .ask(&step, limit)
            .await
            .map_err(Trouble::into_error)?;
        let rows = answer.rows();
        let seen = rows.first().and_then(Snapshot::of);
        let seen = seen.ok_or_else(|| unavailable("a poll had no answer"))?;
        let gap = millis(now.duration_since(self.last.0)).max(seen.at.saturating_sub(self.last.1));
        self.last = (now, seen.at);
        self.seen = seen;
        if gap > millis(self.shared.options().changes_kept) / 2 {
            // Rows may have been removed that nobody here has seen.
            self.shared.freshness.tell(|watcher| watcher.anything());
            return Ok(());
        }
        for row in rows {
            self.apply(row);
        }
        Ok(())
    }

    fn apply(&self, row: &tokio_postgres::Row) {
        let instance = bytes_of(row, 3);
        // This node's own commits have told the cache themselves.
        if instance.is_empty() || instance == self.shared.instance {
            return;
        }
        match changes::decoded(&bytes_of(row, 4)) {
            Some(places) => {
                for (kind, key) in &places {
                    self.shared
                        .freshness
                        .tell(|watcher| watcher.changed(kind, key));
                }
            }
            None => self.shared.freshness.tell(|watcher| watcher.anything()),
        }
    }

    /// Removes rows that every node has seen: those whose transactions had ended when a snapshot was
    /// taken so long ago.
    fn prune_at_times(&mut self) {
        let now = Instant::now();
        let kept = self.shared.options().changes_kept;
        let is_due = self
            .samples
            .back()
            .is_none_or(|(taken, _)| now.duration_since(*taken) >= kept / SAMPLES);
        if !is_due {
            return;
        }
        self.samples.push_back((now, self.seen.low.clone()));
        let mut below = None;
        while let Some((taken, low)) = self.samples.front()
            && now.duration_since(*taken) >= kept
        {
            below = Some(low.clone());
            self.samples.pop_front();
        }
        if let Some(below) = below {
            self.shared
                .handle
                .spawn(prune(Arc::clone(self.shared), below));
        }
    }
}

impl Snapshot {
    fn of(row: &tokio_postgres::Row) -> Option<Self> {
        Some(Self {
            text: plain_of(row, 0)?.to_owned(),
            low: plain_of(row, 1)?.to_owned(),
            at: int_of(row, 2)?,
        })
    }
}

async fn baseline(session: &mut Session, shared: &Shared) -> Result<Snapshot, StoreError> {
    let step = Step::rows(BASELINE, Vec::new());
    let answer = session.ask(&step, shared.options().call_timeout()).await;
    let answer = answer.map_err(Trouble::into_error)?;
    let snapshot = answer.rows().first().and_then(Snapshot::of);
    snapshot.ok_or_else(|| unavailable("the database did not tell its snapshot"))
}

/// Removes rows of transactions whose numbers are below `below`, some at a time.
async fn prune(shared: Arc<Shared>, below: String) {
    loop {
        let Ok(mut lent) = shared.pool.lend().await else {
            return;
        };
        let params = vec![Param::Text(below.clone()), Param::Int(PRUNED_AT_ONCE)];
        let step = Step::count(PRUNE, params);
        let limit = shared.options().call_timeout();
        match lent.session.ask(&step, limit).await {
            Ok(super::session::Answer::Count(count)) => {
                lent.give_back();
                if i64::try_from(count).unwrap_or(0) < PRUNED_AT_ONCE {
                    return;
                }
            }
            Err(Trouble::Lost(_)) => return lent.discard(),
            _ => return lent.give_back(),
        }
    }
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Samples of the lower end are so many times closer than rows are kept.
const SAMPLES: u32 = 10;
const PRUNED_AT_ONCE: i64 = 5_000;
/// Caches that nobody looks into hear of changes all the same.
const IDLE_POLL: Duration = Duration::from_millis(500);
const RETRY_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_STALENESS: Duration = Duration::from_secs(1);
const BASELINE: &str = "SELECT s.now::text, pg_snapshot_xmin(s.now)::text, \
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint \
    FROM (SELECT pg_current_snapshot() AS now OFFSET 0) AS s";
const POLL: &str = "SELECT s.now::text, pg_snapshot_xmin(s.now)::text, \
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint, c.instance, c.changes \
    FROM (SELECT pg_current_snapshot() AS now OFFSET 0) AS s \
    LEFT JOIN change_log AS c ON c.xid >= $1::text::xid8 \
        AND NOT pg_visible_in_snapshot(c.xid, $2::text::pg_snapshot) AND NOT c.is_fence";
const PRUNE: &str = "DELETE FROM change_log WHERE token = ANY (ARRAY( \
    SELECT token FROM change_log WHERE xid < $1::text::xid8 ORDER BY xid LIMIT $2 \
    FOR UPDATE SKIP LOCKED))";
