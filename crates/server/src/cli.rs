//! The command line.

use clap::{Args, Parser, Subcommand};
use rotators::Template;
use seal::SealKind;
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
    /// Make a data directory before its first start. Needed only when shares are to open it: they
    /// are printed, once. Any other seal is made by the first start itself.
    Init(InitFlags),
    /// Run the server.
    Serve(ServeFlags),
    /// Create, list and recover the accounts of a running server.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Create users who may do everything, on a running server.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Verify and read the audit log, for which a server need not run; look at its sinks, and replace
    /// its key.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Show messages of topics and rules that wait or were given up, on a running server.
    Deliveries(DeliveriesFlags),
    /// Say why a principal may or may not do something.
    Explain(ExplainFlags),
    /// Look at what runs functions on this host.
    #[command(subcommand)]
    Functions(FunctionsCommand),
    /// Show who read the value of a secret, when last and how often.
    Access(OneSecret),
    /// List the secrets whose value nobody read for some time.
    Unused(Unused),
    /// Print how much an account may have, and how often it may call. A server need not run.
    Quotas(QuotasFlags),
    /// Look at the nodes of a deployment, of which one is the running server.
    #[command(subcommand)]
    Node(NodeCommand),
    /// Look at the rotations of a secret.
    #[command(subcommand)]
    Rotation(RotationCommand),
    /// Deploy, list and remove rotators that are built in, on a running server.
    #[command(subcommand)]
    Rotator(RotatorCommand),
    /// Show, rotate, move and open the seal of a running server.
    #[command(subcommand)]
    Seal(SealCommand),
    /// List who may do something to a secret.
    WhoCan(WhoCanFlags),
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
    /// Serve metrics for Prometheus here, without TLS [default: nowhere].
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) metrics: Option<String>,
    /// The first account's number, chosen at the first start [default: a random one].
    #[arg(long, value_name = "12DIGITS")]
    pub(crate) account_id: Option<String>,
    /// The first account's Region, chosen at the first start [default: us-east-1].
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,
    /// Where records are kept: `embedded`, which is in the data directory, or a PostgreSQL database as
    /// `postgres://user@host/name` (a password is better kept in a `passfile`).
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,
    /// What to log: `error`, `warn`, `info`, `debug` or `trace` [default: info].
    #[arg(long, value_name = "LEVEL")]
    pub(crate) log: Option<String>,
    /// Go on with an audit log that is behind what the store remembers of it, or was changed. Leaves
    /// a signed statement and an event.
    #[arg(long)]
    pub(crate) accept_audit_loss: bool,
}

/// The flags of `init`.
#[derive(Debug, Args)]
pub(crate) struct InitFlags {
    /// Configuration file (TOML) of the server.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where everything is to be kept [default: data].
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// `file`, `passphrase`, `command`, `pkcs11` or `shamir` [default: what `seal.kind` says].
    #[arg(long, value_name = "SEAL", value_parser = seal_kind)]
    pub(crate) seal: Option<SealKind>,
    /// For `shamir`: how many shares to make.
    #[arg(long, value_name = "N", requires = "threshold")]
    pub(crate) shares: Option<u8>,
    /// For `shamir`: how many of them open the seal.
    #[arg(long, value_name = "K", requires = "shares")]
    pub(crate) threshold: Option<u8>,
}

/// Which server an operator command talks to.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The data directory of the running server.
    #[arg(long, value_name = "DIR", default_value = crate::config::DEFAULT_DATA_DIR)]
    pub(crate) data_dir: PathBuf,
}

/// `strongroom node …`.
#[derive(Debug, Subcommand)]
pub(crate) enum NodeCommand {
    /// List the nodes, and which keys each of them has and seals with.
    List {
        /// Which server to ask.
        #[command(flatten)]
        target: Target,
    },
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
    /// Let the operator in again: new root keys, printed once as JSON, and if asked a secret
    /// without its resource policy, which is printed too.
    RestoreAccess {
        /// Which server.
        #[command(flatten)]
        target: Target,
        /// The account's number.
        #[arg(long, value_name = "12DIGITS")]
        account_id: String,
        /// Take its resource policy from this secret (name or ARN).
        #[arg(long, value_name = "SECRET")]
        secret: Option<String>,
        /// The Region of a secret that is given by its name [default: the deployment's].
        #[arg(long, value_name = "NAME", requires = "secret")]
        region: Option<String>,
    },
    /// Replace the root keys of an account and print the new ones, once, as JSON.
    RotateRootKeys {
        /// Which server.
        #[command(flatten)]
        target: Target,
        /// The account's number.
        #[arg(long, value_name = "12DIGITS")]
        account_id: String,
    },
}

/// `strongroom admin …`.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Create a user with an access key and the policy AdministratorAccess, and print them, once,
    /// as JSON.
    Create {
        /// Which server.
        #[command(flatten)]
        target: Target,
        /// The user's name.
        #[arg(long, value_name = "NAME")]
        user: String,
        /// The account [default: the deployment's first].
        #[arg(long, value_name = "12DIGITS")]
        account_id: Option<String>,
        /// Add a profile of this name to DIR/aws/credentials and DIR/aws/config.
        #[arg(long, value_name = "NAME")]
        profile: Option<String>,
    },
}

/// `strongroom audit …`.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Find every edit, removal, reordering and truncation. Fails when there is one.
    Verify {
        /// Some segments and statements, instead of the whole log.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The server's data directory.
        #[arg(long, value_name = "DIR", default_value = crate::config::DEFAULT_DATA_DIR)]
        data_dir: PathBuf,
        /// Believe what this key signed; may be repeated [default: the keys beside the log].
        #[arg(long, value_name = "FILE")]
        public_key: Vec<PathBuf>,
    },
    /// Show where the audit log is sent on to, how far that is behind, and why.
    Sinks(Target),
    /// Print events, those of all segments in their order.
    Tail(TailFlags),
    /// Have another key sign the log of a running server from now on. The one before says so, signed, and goes
    /// on verifying what it signed.
    RotateKey(Target),
    /// Print the key that verifies the log.
    PublicKey {
        /// The server's data directory.
        #[arg(long, value_name = "DIR", default_value = crate::config::DEFAULT_DATA_DIR)]
        data_dir: PathBuf,
    },
}

/// The flags of `audit tail`.
#[derive(Debug, Args)]
pub(crate) struct TailFlags {
    /// The server's data directory.
    #[arg(long, value_name = "DIR", default_value = crate::config::DEFAULT_DATA_DIR)]
    pub(crate) data_dir: PathBuf,
    /// Go on with events as they come.
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Only events with this, such as `eventName=Get*` or `requestParameters.secretId=db`; may be
    /// repeated. `errorCode=*`: those that have one.
    #[arg(long, value_name = "FIELD=VALUE", value_parser = crate::commands::filter)]
    pub(crate) filter: Vec<crate::commands::Filter>,
    /// Only events since then: `2026-01-02T03:04:05Z`, `2026-01-02`, or a while such as `90s`, `15m`,
    /// `2h` or `1d`.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only that many, the last ones [default: 10, or all with --since].
    #[arg(long, short = 'n', value_name = "N")]
    pub(crate) lines: Option<usize>,
    /// All events.
    #[arg(long, conflicts_with_all = ["lines", "since"])]
    pub(crate) all: bool,
}

/// `strongroom explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainFlags {
    /// Which server.
    #[command(flatten)]
    pub(crate) target: Target,
    /// The ARN of an account's root, a user, a role or a session.
    #[arg(long, value_name = "ARN")]
    pub(crate) principal: String,
    /// The action, such as secretsmanager:GetSecretValue.
    #[arg(long, value_name = "ACTION")]
    pub(crate) action: String,
    /// An ARN, `*`, or the name of a secret or key.
    #[arg(long, value_name = "RESOURCE")]
    pub(crate) resource: String,
    /// A condition key of the request; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub(crate) context: Vec<(String, String)>,
    /// The account of a secret or key that is given by its name [default: the principal's].
    #[arg(long, value_name = "12DIGITS")]
    pub(crate) account_id: Option<String>,
    /// The Region of the request [default: that of the resource's ARN, or the deployment's].
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,
}

/// `strongroom who-can`.
#[derive(Debug, Args)]
pub(crate) struct WhoCanFlags {
    /// The action, such as secretsmanager:GetSecretValue.
    pub(crate) action: String,
    /// The name or ARN of a secret; of a key or alias for an action of KMS.
    #[arg(value_name = "SECRET|KEY")]
    pub(crate) resource: String,
    /// Which server.
    #[command(flatten)]
    pub(crate) target: Target,
    /// The account of what is given by its name [default: the deployment's first].
    #[arg(long, value_name = "12DIGITS")]
    pub(crate) account_id: Option<String>,
    /// The Region of what is given by its name [default: the deployment's].
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,
}

/// `strongroom functions …`.
#[derive(Debug, Subcommand)]
pub(crate) enum FunctionsCommand {
    /// Try the isolation that functions would run behind, and list the runtimes of this host. A
    /// server need not run.
    Check {
        /// Configuration file (TOML).
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The server's data directory [default: data].
        #[arg(long, value_name = "DIR")]
        data_dir: Option<PathBuf>,
    },
}

/// `strongroom deliveries`.
#[derive(Debug, Args)]
pub(crate) struct DeliveriesFlags {
    /// Which server.
    #[command(flatten)]
    pub(crate) target: Target,
    /// Of one account alone.
    #[arg(long, value_name = "12DIGITS")]
    pub(crate) account_id: Option<String>,
}

/// `strongroom quotas`.
#[derive(Debug, Args)]
pub(crate) struct QuotasFlags {
    /// Configuration file (TOML) of the server.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The account [default: one without quotas of its own].
    #[arg(long, value_name = "12DIGITS")]
    pub(crate) account_id: Option<String>,
}

/// `strongroom rotation …`.
#[derive(Debug, Subcommand)]
pub(crate) enum RotationCommand {
    /// Log in with the current value of a secret, which changes nothing: by its built-in function, else
    /// by the engine that the value names. Fails when the database does not take it.
    Check(OneSecret),
    /// Show when a secret is rotated, and what became of its last rotations: steps, times, outcomes
    /// and logs.
    Show(OneSecret),
}

/// `strongroom unused`
#[derive(Debug, Args)]
pub(crate) struct Unused {
    /// For how many days.
    #[arg(long, value_name = "N", default_value_t = 90)]
    pub(crate) days: u32,
    /// Which server.
    #[command(flatten)]
    pub(crate) target: Target,
    /// Whose secrets [default: the deployment's first account].
    #[arg(long, value_name = "12DIGITS")]
    pub(crate) account_id: Option<String>,
    /// Of which Region [default: the deployment's].
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,
}

/// Which secret a command is about.
#[derive(Debug, Args)]
pub(crate) struct OneSecret {
    /// The secret's name or ARN.
    pub(crate) secret: String,
    /// Which server.
    #[command(flatten)]
    pub(crate) target: Target,
    /// The account of a secret that is given by its name [default: the deployment's first].
    #[arg(long, value_name = "12DIGITS")]
    pub(crate) account_id: Option<String>,
    /// The Region of a secret that is given by its name [default: the deployment's].
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(String::from("write it like aws:SourceIp=10.0.0.1")),
    }
}

/// `strongroom rotator …`.
#[derive(Debug, Subcommand)]
pub(crate) enum RotatorCommand {
    /// Deploy a rotator, and print the ARN of its function, which secrets name as theirs.
    Enable {
        /// Such as postgresql-single-user, or AWS's name of the template.
        #[arg(value_parser = crate::commands::template)]
        template: Template,
        /// Which server.
        #[command(flatten)]
        target: Target,
        /// What the function is called [default: the template's short name].
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// The account [default: the deployment's first].
        #[arg(long, value_name = "12DIGITS")]
        account_id: Option<String>,
        /// The Region [default: the deployment's].
        #[arg(long, value_name = "NAME")]
        region: Option<String>,
        /// The secret with the credentials that change passwords, where two users alternate.
        #[arg(long, value_name = "ARN")]
        master_secret: Option<String>,
        /// Characters that new passwords do not have.
        #[arg(long, value_name = "CHARACTERS")]
        exclude_characters: Option<String>,
    },
    /// List the rotators of an account.
    List {
        /// Which server.
        #[command(flatten)]
        target: Target,
        /// The account [default: the deployment's first].
        #[arg(long, value_name = "12DIGITS")]
        account_id: Option<String>,
    },
    /// Remove a rotator: its function, its role and their permissions.
    Disable {
        /// The name of its function or of its stack.
        name: String,
        /// Which server.
        #[command(flatten)]
        target: Target,
        /// The account [default: the deployment's first].
        #[arg(long, value_name = "12DIGITS")]
        account_id: Option<String>,
        /// The Region [default: the deployment's].
        #[arg(long, value_name = "NAME")]
        region: Option<String>,
    },
}

/// `strongroom seal …`.
#[derive(Debug, Subcommand)]
pub(crate) enum SealCommand {
    /// Show the seal, the keys under it, and what is still under older ones.
    Status {
        /// Which server.
        #[command(flatten)]
        target: Target,
    },
    /// Make a new key that seals from now on. Older keys go on opening what they sealed, and what
    /// is under them is sealed anew in the background.
    Rotate {
        /// Which server.
        #[command(flatten)]
        target: Target,
        /// A new root key, and not one of the key ring.
        #[arg(long)]
        root: bool,
    },
    /// Give the data directory another seal. For shares: run it with --to shamir, hand the shares
    /// out, then run it with --finish. After a restart between the two, --finish asks for the new
    /// shares, at the terminal or one a line from standard input.
    Migrate {
        /// Which server.
        #[command(flatten)]
        target: Target,
        /// `file`, `passphrase`, `command`, `pkcs11` or `shamir`.
        #[arg(long, value_name = "SEAL", value_parser = seal_kind,
            required_unless_present_any = ["finish", "abandon"])]
        to: Option<SealKind>,
        /// For `file`: the root key file, which has to be `seal.key_file` of the configuration.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["finish", "abandon"])]
        key_file: Option<PathBuf>,
        /// For `shamir`: how many shares to make.
        #[arg(
            long,
            value_name = "N",
            requires = "threshold",
            conflicts_with_all = ["finish", "abandon"]
        )]
        shares: Option<u8>,
        /// For `shamir`: how many of them open the seal.
        #[arg(long, value_name = "K", requires = "shares")]
        threshold: Option<u8>,
        /// The shares were handed out: leave the data directory to them.
        #[arg(long, conflicts_with = "to")]
        finish: bool,
        /// Give up the migration that was begun: its shares open nothing any more.
        #[arg(long, conflicts_with_all = ["to", "finish"])]
        abandon: bool,
    },
    /// Open a sealed server: asks at the terminal, or reads one share or the passphrase a line from
    /// standard input.
    Unseal {
        /// Which server.
        #[command(flatten)]
        target: Target,
        /// Ask nobody: try the file, the program or the token again.
        #[arg(long)]
        retry: bool,
    },
    /// Make shares that open the data directory whatever became of its seal, and print them, once.
    RecoveryShares {
        /// Which server.
        #[command(flatten)]
        target: Target,
        /// How many shares to make. Earlier ones open nothing any more.
        #[arg(
            long,
            value_name = "N",
            requires = "threshold",
            required_unless_present = "remove"
        )]
        shares: Option<u8>,
        /// How many of them open the data directory.
        #[arg(long, value_name = "K", requires = "shares")]
        threshold: Option<u8>,
        /// Take the recovery shares that there are out of force.
        #[arg(long, conflicts_with = "shares")]
        remove: bool,
    },
}

fn seal_kind(text: &str) -> Result<SealKind, String> {
    let kinds = [
        SealKind::File,
        SealKind::Passphrase,
        SealKind::Command,
        SealKind::Pkcs11,
        SealKind::Shamir,
    ];
    let found = kinds.into_iter().find(|kind| kind.name() == text);
    found.ok_or_else(|| String::from("use `file`, `passphrase`, `command`, `pkcs11` or `shamir`"))
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
    fn a_condition_key_ends_at_the_first_equals_sign() {
        let read = |text| key_and_value(text).ok();

        let pair = |key: &str, value: &str| Some((key.to_owned(), value.to_owned()));
        assert_eq!(read("a:b=c=d"), pair("a:b", "c=d"));
        assert_eq!(read("a:b="), pair("a:b", ""));
        assert_eq!(read("a:b"), None);
        assert_eq!(read("=c"), None);
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
