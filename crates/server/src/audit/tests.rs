mod keys;
mod segments;

use super::log::{Handles, LogFile};
use super::*;
use crate::config::SyncPolicy;
use crate::outside::SystemClock;
use ::audit::{BEGINNING, Beginning, ChainedLine, Hash, Head, Position, Report, Said};
use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroU32;

/// A disk whose faults are chosen.
#[derive(Default)]
struct Disk {
    segments: BTreeMap<String, Vec<u8>>,
    /// How much of each segment was synced.
    synced: BTreeMap<String, usize>,
    statements: BTreeMap<String, Vec<u8>>,
    writes: usize,
    /// How many bytes of segments fit on it. `None`: any number.
    room: Option<usize>,
    /// How many bytes one write takes at most.
    piece: Option<usize>,
    /// Whether a write does not come back.
    stuck: bool,
    cut_fails: bool,
    sync_fails: bool,
    /// Whether only the next sync fails.
    one_sync_fails: bool,
    /// How often each segment was synced.
    syncs: BTreeMap<String, usize>,
    /// Whether no segment is made and no statement is put.
    is_full: bool,
}

impl Disk {
    fn used(&self) -> usize {
        self.segments.values().map(Vec::len).sum()
    }

    fn is_synced(&self) -> bool {
        let mut segments = self.segments.iter();
        segments.all(|(name, content)| self.synced.get(name) == Some(&content.len()))
    }
}

#[derive(Clone, Default)]
struct FakeShelf(Arc<Mutex<Disk>>);

struct FakeFile {
    disk: Arc<Mutex<Disk>>,
    name: String,
}

impl FakeShelf {
    /// The events, as they were before they were chained.
    fn text(&self) -> String {
        let disk = self.0.lock();
        let content: Vec<u8> = disk.segments.values().flatten().copied().collect();
        let lines = content.split_inclusive(|b| *b == b'\n');
        let event = |line| match ChainedLine::parse(line) {
            Some(chained) => [chained.event(), b"\n".to_vec()].concat(),
            None => line.to_vec(),
        };
        String::from_utf8(lines.flat_map(event).collect()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let disk = self.0.lock();
        let names = disk.segments.keys().chain(disk.statements.keys());
        names
            .map(|name| name.trim_start_matches('0').to_owned())
            .collect()
    }

    /// Loses what was not synced.
    fn lose_power(&self) {
        let mut disk = self.0.lock();
        let disk = &mut *disk;
        for (name, content) in &mut disk.segments {
            content.truncate(disk.synced.get(name).copied().unwrap_or(0));
        }
    }

    /// The files as they are.
    fn copied(&self) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let disk = self.0.lock();
        for (name, content) in disk.segments.iter().chain(&disk.statements) {
            std::fs::write(dir.path().join(name), content).unwrap();
        }
        dir
    }

    /// What verification finds in the files as they are.
    fn verified(&self) -> Report {
        let dir = self.copied();
        let keys = signer().public().into();
        ::audit::verify(dir.path(), &keys).unwrap()
    }
}

impl Shelf for FakeShelf {
    fn create(&self, name: &str) -> io::Result<Handles> {
        let mut disk = self.0.lock();
        if disk.is_full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        disk.segments.entry(name.to_owned()).or_default();
        let file = || FakeFile {
            disk: Arc::clone(&self.0),
            name: name.to_owned(),
        };
        Ok(Handles {
            file: Box::new(file()),
            twin: Arc::new(file()),
        })
    }

    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut disk = self.0.lock();
        if disk.is_full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        disk.statements.insert(name.to_owned(), content.to_vec());
        Ok(())
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().statements.get(name).cloned())
    }
}

impl LogFile for FakeFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize> {
        while self.disk.lock().stuck {
            std::thread::yield_now();
        }
        let mut disk = self.disk.lock();
        let used = disk.used();
        let left = disk
            .room
            .map_or(usize::MAX, |room| room.saturating_sub(used));
        let taken = bytes.len().min(left).min(disk.piece.unwrap_or(usize::MAX));
        if taken == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        { disk.segments.get_mut(&self.name).unwrap() }.extend_from_slice(&bytes[..taken]);
        disk.writes += 1;
        Ok(taken)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        let mut disk = self.disk.lock();
        if disk.cut_fails {
            return Err(io::Error::other("on purpose"));
        }
        { disk.segments.get_mut(&self.name).unwrap() }.truncate(usize::try_from(length).unwrap());
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut disk = self.disk.lock();
        if disk.sync_fails || std::mem::take(&mut disk.one_sync_fails) {
            return Err(io::Error::other("on purpose"));
        }
        let length = disk.segments[&self.name].len();
        *disk.syncs.entry(self.name.clone()).or_default() += 1;
        disk.synced.insert(self.name.clone(), length);
        Ok(())
    }
}

const DEPLOYMENT: &str = "111122223333";

fn signer() -> Signer {
    let key = ::audit::SigningKey::from_seed(&[7; 32]).unwrap();
    Signer::new(key.into(), DEPLOYMENT, Arc::new(SystemClock))
}

struct Rig {
    file: FakeShelf,
    sink: FileSink,
    durable: mpsc::UnboundedReceiver<Durable>,
}

impl Rig {
    /// A sink that syncs only at its end.
    fn new() -> Self {
        Self::with(settings(SyncPolicy::Interval, 3_600_000, 60_000))
    }

    fn with(settings: config::Audit) -> Self {
        let file = FakeShelf::default();
        let (report, durable) = mpsc::unbounded_channel();
        let position = Position::beginning(DEPLOYMENT, None);
        let history = None;
        let beginning = Said::Beginning(Beginning { history, position });
        let beginning = signer().sign(None, beginning).unwrap();
        let end = End {
            chain: ::audit::Chain::after(DEPLOYMENT, position),
            tip: Head {
                segment: 0,
                position,
                length: 0,
            },
            open: None,
            closed: Vec::new(),
            previous: Hash::of(&beginning),
        };
        file.put(BEGINNING, &beginning).unwrap();
        let shelf = Arc::new(file.clone());
        let sink = FileSink::start(end, shelf, Arc::new(signer()), &settings, report).unwrap();
        Self {
            file,
            sink,
            durable,
        }
    }

    async fn append(&self, line: &str) -> Result<(), String> {
        self.append_outbox(line, None).await
    }

    async fn append_outbox(&self, line: &str, outbox: Option<u64>) -> Result<(), String> {
        let line = line.as_bytes().to_vec();
        self.sink
            .append(AuditEntry { line, outbox })
            .await
            .map_err(|error| error.0)
    }

    /// Everything that was reported as safe, after the end.
    fn all_durable(&mut self) -> Vec<u64> {
        let mut numbers = Vec::new();
        while let Ok(more) = self.durable.try_recv() {
            if let Durable::Events(more) = more {
                numbers.extend(more);
            }
        }
        numbers
    }

    /// The next report of events.
    async fn next_durable(&mut self) -> Option<Vec<u64>> {
        loop {
            if let Durable::Events(numbers) = self.durable.recv().await? {
                return Some(numbers);
            }
        }
    }
}

fn settings(sync: SyncPolicy, interval: u32, deadline: u32) -> config::Audit {
    config::Audit {
        sync,
        sync_interval_ms: NonZeroU32::new(interval).unwrap(),
        deadline_ms: NonZeroU32::new(deadline).unwrap(),
        ..config::Audit::default()
    }
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_event_is_a_line_of_the_file_when_append_resolves() {
    let rig = Rig::new();

    rig.append("{\"a\":1}").await.unwrap();
    let after_one = rig.file.text();
    rig.append("{\"a\":2}").await.unwrap();

    assert_eq!(after_one, "{\"a\":1}\n");
    assert_eq!(rig.file.text(), "{\"a\":1}\n{\"a\":2}\n");
}

#[tokio::test]
async fn events_of_one_thread_at_one_time_are_written_together() {
    let rig = Rig::new();
    let sink = Arc::new(rig.sink);
    let mut appending = tokio::task::JoinSet::new();
    for n in 0..100 {
        let sink = Arc::clone(&sink);
        let line = format!("{{\"n\":{n}}}").into_bytes();
        appending
            .spawn(async move { sink.append(AuditEntry { line, outbox: None }).await.is_ok() });
    }

    let outcomes = appending.join_all().await;

    let expected: String = (0..100).map(|n| format!("{{\"n\":{n}}}\n")).collect();
    assert_eq!(outcomes, [true; 100]);
    assert_eq!(rig.file.text(), expected);
    assert_eq!(rig.file.0.lock().writes, 1);
}

#[test]
fn threads_that_write_at_once_lose_and_mix_nothing() {
    let rig = Rig::new();
    let sink = &rig.sink;
    rig.file.0.lock().piece = Some(5);

    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread();
                let runtime = { runtime }.enable_time().build().unwrap();
                for n in 0..250 {
                    let line = format!("{{\"t\":{thread},\"n\":{n}}}").into_bytes();
                    let appended = sink.append(AuditEntry { line, outbox: None });
                    runtime.block_on(appended).map_err(|error| error.0).unwrap();
                }
            });
        }
    });

    let text = rig.file.text();
    for thread in 0..4 {
        let own: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with(&format!("{{\"t\":{thread},")))
            .collect();
        let expected: Vec<String> = (0..250)
            .map(|n| format!("{{\"t\":{thread},\"n\":{n}}}"))
            .collect();
        assert_eq!(own, expected);
    }
    assert_eq!(text.lines().count(), 1_000);
}

#[tokio::test]
async fn an_event_whose_request_was_given_up_is_written() {
    let rig = Rig::new();
    let line = b"{}".to_vec();
    let mut appending = rig.sink.append(AuditEntry {
        line,
        outbox: Some(1),
    });

    let is_waiting =
        std::future::poll_fn(|cx| std::task::Poll::Ready(appending.as_mut().poll(cx).is_pending()));
    assert!(is_waiting.await);
    drop(appending);

    assert_eq!(rig.file.text(), "{}\n");
}

#[tokio::test]
async fn a_file_that_takes_a_little_at_a_time_gets_it_all() {
    let rig = Rig::new();
    rig.file.0.lock().piece = Some(3);

    rig.append("{\"long\":\"event\"}").await.unwrap();

    assert_eq!(rig.file.text(), "{\"long\":\"event\"}\n");
}

#[tokio::test]
async fn a_full_disk_refuses_the_event_and_keeps_no_part_of_it() {
    let rig = Rig::new();
    rig.append("{\"n\":1}").await.unwrap();
    {
        let mut disk = rig.file.0.lock();
        disk.room = Some(disk.used() + 5);
    }

    let refused = rig.append("{\"n\":2}").await;
    let (text, was_taking) = (rig.file.text(), rig.sink.is_taking());
    rig.file.0.lock().room = None;
    let accepted = rig.append("{\"n\":3}").await;

    assert_eq!(refused.unwrap_err(), "the audit log cannot be written");
    assert_eq!(text, "{\"n\":1}\n");
    assert!(!was_taking);
    accepted.unwrap();
    assert!(rig.sink.is_taking());
    assert_eq!(rig.file.text(), "{\"n\":1}\n{\"n\":3}\n");
}

#[tokio::test]
async fn a_failure_is_forgotten_after_a_while_without_events() {
    let rig = Rig::new();
    rig.file.0.lock().room = Some(0);

    let refused = rig.append("{}").await;
    until(|| rig.sink.is_taking()).await;

    assert!(refused.is_err());
}

#[tokio::test]
async fn half_an_event_that_could_not_be_cut_is_cut_before_the_next() {
    let rig = Rig::new();
    {
        let mut disk = rig.file.0.lock();
        disk.room = Some(4);
        disk.cut_fails = true;
    }

    let first = rig.append("{\"n\":1}").await;
    let torn = rig.file.text();
    rig.file.0.lock().room = None;
    let second = rig.append("{\"n\":2}").await;
    rig.file.0.lock().cut_fails = false;
    let third = rig.append("{\"n\":3}").await;

    assert!(first.is_err());
    assert_eq!(torn, "{\"n\"");
    assert!(second.is_err(), "written behind half an event");
    third.unwrap();
    assert_eq!(rig.file.text(), "{\"n\":3}\n");
}

#[tokio::test]
async fn with_always_an_event_is_safe_when_append_resolves() {
    let mut rig = Rig::with(settings(SyncPolicy::Always, 3_600_000, 60_000));

    rig.append_outbox("{\"n\":1}", Some(7)).await.unwrap();

    assert!(rig.file.0.lock().is_synced());
    assert_eq!(rig.all_durable(), [7]);
}

#[tokio::test]
async fn with_an_interval_the_file_is_synced_by_itself() {
    let mut rig = Rig::with(settings(SyncPolicy::Interval, 10, 60_000));

    rig.append_outbox("{\"n\":1}", Some(7)).await.unwrap();
    let reported = rig.next_durable().await;

    assert_eq!(reported, Some(vec![7]));
    assert!(rig.file.0.lock().is_synced());
}

#[tokio::test]
async fn no_number_is_reported_before_a_sync() {
    let mut rig = Rig::new();

    rig.append_outbox("{\"n\":1}", Some(3)).await.unwrap();
    rig.append_outbox("{\"n\":2}", None).await.unwrap();
    rig.append_outbox("{\"n\":3}", Some(4)).await.unwrap();
    let before = rig.all_durable();
    rig.sink.close();

    let after = rig.all_durable();

    assert_eq!(before, [0; 0]);
    assert_eq!(after, [3, 4]);
    assert!(rig.file.0.lock().is_synced());
}

#[tokio::test]
async fn how_far_the_log_is_synced_is_told() {
    let rig = Rig::with(settings(SyncPolicy::Always, 3_600_000, 60_000));
    let mut synced = rig.sink.synced();
    let at_first = *synced.borrow_and_update();

    rig.append("{\"n\":1}").await.unwrap();
    rig.append("{\"n\":2}").await.unwrap();
    let after_two = *synced.borrow_and_update();
    rig.file.0.lock().sync_fails = true;
    let refused = rig.append("{\"n\":3}").await;

    assert_eq!((at_first, after_two), (0, 2));
    assert!(refused.is_err());
    assert_eq!(*synced.borrow(), 2);
}

#[tokio::test]
async fn with_an_interval_it_is_told_after_the_sync() {
    let rig = Rig::new();
    let synced = rig.sink.synced();

    rig.append("{\"n\":1}").await.unwrap();
    let before = *synced.borrow();
    rig.sink.close();

    assert_eq!((before, *synced.borrow()), (0, 1));
}

#[tokio::test]
async fn a_failed_sync_breaks_the_log_for_good() {
    let mut rig = Rig::with(settings(SyncPolicy::Always, 1_000, 60_000));
    rig.file.0.lock().sync_fails = true;
    let mut broken = rig.sink.broken();

    let first = rig.append_outbox("{\"n\":1}", Some(1)).await;
    broken.wait_for(|broken| *broken).await.unwrap();
    rig.file.0.lock().sync_fails = false;
    let second = rig.append_outbox("{\"n\":2}", Some(2)).await;
    let taking = rig.sink.is_taking();
    rig.sink.close();

    assert_eq!(first.unwrap_err(), "the audit log cannot be synced");
    assert_eq!(second.unwrap_err(), "the audit log cannot be written");
    assert!(!taking);
    assert_eq!(rig.all_durable(), [0; 0]);
}

#[tokio::test]
async fn what_is_not_an_object_on_one_line_is_refused() {
    let rig = Rig::new();

    for line in ["{}\n{}", "{}\n"] {
        assert_eq!(
            rig.append(line).await.unwrap_err(),
            "the event is not one line"
        );
    }
    for line in ["", "{", "}", "[]"] {
        assert_eq!(
            rig.append(line).await.unwrap_err(),
            "the event is not a JSON object"
        );
    }
    assert_eq!(rig.file.text(), "");
}

#[tokio::test]
async fn an_event_behind_a_write_that_hangs_is_refused_in_time() {
    let rig = Rig::with(settings(SyncPolicy::Interval, 3_600_000, 20));
    let sink = Arc::new(rig.sink);
    rig.file.0.lock().stuck = true;
    let hanging = {
        let sink = Arc::clone(&sink);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build();
            let line = b"{\"n\":1}".to_vec();
            let appended = sink.append(AuditEntry { line, outbox: None });
            runtime.unwrap().block_on(appended)
        })
    };
    until(|| sink.log.writer.try_lock().is_none()).await;

    let line = b"{\"n\":2}".to_vec();
    let refused = sink.append(AuditEntry { line, outbox: None }).await;
    rig.file.0.lock().stuck = false;

    let too_long = "the audit log took too long";
    assert_eq!(refused.unwrap_err().0, too_long);
    // Who wrote it hung with it. If that was the thread that syncs, this one was refused in time, too.
    let first = hanging.join().unwrap();
    assert!(first.is_ok() || first.is_err_and(|error| error.0 == too_long));
}

#[tokio::test]
async fn a_closed_log_refuses() {
    let rig = Rig::new();
    rig.append("{\"n\":1}").await.unwrap();

    rig.sink.close();
    let refused = rig.append("{\"n\":2}").await;

    assert_eq!(refused.unwrap_err(), "the audit log is closed");
    assert_eq!(rig.file.text(), "{\"n\":1}\n");
}

#[tokio::test]
async fn the_sweep_takes_out_what_was_reported_and_tries_again_what_it_could_not() {
    #[derive(Clone, Default)]
    struct Stubborn(Arc<Mutex<(usize, Vec<u64>)>>);

    impl Outbox for Stubborn {
        async fn oldest(&self, _: usize) -> Result<Vec<(u64, Vec<u8>)>, store::StoreError> {
            Ok(Vec::new())
        }

        async fn done(&self, numbers: Vec<u64>) -> Result<(), store::StoreError> {
            let mut state = self.0.lock();
            state.0 += 1;
            if state.0 == 1 {
                return Err(store::StoreError::Full);
            }
            state.1.extend(numbers);
            Ok(())
        }

        async fn remember(&self, _: Position) -> Result<(), store::StoreError> {
            Ok(())
        }

        async fn remembered(&self) -> Result<Option<Position>, store::StoreError> {
            Ok(None)
        }
    }

    let outbox = Stubborn::default();
    let sweeper = Sweeper::new(outbox.clone(), Arc::new(Rig::new().sink));
    let (report, durable) = mpsc::unbounded_channel();
    let sweeping = tokio::time::timeout(Duration::from_secs(60), sweeper.run(durable, NEVER));
    let feeding = async {
        report.send(Durable::Events(vec![1, 2])).unwrap();
        until(|| outbox.0.lock().0 >= 1).await;
        report.send(Durable::Events(vec![3])).unwrap();
        drop(report);
    };

    let (swept, ()) = tokio::join!(sweeping, feeding);

    swept.unwrap();
    assert_eq!(outbox.0.lock().1, [1, 2, 3]);
}

/// An outbox that a test fills.
#[derive(Clone, Default)]
struct Left(Arc<Mutex<Numbered>>);

type Numbered = Vec<(u64, Vec<u8>)>;

impl Left {
    fn put(&self, number: u64, line: &str) {
        self.0.lock().push((number, line.as_bytes().to_vec()));
    }
}

impl Outbox for Left {
    async fn oldest(&self, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, store::StoreError> {
        Ok(self.0.lock().iter().take(limit).cloned().collect())
    }

    async fn done(&self, numbers: Vec<u64>) -> Result<(), store::StoreError> {
        self.0
            .lock()
            .retain(|(number, _)| !numbers.contains(number));
        Ok(())
    }

    async fn remember(&self, _: Position) -> Result<(), store::StoreError> {
        Ok(())
    }

    async fn remembered(&self) -> Result<Option<Position>, store::StoreError> {
        Ok(None)
    }
}

#[tokio::test]
async fn what_a_request_left_behind_is_brought_to_the_file_once() {
    let rig = Rig::new();
    let (file, outbox) = (rig.file.clone(), Left::default());
    let mut sweeper = Sweeper::new(outbox.clone(), Arc::new(rig.sink));
    outbox.put(1, "{\"left\":1}");

    sweeper.deliver().await.unwrap();
    let at_first_sight = file.text();
    outbox.put(2, "{\"under way\":2}");
    sweeper.deliver().await.unwrap();
    let at_second_sight = file.text();
    outbox.done(vec![1, 2]).await.unwrap();
    sweeper.deliver().await.unwrap();

    assert_eq!(at_first_sight, "");
    assert_eq!(at_second_sight, "{\"left\":1}\n");
    assert_eq!(file.text(), at_second_sight);
}

#[tokio::test]
async fn what_a_full_disk_refused_is_brought_to_the_file_later() {
    let rig = Rig::new();
    let (file, outbox) = (rig.file.clone(), Left::default());
    let mut sweeper = Sweeper::new(outbox.clone(), Arc::new(rig.sink));
    outbox.put(7, "{\"n\":7}");
    file.0.lock().room = Some(0);

    sweeper.deliver().await.unwrap();
    sweeper.deliver().await.unwrap_err();
    file.0.lock().room = None;
    sweeper.deliver().await.unwrap();

    assert_eq!(file.text(), "{\"n\":7}\n");
}

#[tokio::test]
async fn an_event_that_comes_while_the_file_is_held_for_something_else_is_written() {
    let rig = Rig::new();
    let line = b"{}".to_vec();
    let mut appending = rig.sink.append(AuditEntry { line, outbox: None });

    let is_waiting = rig.sink.log.with_writer(|_| {
        // Not even the second attempt finds the file free.
        let mut polled = std::task::Context::from_waker(std::task::Waker::noop());
        (0..2).all(|_| appending.as_mut().poll(&mut polled).is_pending())
    });

    assert!(is_waiting);
    assert_eq!(rig.file.text(), "{}\n");
    appending.await.unwrap();
}

#[tokio::test]
async fn the_end_is_told_to_who_takes_the_numbers() {
    let mut rig = Rig::new();
    rig.append_outbox("{}", Some(1)).await.unwrap();

    rig.sink.close();

    assert_eq!(rig.next_durable().await, Some(vec![1]));
    assert_eq!(rig.next_durable().await, None);
}

const NEVER: Duration = Duration::from_secs(3_600);
