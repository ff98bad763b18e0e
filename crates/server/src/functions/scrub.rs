//! The values that were in play in a run, and text without them.

use super::event;
use runner::{Scrubber, readable};
use services::ports::{Execution, FunctionFailure, LogLine};
use services::{InPlay, NotAllKnown};

/// Puts in play what a run knows from the start: the function's variables, its credentials and the token
/// of a rotation.
pub(super) fn begin(execution: &Execution<'_>) {
    let credentials = &execution.credentials;
    let environment = execution.function.environment.iter();
    let rotation_token = event::read(execution.payload).and_then(|event| event.rotation_token);
    environment
        .map(|(_, value)| value)
        .chain([&credentials.secret_access_key, &credentials.session_token])
        .chain(&rotation_token)
        .for_each(|value| execution.in_play.add(value));
}

/// A failure that can be shown.
///
/// SECURITY: the words may be those of a function or of a server elsewhere.
pub(super) fn failure(kind: &str, message: &str) -> FunctionFailure {
    FunctionFailure {
        kind: readable(kind),
        message: readable(message),
    }
}

/// What a run told, as it can be shown, without what is `in_play`; or nothing of it, if that is not all.
pub(super) fn clean(
    log: Vec<LogLine>,
    failed: Option<FunctionFailure>,
    in_play: &InPlay,
) -> (Vec<LogLine>, Option<FunctionFailure>) {
    let values = match in_play.values() {
        Ok(values) => values,
        Err(why) => return withheld(&log, failed, why),
    };
    let scrubber = Scrubber::new(&values);
    let log = log.into_iter().map(|line| LogLine {
        at: line.at,
        text: readable(&scrubber.scrub(&line.text)),
    });
    let cleaned = |told: FunctionFailure| {
        failure(&scrubber.scrub(&told.kind), &scrubber.scrub(&told.message))
    };
    (log.collect(), failed.map(cleaned))
}

/// One line in the place of a log, and no word of a failure.
pub(super) fn withheld(
    log: &[LogLine],
    failure: Option<FunctionFailure>,
    why: NotAllKnown,
) -> (Vec<LogLine>, Option<FunctionFailure>) {
    let text = format!("withheld: {why}");
    let line = |last: &LogLine| LogLine {
        at: last.at,
        text: text.clone(),
    };
    let lines = log.last().map(line).into_iter().collect();
    let failure = failure.map(|_| FunctionFailure {
        kind: String::from("Withheld"),
        message: text,
    });
    (lines, failure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::fixtures::{self, plain};
    use base::{Plaintext, Timestamp};

    fn line(text: &str) -> LogLine {
        LogLine {
            at: Timestamp::from_millis(7),
            text: text.to_owned(),
        }
    }

    fn failed(message: &str) -> Option<FunctionFailure> {
        Some(FunctionFailure {
            kind: String::from("ValueError"),
            message: message.to_owned(),
        })
    }

    #[test]
    fn variables_credentials_and_the_rotation_token_are_in_play() {
        let payload = plain(r#"{"Step":"createSecret","RotationToken":"token-of-rotation"}"#);
        let mut execution = fixtures::execution(&payload);
        execution.function.environment = vec![(String::from("KEY"), plain("of-environment"))];

        begin(&execution);

        let values = execution.in_play.values().unwrap();
        let texts: Vec<_> = values.iter().map(Plaintext::expose).collect();
        assert_eq!(
            texts,
            [
                b"of-environment".as_slice(),
                b"secret-access-key",
                b"session-token",
                b"token-of-rotation"
            ]
        );
    }

    #[test]
    fn values_leave_log_and_failure() {
        let in_play = InPlay::default();
        in_play.add(&plain(r#"{"password":"hunter2hunter2"}"#));
        in_play.add(&plain("swordfish"));

        let (log, failure) = clean(
            vec![line("set hunter2hunter2"), line("env swordfish")],
            failed("no: hunter2hunter2"),
            &in_play,
        );

        assert_eq!(log, [line("set ***"), line("env ***")]);
        assert_eq!(failure.unwrap().message, "no: ***");
    }

    #[test]
    fn controls_leave_log_and_failure_after_the_values_did() {
        let in_play = InPlay::default();
        in_play.add(&plain("sword\u{7}fish"));

        let (log, failure) = clean(
            vec![line("\u{1b}[2J it\tsaid\nsword\u{7}fish\u{9b}1m")],
            failed("\u{1b}]0;title\u{7}no"),
            &in_play,
        );

        assert_eq!(log, [line("\u{fffd}[2J it\tsaid\n***\u{fffd}1m")]);
        assert_eq!(failure.unwrap().message, "\u{fffd}]0;title\u{fffd}no");
    }

    #[test]
    fn nothing_is_told_when_not_all_values_are_known() {
        for why in [NotAllKnown::TooMany, NotAllKnown::NotOpened] {
            let in_play = InPlay::default();
            in_play.has_gap(why);

            let (log, failure) = clean(
                vec![line("set hunter2hunter2"), line("done")],
                failed("no: hunter2hunter2"),
                &in_play,
            );

            let text = format!("withheld: {why}");
            assert_eq!(log, [line(&text)]);
            let failure = failure.unwrap();
            assert_eq!((failure.kind.as_str(), failure.message), ("Withheld", text));
        }
    }
}
