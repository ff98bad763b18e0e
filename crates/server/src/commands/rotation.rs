//! `strongroom rotation`.
//!
//! SECURITY: what functions and databases said is theirs: it reaches the operator's terminal without control
//! characters, and indented or in one cell, so that it cannot pass for a line of ours.

use super::terminal::{escaped, on_one_line};
use super::{print, read, table};
use crate::admin::{self, Command};
use crate::cli::{OneSecret, RotationCommand};
use crate::config;
use crate::error::Error;
use serde::Deserialize as _;
use serde_json::{Map, Value};
use services::secretsmanager::{CheckedRotation, Moment, ShownCall, ShownRotation, ShownRun};
use zeroize::Zeroizing;

/// `strongroom rotation …`.
pub(crate) fn rotation(command: &RotationCommand, json: bool) -> Result<(), Error> {
    match command {
        RotationCommand::Check(asked) => check(asked, json),
        RotationCommand::Show(asked) => {
            let answer = ask(asked, Command::RotationShow)?;
            if json {
                return print(&answer);
            }
            print(&told(&read(&answer)?))
        }
    }
}

fn check(asked: &OneSecret, json: bool) -> Result<(), Error> {
    let answer = ask(asked, Command::RotationCheck)?;
    let checked: CheckedRotation = read(&answer)?;
    match json {
        true => print(&answer)?,
        false => print(&checked_told(&checked))?,
    }
    match checked.works {
        true => Ok(()),
        false => Err(Error::Unchecked),
    }
}

fn ask(
    asked: &OneSecret,
    command: impl FnOnce(admin::OneSecret) -> Command,
) -> Result<Zeroizing<String>, Error> {
    let account_id = asked.account_id.clone().map(config::account_id);
    let region = asked.region.clone().map(config::region_name);
    let request = command(admin::OneSecret {
        secret: asked.secret.clone(),
        account_id: account_id.transpose()?,
        region: region.transpose()?,
    });
    Ok(admin::call(&asked.target.data_dir, &request)?)
}

/// What came of it, and the function's log.
fn checked_told(checked: &CheckedRotation) -> String {
    let by = match &checked.rotation_lambda_arn {
        Some(function) => format!("function: {function}"),
        None => String::from("no built-in function: the server logged in by itself"),
    };
    let mut lines = vec![checked.arn.clone(), by];
    let parts = [&checked.error_type, &checked.error_message];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    lines.push(match checked.works {
        true => String::from("the current value works: somebody could log in with it"),
        false => format!(
            "nobody could log in with the current value: {}",
            on_one_line(&parts.join(": "))
        ),
    });
    lines.extend(checked.log.iter().map(|event| indented(event)));
    lines.join("\n")
}

/// What is configured first, then when it is due, then the runs, the latest first.
fn told(shown: &ShownRotation) -> String {
    let described = Described(&shown.described);
    let name = described.text("Name").unwrap_or_default();
    let arn = described.text("ARN").unwrap_or_default();
    let mut lines = vec![format!("{name}  {arn}")];
    let Some(is_enabled) = described.truth("RotationEnabled") else {
        lines.push(String::from("rotation was never configured"));
        return lines.join("\n");
    };
    lines.push(String::from(match is_enabled {
        true => "rotation is enabled",
        false => "rotation is not enabled",
    }));
    let facts = [
        ("function", described.text("RotationLambdaARN")),
        ("schedule", described.schedule()),
        ("last rotated", described.moment("LastRotatedDate")),
        ("next rotation by", described.moment("NextRotationDate")),
        ("next attempt", shown.next_attempt.map(Moment::to_iso)),
        ("in the hands of", shown.worker.clone()),
    ];
    for (name, fact) in facts {
        lines.extend(fact.map(|fact| format!("{name}: {fact}")));
    }
    if !shown.next_windows.is_empty() {
        let windows = shown.next_windows.iter();
        let rows = windows.map(|window| [window.opens.to_iso(), window.closes.to_iso()]);
        lines.push(String::new());
        lines.push(table(["WINDOW OPENS", "CLOSES"], rows));
    }
    for run in &shown.runs {
        lines.push(String::new());
        lines.push(run_told(run));
    }
    lines.join("\n")
}

/// The members that are those of `DescribeSecret`.
struct Described<'a>(&'a Map<String, Value>);

impl Described<'_> {
    fn text(&self, member: &str) -> Option<String> {
        self.0.get(member)?.as_str().map(str::to_owned)
    }

    fn truth(&self, member: &str) -> Option<bool> {
        self.0.get(member)?.as_bool()
    }

    fn moment(&self, member: &str) -> Option<String> {
        let moment = Moment::deserialize(self.0.get(member)?).ok()?;
        Some(moment.to_iso())
    }

    fn schedule(&self) -> Option<String> {
        let rules = Described(self.0.get("RotationRules")?.as_object()?);
        let by = match rules.text("ScheduleExpression") {
            Some(expression) => expression,
            None => {
                let days = rules.0.get("AutomaticallyAfterDays")?;
                format!("{days} days after the last rotation")
            }
        };
        Some(match rules.text("Duration") {
            Some(duration) => format!("{by}, for {duration}"),
            None => by,
        })
    }
}

fn run_told(run: &ShownRun) -> String {
    let mut text = format!(
        "{} of version {}, by {}: {}, attempt {}, {} to {}",
        run.kind,
        run.version_id,
        run.cause,
        run.outcome,
        run.attempts,
        run.began.to_iso(),
        run.ended
            .map_or_else(|| String::from("now"), Moment::to_iso),
    );
    if run.calls.is_empty() {
        return text;
    }
    let rows = run.calls.iter().map(|call| {
        [
            call.step.clone(),
            call.attempt.to_string(),
            call.began.to_iso(),
            call.ended.map(Moment::to_iso).unwrap_or_default(),
            call.outcome.clone(),
            error(call),
            call.log_stream.clone().unwrap_or_default(),
        ]
    });
    let header = [
        "STEP",
        "ATTEMPT",
        "BEGAN",
        "ENDED",
        "OUTCOME",
        "ERROR",
        "LOG STREAM",
    ];
    text.push('\n');
    text.push_str(&table(header, rows));
    for call in run.calls.iter().filter(|call| !call.log.is_empty()) {
        text.push_str(&format!(
            "\nlog of {}, attempt {}:",
            call.step, call.attempt
        ));
        for event in &call.log {
            text.push('\n');
            text.push_str(&indented(event));
        }
    }
    text
}

fn error(call: &ShownCall) -> String {
    let parts = [&call.error_type, &call.error_message];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    on_one_line(&parts.join(": "))
}

/// An event of a log, which may have several lines.
fn indented(event: &str) -> String {
    let lines: Vec<String> = event
        .lines()
        .map(|line| format!("  {}", escaped(line)))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Timestamp;
    use serde_json::json;
    use services::secretsmanager::ShownWindow;

    fn text(text: &str) -> Option<String> {
        Some(String::from(text))
    }

    fn members(members: &Value) -> Map<String, Value> {
        members.as_object().unwrap().clone()
    }

    fn at(seconds: i64) -> Moment {
        Moment(Timestamp::from_millis(seconds * 1_000))
    }

    #[test]
    fn a_secret_without_rotation_says_so() {
        let shown = ShownRotation {
            described: members(&json!({ "ARN": "arn:s", "Name": "db" })),
            ..ShownRotation::default()
        };

        assert_eq!(told(&shown), "db  arn:s\nrotation was never configured");
    }

    #[test]
    fn a_schedule_is_told_as_it_was_given() {
        let told = |rules: Value| {
            let described = members(&json!({ "RotationRules": rules }));
            Described(&described).schedule()
        };

        let rate = json!({ "AutomaticallyAfterDays": 9, "ScheduleExpression": "rate(9 days)" });
        assert_eq!(told(rate), text("rate(9 days)"));
        let days = json!({ "AutomaticallyAfterDays": 9, "Duration": "2h" });
        assert_eq!(told(days), text("9 days after the last rotation, for 2h"));
        assert_eq!(told(json!({})), None);
    }

    #[test]
    fn a_check_is_told_with_its_log() {
        let works = CheckedRotation {
            arn: String::from("arn:s"),
            rotation_lambda_arn: text("arn:f"),
            works: true,
            log: vec![String::from("START"), String::from("END")],
            ..CheckedRotation::default()
        };
        let refused = CheckedRotation {
            works: false,
            error_type: text("ValueError"),
            error_message: text("no way"),
            log: Vec::new(),
            ..works.clone()
        };
        let by_itself = CheckedRotation {
            rotation_lambda_arn: None,
            log: Vec::new(),
            ..works.clone()
        };

        assert_eq!(
            checked_told(&by_itself),
            "arn:s\nno built-in function: the server logged in by itself\n\
             the current value works: somebody could log in with it"
        );
        assert_eq!(
            checked_told(&works),
            "arn:s\nfunction: arn:f\n\
             the current value works: somebody could log in with it\n  START\n  END"
        );
        assert_eq!(
            checked_told(&refused),
            "arn:s\nfunction: arn:f\n\
             nobody could log in with the current value: ValueError: no way"
        );
    }

    #[test]
    fn what_a_function_said_cannot_pass_for_ours_or_reach_the_terminal() {
        let said = "bad\nlog of testSecret, attempt 9:\r\n\u{1b}[2J\u{9b}1m\tend\u{7}\rover";
        let call = ShownCall {
            step: String::from("createSecret"),
            error_type: text("E\u{1b}"),
            error_message: text(said),
            log: vec![String::from(said)],
            ..ShownCall::default()
        };
        let run = ShownRun {
            calls: vec![call],
            ..ShownRun::default()
        };
        let checked = CheckedRotation {
            error_message: text(said),
            log: vec![String::from(said)],
            ..CheckedRotation::default()
        };
        let logged = "  bad\n  log of testSecret, attempt 9:\n  \
                      \\u{1b}[2J\\u{9b}1m    end\\u{7}\\u{d}over";

        let shown = run_told(&run);
        let told = checked_told(&checked);

        assert!(shown.ends_with(logged), "{shown}");
        assert!(told.ends_with(logged), "{told}");
        for printed in [&shown, &told] {
            assert!(printed.chars().all(|c| c == '\n' || !c.is_control()));
            let ours = |line: &&str| line.starts_with("log of");
            assert!(printed.lines().filter(ours).count() <= 1, "{printed}");
        }
        let said = "bad log of testSecret, attempt 9: \\u{1b}[2J\\u{9b}1m    end\\u{7}\\u{d}over";
        assert!(shown.contains(&format!("E\\u{{1b}}: {said}")), "{shown}");
        assert!(told.contains(&format!("current value: {said}")), "{told}");
    }

    #[test]
    fn a_rotation_is_told_from_its_schedule_to_its_log() {
        let call = ShownCall {
            step: String::from("createSecret"),
            attempt: 1,
            began: at(0),
            ended: Some(at(60)),
            outcome: String::from("failed"),
            error_type: text("ValueError"),
            error_message: text("no\nway"),
            log_stream: text("stream"),
            log: vec![String::from("START"), String::from("END")],
            ..ShownCall::default()
        };
        let run = ShownRun {
            version_id: String::from("v1"),
            kind: String::from("rotation"),
            cause: String::from("schedule"),
            outcome: String::from("in progress"),
            began: at(0),
            attempts: 2,
            calls: vec![call],
            ..ShownRun::default()
        };
        let shown = ShownRotation {
            described: members(&json!({
                "ARN": "arn:s", "Name": "db", "RotationEnabled": true,
                "RotationLambdaARN": "arn:f",
                "RotationRules": { "AutomaticallyAfterDays": 30, "Duration": "2h" },
                "LastRotatedDate": 60.5, "NextRotationDate": 86_399,
            })),
            next_attempt: Some(at(3_600)),
            next_windows: vec![ShownWindow {
                opens: at(86_400),
                closes: at(172_800),
            }],
            runs: vec![run],
            ..ShownRotation::default()
        };

        assert_eq!(
            told(&shown),
            "db  arn:s\n\
             rotation is enabled\n\
             function: arn:f\n\
             schedule: 30 days after the last rotation, for 2h\n\
             last rotated: 1970-01-01T00:01:00Z\n\
             next rotation by: 1970-01-01T23:59:59Z\n\
             next attempt: 1970-01-01T01:00:00Z\n\n\
             WINDOW OPENS          CLOSES\n\
             1970-01-02T00:00:00Z  1970-01-03T00:00:00Z\n\n\
             rotation of version v1, by schedule: in progress, attempt 2, \
             1970-01-01T00:00:00Z to now\n\
             STEP          ATTEMPT  BEGAN                 ENDED                 OUTCOME  \
             ERROR               LOG STREAM\n\
             createSecret  1        1970-01-01T00:00:00Z  1970-01-01T00:01:00Z  failed   \
             ValueError: no way  stream\n\
             log of createSecret, attempt 1:\n  \
             START\n  \
             END"
        );
    }
}
