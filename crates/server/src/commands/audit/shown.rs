//! An event on a line for people.

use crate::commands::terminal::cell;
use serde_json::Value;

/// The event on one line.
///
/// SECURITY: what callers chose (names, user agents) is shown so that it cannot steer a terminal,
/// begin a line, or pose as another column.
pub(super) fn shown(event: &Value) -> String {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let who = WHO.iter().find_map(|pointer| text(pointer));
    let what = WHAT.iter().find_map(|pointer| text(pointer));
    let failure = text("/errorCode").map(|code| format!("!{code}"));
    let columns = [
        text("/eventTime"),
        text("/eventName"),
        who,
        text("/sourceIPAddress"),
        failure.as_deref(),
        what,
    ];
    let cells: Vec<String> = columns.into_iter().flatten().map(cell).collect();
    cells.join("  ")
}

const WHO: [&str; 3] = [
    "/userIdentity/arn",
    "/userIdentity/invokedBy",
    "/userIdentity/accountId",
];
const WHAT: [&str; 4] = [
    "/requestParameters/secretId",
    "/requestParameters/name",
    "/requestParameters/keyId",
    "/additionalEventData/SecretId",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_is_a_line_that_callers_cannot_shape() {
        let event = json!({
            "eventTime": "2026-01-02T03:04:05Z",
            "eventName": "GetSecretValue",
            "userIdentity": { "arn": "arn:aws:iam::1:user/a" },
            "sourceIPAddress": "::1",
            "errorCode": "AccessDenied",
            "requestParameters": { "secretId": "a  b\n\u{1b}[2J\u{202e}x" },
        });

        assert_eq!(
            shown(&event),
            "2026-01-02T03:04:05Z  GetSecretValue  arn:aws:iam::1:user/a  ::1  !AccessDenied  \
             \"a  b\\u{a}\\u{1b}[2J\\u{202e}x\""
        );
    }

    #[test]
    fn an_event_without_anything_is_an_empty_line() {
        assert_eq!(shown(&json!({})), "");
    }
}
