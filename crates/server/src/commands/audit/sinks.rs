//! `strongroom audit sinks`: how what the log is sent on to stands.

use crate::admin::{self, Command};
use crate::audit::SinkState;
use crate::cli::Target;
use crate::commands::terminal::cell;
use crate::commands::{print, read, table};
use crate::error::Error;

/// Asks the server, and prints its answer.
pub(super) fn sinks(target: &Target, json: bool) -> Result<(), Error> {
    let answer = admin::call(&target.data_dir, &Command::AuditSinks)?;
    if json {
        return print(&answer);
    }
    let states: Vec<SinkState> = read(&answer)?;
    print(&table(HEADER, states.into_iter().map(row)))
}

fn row(state: SinkState) -> [String; 7] {
    let is = if state.failing { "failing" } else { "ok" };
    let error = state.last_error.map(|text| {
        let time = state.last_error_time.unwrap_or_default();
        format!("{time}  {}", cell(&text))
    });
    [
        state.sink,
        state.kind,
        String::from(is),
        state.sent_through.to_string(),
        state.behind_events.to_string(),
        format!("{}s", state.behind_seconds),
        error.unwrap_or_default(),
    ]
}

const HEADER: [&str; 7] = [
    "SINK",
    "KIND",
    "STATE",
    "SENT THROUGH",
    "BEHIND",
    "BY",
    "LAST ERROR",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_is_a_row_with_its_last_error() {
        let state = SinkState {
            sink: String::from("siem"),
            kind: String::from("syslog/tls"),
            failing: true,
            sent_through: 17,
            behind_events: 4,
            behind_seconds: 9,
            sent: 3,
            last_error: Some(String::from("cannot\nconnect")),
            last_error_time: Some(String::from("2026-01-15T12:00:00Z")),
        };

        let cells = row(state);

        assert_eq!(
            cells,
            [
                "siem",
                "syslog/tls",
                "failing",
                "17",
                "4",
                "9s",
                "2026-01-15T12:00:00Z  cannot\\u{a}connect"
            ]
        );
    }
}
