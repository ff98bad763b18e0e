use ::audit::Described;
use ::audit::index::Question;
use base::CommonError;
use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::Value;
use services::ports::{
    EventHistory, EventStream, HistoryPage, NotLookedUp, PortFuture, StreamedEvent,
};
use services::{AppendFuture, AuditEntry, AuditError, AuditSink};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// An audit log in memory, which can be made to fail, and which can be read back.
#[derive(Debug, Default)]
pub struct RecordedAudit {
    /// Each as it came, and understood.
    events: Mutex<Vec<(Bytes, Value)>>,
    fails: AtomicBool,
    is_busy: AtomicBool,
    newest: watch::Sender<u64>,
}

impl RecordedAudit {
    /// Every event so far.
    pub fn events(&self) -> Vec<Value> {
        self.those(|_| true)
    }

    /// The events of the request `request_id`.
    pub fn events_of(&self, request_id: &str) -> Vec<Value> {
        self.those(|event| event["requestID"] == request_id)
    }

    /// The events called `name`.
    pub fn named(&self, name: &str) -> Vec<Value> {
        self.those(|event| event["eventName"] == name)
    }

    fn those(&self, matches: impl Fn(&Value) -> bool) -> Vec<Value> {
        let events = self.events.lock();
        let found = events.iter().filter(|(_, event)| matches(event));
        found.map(|(_, event)| event.clone()).collect()
    }

    /// From now on refuses events, or takes them again.
    pub fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    /// From now on has no room for another look at its events, or has it again.
    pub fn keep_busy(&self, is_busy: bool) {
        self.is_busy.store(is_busy, Ordering::SeqCst);
    }

    /// Whether it refuses events.
    pub fn is_failing(&self) -> bool {
        self.fails.load(Ordering::SeqCst)
    }
}

impl AuditSink for RecordedAudit {
    fn append(&self, entry: AuditEntry) -> AppendFuture<'_> {
        Box::pin(async move {
            if self.is_failing() {
                return Err(AuditError("the test says so".to_owned()));
            }
            assert!(!entry.line.contains(&b'\n'), "an event is one line");
            let event = serde_json::from_slice(&entry.line).expect("an event is JSON");
            let mut events = self.events.lock();
            events.push((Bytes::from(entry.line), event));
            self.newest.send_replace(events.len() as u64);
            Ok(())
        })
    }
}

impl EventStream for RecordedAudit {
    fn read(&self, after: u64, most: usize) -> PortFuture<'_, Vec<StreamedEvent>, CommonError> {
        Box::pin(async move {
            let events = self.events.lock();
            let numbered = (1..).zip(events.iter());
            let behind = numbered.skip_while(|(sequence, _)| *sequence <= after);
            let read = behind
                .take(most)
                .map(|(sequence, (record, _))| StreamedEvent {
                    sequence,
                    record: record.clone(),
                });
            Ok(read.collect())
        })
    }

    fn newest(&self) -> u64 {
        *self.newest.borrow()
    }

    fn grown(&self, after: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut newest = self.newest.subscribe();
        Box::pin(async move {
            // The log is there for as long as it is waited for.
            let _ = newest.wait_for(|newest| *newest > after).await;
        })
    }
}

/// Looks at every event.
impl EventHistory for RecordedAudit {
    fn look_up(&self, question: Question, most: usize) -> PortFuture<'_, HistoryPage, NotLookedUp> {
        Box::pin(async move {
            if self.is_busy.load(Ordering::SeqCst) {
                return Err(NotLookedUp::Busy);
            }
            let events = self.events.lock();
            let numbers = (1..=events.len() as u64).rev();
            let numbered = numbers.zip(events.iter().rev());
            let mut found = numbered.filter(|(sequence, (record, _))| {
                Described::of(record).is_some_and(|event| {
                    *sequence < question.before
                        && (question.from..=question.to).contains(&event.time)
                        && question.sought.matches(&event)
                })
            });
            let page = found.by_ref().take(most);
            let events: Vec<_> = page
                .map(|(sequence, (record, _))| StreamedEvent {
                    sequence,
                    record: record.clone(),
                })
                .collect();
            let last = events.last().map(|last| last.sequence);
            let next = found.next().and(last);
            Ok(HistoryPage { events, next })
        })
    }
}
