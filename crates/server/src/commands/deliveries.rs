//! `strongroom deliveries`.
//!
//! SECURITY: names that users gave reach the operator's terminal without control characters.

use super::terminal::on_one_line;
use super::{print, read, table};
use crate::admin::{self, Command};
use crate::cli::DeliveriesFlags;
use crate::config;
use crate::error::Error;
use services::{ShownDeadLetter, ShownDeliveries, ShownDelivery};

/// `strongroom deliveries`.
pub(crate) fn deliveries(flags: &DeliveriesFlags, json: bool) -> Result<(), Error> {
    let account_id = flags.account_id.clone().map(config::account_id);
    let request = Command::DeliveriesList {
        account_id: account_id.transpose()?,
    };
    let answer = admin::call(&flags.target.data_dir, &request)?;
    match json {
        true => print(&answer),
        false => print(&told(&read(&answer)?)),
    }
}

fn told(shown: &ShownDeliveries) -> String {
    let counts = shown.counts;
    let mut lines = vec![format!(
        "since the start: {} delivered, {} attempts failed, {} given up",
        counts.delivered, counts.failed, counts.dead
    )];
    if !shown.waiting.is_empty() {
        let header = [
            "WAITING SINCE",
            "FAILURES",
            "NEXT ATTEMPT",
            "ENDPOINT",
            "SOURCE",
        ];
        lines.extend([
            String::new(),
            table(header, shown.waiting.iter().map(waiting)),
        ]);
    }
    if !shown.dead.is_empty() {
        let header = ["GIVEN UP", "ATTEMPTS", "ENDPOINT", "SOURCE", "WHY"];
        lines.extend([String::new(), table(header, shown.dead.iter().map(dead))]);
    }
    lines.join("\n")
}

fn waiting(one: &ShownDelivery) -> [String; 5] {
    let next = one.next_attempt.as_deref().unwrap_or("under way");
    [
        &one.made,
        &one.failures.to_string(),
        next,
        &one.endpoint,
        &one.source,
    ]
    .map(on_one_line)
}

fn dead(one: &ShownDeadLetter) -> [String; 5] {
    [
        &one.given_up,
        &one.attempts.to_string(),
        &one.endpoint,
        &one.source,
        &one.why,
    ]
    .map(|text| on_one_line(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use services::DeliveryCounts;

    #[test]
    fn what_was_given_up_is_told_without_control_characters() {
        let shown = ShownDeliveries {
            counts: DeliveryCounts {
                delivered: 3,
                failed: 2,
                dead: 1,
            },
            waiting: Vec::new(),
            dead: vec![ShownDeadLetter {
                id: String::from("1"),
                account_id: String::from("123456789012"),
                source: String::from("arn:x"),
                endpoint: String::from("https://h/"),
                made: String::from("m"),
                given_up: String::from("g"),
                attempts: 4,
                why: String::from("no\x1b[31m\nanswer"),
            }],
        };

        assert_eq!(
            told(&shown),
            "since the start: 3 delivered, 2 attempts failed, 1 given up\n\n\
             GIVEN UP  ATTEMPTS  ENDPOINT    SOURCE  WHY\n\
             g         4         https://h/  arn:x   no\\u{1b}[31m answer"
        );
    }
}
