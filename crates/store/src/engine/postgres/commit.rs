//! A transaction from its first statement to a known outcome.
//!
//! One round trip sends everything from `BEGIN ISOLATION LEVEL SERIALIZABLE` to the row of the change
//! log, a second one `COMMIT`. Rules kept here:
//!
//! - What the transaction read is read again inside the database's transaction, which is
//!   serializable, so what held there holds for the whole. When PostgreSQL finds two transactions in
//!   each other's way, or thinks so, this one runs again, here and not at the caller's: a caller sees
//!   `Conflict` only for something that did change, or after [`PostgresOptions::retry_timeout`].
//! - An answer to `COMMIT` that did not come says nothing. Each run therefore writes a random token
//!   into the change log, and [`resolve`](super::resolve) finds out with it.
//! - A `COMMIT` is not cut short: the server would acknowledge what no standby has. If somebody does
//!   so all the same, the server says it in a notice, and the outcome counts as unknown.

use super::plan::Plan;
use super::pool::Lent;
use super::resolve::Fate;
use super::session::{Session, Step};
use super::trouble::{Trouble, described, ends_session};
use super::value::{Param, int_of};
use super::{PostgresOptions, Shared};
use crate::engine::Observer;
use crate::{Cause, StoreError};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// The random number that a run is known by.
pub(super) type Token = [u8; 16];

/// What became of one run.
enum Ended {
    Committed(Vec<u64>),
    /// Surely not committed.
    Not(Trouble),
    /// `COMMIT` was sent, and no answer to it came that can be believed.
    Unknown(Doubt),
}

/// A run whose outcome is not known.
pub(super) struct Doubt {
    pub(super) token: Token,
    /// When it began, in milliseconds by the database's clock.
    pub(super) began: i64,
    pub(super) cause: String,
    numbers: Vec<u64>,
}

/// An observer that is told of the whole transaction, however often it runs.
pub(super) struct Told {
    observer: Box<dyn Observer>,
    is_begun: bool,
}

impl Told {
    pub(super) fn new(observer: Box<dyn Observer>) -> Self {
        Self {
            observer,
            is_begun: false,
        }
    }

    fn before(&mut self) {
        if !self.is_begun {
            self.is_begun = true;
            self.observer.before();
        }
    }

    pub(super) fn after(mut self, committed: bool) {
        if self.is_begun {
            self.observer.after(committed);
        }
    }
}

impl Shared {
    /// Runs a transaction until its outcome is known, or cannot be found out in time.
    pub(super) async fn transact(
        self: Arc<Self>,
        plan: Plan,
        mut told: Told,
    ) -> Result<Vec<u64>, StoreError> {
        let until = Instant::now() + self.options().retry_timeout;
        let lanes = timeout(
            self.options().retry_timeout,
            self.lanes.enter(&plan.counters),
        )
        .await;
        let Ok(_lanes) = lanes else {
            return Err(StoreError::Conflict);
        };
        let mut losses = 0_u32;
        let mut run = 0_u32;
        loop {
            let trouble = match self.attempt(&plan, &mut told).await {
                Ended::Committed(numbers) => return Ok(self.committed(told, numbers)),
                Ended::Not(trouble) => trouble,
                Ended::Unknown(doubt) => {
                    let limit = self.options().resolve_timeout;
                    match timeout(limit, self.resolve(&doubt)).await {
                        Ok(Fate::Committed) => return Ok(self.committed(told, doubt.numbers)),
                        Ok(Fate::NotCommitted) => Trouble::Lost(doubt.cause),
                        Ok(Fate::Forgotten) => {
                            told.after(false);
                            return Err(StoreError::Unknown(Cause::from(doubt.cause)));
                        }
                        Err(_) => return Err(self.leave_unknown(doubt, told)),
                    }
                }
            };
            losses += u32::from(matches!(trouble, Trouble::Lost(_)));
            let is_over = run >= MOST_RUNS || losses > MOST_LOSSES || Instant::now() >= until;
            if is_over || !matches!(trouble, Trouble::Again(_) | Trouble::Lost(_)) {
                told.after(false);
                return Err(trouble.into_error());
            }
            sleep(self.pause(run)).await;
            run += 1;
        }
    }

    fn committed(&self, told: Told, numbers: Vec<u64>) -> Vec<u64> {
        told.after(true);
        self.health.commits.fetch_add(1, Ordering::Relaxed);
        self.health.batches.fetch_add(1, Ordering::Relaxed);
        numbers
    }

    /// The places stay shut in the cache until the outcome is known, which is found out without
    /// anybody waiting for it.
    fn leave_unknown(self: &Arc<Self>, doubt: Doubt, told: Told) -> StoreError {
        let cause = Cause::from(doubt.cause.clone());
        tracing::warn!(
            cause = doubt.cause,
            "the outcome of a commit is not known yet"
        );
        let shared = Arc::clone(self);
        self.handle.spawn(async move {
            let fate = shared.resolve(&doubt).await;
            tracing::info!(?fate, "the outcome of a commit became known");
            told.after(matches!(fate, Fate::Committed));
        });
        StoreError::Unknown(cause)
    }

    /// A short time that differs from run to run and from one to the other.
    fn pause(&self, run: u32) -> Duration {
        let [chance, ..] = self.token();
        let longest = FIRST_PAUSE
            .saturating_mul(1 << run.min(6))
            .min(LONGEST_PAUSE);
        longest / 4 + longest.mul_f64(f64::from(chance) / 341.0)
    }

    pub(super) fn token(&self) -> Token {
        let mut token = Token::default();
        self.entropy.fill_public(&mut token);
        token
    }

    async fn attempt(&self, plan: &Plan, told: &mut Told) -> Ended {
        let mut lent = match self.pool.lend().await {
            Ok(lent) => lent,
            Err(error) => return Ended::Not(Trouble::Refused(error)),
        };
        let token = self.token();
        match self.stage(&mut lent.session, plan, token).await {
            Ok((numbers, began)) => {
                told.before();
                let doubt = |cause| Doubt {
                    token,
                    began,
                    cause,
                    numbers: numbers.clone(),
                };
                match commit(&mut lent.session, plan, self.options()).await {
                    Ok(()) => {
                        // One that was lost meanwhile is not taken back.
                        lent.give_back();
                        Ended::Committed(numbers)
                    }
                    Err(Uncommitted::Surely(trouble)) => {
                        self.go_back(lent, plan, &trouble).await;
                        Ended::Not(trouble)
                    }
                    Err(Uncommitted::Perhaps(cause)) => {
                        lent.discard();
                        Ended::Unknown(doubt(cause))
                    }
                }
            }
            Err(trouble) => {
                self.go_back(lent, plan, &trouble).await;
                Ended::Not(trouble)
            }
        }
    }

    /// Does everything but `COMMIT`. Gives the outbox's numbers and when the transaction began.
    async fn stage(
        &self,
        session: &mut Session,
        plan: &Plan,
        token: Token,
    ) -> Result<(Vec<u64>, i64), Trouble> {
        let note = [Step::rows(
            NOTE,
            vec![
                Param::Bytes(token.to_vec()),
                Param::Bytes(self.instance.to_vec()),
                Param::Text(self.options().node.clone()),
                Param::Bytes(plan.changes.clone()),
            ],
        )];
        let opening = self.opening(&plan.counters);
        let groups: [&[Step]; 3] = [&opening, &plan.steps, &note];
        let steps: Vec<&Step> = groups.into_iter().flatten().collect();
        let answers = session.run(&steps, self.options().call_timeout()).await?;
        let (opened, rest) = answers.split_at(opening.len().min(answers.len()));
        if let Some(Err(error)) = opened.iter().find(|answer| answer.is_err()) {
            return Err(Trouble::of(error));
        }
        let numbers = plan.judge(rest)?;
        let noted = match rest.last() {
            Some(Ok(answer)) => answer.rows().first().and_then(|row| int_of(row, 0)),
            Some(Err(error)) => return Err(Trouble::of(error)),
            None => None,
        };
        let began = noted.ok_or_else(|| Trouble::Lost(String::from("the change was not noted")))?;
        Ok((numbers, began))
    }

    /// Locks for the counters, and then the transaction: its snapshot is taken when no other node's
    /// transaction counts any of them, so that theirs is not in its way.
    fn opening(&self, counters: &[String]) -> Vec<Step> {
        let lock = |counter: &String| {
            let name = format!("{}/{counter}", self.options().schema);
            Step::rows(LOCK, vec![Param::Text(name)])
        };
        let begin = Step::command("BEGIN ISOLATION LEVEL SERIALIZABLE");
        counters.iter().map(lock).chain([begin]).collect()
    }

    /// Undoes a transaction, and leaves its connection to others.
    async fn go_back(&self, mut lent: Lent, plan: &Plan, trouble: &Trouble) {
        if matches!(trouble, Trouble::Lost(_)) {
            return lent.discard();
        }
        let mut steps = vec![Step::command("ROLLBACK")];
        if !plan.counters.is_empty() {
            steps.push(Step::command(UNLOCK));
        }
        let steps: Vec<&Step> = steps.iter().collect();
        let limit = self.options().call_timeout();
        match lent.session.run(&steps, limit).await {
            Ok(answers) if answers.iter().all(Result::is_ok) => lent.give_back(),
            _ => lent.discard(),
        }
    }
}

/// Why there is no answer that says that a transaction is committed.
enum Uncommitted {
    Surely(Trouble),
    Perhaps(String),
}

async fn commit(
    session: &mut Session,
    plan: &Plan,
    options: &PostgresOptions,
) -> Result<(), Uncommitted> {
    let (commit, unlock) = (Step::command(COMMIT), Step::command(UNLOCK));
    let mut steps = vec![&commit];
    if !plan.counters.is_empty() {
        steps.push(&unlock);
    }
    // What came before the commit was of another.
    session.was_unreplicated();
    let answers = session.run(&steps, options.commit_timeout).await;
    let answers = answers.map_err(|trouble| match trouble {
        Trouble::Lost(cause) => Uncommitted::Perhaps(cause),
        other => Uncommitted::Perhaps(other.into_error().to_string()),
    })?;
    let Some(committed) = answers.first() else {
        return Err(Uncommitted::Perhaps(String::from("an answer is missing")));
    };
    if let Err(error) = committed {
        // An error that is not the server's last word is the answer: it went back.
        return Err(match error.as_db_error() {
            Some(refusal) if !ends_session(refusal) => Uncommitted::Surely(Trouble::of(error)),
            _ => Uncommitted::Perhaps(described(error)),
        });
    }
    if session.was_unreplicated() {
        return Err(Uncommitted::Perhaps(String::from(
            "the wait for a standby was cut short",
        )));
    }
    Ok(())
}

impl PostgresOptions {
    /// How long a round trip may take before the server counts as gone.
    pub(super) fn call_timeout(&self) -> Duration {
        self.statement_timeout
            .saturating_add(self.lock_timeout)
            .saturating_add(Duration::from_secs(1))
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        trouble.into_error()
    }
}

const LOCK: &str = "SELECT pg_advisory_lock(hashtextextended($1, 1))::text";
const UNLOCK: &str = "SELECT pg_advisory_unlock_all()";
/// Gives the moment at which the transaction began.
const NOTE: &str = "INSERT INTO change_log (token, instance, node, changes) \
    VALUES ($1, $2, $3, $4) RETURNING (extract(epoch FROM now()) * 1000)::bigint";
/// The statement's own time does not cut the wait for a standby short.
const COMMIT: &str = "SET LOCAL statement_timeout TO 0; COMMIT";
const MOST_RUNS: u32 = 100;
/// Connections that lay idle may all be gone, and the first one lost takes the others with it.
const MOST_LOSSES: u32 = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
