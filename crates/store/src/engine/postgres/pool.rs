//! Connections, lent to one call at a time.
//!
//! While the database is away, one call at a time tries to reach it and the others are refused at
//! once, so that nobody waits for what is known to fail.

use super::dial::Dialer;
use super::session::Session;
use super::trouble::unavailable;
use crate::StoreError;
use parking_lot::Mutex;
use std::mem;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// At most so many connections as there are permits.
pub(super) struct Pool {
    dialer: Arc<Dialer>,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Session>>,
    circuit: Mutex<Circuit>,
}

/// What is known of the way to the database.
#[derive(Default)]
struct Circuit {
    failures: u32,
    /// Nobody tries before this moment.
    shut_until: Option<Instant>,
    is_trying: bool,
    problem: String,
}

impl Pool {
    pub(super) fn new(dialer: Arc<Dialer>) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(dialer.options().connections.max(1))),
            dialer,
            idle: Mutex::default(),
            circuit: Mutex::default(),
        }
    }

    /// A connection for one call.
    pub(super) async fn lend(self: &Arc<Self>) -> Result<Lent, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = timeout(self.dialer.options().pool_timeout, permit)
            .await
            .map_err(|_| unavailable("no connection came free in time"))?
            .map_err(|_| StoreError::Closed)?;
        let idle = self.usable();
        let was_idle = idle.is_some();
        let session = match idle {
            Some(session) => session,
            None => self.dial().await?,
        };
        Ok(Lent {
            session,
            was_idle,
            pool: Arc::clone(self),
            _permit: permit,
        })
    }

    fn usable(&self) -> Option<Session> {
        let mut idle = self.idle.lock();
        idle.retain(|session| !session.is_closed());
        idle.pop()
    }

    /// A new connection, made with regard to what became of those before.
    pub(super) async fn dial(&self) -> Result<Session, StoreError> {
        let attempt = self.attempt()?;
        let dialled = self.dialer.dial().await;
        let mut circuit = self.circuit.lock();
        match dialled {
            Ok(session) => {
                if circuit.failures >= FAILURES_TOLD {
                    tracing::info!("the database is back");
                }
                *circuit = Circuit::default();
                drop(circuit);
                mem::drop(attempt);
                Ok(session)
            }
            Err(problem) => {
                circuit.failures = circuit.failures.saturating_add(1);
                if circuit.failures == FAILURES_TOLD {
                    tracing::warn!(problem, "the database is away");
                }
                let pause = FIRST_PAUSE.saturating_mul(1 << circuit.failures.min(8));
                circuit.shut_until = Some(Instant::now() + pause.min(LONGEST_PAUSE));
                circuit.problem.clone_from(&problem);
                drop(circuit);
                Err(unavailable(problem))
            }
        }
    }

    fn attempt(&self) -> Result<Attempt<'_>, StoreError> {
        let mut circuit = self.circuit.lock();
        let is_shut = circuit
            .shut_until
            .is_some_and(|until| Instant::now() < until);
        if circuit.failures >= FAILURES_TOLD && (is_shut || circuit.is_trying) {
            return Err(unavailable(circuit.problem.clone()));
        }
        circuit.is_trying = true;
        Ok(Attempt(self))
    }

    /// Forgets the idle connections: one like them turned out to be of no use.
    pub(super) fn suspect(&self) {
        let suspects = mem::take(&mut *self.idle.lock());
        drop(suspects);
    }

    /// Lends nothing any more, waits for what is lent, and ends all connections.
    pub(super) async fn close(&self, limit: Duration) {
        let all = u32::try_from(self.dialer.options().connections.max(1)).unwrap_or(u32::MAX);
        // The answer changes nothing: what has not come back by then ends with the thread.
        let _ = timeout(limit, self.permits.acquire_many(all)).await;
        self.permits.close();
        let idle = mem::take(&mut *self.idle.lock());
        idle.into_iter().for_each(Session::take_leave);
    }
}

struct Attempt<'a>(&'a Pool);

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.0.circuit.lock().is_trying = false;
    }
}

/// A connection in use. It ends when dropped, unless it is given back.
pub(super) struct Lent {
    pub(super) session: Session,
    /// Whether it lay idle, so that it may have been lost without anybody noticing.
    pub(super) was_idle: bool,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Lent {
    /// Leaves the connection, which is in no transaction, to the next call.
    pub(super) fn give_back(self) {
        let Self { session, pool, .. } = self;
        if !session.is_closed() && !pool.permits.is_closed() {
            pool.idle.lock().push(session);
        }
    }

    /// Ends the connection, and with it those that lie idle.
    pub(super) fn discard(self) {
        self.pool.suspect();
    }
}

/// One connection that could not be made says nothing of the next.
const FAILURES_TOLD: u32 = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
