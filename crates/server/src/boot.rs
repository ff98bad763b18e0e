//! From a directory to a server that could answer: lock, root key, store, key ring, audit file,
//! services, first account.
//!
//! The first start may die at any point, and the next one completes it:
//! 1. root keys are made only while there is no store; those that are there already are used. What
//!    keeps them may have to be opened by somebody: then the server starts sealed, and the rest
//!    follows when it was ([`Opening`]). Root keys in shares are made by `strongroom init`
//!    ([`FirstSeal`]);
//! 2. the key ring and the deployment's identity (account, Region) are written into the store, each
//!    once, before anything is sealed or created;
//! 3. the first account is created, or, when an earlier start got that far, is given new root
//!    credentials in the place of those that nobody has seen;
//! 4. the credentials are written to `DIR/aws/credentials`;
//! 5. the identity is marked as handed out. From here on the credentials are never written again.
//!
//! A start that dies between 4 and 5 has not said that it is ready, so nobody relies on the
//! credentials that the next one replaces.
//!
//! Where several nodes share a store, each has a data directory of its own, and the store says how far
//! the first start is. What must be made once is written only where nothing is; who is second reads
//! what the first wrote.
//!
//! SECURITY: nothing that cannot be had again is replaced. A store without its root key, and
//! credentials without their store, end the start with a text that says what is missing.

mod auditing;
mod deployment;
mod door;
mod first;
mod keys;
mod layout;
mod opening;
mod place;
mod profile;
mod seals;

pub(crate) use deployment::Deployment;
pub(crate) use door::{Attempt, Door};
pub(crate) use first::FirstSeal;
pub(crate) use keys::{Keys, KeysError, KmsPass, RingStoreError};
pub(crate) use layout::Layout;
pub(crate) use opening::{Opened, Opening};
pub(crate) use place::{Place, put};
pub(crate) use profile::{add_profile, refuse_profile, renew_default, write_config};
pub(crate) use seals::Seals;

use crate::audit::{self, Durable, RecoveryError};
use crate::buckets::OperatorBuckets;
use crate::config::{Config, StoreConfig};
use crate::files::{self, FileError};
use crate::functions::{Functions, FunctionsError, OwnAddress};
use crate::messenger::OutboundMessenger;
use crate::node::{Identity, Node, NodeError, Pace, Surroundings};
use crate::oidc::Issuers;
use crate::outside::{SystemClock, SystemEntropy};
use crate::process::Taken;
use crate::traces::{Exporter, Spans};
use auditing::{Audit, AuditOpening};
use base::{Clock, Entropy, RegionName, SealError};
use deployment::DeploymentError;
use seal::{RingError, SealFailure, SealKind};
use services::lambda::{Concurrency, Lambda};
use services::ports::Executors;
use services::{App, DeliverySettings, Outside, Settings, TrailSettings};
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
#[cfg(feature = "postgres")]
use std::time::Duration;
#[cfg(feature = "postgres")]
use store::PostgresOptions;
use store::{Database, SqliteOptions, Store, StoreError, StoreOptions};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Why the server could not be brought up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BootError {
    /// A file of ours could not be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// Somebody else is at work in the data directory.
    #[error("another strongroom server is using `{}`", .0.display())]
    InUse(PathBuf),
    /// The data directory lies too deep.
    #[error("the path `{}` is too long for a socket: it may have {LONGEST_SOCKET} bytes", .0.display())]
    LongPath(PathBuf),
    /// The seal.
    #[error(transparent)]
    Unsealed(#[from] SealFailure),
    /// A start that would have to show shares.
    #[error(
        "there is no data directory yet, and its shares must be shown to somebody: make it with \
         `strongroom init --seal shamir --shares N --threshold K`, and then start the server"
    )]
    NeedsInit,
    /// Nobody said how many shares.
    #[error("say how many shares to make and how many open the seal: `--shares N --threshold K`")]
    NeedsShares,
    /// Shares of what has none.
    #[error("the seal `{0}` has no shares: `--shares` and `--threshold` are for `shamir`")]
    NoShares(SealKind),
    /// A seal that the configuration does not describe.
    #[error("there is no `[seal.{0}]` in the configuration file")]
    NotSetUp(SealKind),
    /// Not the beginning of a data directory.
    #[error("`{}` is there already, and a data directory is made once", .0.display())]
    NotNew(PathBuf),
    /// What keeps the root keys is gone and the store is not.
    #[error(
        "neither `{}` nor `{}` is there, and without the one that kept its root key the store `{}` \
         cannot be read: put back whichever of the two your copy has",
        .likely.display(), .other.display(), .store.display()
    )]
    NoRootKey {
        /// Of `seal.json` and the root key file the one that the configured seal would have.
        likely: PathBuf,
        /// The other of the two.
        other: PathBuf,
        /// The store.
        store: PathBuf,
    },
    /// A node that has nothing that opens the deployment.
    #[error(
        "the store belongs to a deployment that was made already, and its root key file `{}` is not \
         here: copy it from another node, or name the seal of the deployment in the configuration. \
         Nothing was made", .0.display()
    )]
    NoKeyHere(PathBuf),
    /// A store that has its deployment.
    #[error("the store has a deployment already, and a deployment is made once")]
    Deployed,
    /// Envelopes that are not of this store.
    #[error(
        "`{}` does not hold the root key of this store: put the one into the data directory that \
         belongs to it", .0.display()
    )]
    OtherDeployment(PathBuf),
    /// This process cannot be a node of the deployment.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The ring in the store.
    #[error(transparent)]
    RingStore(#[from] RingStoreError),
    /// The keys of other nodes.
    #[error("cannot take in the keys of other nodes")]
    Keys(#[from] KeysError),
    /// The store is gone and its credentials are not.
    #[error(
        "the store `{}` is missing, and yet `{}` holds credentials for one: put the store back, or \
         move the credentials away to begin anew", .store.display(), .credentials.display()
    )]
    NoStore {
        /// Where the store should be.
        store: PathBuf,
        /// The credentials.
        credentials: PathBuf,
    },
    /// Another node is at work.
    #[error(
        "the node `{0}` is at work over this store, or did not end in order: this version runs one node \
         over a store, with one data directory"
    )]
    OneNode(String),
    /// A database of a kind that this program was built without.
    #[cfg(not(feature = "postgres"))]
    #[error("this program was built without PostgreSQL: `store.engine` is `embedded` here")]
    NoPostgres,
    /// The store could not be opened or written.
    #[error("cannot use the store")]
    Store(#[from] StoreError),
    /// The key ring could not be opened.
    #[error("cannot open the key ring with this root key")]
    Ring(#[from] RingError),
    /// The cipher failed.
    #[error("cannot make keys")]
    Seal(#[from] SealError),
    /// The deployment is not the one that was asked for.
    #[error(transparent)]
    Deployment(#[from] DeploymentError),
    /// What runs functions could not be made ready.
    #[error(transparent)]
    Functions(#[from] FunctionsError),
    /// The audit log could not be made ready.
    #[error("cannot open the audit log")]
    Audit(#[from] RecoveryError),
    /// The key that signs the audit log.
    #[error(transparent)]
    AuditKey(#[from] audit::KeyStoreError),
    /// What an operator took note of could not be written down.
    #[error("cannot write to the audit log")]
    AuditEvent(#[from] services::AuditError),
    /// What the audit log is sent on to.
    #[error(transparent)]
    Sinks(#[from] audit::SinksError),
    /// The first account could not be created.
    #[error("cannot create the first account")]
    Account(#[from] services::AccountError),
    /// The accounts could not be read.
    #[error("cannot read the accounts")]
    Accounts(#[from] base::CommonError),
}

/// A server that could answer.
pub(crate) struct Booted {
    /// The data directory, held until the process ends.
    pub(crate) ground: Ground,
    /// Whose server it is.
    pub(crate) deployment: Deployment,
    /// The services.
    pub(crate) app: Arc<App>,
    /// The records.
    pub(crate) store: Store,
    /// The audit log.
    pub(crate) audit: Audit,
    /// The root keys and the ring.
    pub(crate) keys: Arc<Keys>,
    /// Which node it is, where there are several.
    pub(crate) node: Option<Arc<Node>>,
    /// What sends spans of requests, if anything does.
    pub(crate) exporter: Option<Arc<Exporter>>,
    /// Where functions reach this server.
    pub(crate) address: Arc<OwnAddress>,
}

impl Booted {
    /// What the audit log reports as safe, for the outbox. To be taken once.
    pub(crate) fn take_durable(&mut self) -> mpsc::UnboundedReceiver<Durable> {
        let (_, empty) = mpsc::unbounded_channel();
        std::mem::replace(&mut self.audit.durable, empty)
    }
}

/// A data directory that is ours alone, and what opens its seal.
pub(crate) struct Ground {
    /// Where things are.
    pub(crate) layout: Layout,
    /// The seals that are set up.
    pub(crate) seals: Seals,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Chance.
    pub(crate) entropy: Arc<dyn Entropy>,
    sharing: Option<Sharing>,
    _lock: File,
}

/// The store that other nodes share, and what this one is called.
struct Sharing {
    database: Database,
    name: Option<String>,
}

impl Ground {
    /// Makes the data directory ready and takes it.
    pub(crate) fn take(config: &Config, taken: Taken) -> Result<Self, BootError> {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let layout = prepare_dir(&config.data_dir)?;
        let lock = take_lock(&layout)?;
        let seals = Seals::new(
            config.seal.clone(),
            taken,
            layout.clone(),
            Arc::clone(&entropy),
        );
        Ok(Self {
            seals,
            clock: Arc::new(SystemClock),
            sharing: shared_store(config, &layout, &entropy)?,
            layout,
            entropy,
            _lock: lock,
        })
    }

    /// The same as one of several nodes over `database`, called `name` or else as the host.
    #[cfg(test)]
    pub(crate) fn sharing(self, database: Database, name: Option<String>) -> Self {
        Self {
            sharing: Some(Sharing { database, name }),
            ..self
        }
    }

    /// Where the deployment is.
    fn place(&self) -> Place {
        let layout = self.layout.clone();
        match &self.sharing {
            Some(sharing) => Place::sharing(layout, sharing.database.clone()),
            None => Place::alone(layout),
        }
    }

    /// Errors when another node is at work over the store.
    ///
    /// Sealing keys, the list of nodes and the cache know of several nodes; the audit log and the jobs do
    /// not yet, so that a second node would be wrong in ways that nobody sees.
    pub(crate) async fn refuse_second_node(&self) -> Result<(), BootError> {
        let Some(sharing) = &self.sharing else {
            return Ok(());
        };
        let name = sharing.name.as_deref();
        let own = Identity::of(&self.layout.node(), name, self.entropy.as_ref())?;
        match own.other_at_work(&sharing.database).await? {
            Some(other) => Err(BootError::OneNode(other)),
            None => Ok(()),
        }
    }

    /// Opens the seal, or makes the first one. May ask a person at the terminal.
    pub(crate) fn open(&self) -> Result<Opening, BootError> {
        opening::open(&self.place(), &self.seals, self.clock.as_ref())
    }

    /// The first seal of a new data directory, with `shares` if it is made of them.
    pub(crate) fn first_seal(&self, shares: Option<(u8, u8)>) -> Result<FirstSeal, BootError> {
        let place = self.place();
        first::refuse_used(&place, &self.seals)?;
        FirstSeal::prepare(&place, &self.seals, self.clock.as_ref(), shares)
    }

    /// The records, all of which are sealed.
    pub(crate) fn database(&self) -> Result<Database, BootError> {
        if let Some(sharing) = &self.sharing {
            return Ok(sharing.database.clone());
        }
        let options = SqliteOptions::default();
        Ok(Database::sqlite(&self.layout.store(), &options)?)
    }

    /// Whose data directory it is. It can be told before the seal is open.
    pub(crate) async fn deployment(
        &self,
        config: &Config,
        database: &Database,
    ) -> Result<Deployment, BootError> {
        Deployment::open(database, wanted(config), self.entropy.as_ref()).await
    }
}

/// The store that other nodes share, if `config` names one.
fn shared_store(
    config: &Config,
    layout: &Layout,
    entropy: &Arc<dyn Entropy>,
) -> Result<Option<Sharing>, BootError> {
    match &config.store {
        StoreConfig::Embedded => Ok(None),
        #[cfg(feature = "postgres")]
        StoreConfig::Postgres(wanted) => {
            let name = wanted.node.clone();
            let identity = Identity::of(&layout.node(), name.as_deref(), entropy.as_ref())?;
            let mut options = options_of(wanted)?;
            identity.id().clone_into(&mut options.node);
            let database = Database::postgres(&options, Arc::clone(entropy))?;
            Ok(Some(Sharing { database, name }))
        }
        #[cfg(not(feature = "postgres"))]
        StoreConfig::Postgres(_) => Err(BootError::NoPostgres),
    }
}

#[cfg(feature = "postgres")]
fn options_of(wanted: &crate::config::Postgres) -> Result<PostgresOptions, StoreError> {
    let mut options = PostgresOptions::parse(&wanted.url)?;
    if let Some(schema) = &wanted.schema {
        options.schema.clone_from(schema);
    }
    if let Some(connections) = wanted.connections {
        options.connections = connections.get().into();
    }
    if let Some(stale) = wanted.max_staleness_ms {
        options.max_staleness = Duration::from_millis(stale.into());
    }
    Ok(options)
}

/// Brings up what `config` describes, with the root keys that are in `opened`.
pub(crate) async fn boot(
    config: &Config,
    ground: Ground,
    database: Database,
    opened: Opened,
) -> Result<Booted, BootError> {
    let (layout, clock, entropy) = (&ground.layout, &ground.clock, &ground.entropy);
    let keys = open_keys(opened, &database, clock, entropy).await?;
    let node = join(&ground, &keys).await?;
    let deployment = Deployment::open(&database, wanted(config), entropy.as_ref()).await?;
    let store = open_store(config, &database, &keys, entropy)?;
    let opening = AuditOpening {
        layout,
        config,
        store: &store,
        keys: &keys,
        deployment: &deployment,
        taken: ground.seals.taken(),
        clock,
        entropy,
    };
    let audit = opening.open().await?;
    let functions = Functions::set_up(config, layout, clock, entropy).await?;
    let messenger = messenger(config, &functions, clock, entropy);
    let lambda = lambda(config, functions.executors);
    let exporter = exporter(config, clock, entropy);
    let app = App::new(Outside {
        clock: Arc::clone(clock),
        entropy: Arc::clone(entropy),
        store: store.clone(),
        audit: audit::for_services(&audit.sink),
        stream: audit.stream.clone(),
        buckets: Arc::new(OperatorBuckets::open(&config.trail_buckets, clock)?),
        history: audit.history.clone(),
        root: keys.roots(),
        sealer: keys.ring(),
        issuer_keys: Arc::new(Issuers::new(&config.issuers, Arc::clone(clock))),
        functions: Arc::clone(&lambda) as Arc<dyn services::ports::Functions>,
        lambda,
        messenger: Arc::new(messenger),
        witness: functions.witness,
        observer: exporter.as_ref().map(|exporter| exporter.observer()),
        settings: settings(config),
    });
    let booted = Booted {
        ground,
        deployment,
        app: Arc::new(app),
        store,
        audit,
        keys,
        node,
        exporter,
        address: functions.address,
    };
    hand_out(booted, &database).await
}

fn exporter(
    config: &Config,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Option<Arc<Exporter>> {
    let settings = config.traces.clone()?;
    let spans = Spans::new(&settings, Arc::clone(clock), Arc::clone(entropy));
    Some(Arc::new(Exporter::new(Arc::new(spans), settings)))
}

fn messenger(
    config: &Config,
    functions: &Functions,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> OutboundMessenger {
    OutboundMessenger::new(
        config.notifications.clone(),
        Arc::clone(&functions.address),
        Arc::clone(clock),
        Arc::clone(entropy),
    )
}

async fn open_keys(
    opened: Opened,
    database: &Database,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Result<Arc<Keys>, BootError> {
    let (clock, entropy) = (Arc::clone(clock), Arc::clone(entropy));
    let keys = Keys::open(opened, database.clone(), clock, entropy);
    Ok(Arc::new(keys.await?))
}

/// Becomes a node beside the others, if there are any, before anything is sealed that they would have
/// to open.
async fn join(ground: &Ground, keys: &Keys) -> Result<Option<Arc<Node>>, BootError> {
    let Some(Sharing { database, name }) = &ground.sharing else {
        return Ok(None);
    };
    let (path, entropy) = (ground.layout.node(), ground.entropy.as_ref());
    let identity = Identity::of(&path, name.as_deref(), entropy)?;
    let around = Surroundings {
        database,
        clock: &ground.clock,
        entropy,
        pace: Pace::default(),
    };
    let node = Arc::new(Node::join(identity, keys.known(), &around).await?);
    tracing::info!(
        node = node.name(),
        epoch = node.epoch(),
        "this is one of the nodes of its deployment"
    );
    keys.join(Arc::clone(&node)).await?;
    Ok(Some(node))
}

fn open_store(
    config: &Config,
    database: &Database,
    keys: &Arc<Keys>,
    entropy: &Arc<dyn Entropy>,
) -> Result<Store, StoreError> {
    let options = StoreOptions {
        cache_bytes: config.cache_bytes,
    };
    let (database, entropy) = (database.clone(), Arc::clone(entropy));
    Store::new(database, keys.sealer(), entropy, services::KINDS, &options)
}

fn settings(config: &Config) -> Settings {
    Settings {
        regions: config.regions.clone(),
        rotation: config.rotation.settings(),
        quotas: config.quotas.clone(),
        trails: TrailSettings {
            delivery_seconds: config.trails.delivery_seconds.get(),
            digest_seconds: config.trails.digest_seconds.get(),
        },
        deliveries: DeliverySettings {
            workers: config.notifications.workers.get(),
        },
        body_bytes: usize::try_from(config.limits.body_bytes.get()).ok(),
    }
}

fn lambda(config: &Config, executors: Executors) -> Arc<Lambda> {
    let concurrency = Concurrency {
        of_account: config.functions.account_concurrency,
        of_function: config.functions.function_concurrency,
    };
    Arc::new(Lambda::new(executors, concurrency))
}

fn wanted(config: &Config) -> deployment::Wanted<'_> {
    deployment::Wanted {
        account: config.account.clone(),
        region: config.region.clone(),
        regions: config.regions.as_deref(),
    }
}

fn prepare_dir(dir: &Path) -> Result<Layout, BootError> {
    files::private_dir(dir)?;
    let dir = dir
        .canonicalize()
        .map_err(FileError::io("find the directory", dir))?;
    let layout = Layout::of(&dir);
    // Looked at now, so that nothing is made in a directory that cannot be used.
    let socket = layout.admin_socket();
    if socket.as_os_str().len() > LONGEST_SOCKET {
        return Err(BootError::LongPath(socket));
    }
    for inner in ["aws", "audit"] {
        files::private_dir(&layout.dir().join(inner))?;
    }
    Ok(layout)
}

/// INVARIANT: one server at a time in a data directory. The system gives the lock back when the
/// process ends, however it ends.
fn take_lock(layout: &Layout) -> Result<File, BootError> {
    let path = layout.lock();
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(FileError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BootError::InUse(layout.dir().to_owned())),
        Err(TryLockError::Error(error)) => Err(FileError::io("lock", &path)(error).into()),
    }
}

/// Steps 3 to 5 of the first start. The services record what they create. Of several nodes one takes
/// them, and the others wait for it, or for its death.
async fn hand_out(mut booted: Booted, database: &Database) -> Result<Booted, BootError> {
    while !booted.deployment.handed_out() {
        if let Some(node) = &booted.node {
            let is_living = |run: &str| node.is_living(run);
            if !booted
                .deployment
                .claim(database, node.run(), is_living)
                .await?
            {
                booted.keys.beat().await?;
                sleep(node.pace().beat).await;
                continue;
            }
        }
        let account = booted.deployment.account().clone();
        let known = booted.app.list_accounts().await?;
        let exists = known.iter().any(|known| known.account_id == account);
        let new = if exists {
            booted.app.renew_root_credentials(account).await?
        } else {
            booted.app.create_account(account).await?
        };
        let credentials = booted.ground.layout.aws_credentials();
        profile::write_credentials(&credentials, &new)?;
        match booted.deployment.mark_handed_out(database).await {
            // This node was taken for dead, and what another one made is in force.
            Err(BootError::Store(StoreError::Conflict)) if booted.node.is_some() => {
                files::remove_if_there(&credentials)?;
            }
            other => other?,
        }
    }
    // Whatever took long until here, nothing is served with keys of before.
    booted.keys.beat().await?;
    Ok(booted)
}

/// The Region of a deployment whose operator named none.
pub(crate) fn default_region() -> Option<RegionName> {
    RegionName::parse("us-east-1").ok()
}

/// What the system allows, less the byte that ends it.
const LONGEST_SOCKET: usize = 107;

#[cfg(test)]
mod tests;
