use parking_lot::Mutex;
use serde_json::Value;
use services::{AppendFuture, AuditEntry, AuditError, AuditSink};
use std::sync::atomic::{AtomicBool, Ordering};

/// An audit log in memory, which can be made to fail.
#[derive(Debug, Default)]
pub struct RecordedAudit {
    events: Mutex<Vec<Value>>,
    fails: AtomicBool,
}

impl RecordedAudit {
    /// Every event so far.
    pub fn events(&self) -> Vec<Value> {
        self.events.lock().clone()
    }

    /// The events of the request `request_id`.
    pub fn events_of(&self, request_id: &str) -> Vec<Value> {
        let events = self.events.lock();
        events
            .iter()
            .filter(|event| event["requestID"] == request_id)
            .cloned()
            .collect()
    }

    /// The events called `name`.
    pub fn named(&self, name: &str) -> Vec<Value> {
        let events = self.events.lock();
        events
            .iter()
            .filter(|event| event["eventName"] == name)
            .cloned()
            .collect()
    }

    /// From now on refuses events, or takes them again.
    pub fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
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
            self.events.lock().push(event);
            Ok(())
        })
    }
}
