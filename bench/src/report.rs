//! What a run found, for people and for programs.

use crate::Error;
use crate::measure::{Figures, quotient};
use crate::operation::{BATCH, Operation};
use crate::table::{Table, whole};
use serde::Serialize;
use std::fs;
use std::path::Path;

/// Everything that a run found.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) rounds: u32,
    pub(crate) seconds: f64,
    pub(crate) footprints: Vec<Footprint>,
    pub(crate) sizes: Vec<Size>,
}

/// Where it ran.
#[derive(Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) kernel: String,
}

/// What the server needs with a number of secrets.
#[derive(Serialize)]
pub(crate) struct Footprint {
    pub(crate) secrets: usize,
    /// From the start of the process to its ready line.
    pub(crate) start_up_ms: f64,
    /// Memory when it became ready.
    pub(crate) started_mib: f64,
    /// Memory when each secret was read once.
    pub(crate) read_mib: Option<f64>,
    /// Memory after all measurements.
    pub(crate) loaded_mib: Option<f64>,
}

/// The measurements with a number of secrets.
#[derive(Serialize)]
pub(crate) struct Size {
    /// `None` when only the limits were measured.
    pub(crate) secrets: Option<usize>,
    pub(crate) comparisons: Vec<Comparison>,
}

/// The server and the bare server under the same load.
#[derive(Serialize)]
pub(crate) struct Comparison {
    pub(crate) operation: Operation,
    pub(crate) connections: usize,
    /// Requests per second, when the rate was fixed.
    pub(crate) rate: Option<u32>,
    /// The size of the server's answers, and of the bare server's.
    pub(crate) answer_bytes: usize,
    pub(crate) server: Option<Series>,
    pub(crate) bare: Option<Series>,
}

/// One side's rounds and their medians.
#[derive(Serialize)]
pub(crate) struct Series {
    pub(crate) median: Figures,
    pub(crate) rounds: Vec<Figures>,
}

impl Series {
    /// The rounds with their medians. `None` without rounds.
    pub(crate) fn of(rounds: Vec<Figures>) -> Option<Self> {
        (!rounds.is_empty()).then(|| Self {
            median: Figures::medians(&rounds),
            rounds,
        })
    }
}

impl Report {
    /// The report as tables.
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!(
            "{} cores, Linux {}; rounds: {} of {} s each, medians shown\n\
             bare: the least that such a server can do, here and now; ratio: ours to bare\n",
            self.machine.cores, self.machine.kernel, self.rounds, self.seconds
        );
        for size in &self.sizes {
            text.push('\n');
            text.push_str(&size.to_text());
        }
        if !self.footprints.is_empty() {
            text.push('\n');
            text.push_str(&footprints(&self.footprints));
        }
        text
    }
}

/// Writes everything, with each round, to `path`.
pub(crate) fn write_json(report: &impl Serialize, path: &Path) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    fs::write(path, text).map_err(Error::io(path.display().to_string()))
}

impl Size {
    fn to_text(&self) -> String {
        let mut text = match self.secrets {
            Some(secrets) => format!("{} secrets\n", whole(secrets as f64)),
            None => String::from("limits of this machine\n"),
        };
        text.push_str(&comparisons(&self.comparisons));
        for batch in self.comparisons.iter().filter_map(|one| self.batch(one)) {
            text.push_str(&batch);
        }
        text
    }

    /// What reading in batches gains over reading one by one.
    fn batch(&self, comparison: &Comparison) -> Option<String> {
        if comparison.operation != Operation::Batch {
            return None;
        }
        let values = comparison.server.as_ref()?.median.per_second * BATCH as f64;
        let connections = comparison.connections;
        let single = self.comparisons.iter().find(|one| {
            (one.operation, one.connections, one.rate) == (Operation::Get, connections, None)
        });
        let single = single?.server.as_ref()?.median.per_second;
        Some(format!(
            "in batches of {BATCH}: {} values/s, {:.1} times as many as one by one\n",
            whole(values),
            quotient(values, single)
        ))
    }
}

fn comparisons(comparisons: &[Comparison]) -> String {
    let mut table = Table::new(&[
        "operation",
        "conns",
        "req/s",
        "bare",
        "ratio",
        "cpu us",
        "bare",
        "ratio",
        "p50 ms",
        "bare",
        "p99 ms",
        "bare",
        "ratio",
    ]);
    for comparison in comparisons {
        table.row(row(comparison));
    }
    table.to_text()
}

fn row(comparison: &Comparison) -> Vec<String> {
    let server = comparison.server.as_ref().map(|series| series.median);
    let bare = comparison.bare.as_ref().map(|series| series.median);
    let name = comparison.operation.name();
    let name = match comparison.rate {
        Some(rate) => format!("{name} at {}/s", whole(f64::from(rate))),
        None => name.to_owned(),
    };
    let mut row = vec![name, comparison.connections.to_string()];
    for number in NUMBERS {
        let is_told = comparison.rate.is_none() || number.at_rate;
        let ours = server.as_ref().map(number.of).filter(|_| is_told);
        let limit = bare.as_ref().map(number.of).filter(|_| is_told);
        row.push(ours.map_or_else(none, number.written));
        row.push(limit.map_or_else(none, number.written));
        if number.has_ratio {
            let ratio = ours.zip(limit).map(|(ours, limit)| quotient(ours, limit));
            row.push(ratio.map_or_else(none, two_decimals));
        }
    }
    row
}

/// How one of the figures is shown.
struct Number {
    of: fn(&Figures) -> f64,
    written: fn(f64) -> String,
    has_ratio: bool,
    /// Whether it means anything at a fixed rate. There the kernel's clock, which counts hundredths
    /// of a second, is too coarse for the little processor time that is used.
    at_rate: bool,
}

fn footprints(footprints: &[Footprint]) -> String {
    let mut table = Table::new(&[
        "secrets",
        "start-up ms",
        "MiB started",
        "MiB all read",
        "MiB after load",
    ]);
    for footprint in footprints {
        table.row([
            whole(footprint.secrets as f64),
            one_decimal(footprint.start_up_ms),
            one_decimal(footprint.started_mib),
            footprint.read_mib.map_or_else(none, one_decimal),
            footprint.loaded_mib.map_or_else(none, one_decimal),
        ]);
    }
    table.to_text()
}

pub(crate) fn one_decimal(number: f64) -> String {
    format!("{number:.1}")
}

pub(crate) fn two_decimals(number: f64) -> String {
    format!("{number:.2}")
}

pub(crate) fn three_decimals(number: f64) -> String {
    format!("{number:.3}")
}

fn none() -> String {
    String::from("-")
}

const NUMBERS: [Number; 4] = [
    Number {
        of: |figures| figures.per_second,
        written: whole,
        has_ratio: true,
        at_rate: true,
    },
    Number {
        of: |figures| figures.cpu_us,
        written: one_decimal,
        has_ratio: true,
        at_rate: false,
    },
    Number {
        of: |figures| figures.p50_ms,
        written: three_decimals,
        has_ratio: false,
        at_rate: true,
    },
    Number {
        of: |figures| figures.p99_ms,
        written: three_decimals,
        has_ratio: true,
        at_rate: true,
    },
];

#[cfg(test)]
mod tests;
