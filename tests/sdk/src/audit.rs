use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// Reads the audit log of a server bit by bit, each line once.
pub struct AuditLog {
    /// The directory with its segments.
    directory: PathBuf,
    /// How much of all segments together was read.
    read: usize,
}

impl AuditLog {
    /// The log in `directory`, from its beginning.
    pub const fn new(directory: PathBuf) -> Self {
        Self { directory, read: 0 }
    }

    /// The events written since the last call. Panics at a line that is not whole JSON; what comes
    /// after the last newline is left for later.
    pub fn new_events(&mut self) -> Vec<Value> {
        let bytes = self.bytes();
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |last| last + 1);
        let new = &bytes[self.read..whole];
        self.read = whole;
        new.split_inclusive(|byte| *byte == b'\n')
            .map(event)
            .collect()
    }

    /// Whether nothing stands after the last newline.
    pub fn ends_whole(&self) -> bool {
        self.bytes().last().is_none_or(|last| *last == b'\n')
    }

    /// All segments in their order, which is that of their names.
    fn bytes(&self) -> Vec<u8> {
        let entries = std::fs::read_dir(&self.directory).expect("there is an audit log");
        let mut segments: Vec<PathBuf> = entries
            .map(|entry| entry.expect("the directory can be read").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
            .collect();
        segments.sort();
        let read = |path| std::fs::read(path).expect("the log can be read");
        segments.into_iter().flat_map(read).collect()
    }
}

/// What is wrong with `events`, given the ids of all requests that were answered: each must have
/// exactly one event of a call, and no event may be there twice.
pub fn duplicates<'a>(
    events: &'a [Value],
    answered: impl IntoIterator<Item = &'a String>,
) -> Vec<String> {
    let mut calls: HashMap<&str, usize> = HashMap::new();
    let mut ids = HashSet::new();
    let mut wrong = Vec::new();
    for event in events {
        let id = event["eventID"].as_str().expect("an event has an id");
        if !ids.insert(id) {
            wrong.push(format!("the event {id} is there twice"));
        }
        if event["eventType"] == "AwsApiCall" {
            let request = event["requestID"]
                .as_str()
                .expect("a call has a request id");
            *calls.entry(request).or_default() += 1;
        }
    }
    for request in answered {
        match calls.get(request.as_str()) {
            Some(1) => {}
            count => wrong.push(format!("the request {request} has {count:?} events")),
        }
    }
    wrong
}

fn event(line: &[u8]) -> Value {
    let event = serde_json::from_slice(line);
    event.unwrap_or_else(|_| panic!("not JSON: {}", String::from_utf8_lossy(line)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn a_call(event: &str, request: &str) -> Value {
        json!({ "eventID": event, "requestID": request, "eventType": "AwsApiCall" })
    }

    #[test]
    fn an_answer_without_its_event_is_noticed() {
        let events = [a_call("1", "a"), a_call("2", "b"), a_call("3", "b")];
        let answered = ["a", "b", "c"].map(str::to_owned);

        let wrong = duplicates(&events, &answered);

        assert_eq!(
            wrong,
            [
                "the request b has Some(2) events",
                "the request c has None events"
            ]
        );
    }

    #[test]
    fn an_event_written_twice_is_noticed() {
        let events = [a_call("1", "a"), a_call("1", "b")];

        assert_eq!(duplicates(&events, &[]), ["the event 1 is there twice"]);
    }

    #[test]
    fn a_torn_line_is_left_for_later() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("00000000000000000001.log");
        let mut log = AuditLog::new(directory.path().to_owned());

        std::fs::write(&path, "{\"n\":1}\n{\"n\"").unwrap();
        let first = log.new_events();
        std::fs::write(&path, "{\"n\":1}\n{\"n\":2}\n").unwrap();
        let second = log.new_events();

        assert_eq!(
            (first, second),
            (vec![json!({"n": 1})], vec![json!({"n": 2})])
        );
        assert!(log.ends_whole());
    }
}
