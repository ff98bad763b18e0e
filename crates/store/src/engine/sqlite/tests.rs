use super::*;
use crate::engine::sql::{Dialect, Statements};
use crate::engine::{Change, Observer, Write};
use crate::{Column, Query, Rev, key};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::sync::atomic::Ordering;
use tempfile::TempDir;

mod failures;

static KIND: Kind = Kind {
    name: "test_item",
    service: "test",
    version: 1,
    key: &[Column::text("name")],
    columns: &[],
    indexes: &[],
    cached: true,
};

struct Bench {
    engine: Arc<Sqlite>,
    dir: TempDir,
    /// What the observers were told, in order.
    told: Arc<Mutex<Vec<String>>>,
}

struct Teller(String, Arc<Mutex<Vec<String>>>);

impl Observer for Teller {
    fn before(&mut self) {
        self.1.lock().push(format!("before {}", self.0));
    }

    fn after(&mut self, committed: bool) {
        self.1.lock().push(format!("after {} {committed}", self.0));
    }
}

impl Bench {
    fn new() -> Self {
        Self::with(&SqliteOptions::default())
    }

    fn with(options: &SqliteOptions) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let engine = Sqlite::open(&dir.path().join("store.db"), options).unwrap();
        engine.prepare(&[&KIND]).unwrap();
        engine.health.batches.store(0, Ordering::Relaxed);
        Self {
            engine: Arc::new(engine),
            dir,
            told: Arc::default(),
        }
    }

    fn job(&self, name: &str, change: Change) -> Commit {
        let write = Write {
            kind: &KIND,
            key: key![name],
            change,
        };
        Commit {
            reads: Vec::new(),
            writes: vec![write],
            counts: Vec::new(),
            outbox: Vec::new(),
            observer: Box::new(Teller(name.to_owned(), Arc::clone(&self.told))),
        }
    }

    fn insert(&self, name: &str) -> Commit {
        self.job(
            name,
            Change::Insert {
                row: row(name, 1, 10),
            },
        )
    }

    fn update(&self, name: &str, was: i64) -> Commit {
        let row = row(name, was + 1, 10);
        self.job(name, Change::Update { row, was: Rev(was) })
    }

    /// Runs `call` on the writer's thread, with its connection.
    async fn on_writer(&self, call: impl FnOnce(&mut Connection) + Send + 'static) {
        let work = Work::Run(Box::new(call));
        self.engine.write(work).await.unwrap();
    }

    /// Sends all of `commits` so that they wait for the writer together.
    async fn together(&self, commits: Vec<(&str, Commit)>) -> Vec<Result<Vec<u64>, StoreError>> {
        let (release, gate) = mpsc::channel::<()>();
        let held = Work::Run(Box::new(move |_| {
            let _ = gate.recv();
        }));
        let (reply, work) = (Box::new(|_| {}), held);
        self.engine.jobs.send(Job { work, reply }).unwrap();
        let mut answers = Vec::new();
        for (_, commit) in commits {
            let (sender, receiver) = tokio::sync::oneshot::channel();
            let reply: Reply = Box::new(move |answer| sender.send(answer).unwrap());
            let work = Work::Commit(commit);
            self.engine.jobs.send(Job { work, reply }).unwrap();
            answers.push(receiver);
        }
        release.send(()).unwrap();
        let mut results = Vec::new();
        for answer in answers {
            results.push(answer.await.unwrap());
        }
        results
    }

    async fn rev(&self, name: &str) -> Option<i64> {
        let row = self.engine.get(&KIND, &key![name]).await.unwrap();
        row.map(|row| row.rev.0)
    }

    fn batches(&self) -> u64 {
        self.engine.health.batches.load(Ordering::Relaxed)
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock())
    }
}

fn row(name: &str, rev: i64, size: usize) -> Row {
    Row {
        key: key![name],
        rev: Rev(rev),
        columns: Vec::new(),
        body: vec![7; size],
    }
}

#[tokio::test]
async fn jobs_that_wait_together_share_one_commit() {
    let bench = Bench::new();
    let names: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    let commits = names.iter().map(|name| (name.as_str(), bench.insert(name)));

    let answers = bench.together(commits.collect()).await;

    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(bench.engine.health.commits.load(Ordering::Relaxed), 50);
    assert_eq!(bench.batches(), 1);
}

#[tokio::test]
async fn a_batch_is_no_larger_than_allowed() {
    let bench = Bench::with(&SqliteOptions {
        batch: 8,
        ..SqliteOptions::default()
    });
    let names: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let commits = names.iter().map(|name| (name.as_str(), bench.insert(name)));

    let answers = bench.together(commits.collect()).await;

    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(bench.batches(), 3);
}

#[tokio::test]
async fn jobs_of_one_batch_see_each_other() {
    let bench = Bench::new();
    let commits = vec![
        ("x", bench.insert("x")),
        ("x", bench.update("x", 1)),
        ("x", bench.update("x", 1)),
        ("x", bench.update("x", 2)),
    ];

    let answers = bench.together(commits).await;

    assert!(matches!(
        answers.as_slice(),
        [Ok(_), Ok(_), Err(StoreError::Conflict), Ok(_)]
    ));
    assert_eq!(bench.rev("x").await, Some(3));
    assert_eq!(bench.batches(), 1);
}

#[tokio::test]
async fn a_refused_job_takes_nothing_with_it_and_is_not_observed() {
    let bench = Bench::new();
    let mut refused = bench.insert("b");
    refused.writes.extend(bench.update("none", 1).writes);
    let commits = vec![
        ("a", bench.insert("a")),
        ("b", refused),
        ("c", bench.insert("c")),
    ];

    let answers = bench.together(commits).await;

    assert!(matches!(
        answers.as_slice(),
        [Ok(_), Err(StoreError::Conflict), Ok(_)]
    ));
    assert_eq!(bench.rev("b").await, None);
    assert_eq!(
        bench.told(),
        ["before a", "before c", "after a true", "after c true"]
    );
}

#[tokio::test]
async fn a_batch_of_refusals_commits_nothing() {
    let bench = Bench::new();

    let answer = bench.engine.commit(bench.update("none", 1)).await;

    assert!(matches!(answer, Err(StoreError::Conflict)));
    assert_eq!(bench.batches(), 0);
    assert_eq!(bench.told(), Vec::<String>::new());
}

#[tokio::test]
async fn the_log_is_moved_into_the_database_and_starts_anew() {
    let bench = Bench::with(&SqliteOptions {
        checkpoint_pages: 20,
        ..SqliteOptions::default()
    });

    for n in 0..400 {
        let name = n.to_string();
        bench.engine.commit(bench.insert(&name)).await.unwrap();
    }

    let size = |name: &str| {
        std::fs::metadata(bench.dir.path().join(name))
            .unwrap()
            .len()
    };
    // 400 commits of two pages or more would take ten times that.
    assert!(
        size("store.db-wal") < 80 * 4_120,
        "{}",
        size("store.db-wal")
    );
    assert!(size("store.db") > 4 * 4_096);
}

#[tokio::test]
async fn durability_does_not_rest_on_defaults() {
    let bench = Bench::new();
    bench
        .on_writer(|connection| {
            let text = |name: &str| {
                let value = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
                let value = connection.pragma_query_value(None, name, value).unwrap();
                format!("{value:?}")
            };
            assert_eq!(text("journal_mode"), r#"Text("wal")"#);
            assert_eq!(text("synchronous"), "Integer(2)");
            assert_eq!(text("foreign_keys"), "Integer(1)");
            assert_eq!(text("wal_autocheckpoint"), "Integer(0)");
            assert_eq!(text("cell_size_check"), "Integer(1)");
            assert_eq!(text("trusted_schema"), "Integer(0)");
        })
        .await;
}

#[tokio::test]
async fn a_read_connection_cannot_write() {
    let bench = Bench::new();

    let answer = bench.engine.readers.with(|connection| {
        let written = connection.execute("DELETE FROM test_item", []);
        written.map_err(refusal)
    });

    assert!(matches!(answer, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn statistics_do_not_make_statements_be_planned_anew() {
    let bench = Bench::new();
    bench.engine.commit(bench.insert("a")).await.unwrap();
    bench
        .on_writer(|connection| connection.execute_batch("ANALYZE").unwrap())
        .await;

    let replans = bench.engine.readers.with(|connection| {
        let statements = Statements::of(Dialect::Sqlite, &KIND);
        let mut get = connection.prepare(&statements.get).map_err(refusal)?;
        for name in ["a", "b", "c"] {
            let _ = get.exists([name]).map_err(refusal)?;
        }
        Ok(get.get_status(rusqlite::StatementStatus::RePrepare))
    });

    assert_eq!(replans.unwrap(), 0);
}

#[tokio::test]
async fn idle_connections_are_few_and_used_again() {
    let bench = Bench::with(&SqliteOptions {
        idle_readers: 1,
        ..SqliteOptions::default()
    });
    let plan = Plan::resolve(&KIND, &Query::primary(1)).unwrap();

    let nested = bench.engine.readers.with(|_| {
        bench
            .engine
            .readers
            .with(|inner| row::query(inner, &plan).map_err(refusal))
    });

    assert!(nested.unwrap().is_empty());
    assert!(bench.rev("a").await.is_none());
    bench.engine.close().await.unwrap();
    bench.engine.close().await.unwrap();
    let key = key!["a"];
    let answer = bench.engine.get(&KIND, &key).await;
    assert!(matches!(answer, Err(StoreError::Closed)));
}

#[tokio::test]
async fn a_job_nobody_waits_for_is_done_all_the_same() {
    let bench = Bench::new();
    let commit = bench.engine.commit(bench.insert("a"));

    let polled = tokio::time::timeout(std::time::Duration::ZERO, commit).await;
    // Written in the same batch or a later one, and answered after its commit.
    bench.engine.put_meta("later", None, b"").await.unwrap();

    assert!(polled.is_err() || bench.batches() == 1);
    assert_eq!(bench.rev("a").await, Some(1));
    assert_eq!(bench.told(), ["before a", "after a true"]);
}
