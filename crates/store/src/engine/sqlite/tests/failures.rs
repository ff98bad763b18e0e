//! What is answered, and what is kept, when the disk or the writer fails.

use super::*;
use crate::engine::Count;

#[tokio::test]
async fn a_full_disk_refuses_writes_half_writes_nothing_and_passes() {
    let bench = Bench::new();
    bench.engine.commit(bench.insert("before")).await.unwrap();
    limit_pages(&bench, 2).await;
    let mut large = bench.insert("small");
    large.outbox.push(b"told".to_vec());
    large.counts.push(Count {
        name: String::from("things"),
        delta: 1,
        max: None,
    });
    large.writes.extend(
        bench
            .job(
                "large",
                Change::Insert {
                    row: row("large", 1, 1 << 20),
                },
            )
            .writes,
    );

    let answer = bench.engine.commit(large).await;

    assert!(matches!(answer, Err(StoreError::Full)), "{answer:?}");
    assert!(answer.unwrap_err().surely_not_committed());
    assert!(!bench.engine.health.has_failed());
    assert_eq!(bench.rev("before").await, Some(1));
    assert_eq!(bench.rev("small").await, None);
    assert_eq!(bench.engine.counter("things").await.unwrap(), 0);
    assert_eq!(bench.engine.outbox(9).await.unwrap(), []);

    limit_pages(&bench, 100_000).await;
    bench.engine.commit(bench.insert("small")).await.unwrap();
    assert_eq!(bench.rev("small").await, Some(1));
}

/// Leaves room for `spare` more pages.
async fn limit_pages(bench: &Bench, spare: i64) {
    bench
        .on_writer(move |connection| {
            let pages: i64 = connection
                .query_row("PRAGMA page_count", [], |row| row.get(0))
                .unwrap();
            connection
                .pragma_update_and_check(None, "max_page_count", pages + spare, |_| Ok(()))
                .unwrap();
        })
        .await;
}

#[tokio::test]
async fn one_job_that_fills_the_disk_does_not_acknowledge_its_neighbours_falsely() {
    let bench = Bench::new();
    limit_pages(&bench, 2).await;
    let large = Change::Insert {
        row: row("large", 1, 1 << 20),
    };
    let commits = vec![
        ("a", bench.insert("a")),
        ("large", bench.job("large", large)),
        ("c", bench.insert("c")),
    ];

    let answers = bench.together(commits).await;

    for (name, answer) in ["a", "large", "c"].into_iter().zip(&answers) {
        let stored = bench.rev(name).await.is_some();
        assert_eq!(answer.is_ok(), stored, "{name}");
        assert!(matches!(answer, Ok(_) | Err(StoreError::Full)), "{name}");
    }
    assert!(answers[1].is_err());
    assert!(bench.told().iter().all(|told| !told.contains("large")));
}

#[tokio::test]
async fn a_commit_that_fails_is_fatal_and_its_outcome_unknown() {
    let bench = Bench::new();
    bench.engine.commit(bench.insert("before")).await.unwrap();
    bench.told();
    bench
        .on_writer(|connection| connection.commit_hook(Some(|| true)).unwrap())
        .await;

    let answers = bench
        .together(vec![("a", bench.insert("a")), ("b", bench.insert("b"))])
        .await;

    for answer in answers {
        let error = answer.unwrap_err();
        assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
        assert!(!error.surely_not_committed());
    }
    // Nobody is told an outcome that is not known.
    assert_eq!(bench.told(), ["before a", "before b"]);
    bench.engine.health.until_failed().await;
    let failed = |answer: Option<StoreError>| matches!(answer, Some(StoreError::Failed));
    let key = key!["before"];
    assert!(failed(bench.engine.get(&KIND, &key).await.err()));
    assert!(failed(bench.engine.commit(bench.insert("c")).await.err()));
    assert!(failed(bench.engine.put_meta("m", None, b"").await.err()));
    assert!(failed(bench.engine.prepare(&[&KIND]).err()));
    assert!(failed(bench.engine.close().await.err()));
}

#[tokio::test]
async fn jobs_that_wait_when_the_store_fails_are_refused() {
    let bench = Bench::with(&SqliteOptions {
        batch: 1,
        ..SqliteOptions::default()
    });
    bench
        .on_writer(|connection| connection.commit_hook(Some(|| true)).unwrap())
        .await;

    let answers = bench
        .together(vec![("a", bench.insert("a")), ("b", bench.insert("b"))])
        .await;

    assert!(matches!(
        answers.as_slice(),
        [Err(StoreError::Unknown(_)), Err(StoreError::Failed)]
    ));
}

#[tokio::test]
async fn a_writer_that_panics_fails_the_store() {
    let bench = Bench::new();

    let answer = bench
        .engine
        .write(Work::Run(Box::new(|_| panic!("on purpose"))))
        .await;

    assert!(matches!(answer, Err(StoreError::Unknown(_))));
    bench.engine.health.until_failed().await;
    assert!(matches!(
        bench.engine.commit(bench.insert("a")).await,
        Err(StoreError::Failed)
    ));
}

#[tokio::test]
async fn a_lock_held_by_a_tool_refuses_but_does_not_fail() {
    let bench = Bench::new();
    bench
        .on_writer(|connection| connection.busy_timeout(std::time::Duration::ZERO).unwrap())
        .await;
    let tool = Connection::open(bench.dir.path().join("store.db")).unwrap();
    tool.execute_batch("BEGIN IMMEDIATE").unwrap();

    let refused = bench.engine.commit(bench.insert("a")).await;
    tool.execute_batch("ROLLBACK").unwrap();
    let accepted = bench.engine.commit(bench.insert("a")).await;

    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    assert!(accepted.is_ok());
}
