//! An event as a message of RFC 5424.
//!
//! ```text
//! <110>1 2026-01-15T12:00:00Z vault-1 strongroom 4711 GetSecretValue [meta sequenceId="17"] {…}
//! ```
//!
//! The text is the event's line of the log, with its place in the chain. SECURITY: what stands before it
//! has visible ASCII characters only, and the line is JSON, whose control characters are escaped; so no
//! name that a caller chose begins a message.

use crate::audit::sinks::batch::Head;
use crate::audit::stream::LogLine;
use crate::config;
use serde_json::json;

/// How messages are written.
pub(super) struct Form {
    facility: u8,
    hostname: String,
    app_name: String,
    process: u32,
    most_bytes: usize,
}

impl Form {
    pub(super) fn new(syslog: &config::Syslog) -> Self {
        let system = || {
            let system = rustix::system::uname();
            word(&system.nodename().to_string_lossy(), MOST_HOSTNAME)
        };
        Self {
            facility: syslog.facility,
            hostname: syslog.hostname.clone().unwrap_or_else(system),
            app_name: syslog.app_name.clone(),
            process: std::process::id(),
            most_bytes: syslog.most_bytes,
        }
    }

    /// The message of `line`. One that would be too large tells which event it is, and is followed by
    /// nothing: the event stands in the log.
    pub(super) fn message(&self, line: &LogLine) -> Vec<u8> {
        let head = Head::of(line);
        let mut message = self.head(line, &head).into_bytes();
        if message.len().saturating_add(line.text().len()) <= self.most_bytes {
            message.extend_from_slice(line.text());
            return message;
        }
        let own = pointer(line, &head, true);
        let own = if message.len().saturating_add(own.len()) <= self.most_bytes {
            own
        } else {
            pointer(line, &head, false)
        };
        message.extend_from_slice(own.as_bytes());
        message
    }

    fn head(&self, line: &LogLine, head: &Head<'_>) -> String {
        let severity = if head.error_code.is_some() {
            WARNING
        } else {
            INFORMATIONAL
        };
        let priority = self.facility.saturating_mul(8).saturating_add(severity);
        // COMPAT: the number is of 31 bits, and begins anew after the largest (RFC 5424, section 7.3.1).
        let sequence = line.sequence.saturating_sub(1) % 0x7fff_ffff + 1;
        format!(
            "<{priority}>1 {time} {hostname} {app} {process} {name} [meta sequenceId=\"{sequence}\"] ",
            time = head.time().unwrap_or("-"),
            hostname = self.hostname,
            app = self.app_name,
            process = self.process,
            name = word(&head.event_name, MOST_MESSAGE_ID),
        )
    }
}

/// Which event it is, in the place of one that is too large.
fn pointer(line: &LogLine, head: &Head<'_>, with_names: bool) -> String {
    let place = json!({
        "sequence": line.sequence,
        "hash": line.hash.to_string(),
        "bytes": line.text().len(),
    });
    let pointer = if with_names {
        json!({
            "eventTime": head.event_time,
            "eventSource": head.event_source,
            "eventName": head.event_name,
            "eventID": head.event_id,
            "recipientAccountId": head.recipient_account_id,
            "errorCode": head.error_code,
            "omittedEvent": place,
        })
    } else {
        json!({ "omittedEvent": place })
    };
    pointer.to_string()
}

/// `text` as one word of a head.
fn word(text: &str, most: usize) -> String {
    let visible = text.chars().filter(char::is_ascii_graphic).take(most);
    let word: String = visible.collect();
    if word.is_empty() {
        return String::from("-");
    }
    word
}

const INFORMATIONAL: u8 = 6;
const WARNING: u8 = 4;
const MOST_HOSTNAME: usize = 255;
const MOST_MESSAGE_ID: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Syslog, SyslogPlace, SyslogTo};
    use ::audit::{Chain, Position};
    use serde_json::Value;

    fn form(most_bytes: usize) -> Form {
        let place = SyslogPlace {
            host: String::from("siem.example"),
            port: 514,
        };
        Form {
            process: 7,
            ..Form::new(&Syslog {
                to: SyslogTo::Udp(place),
                facility: 13,
                hostname: Some(String::from("vault-1")),
                app_name: String::from("strongroom"),
                most_bytes,
            })
        }
    }

    fn line(event: &Value) -> LogLine {
        let position = Position::beginning("111122223333", None);
        let mut chain = Chain::after("111122223333", position);
        let mut bytes = Vec::new();
        chain
            .append(event.to_string().as_bytes(), &mut bytes)
            .unwrap();
        LogLine {
            sequence: 1,
            hash: chain.position().hash,
            bytes: bytes.into(),
        }
    }

    fn text(message: Vec<u8>) -> String {
        String::from_utf8(message).unwrap()
    }

    #[test]
    fn a_message_has_the_event_behind_its_head() {
        let event = json!({
            "eventTime": "2026-01-15T12:00:00Z",
            "eventName": "GetSecretValue",
        });
        let line = line(&event);

        let message = text(form(8_192).message(&line));

        let body = text(line.text().to_vec());
        assert_eq!(
            message,
            format!(
                "<110>1 2026-01-15T12:00:00Z vault-1 strongroom 7 GetSecretValue \
                 [meta sequenceId=\"1\"] {body}"
            )
        );
    }

    #[test]
    fn a_refusal_is_a_warning() {
        let line = line(&json!({ "errorCode": "AccessDenied" }));

        let message = text(form(8_192).message(&line));

        assert!(
            message.starts_with("<108>1 - vault-1 strongroom 7 - ["),
            "{message}"
        );
    }

    #[test]
    fn what_callers_chose_begins_no_message() {
        let event = json!({
            "eventTime": "2026-01-15T12:00:00Z\n<0>1",
            "eventName": "Get \n<0>1 \u{202e}" .repeat(9),
            "userAgent": "x\n<0>1 - - - - - -\u{0}",
        });

        let message = text(form(8_192).message(&line(&event)));

        assert!(!message.contains(char::is_control), "{message:?}");
        let words: Vec<&str> = message.splitn(7, ' ').collect();
        assert_eq!(words[1], "-");
        assert_eq!(words[5], "Get<0>1Get<0>1Get<0>1Get<0>1Get<");
    }

    #[test]
    fn an_event_that_is_too_large_is_named_and_not_cut() {
        let event = json!({
            "eventTime": "2026-01-15T12:00:00Z",
            "eventID": "e",
            "eventName": "PutResourcePolicy",
            "requestParameters": "x".repeat(2_000),
        });
        let line = line(&event);

        let (some, little) = (form(1_000).message(&line), form(480).message(&line));

        assert!(some.len() <= 1_000 && little.len() <= 480);
        let body = |message: Vec<u8>| {
            let text = text(message);
            let (_, body) = text.split_once("] ").unwrap();
            serde_json::from_str::<Value>(body).unwrap()
        };
        let (some, little) = (body(some), body(little));
        let place = json!({
            "sequence": 1,
            "hash": line.hash.to_string(),
            "bytes": line.text().len(),
        });
        assert_eq!(
            (&some["omittedEvent"], &some["eventID"]),
            (&place, &json!("e"))
        );
        assert_eq!(little["omittedEvent"], place);
    }

    #[test]
    fn numbers_begin_anew_after_the_largest_that_syslog_has() {
        let number = |sequence| {
            let line = LogLine {
                sequence,
                ..line(&json!({}))
            };
            let text = text(form(8_192).message(&line));
            text.split('"').nth(1).unwrap().parse::<u64>().unwrap()
        };

        assert_eq!(
            [1, 0x7fff_ffff, 0x8000_0000].map(number),
            [1, 0x7fff_ffff, 1]
        );
    }
}
