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
mod run;
mod sign;
mod table;
mod target;

use args::{Command, Invocation};
use clap::Parser;
use error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    let invocation = Invocation::parse();
    let outcome = match &invocation.command {
        Some(Command::Bare(settings)) => bare::serve(settings),
        None => run::all(&invocation.settings).and_then(|report| publish(&report, &invocation)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn publish(report: &report::Report, invocation: &Invocation) -> Result<(), Error> {
    print(&report.to_text());
    match &invocation.settings.json {
        Some(path) => report.write_json(path),
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
