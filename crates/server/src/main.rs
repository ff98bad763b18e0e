//! The `strongroom` binary: configuration, boot, listeners, the audit file, operator commands.
//!
//! Rules kept here: nothing in this crate decides what an AWS request may do (that is `services`);
//! the system clock, the system's chance and the environment are touched here and nowhere else; a
//! part that protects secrets and fails stops the request, or the server, and never steps aside.

mod admin;
mod audit;
mod boot;
mod buckets;
mod cli;
mod commands;
mod config;
mod delivering;
mod error;
mod files;
mod functions;
mod health;
mod judging;
mod listen;
mod logging;
mod messenger;
mod metrics;
mod node;
mod oidc;
mod outbound;
mod outside;
mod process;
mod resealing;
mod rotating;
mod s3;
mod serve;
mod tasks;
mod tls;
mod traces;

use clap::Parser as _;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// An answer takes some hundred small allocations, which this allocator makes twice as fast as the
/// system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // SECURITY: before anything of the server: what comes next here is a function.
    if process::is_started_as(functions::LAUNCHER) {
        return runner::launch();
    }
    let cli = cli::Cli::parse();
    let outcome = match &cli.command {
        cli::Command::Init(flags) => commands::init(flags, cli.json),
        cli::Command::Serve(flags) => serve::run(flags),
        cli::Command::Account(command) => commands::account(command, cli.json),
        cli::Command::Admin(command) => commands::admin(command),
        cli::Command::Audit(command) => commands::audit(command, cli.json),
        cli::Command::Explain(flags) => commands::explain(flags, cli.json),
        cli::Command::Functions(command) => commands::functions(command, cli.json),
        cli::Command::Access(asked) => commands::access(asked, cli.json),
        cli::Command::Unused(asked) => commands::unused(asked, cli.json),
        cli::Command::Quotas(flags) => commands::quotas(flags, cli.json),
        cli::Command::Deliveries(flags) => commands::deliveries(flags, cli.json),
        cli::Command::Node(command) => commands::node(command, cli.json),
        cli::Command::Rotation(command) => commands::rotation(command, cli.json),
        cli::Command::Rotator(command) => commands::rotator(command, cli.json),
        cli::Command::Seal(command) => commands::seal(command, cli.json),
        cli::Command::WhoCan(flags) => commands::who_can(flags, cli.json),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error::report(&error);
            ExitCode::from(error.exit_code())
        }
    }
}
