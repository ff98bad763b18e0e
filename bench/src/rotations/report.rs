//! What was found, for people and for programs.

use crate::args::Form;
use crate::measure::{Figures, median, quotient};
use crate::report::{Machine, Series, one_decimal, three_decimals, two_decimals};
use crate::table::{Table, whole};
use serde::Serialize;

/// Everything that was found.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    /// How many were rotated at once.
    pub(crate) secrets: usize,
    pub(crate) rounds: u32,
    /// Of each measurement without rotations.
    pub(crate) seconds: f64,
    pub(crate) function: Place,
    pub(crate) loads: Vec<Loaded>,
}

/// Where the function ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    Elsewhere,
    Process,
}

impl From<Form> for Place {
    fn from(form: Form) -> Self {
        match form {
            Form::Elsewhere => Self::Elsewhere,
            Form::Process => Self::Process,
        }
    }
}

/// Reads under one load, without rotations and during them.
#[derive(Serialize)]
pub(crate) struct Loaded {
    pub(crate) connections: usize,
    /// Requests per second, when the rate was fixed.
    pub(crate) rate: Option<u32>,
    /// Two for each round: before and after.
    pub(crate) quiet: Option<Series>,
    pub(crate) during: Option<Series>,
    pub(crate) turns: Vec<Turn>,
}

/// One rotation of all secrets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Turn {
    /// How many rotations ended well: all, or the run had failed.
    pub(crate) rotated: usize,
    /// Until the last was asked for.
    pub(crate) asked_seconds: f64,
    /// Until the last was seen to have ended.
    pub(crate) seconds: f64,
    /// Processor time of the server for one rotation: what it used more than its reads cost.
    pub(crate) server_cpu_ms: f64,
    /// Processor time of the function for one rotation.
    pub(crate) function_cpu_ms: f64,
}

impl Loaded {
    pub(super) fn of(
        connections: usize,
        rate: Option<u32>,
        quiet: Vec<Figures>,
        during: Vec<Figures>,
        turns: Vec<Turn>,
    ) -> Self {
        Self {
            connections,
            rate,
            quiet: Series::of(quiet),
            during: Series::of(during),
            turns,
        }
    }

    fn name(&self) -> String {
        match self.rate {
            Some(rate) => format!("GetSecretValue at {}/s", whole(f64::from(rate))),
            None => String::from("GetSecretValue"),
        }
    }

    fn reads(&self) -> Vec<String> {
        let figures = |series: &Option<Series>| series.as_ref().map(|series| series.median);
        let quiet = figures(&self.quiet).unwrap_or_default();
        let during = figures(&self.during).unwrap_or_default();
        let mut row = vec![self.name(), self.connections.to_string()];
        for number in NUMBERS {
            let (without, with) = ((number.of)(&quiet), (number.of)(&during));
            row.push((number.written)(without));
            row.push((number.written)(with));
            row.push(two_decimals(quotient(with, without)));
        }
        row
    }

    fn rotations(&self, cores: usize) -> Vec<String> {
        let of = |number: fn(&Turn) -> f64| median(self.turns.iter().map(number).collect());
        let left = self.turns.iter().map(|turn| turn.left(cores)).collect();
        vec![
            self.name(),
            whole(of(|turn| turn.rotated as f64)),
            two_decimals(of(|turn| turn.asked_seconds)),
            one_decimal(of(|turn| turn.seconds)),
            one_decimal(of(|turn| quotient(turn.rotated as f64, turn.seconds))),
            one_decimal(of(|turn| turn.server_cpu_ms)),
            one_decimal(of(|turn| turn.function_cpu_ms)),
            two_decimals(median(left)),
        ]
    }
}

impl Turn {
    /// The share of the machine's processors that the rotations left to others.
    fn left(&self, cores: usize) -> f64 {
        let used = (self.server_cpu_ms + self.function_cpu_ms) * self.rotated as f64;
        (1.0 - quotient(used, self.seconds * 1e3 * cores as f64)).max(0.0)
    }
}

impl Report {
    /// The report as tables.
    pub(crate) fn to_text(&self) -> String {
        let place = match self.function {
            Place::Elsewhere => "in one process elsewhere on this machine",
            Place::Process => "in a process of its own for each step",
        };
        let mut reads = Table::new(&[
            "reads", "conns", "req/s", "rotating", "ratio", "p50 ms", "rotating", "ratio",
            "p99 ms", "rotating", "ratio",
        ]);
        let mut rotations = Table::new(&[
            "rotations beside",
            "rotated",
            "asked s",
            "all s",
            "per s",
            "server cpu ms",
            "function cpu ms",
            "cpu left",
        ]);
        for load in &self.loads {
            reads.row(load.reads());
            rotations.row(load.rotations(self.machine.cores));
        }
        format!(
            "{} cores, Linux {}; rounds: {}, with {} s before and after each, medians shown\n\
             {} secrets rotated at once, and as many others read; the function runs {place}\n\n\
             {}\n{}",
            self.machine.cores,
            self.machine.kernel,
            self.rounds,
            self.seconds,
            whole(self.secrets as f64),
            reads.to_text(),
            rotations.to_text(),
        )
    }
}

/// How one of the figures is shown.
struct Number {
    of: fn(&Figures) -> f64,
    written: fn(f64) -> String,
}

const NUMBERS: [Number; 3] = [
    Number {
        of: |figures| figures.per_second,
        written: whole,
    },
    Number {
        of: |figures| figures.p50_ms,
        written: three_decimals,
    },
    Number {
        of: |figures| figures.p99_ms,
        written: three_decimals,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(per_second: f64) -> Figures {
        Figures {
            per_second,
            cpu_us: 30.0,
            p50_ms: 1_000.0 / per_second,
            p99_ms: 5_000.0 / per_second,
        }
    }

    fn turn() -> Turn {
        Turn {
            rotated: 1_000,
            asked_seconds: 0.75,
            seconds: 10.0,
            server_cpu_ms: 7.0,
            function_cpu_ms: 3.0,
        }
    }

    fn report() -> Report {
        let load = |rate, quiet: f64, during: f64| {
            let quiet = vec![figures(quiet), figures(quiet)];
            Loaded::of(16, rate, quiet, vec![figures(during)], vec![turn()])
        };
        Report {
            machine: Machine {
                cores: 2,
                kernel: String::from("6.1.0"),
            },
            secrets: 1_000,
            rounds: 1,
            seconds: 5.0,
            function: Place::Elsewhere,
            loads: vec![
                load(None, 20_000.0, 10_000.0),
                load(Some(1_000), 1_000.0, 1_000.0),
            ],
        }
    }

    #[test]
    fn reads_stand_beside_the_same_reads_during_rotations() {
        assert_eq!(
            report().to_text(),
            "\
2 cores, Linux 6.1.0; rounds: 1, with 5 s before and after each, medians shown
1,000 secrets rotated at once, and as many others read; the function runs in one process elsewhere on this machine

reads                      conns   req/s  rotating  ratio  p50 ms  rotating  ratio  p99 ms  rotating  ratio
GetSecretValue                16  20,000    10,000   0.50   0.050     0.100   2.00   0.250     0.500   2.00
GetSecretValue at 1,000/s     16   1,000     1,000   1.00   1.000     1.000   1.00   5.000     5.000   1.00

rotations beside           rotated  asked s  all s  per s  server cpu ms  function cpu ms  cpu left
GetSecretValue               1,000     0.75   10.0  100.0            7.0              3.0      0.50
GetSecretValue at 1,000/s    1,000     0.75   10.0  100.0            7.0              3.0      0.50
"
        );
    }

    #[test]
    fn what_is_left_is_a_share_and_never_less_than_nothing() {
        assert_eq!(turn().left(2), 0.5);
        assert_eq!(turn().left(1), 0.0);
        let short = Turn {
            seconds: 0.0,
            ..turn()
        };
        assert_eq!(short.left(2), 1.0);
    }

    #[test]
    fn every_round_is_kept_for_programs() {
        let json = serde_json::to_value(report()).unwrap();

        assert_eq!(json["function"], "elsewhere");
        assert_eq!(
            json["loads"][0]["quiet"]["rounds"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
        assert_eq!(json["loads"][1]["turns"][0]["rotated"], 1_000);
    }
}
