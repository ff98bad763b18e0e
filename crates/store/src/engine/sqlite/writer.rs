//! The writer: one thread that owns the only connection which writes.
//!
//! Group commit: whatever waits in the channel becomes one physical transaction, a savepoint per
//! job, so that one fsync makes all of it durable and a job that is refused takes nothing with it.
//! Jobs of one batch see each other's changes and are validated against them.
//!
//! INVARIANT: a job is answered only after the physical commit of its batch, or after it is
//! certain that there will be none. An I/O error leaves it unknown what is on disk: the store
//! fails for good, the thread ends, and nothing is tried again in this process. A full disk is
//! not such an error: the batch is rolled back and a later one may succeed.

use super::{SqliteOptions, refusal, schema};
use crate::engine::sql::Registry;
use crate::engine::{Commit, Health};
use crate::{Cause, Kind, StoreError};
use apply::Refusal;
use rusqlite::{Connection, ErrorCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

mod apply;

/// Something to be written, and whom to tell.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) reply: Reply,
}

/// Takes the answer to a job: the numbers of its outbox entries, if it has any.
pub(super) type Reply = Box<dyn FnOnce(Answer) + Send>;
type Answer = Result<Vec<u64>, StoreError>;

/// What a job writes.
pub(super) enum Work {
    Commit(Commit),
    OutboxDone(Vec<u64>),
    PutMeta {
        name: String,
        expected: Option<Vec<u8>>,
        value: Vec<u8>,
    },
    Prepare(Vec<&'static Kind>),
    Close,
    #[cfg(test)]
    Run(Box<dyn FnOnce(&mut Connection) + Send>),
}

/// Starts the thread. It ends when told to close, when the sender is gone, or when it fails.
pub(super) fn start(
    mut connection: Connection,
    options: &SqliteOptions,
    registry: Arc<Registry>,
    health: Arc<Health>,
) -> Result<Sender<Job>, StoreError> {
    let log_pages = Arc::new(AtomicU32::new(0));
    let hook = Arc::clone(&log_pages);
    connection
        .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
            hook.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))
        .map_err(refusal)?;
    let (sender, jobs) = channel();
    let writer = Writer {
        connection,
        jobs,
        registry,
        health,
        log_pages,
        last_pages: 0,
        checkpoint_at: options.checkpoint_pages,
        options: options.clone(),
    };
    thread::Builder::new()
        .name(String::from("store-writer"))
        .spawn(move || writer.run())
        .map_err(|error| StoreError::Unavailable(Cause::from(error)))?;
    Ok(sender)
}

struct Writer {
    connection: Connection,
    jobs: Receiver<Job>,
    registry: Arc<Registry>,
    health: Arc<Health>,
    /// The length of the write-ahead log after the last commit.
    log_pages: Arc<AtomicU32>,
    /// Its length when it was looked at before.
    last_pages: u32,
    /// The length at which the next checkpoint is due.
    checkpoint_at: u32,
    options: SqliteOptions,
}

/// A job of the current batch and what became of it so far.
struct Attempt {
    work: Work,
    reply: Reply,
    answer: Answer,
}

impl Writer {
    fn run(mut self) {
        // A panic must not look like an idle writer.
        let ending = FailUnlessClosed(Arc::clone(&self.health));
        while let Ok(first) = self.jobs.recv() {
            let waiting = self.jobs.try_iter();
            let batch: Vec<Job> = [first]
                .into_iter()
                .chain(waiting.take(self.options.batch.saturating_sub(1)))
                .collect();
            let closes = self.write(batch);
            if closes.is_none() && !self.health.has_failed() {
                self.checkpoint();
            }
            if self.health.has_failed() {
                if let Some(reply) = closes {
                    reply(Err(StoreError::Failed));
                }
                return self.refuse_rest(|| StoreError::Failed);
            }
            if let Some(reply) = closes {
                return self.close(reply);
            }
        }
        // Every sender is gone: the store was dropped without being closed.
        self.health.close();
        self.shut();
        drop(ending);
    }

    /// Makes one batch durable. Gives back the reply of a job that closes the store.
    fn write(&mut self, batch: Vec<Job>) -> Option<Reply> {
        let mut closes = None;
        let mut jobs = Vec::with_capacity(batch.len());
        for job in batch {
            match job.work {
                Work::Close => closes = Some(job.reply),
                #[cfg(test)]
                Work::Run(call) => {
                    call(&mut self.connection);
                    (job.reply)(Ok(Vec::new()));
                }
                work => jobs.push((work, job.reply)),
            }
        }
        if !jobs.is_empty() {
            let mut attempts = self.attempt(jobs);
            if attempts.iter().any(|attempt| attempt.answer.is_ok()) {
                self.commit(&mut attempts);
            } else {
                self.roll_back();
            }
            for attempt in attempts {
                (attempt.reply)(attempt.answer);
            }
        }
        closes
    }

    /// Runs every job inside one transaction that is still open afterwards, unless no answer is
    /// a success.
    fn attempt(&mut self, jobs: Vec<(Work, Reply)>) -> Vec<Attempt> {
        let begun = self.execute("BEGIN IMMEDIATE");
        let mut lost = begun.err().map(|error| self.judge(&error));
        let mut attempts: Vec<Attempt> = Vec::with_capacity(jobs.len());
        for (work, reply) in jobs {
            let answer = match &lost {
                Some(loss) => Err(loss.to_error()),
                None => match self.in_savepoint(&work) {
                    Ok(seqs) => Ok(seqs),
                    Err(Refusal::Store(error)) => Err(error),
                    Err(Refusal::Sqlite(error)) => {
                        let loss = self.judge(&error);
                        let answer = Err(loss.to_error());
                        // SQLite itself rolls everything back after some errors.
                        if self.connection.is_autocommit() || self.health.has_failed() {
                            for earlier in attempts.iter_mut().filter(|a| a.answer.is_ok()) {
                                earlier.answer = Err(loss.to_error());
                            }
                            lost = Some(loss);
                        }
                        answer
                    }
                },
            };
            attempts.push(Attempt {
                work,
                reply,
                answer,
            });
        }
        attempts
    }

    fn in_savepoint(&self, work: &Work) -> Result<Vec<u64>, Refusal> {
        self.execute("SAVEPOINT job")?;
        let answer = apply::work(&self.connection, &self.registry, work);
        if answer.is_err() && !self.connection.is_autocommit() {
            self.execute("ROLLBACK TO job")?;
        }
        if !self.connection.is_autocommit() {
            self.execute("RELEASE job")?;
        }
        answer
    }

    /// The physical commit, told to the observers of all that succeeded.
    fn commit(&mut self, attempts: &mut [Attempt]) {
        let mut observed: Vec<&mut Attempt> = attempts
            .iter_mut()
            .filter(|attempt| attempt.answer.is_ok())
            .collect();
        for attempt in &mut observed {
            if let Work::Commit(commit) = &mut attempt.work {
                commit.observer.before();
            }
        }
        let loss = match self.execute("COMMIT") {
            Ok(()) => None,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                self.roll_back();
                Some(Loss::Full)
            }
            Err(error) => {
                // What is on disk is not known, so the observers are not told either.
                self.fail(&error);
                for attempt in observed {
                    attempt.answer = Err(StoreError::Unknown(Cause::from(error.to_string())));
                }
                return;
            }
        };
        let mut commits = 0;
        for attempt in observed {
            if let Work::Commit(commit) = &mut attempt.work {
                commit.observer.after(loss.is_none());
                commits += u64::from(loss.is_none());
            }
            if let Some(loss) = &loss {
                attempt.answer = Err(loss.to_error());
            }
        }
        self.health.commits.fetch_add(commits, Ordering::Relaxed);
        self.health
            .batches
            .fetch_add(u64::from(commits > 0), Ordering::Relaxed);
    }

    fn roll_back(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            self.fail(&error);
        }
    }

    /// Moves the log into the database when it has become long. Reads go on meanwhile; writes
    /// wait, which is why it is done here and after the answers.
    fn checkpoint(&mut self) {
        let limit = self.options.checkpoint_pages;
        let pages = self.log_pages.load(Ordering::Relaxed);
        if pages < self.last_pages {
            // The log has started anew.
            self.checkpoint_at = limit;
        }
        self.last_pages = pages;
        if pages < self.checkpoint_at {
            return;
        }
        // The log starts anew with a later commit, once no reader needs its pages; until then it
        // grows on, and is not to be checkpointed after every commit.
        self.checkpoint_at = pages.saturating_add(limit / 4);
        // A log that readers have kept from starting anew for long is worth waiting for them.
        let moved = if pages > limit.saturating_mul(LONG_LOG) {
            self.run_checkpoint("PRAGMA wal_checkpoint(RESTART)")
        } else {
            self.run_checkpoint("PRAGMA wal_checkpoint(PASSIVE)")
        };
        if let Err(error) = moved {
            self.judge(&error);
        }
    }

    /// Writes wait meanwhile, so it waits for readers only a moment, whatever they are.
    fn run_checkpoint(&self, mode: &str) -> rusqlite::Result<()> {
        self.connection.busy_timeout(READERS_TIMEOUT)?;
        let moved = self.connection.query_row(mode, [], |_| Ok(()));
        self.connection.busy_timeout(schema::BUSY_TIMEOUT)?;
        moved
    }

    fn close(mut self, reply: Reply) {
        self.health.close();
        self.refuse_rest(|| StoreError::Closed);
        self.shut();
        let failed = self.health.has_failed();
        drop(self);
        reply(if failed {
            Err(StoreError::Failed)
        } else {
            Ok(Vec::new())
        });
    }

    fn shut(&mut self) {
        // Everything acknowledged is in the log already, so failing here loses nothing.
        if let Err(error) = self.run_checkpoint("PRAGMA wal_checkpoint(TRUNCATE)") {
            self.judge(&error);
        }
    }

    fn refuse_rest(&self, error: impl Fn() -> StoreError) {
        for job in self.jobs.try_iter() {
            (job.reply)(Err(error()));
        }
    }

    fn execute(&self, text: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(text)?.execute([]).map(drop)
    }

    /// What an error outside of the physical commit means.
    fn judge(&self, error: &rusqlite::Error) -> Loss {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => {
                tracing::warn!("the disk of the database is full");
                Loss::Full
            }
            Some(ErrorCode::SystemIoFailure) => {
                self.fail(error);
                Loss::Other(error.to_string())
            }
            _ => {
                tracing::error!(%error, "the database refused to write");
                Loss::Other(error.to_string())
            }
        }
    }

    fn fail(&self, error: &rusqlite::Error) {
        tracing::error!(%error, "the database failed; the store takes no more calls");
        self.health.fail();
    }
}

/// Why a job was not committed, for as many jobs as it concerns.
enum Loss {
    Full,
    Other(String),
}

impl Loss {
    fn to_error(&self) -> StoreError {
        match self {
            Self::Full => StoreError::Full,
            Self::Other(text) => StoreError::Unavailable(Cause::from(text.clone())),
        }
    }
}

struct FailUnlessClosed(Arc<Health>);

impl Drop for FailUnlessClosed {
    fn drop(&mut self) {
        if self.0.check().is_ok() {
            self.0.fail();
        }
    }
}

/// A log of so many times the usual length makes the writer wait for readers.
const LONG_LOG: u32 = 8;
const READERS_TIMEOUT: Duration = Duration::from_millis(50);
