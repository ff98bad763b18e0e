//! Kill -9 at random moments under concurrent writers, over one data directory, many times.
//!
//! After each restart: what was acknowledged is there and equal; a change whose answer never came
//! is there wholly or not at all; labels are in order; each answered request has exactly one event
//! in the audit log, and so has each change that was carried out without an answer.
//!
//! `STRONGROOM_CRASH_ROUNDS` says how often (200), `STRONGROOM_CRASH_SEED` repeats the choices of a
//! run that failed (not its timing).

mod check;
mod model;
mod writer;

use check::Checker;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::Write as _;
use std::sync::mpsc;
use std::time::Duration;
use strongroom_sdk_tests::{AuditLog, Dice, Launch, Server, duplicates, number};
use writer::Writer;

#[test]
fn nothing_acknowledged_is_lost_in_crashes() {
    let rounds = number("STRONGROOM_CRASH_ROUNDS").unwrap_or(200);
    let seed = number("STRONGROOM_CRASH_SEED").unwrap_or_else(Dice::fresh_seed);
    let _tell = TellSeed(seed);
    let mut trial = Trial::new(seed);

    for round in 0..rounds {
        trial.round(round, round % 50 == 49);
    }
    trial.check_thoroughly();

    let say = format!(
        "{rounds} crashes, {} answers, {} of {} cut changes carried out: all accounted for\n",
        trial.answered.len(),
        trial.carried_out,
        trial.cut,
    );
    let _ = std::io::stderr().write_all(say.as_bytes());
}

/// One server, crashed again and again.
struct Trial {
    server: Server,
    dice: Dice,
    writers: Vec<Writer>,
    log: AuditLog,
    /// Every answer since the first start.
    answered: Vec<String>,
    /// How many of them were looked up in the audit log.
    audited: usize,
    /// How many changes were never answered.
    cut: usize,
    /// How many of those were carried out.
    carried_out: usize,
}

impl Trial {
    fn new(seed: u64) -> Self {
        let server = Launch::default().flag("--log").flag("warn").start();
        Self {
            log: server.audit_log(),
            server,
            dice: Dice::new(seed),
            writers: (1..=WRITERS)
                .map(|number| Writer::new(number, seed))
                .collect(),
            answered: Vec::new(),
            audited: 0,
            cut: 0,
            carried_out: 0,
        }
    }

    /// Writes, crashes, starts again and checks.
    fn round(&mut self, round: u64, is_thorough: bool) {
        let shared = format!("shared/{round}");
        let mut checker = Checker::new(self.server.client());
        checker.ok(
            "CreateSecret",
            &json!({
                "Name": shared, "SecretString": "x", "ClientRequestToken": self.dice.token(),
            }),
        );
        self.answered.append(&mut checker.answered);

        self.write_until_the_crash(&shared);
        for _ in 0..*self.dice.pick(&[0, 0, 0, 0, 1, 3]) {
            self.server
                .start_in_vain(Duration::from_micros(self.dice.below(60_000) as u64));
        }
        self.server.start_again();

        let mut checker = Checker::new(self.server.client());
        for writer in &mut self.writers {
            self.answered.append(&mut writer.answered);
            self.cut += writer.cut_changes();
            checker.own_secrets(writer, is_thorough);
            checker.shared_secret(&shared, &std::mem::take(&mut writer.shared));
        }
        checker.ok(
            "DeleteSecret",
            &json!({
                "SecretId": shared, "ForceDeleteWithoutRecovery": true,
            }),
        );
        self.answered.append(&mut checker.answered);
        let events = self.log.new_events();
        let new = &self.answered[self.audited..];
        assert_eq!(duplicates(&events, new), Vec::<String>::new());
        have_events(&events, &checker.carried_out);
        self.carried_out += checker.carried_out.len();
        self.audited = self.answered.len();
    }

    fn write_until_the_crash(&mut self, shared: &str) {
        let answers = 1 + self.dice.below(MOST_ANSWERS);
        let moment = Duration::from_micros(self.dice.below(2_000) as u64);
        let (progress, answered) = mpsc::channel();
        let server = &mut self.server;
        std::thread::scope(|scope| {
            for writer in &mut self.writers {
                let (client, progress) = (server.client(), progress.clone());
                scope.spawn(move || writer.run(client, shared, &progress));
            }
            drop(progress);
            for _ in 0..answers {
                answered
                    .recv_timeout(PATIENCE)
                    .expect("the server goes on answering");
            }
            // The moment of the crash lies anywhere between two answers.
            std::thread::sleep(moment);
            server.kill();
        });
    }

    /// Every secret, every value, every line of the log.
    fn check_thoroughly(&mut self) {
        let mut checker = Checker::new(self.server.client());
        for writer in &mut self.writers {
            checker.own_secrets(writer, true);
        }
        self.answered.append(&mut checker.answered);

        let events = self.server.audit_log().new_events();
        let distinct: HashSet<_> = self.answered.iter().collect();
        assert_eq!(
            distinct.len(),
            self.answered.len(),
            "two answers share a request id"
        );
        assert_eq!(duplicates(&events, &self.answered), Vec::<String>::new());
        assert!(self.server.stop().success());
        assert!(self.server.audit_log().ends_whole());
        assert_eq!(self.server.verified_audit_log()["unsignedEvents"], 0);
    }
}

/// A change that was carried out has its event, answered or not.
fn have_events(events: &[Value], tokens: &[String]) {
    for token in tokens {
        let of_token = events.iter().filter(|event| {
            event["requestParameters"]["clientRequestToken"] == *token
                && event["errorCode"].is_null()
        });
        assert_eq!(of_token.count(), 1, "events of the change {token}");
    }
}

/// Says how to run the same choices again, should the test fail.
struct TellSeed(u64);

impl Drop for TellSeed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let say = format!("to repeat the choices: STRONGROOM_CRASH_SEED={}\n", self.0);
            let _ = std::io::stderr().write_all(say.as_bytes());
        }
    }
}

const WRITERS: usize = 4;
/// The crash comes after at most so many answers.
const MOST_ANSWERS: usize = 150;
/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(60);
