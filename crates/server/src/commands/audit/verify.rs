//! `strongroom audit verify`.

use super::{print, read_keys};
use crate::error::Error;
use ::audit::{Accepted, Gone, KeyChanged, PublicKeys, Report};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Verifies `files`, or the whole log in `dir`.
pub(super) fn verify(
    dir: &Path,
    files: &[PathBuf],
    public_keys: &[PathBuf],
    json: bool,
) -> Result<(), Error> {
    let beside = files.first().and_then(|file| file.parent());
    let keys = match beside {
        Some(parent) if parent.as_os_str().is_empty() => read_keys(public_keys, Path::new("."))?,
        Some(parent) => read_keys(public_keys, parent)?,
        None => read_keys(public_keys, dir)?,
    };
    let report = if files.is_empty() {
        ::audit::verify(dir, &keys)?
    } else {
        ::audit::verify_files(files, &keys)?
    };
    let text = if json {
        as_json(&report, &keys).to_string()
    } else {
        as_text(&report, &keys, public_keys.is_empty())
    };
    print(&text)?;
    if report.problems.is_empty() {
        Ok(())
    } else {
        Err(Error::AuditAltered)
    }
}

fn as_json(report: &Report, keys: &PublicKeys) -> serde_json::Value {
    let problem = |problem: &::audit::Problem| json!({ "file": problem.file, "line": problem.line, "problem": problem.trouble.to_string() });
    let gone = |gone: &Gone| match gone {
        Gone::History => json!({ "history": true }),
        Gone::Events { first, last } => json!({ "firstSequence": first, "lastSequence": last }),
    };
    let accepted = |accepted: &Accepted| json!({ "firstSequence": accepted.first, "lastSequence": accepted.last, "reason": accepted.reason, "time": accepted.time });
    let key_change = |change: &KeyChanged| json!({ "firstSequence": change.first, "replacedKeyId": change.replaced, "keyId": change.next, "time": change.time });
    json!({
        "deployment": report.deployment,
        "keyIds": keys.ids().collect::<Vec<_>>(),
        "events": report.events,
        "segments": report.segments,
        "firstEventTime": report.first_event_time,
        "lastEventTime": report.last_event_time,
        "lastSequence": report.last_sequence,
        "head": report.head.as_ref().map(|head| json!({ "sequence": head.sequence, "hash": head.hash, "time": head.time })),
        "unsignedEvents": report.unsigned_events,
        "unsignedUntil": report.unsigned_until,
        "incompleteEnd": report.has_torn_end,
        "historyBytes": report.history_bytes,
        "deletedByRetention": report.gone.iter().map(gone).collect::<Vec<_>>(),
        "keyChanges": report.key_changes.iter().map(key_change).collect::<Vec<_>>(),
        "acceptedLosses": report.accepted.iter().map(accepted).collect::<Vec<_>>(),
        "problems": report.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

fn as_text(report: &Report, keys: &PublicKeys, are_keys_beside: bool) -> String {
    let mut lines = Vec::new();
    let ids: Vec<String> = keys.ids().map(|id| id.to_string()).collect();
    let deployment = report.deployment.as_deref().unwrap_or_default();
    lines.push(format!("log of {deployment}, key {}", ids.join(", ")));
    if are_keys_beside {
        lines.push(String::from(
            "the key was beside the log: compare its id with the one that you noted",
        ));
    }
    let span = match (&report.first_event_time, &report.last_event_time) {
        (Some(first), Some(last)) => format!(", from {first} to {last}"),
        _ => String::new(),
    };
    let (events, segments) = (report.events, report.segments);
    lines.push(format!("{events} events in {segments} segments{span}"));
    if let Some(bytes) = report.history_bytes {
        lines.push(format!(
            "{bytes} bytes from before the chain, as they were when it began"
        ));
    }
    lines.extend(how_far_it_is_signed(report));
    lines.extend(report.gone.iter().map(|gone| match gone {
        Gone::History => String::from("deleted by retention: what was before the chain"),
        Gone::Events { first, last } => format!("deleted by retention: events {first} to {last}"),
    }));
    lines.extend(report.key_changes.iter().map(changed));
    lines.extend(report.accepted.iter().map(taken_note_of));
    lines.extend(report.problems.iter().map(|problem| {
        let line = problem.line.map(|line| format!(" line {line}"));
        let (file, trouble) = (&problem.file, &problem.trouble);
        format!("PROBLEM {file}{}: {trouble}", line.unwrap_or_default())
    }));
    if report.problems.is_empty() {
        lines.push(String::from("no problem found"));
    }
    lines.join("\n")
}

fn how_far_it_is_signed(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(head) = &report.head {
        let (sequence, hash, time) = (head.sequence, head.hash, &head.time);
        lines.push(format!(
            "signed up to event {sequence} at {time}, hash {hash}"
        ));
    }
    if report.unsigned_events > 0 {
        let count = report.unsigned_events;
        lines.push(format!("{count} events after that are not signed yet"));
    }
    if let Some(time) = &report.unsigned_until {
        lines.push(format!(
            "WARNING the last of them is of {time}, much later: a sealed server wrote them, or an older \
             head.json was put back"
        ));
    }
    if report.has_torn_end {
        lines.push(String::from("a last line that is not whole yet"));
    }
    lines
}

fn changed(change: &KeyChanged) -> String {
    let (first, time) = (change.first, &change.time);
    let (next, replaced) = (&change.next, &change.replaced);
    format!("key {next} signs from event {first} on: key {replaced} said so at {time}")
}

fn taken_note_of(loss: &Accepted) -> String {
    let (first, last, reason, time) = (loss.first, loss.last, &loss.reason, &loss.time);
    if first > last {
        format!("an operator took note at {time}: {reason}")
    } else {
        format!("events {first} to {last} are lost; an operator took note at {time}: {reason}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::audit::{Problem, Trouble};

    #[test]
    fn a_report_tells_people_everything_that_was_found() {
        let report = Report {
            deployment: Some(String::from("111122223333")),
            events: 7,
            segments: 2,
            unsigned_events: 1,
            unsigned_until: Some(String::from("2026-01-02T03:04:05Z")),
            gone: vec![Gone::Events { first: 1, last: 5 }],
            problems: vec![Problem {
                file: String::from("6.log"),
                line: Some(3),
                trouble: Trouble::Edited(8),
            }],
            ..Report::default()
        };

        let text = as_text(&report, &PublicKeys::default(), false);

        assert_eq!(
            text,
            "log of 111122223333, key \n7 events in 2 segments\n1 events after that are not signed yet\n\
             WARNING the last of them is of 2026-01-02T03:04:05Z, much later: a sealed server wrote them, or \
             an older head.json was put back\n\
             deleted by retention: events 1 to 5\nPROBLEM 6.log line 3: event 8 or its hash was changed"
        );
        let json = as_json(&report, &PublicKeys::default());
        assert_eq!(json["problems"][0]["line"], 3);
        assert_eq!(json["unsignedUntil"], "2026-01-02T03:04:05Z");
        assert_eq!(json["deletedByRetention"][0]["lastSequence"], 5);
    }
}
