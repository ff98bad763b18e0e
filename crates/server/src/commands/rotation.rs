//! `strongroom rotation`.

use super::{print, read, table};
use crate::admin::{self, Command, ShowRotation};
use crate::cli::{OneSecret, RotationCommand};
use crate::config;
use crate::error::Error;
use services::secretsmanager::{CheckedRotation, ShownCall, ShownRotation, ShownRun};
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
    command: impl FnOnce(ShowRotation) -> Command,
) -> Result<Zeroizing<String>, Error> {
    let account_id = asked.account_id.clone().map(config::account_id);
    let region = asked.region.clone().map(config::region_name);
    let request = command(ShowRotation {
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
            parts.join(": ")
        ),
    });
    lines.extend(checked.log.iter().map(|line| format!("  {line}")));
    lines.join("\n")
}

/// What is configured first, then when it is due, then the runs, the latest first.
fn told(shown: &ShownRotation) -> String {
    let mut lines = vec![format!("{}  {}", shown.name, shown.arn)];
    let Some(is_enabled) = shown.rotation_enabled else {
        lines.push(String::from("rotation was never configured"));
        return lines.join("\n");
    };
    lines.push(String::from(match is_enabled {
        true => "rotation is enabled",
        false => "rotation is not enabled",
    }));
    let facts = [
        ("function", shown.rotation_lambda_arn.clone()),
        ("schedule", schedule(shown)),
        ("last rotated", shown.last_rotated_date.clone()),
        ("next rotation by", shown.next_rotation_date.clone()),
        ("next attempt", shown.next_attempt.clone()),
        ("in the hands of", shown.worker.clone()),
    ];
    for (name, fact) in facts {
        lines.extend(fact.map(|fact| format!("{name}: {fact}")));
    }
    if !shown.next_windows.is_empty() {
        let windows = shown.next_windows.iter();
        let rows = windows.map(|window| [window.opens.clone(), window.closes.clone()]);
        lines.push(String::new());
        lines.push(table(["WINDOW OPENS", "CLOSES"], rows));
    }
    for run in &shown.runs {
        lines.push(String::new());
        lines.push(run_told(run));
    }
    lines.join("\n")
}

fn schedule(shown: &ShownRotation) -> Option<String> {
    let days = shown.automatically_after_days;
    let by = match &shown.schedule_expression {
        Some(expression) => expression.clone(),
        None => format!("{} days after the last rotation", days?),
    };
    Some(match &shown.duration {
        Some(duration) => format!("{by}, for {duration}"),
        None => by,
    })
}

fn run_told(run: &ShownRun) -> String {
    let mut text = format!(
        "{} of version {}, by {}: {}, attempt {}, {} to {}",
        run.kind,
        run.version_id,
        run.cause,
        run.outcome,
        run.attempts,
        run.began,
        run.ended.as_deref().unwrap_or("now"),
    );
    if run.calls.is_empty() {
        return text;
    }
    let rows = run.calls.iter().map(|call| {
        [
            call.step.clone(),
            call.attempt.to_string(),
            call.began.clone(),
            call.ended.clone().unwrap_or_default(),
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
        for line in &call.log {
            text.push_str("\n  ");
            text.push_str(line);
        }
    }
    text
}

fn error(call: &ShownCall) -> String {
    let parts = [&call.error_type, &call.error_message];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    // A table has one line for a call.
    parts.join(": ").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use services::secretsmanager::ShownWindow;

    fn text(text: &str) -> Option<String> {
        Some(String::from(text))
    }

    #[test]
    fn a_secret_without_rotation_says_so() {
        let shown = ShownRotation {
            arn: String::from("arn:s"),
            name: String::from("db"),
            ..ShownRotation::default()
        };

        assert_eq!(told(&shown), "db  arn:s\nrotation was never configured");
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
    fn a_rotation_is_told_from_its_schedule_to_its_log() {
        let call = ShownCall {
            step: String::from("createSecret"),
            attempt: 1,
            began: String::from("b"),
            ended: text("e"),
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
            began: String::from("b"),
            attempts: 2,
            calls: vec![call],
            ..ShownRun::default()
        };
        let shown = ShownRotation {
            arn: String::from("arn:s"),
            name: String::from("db"),
            rotation_enabled: Some(true),
            rotation_lambda_arn: text("arn:f"),
            automatically_after_days: Some(30),
            duration: text("2h"),
            next_attempt: text("soon"),
            next_windows: vec![ShownWindow {
                opens: String::from("o"),
                closes: String::from("c"),
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
             next attempt: soon\n\n\
             WINDOW OPENS  CLOSES\n\
             o             c\n\n\
             rotation of version v1, by schedule: in progress, attempt 2, b to now\n\
             STEP          ATTEMPT  BEGAN  ENDED  OUTCOME  ERROR               LOG STREAM\n\
             createSecret  1        b      e      failed   ValueError: no way  stream\n\
             log of createSecret, attempt 1:\n  \
             START\n  \
             END"
        );
    }
}
