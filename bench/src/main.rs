//! How near the server comes to the limits of this machine.
//!
//! Rules kept here: every number of the server stands beside that of a *bare* server that does
//! only what no such server can leave out, measured in the same run, in turns; an answer that is
//! not the expected one fails the run; what is measured lives in another process than what
//! measures.

mod args;
mod bare;
mod case;
mod clock;
mod content;
mod error;
mod keys;
mod load;
mod measure;
mod operation;
mod people;
mod report;
mod rotations;
mod run;
mod sign;
mod table;
mod target;

use args::{Command, Invocation};
use clap::Parser;
use error::Error;
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let invocation = Invocation::parse();
    let outcome = match &invocation.command {
        Some(Command::Bare(settings)) => bare::serve(settings),
        Some(Command::Function(settings)) => rotations::function(settings),
        Some(Command::Rotations(settings)) => rotations::measure(settings)
            .and_then(|report| publish(&report.to_text(), &report, settings.json.as_deref())),
        None => run::all(&invocation.settings).and_then(|report| {
            let path = invocation.settings.json.as_deref();
            publish(&report.to_text(), &report, path)
        }),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Prints the tables, and writes everything to the file at `path` if there is to be one.
fn publish(tables: &str, report: &impl Serialize, path: Option<&Path>) -> Result<(), Error> {
    print(tables);
    match path {
        Some(path) => report::write_json(report, path),
        None => Ok(()),
    }
}

#[expect(clippy::print_stdout, reason = "the tables are the product")]
fn print(text: &str) {
    print!("{text}");
}

#[expect(
    clippy::print_stderr,
    reason = "the reason of a failure belongs on stderr"
)]
fn complain(error: &Error) {
    eprintln!("error: {error}");
}
