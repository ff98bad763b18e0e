use crate::operation::{Operation, SECRETS_MANAGER};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// The command line.
#[derive(Parser)]
#[command(about, version, args_conflicts_with_subcommands = true)]
pub(crate) struct Invocation {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// What else the binary can be.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Be the bare server (started by the benchmark itself).
    #[command(hide = true)]
    Bare(BareSettings),
    /// Be the rotation function (started by the benchmark, or by the server that it measures).
    #[command(hide = true)]
    Function(FunctionSettings),
    /// Measure reads while many secrets are rotated at once, and without.
    Rotations(RotationSettings),
}

/// How many secrets to rotate, and what to read meanwhile.
#[derive(Args, Clone)]
pub(crate) struct RotationSettings {
    /// How many secrets are rotated at once. As many others are read.
    #[arg(long, default_value = "1000", value_parser = secrets)]
    pub(crate) secrets: usize,
    /// How often all of them are rotated for each load; the median counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rounds: u32,
    /// Seconds to measure without rotations, before and after each round.
    #[arg(long, default_value = "5", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Connections that read.
    #[arg(long, default_value = "16", value_parser = connections)]
    pub(crate) connections: usize,
    /// Where the rotation function runs.
    #[arg(long, value_enum, default_value_t = Form::Elsewhere)]
    pub(crate) function: Form,
    /// Rotations under way at once, by default as many as the server has by default.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) workers: Option<u16>,
    /// The server's binary, by default `strongroom` beside this one.
    #[arg(long, value_name = "PATH")]
    pub(crate) server: Option<PathBuf>,
    /// Where data directories are made: on the disk whose syncs you want to measure.
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    pub(crate) dir: PathBuf,
    /// Also write everything measured to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

/// Where a rotation function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// In one process of this program that the server calls.
    Elsewhere,
    /// In an isolated process for each step, which the server starts.
    Process,
}

/// How the rotation function is to be.
#[derive(Args, Clone)]
pub(crate) struct FunctionSettings {
    /// Be called at an address of its own, and find here which server to call. Without it, ask the
    /// runtime that started it.
    #[arg(long)]
    pub(crate) data_dir: Option<PathBuf>,
}

/// What to measure, and how long.
#[derive(Args, Clone)]
pub(crate) struct Settings {
    /// How often each measurement is repeated; the median counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rounds: u32,
    /// Seconds that one measurement takes, after a fifth as much to warm up.
    #[arg(long, default_value = "2", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Numbers of connections.
    #[arg(long, value_delimiter = ',', default_values_t = [16, 64], value_parser = connections)]
    pub(crate) connections: Vec<usize>,
    /// Numbers of secrets in the store.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 100_000], value_parser = secrets)]
    pub(crate) secrets: Vec<usize>,
    /// Operations to measure, by default all.
    #[arg(long, value_delimiter = ',', value_enum, default_values_t = Operation::MEASURED)]
    pub(crate) operations: Vec<Operation>,
    /// The server's binary, by default `strongroom` beside this one.
    #[arg(long, value_name = "PATH")]
    pub(crate) server: Option<PathBuf>,
    /// Where data directories are made: on the disk whose syncs you want to measure.
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    pub(crate) dir: PathBuf,
    /// Also write everything measured to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Another build of the server, to be measured in the place of the bare server: on a store of its own
    /// with the same content.
    #[arg(long, value_name = "PATH", conflicts_with = "limits_only")]
    pub(crate) against: Option<PathBuf>,
    /// Measure only the bare server: the limits of this machine.
    #[arg(long)]
    pub(crate) limits_only: bool,
}

/// How a bare server answers.
#[derive(Args, Clone)]
pub(crate) struct BareSettings {
    /// Where it leaves its certificate and credentials.
    #[arg(long)]
    pub(crate) data_dir: PathBuf,
    /// The size of every answer.
    #[arg(long)]
    pub(crate) answer_bytes: usize,
    /// The signing name of the service that it stands for.
    #[arg(long, default_value = SECRETS_MANAGER)]
    pub(crate) service: String,
    /// Make each request durable before it is answered.
    #[arg(long)]
    pub(crate) durable: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| String::from("not a number"))?;
    if (0.1..=600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(String::from("from 0.1 to 600"))
    }
}

fn connections(text: &str) -> Result<usize, String> {
    within(text, 1, 4_096)
}

/// At least as many secrets as one BatchGetSecretValue names, so that its answer is full.
fn secrets(text: &str) -> Result<usize, String> {
    within(text, 20, 999_999)
}

fn within(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|_| String::from("not a number"))?;
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(format!("from {least} to {most}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(arguments: &[&str]) -> Result<Settings, clap::Error> {
        let all = std::iter::once(&"strongroom-bench").chain(arguments);
        Invocation::try_parse_from(all).map(|invocation| invocation.settings)
    }

    #[test]
    fn without_arguments_the_documented_defaults_hold() {
        let settings = settings(&[]).unwrap();

        assert_eq!(settings.rounds, 5);
        assert_eq!(settings.seconds, Duration::from_secs(2));
        assert_eq!(settings.connections, [16, 64]);
        assert_eq!(settings.secrets, [1_000, 100_000]);
        assert_eq!(settings.operations, Operation::MEASURED);
        assert!(!settings.limits_only);
    }

    #[test]
    fn another_build_is_a_limit_of_its_own() {
        let against = settings(&["--against", "strongroom-other"]).unwrap();

        assert_eq!(against.against, Some(PathBuf::from("strongroom-other")));
        assert!(settings(&["--against", "x", "--limits-only"]).is_err());
    }

    #[test]
    fn lists_are_separated_by_commas() {
        let settings = settings(&[
            "--connections",
            "1,2",
            "--secrets",
            "20",
            "--operations",
            "get,put",
            "--seconds",
            "0.5",
        ])
        .unwrap();

        assert_eq!(settings.connections, [1, 2]);
        assert_eq!(settings.secrets, [20]);
        assert_eq!(settings.operations, [Operation::Get, Operation::Put]);
        assert_eq!(settings.seconds, Duration::from_millis(500));
    }

    #[test]
    fn keys_are_measured_by_name() {
        let settings = settings(&[
            "--operations",
            "get-under-customer-key,generate-data-key,decrypt",
        ])
        .unwrap();

        assert_eq!(
            settings.operations,
            [
                Operation::GetUnderCustomerKey,
                Operation::GenerateDataKey,
                Operation::Decrypt
            ]
        );
    }

    #[test]
    fn a_thousand_secrets_are_rotated_by_default() {
        let invocation = Invocation::try_parse_from(["strongroom-bench", "rotations"]).unwrap();

        let Some(Command::Rotations(settings)) = invocation.command else {
            panic!("another command");
        };
        assert_eq!((settings.secrets, settings.rounds), (1_000, 3));
        assert_eq!(settings.function, Form::Elsewhere);
        assert_eq!(settings.workers, None);
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        for arguments in [
            ["--rounds", "0"],
            ["--seconds", "0"],
            ["--seconds", "nan"],
            ["--connections", "0"],
            ["--secrets", "19"],
            ["--secrets", "1000000"],
            ["--secrets", "many"],
        ] {
            assert!(settings(&arguments).is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn the_bare_server_takes_no_settings_of_the_run() {
        let mixed = [
            "--rounds",
            "3",
            "bare",
            "--data-dir",
            "d",
            "--answer-bytes",
            "1",
        ];

        assert!(settings(&mixed).is_err());
    }
}
