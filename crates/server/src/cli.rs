//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// AWS Secrets Manager, on your own machines.
#[derive(Debug, Parser)]
#[command(name = "strongroom", version, about)]
pub(crate) struct Cli {
    /// Print JSON instead of a table.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server.
    Serve(ServeFlags),
    /// Create and list the accounts of a running server.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Show and rotate the keys that seal the store of a running server.
    #[command(subcommand)]
    Seal(SealCommand),
}

/// The flags of `serve`. Each overrides the configuration file.
#[derive(Debug, Default, Args)]
pub(crate) struct ServeFlags {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where everything is kept [default: data].
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Serve HTTPS here; may be repeated [default: 127.0.0.1:8443, unless --listen-plain is given].
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Vec<String>,
    /// Serve HTTP without TLS here, on a loopback address; may be repeated.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen_plain: Vec<String>,
    /// The first account's number, chosen at the first start [default: a random one].
    #[arg(long, value_name = "12DIGITS")]
    pub(crate) account_id: Option<String>,
    /// The first account's Region, chosen at the first start [default: us-east-1].
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,
    /// Where records are kept: `embedded`, which is in the data directory.
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,
    /// What to log: `error`, `warn`, `info`, `debug` or `trace` [default: info].
    #[arg(long, value_name = "LEVEL")]
    pub(crate) log: Option<String>,
}

/// Which server an operator command talks to.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The data directory of the running server.
    #[arg(long, value_name = "DIR", default_value = crate::config::DEFAULT_DATA_DIR)]
    pub(crate) data_dir: PathBuf,
}

/// `strongroom account …`.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Create an account and print its root credentials, once, as JSON.
    Create {
        /// Which server.
        #[command(flatten)]
        target: Target,
        /// The account's number [default: a random one].
        #[arg(long, value_name = "12DIGITS")]
        account_id: Option<String>,
    },
    /// List the accounts.
    List {
        /// Which server.
        #[command(flatten)]
        target: Target,
    },
}

/// `strongroom seal …`.
#[derive(Debug, Subcommand)]
pub(crate) enum SealCommand {
    /// Show the keys that seal the store.
    Status {
        /// Which server.
        #[command(flatten)]
        target: Target,
    },
    /// Make a new key that seals from now on. Older keys go on opening what they sealed.
    Rotate {
        /// Which server.
        #[command(flatten)]
        target: Target,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }

    #[test]
    fn json_may_stand_anywhere() {
        for line in [
            ["strongroom", "--json", "account", "list"],
            ["strongroom", "account", "list", "--json"],
        ] {
            assert!(Cli::try_parse_from(line).unwrap().json);
        }
    }

    #[test]
    fn addresses_add_up() {
        let cli =
            Cli::try_parse_from(["strongroom", "serve", "--listen", "a", "--listen", "b"]).unwrap();

        let Command::Serve(flags) = cli.command else {
            panic!("not serve");
        };
        assert_eq!(flags.listen, ["a", "b"]);
    }
}
