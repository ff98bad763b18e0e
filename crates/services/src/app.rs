//! The services put together, and the doors by which work comes in that no request asks for.

mod counts;
mod door;
mod operator;
mod rotators;
#[cfg(test)]
mod tests;
mod work;

pub use self::counts::{DueWork, FollowerBehind, MOST_COUNTED, MOST_PLACES, SecretCount};
pub(crate) use self::door::Door;
pub use self::operator::{NewAdministrator, Operator, OperatorError, RemovedPolicy, Restored};
pub use self::rotators::{NewRotator, Rotator};
pub use self::work::TickError;

use crate::audit::AuditSink;
use crate::authorize::Permit;
use crate::cloudformation::CloudFormation;
use crate::cloudwatch;
use crate::deliveries::{self, DeliveryCounts, Lanes, ShownDeliveries};
use crate::events;
use crate::gateway::Operations;
use crate::identity::{self, Credentials, Uses};
use crate::kms::{self, Kms};
use crate::lambda::Lambda;
use crate::logs::Logs;
use crate::metrics::{self, Observer};
use crate::ports::{
    ApiDestinations, Buckets, DataKeys, EventHistory, EventStream, Functions, IssuerKeys,
    LogGroups, LogStreams, Messenger, Metrics, Provision, Stacks, Topics,
};
use crate::quotas::Quotas;
use crate::regions;
use crate::secretsmanager::rotation::seats::Seats;
use crate::secretsmanager::{
    self, CheckError, CheckedRotation, RotationSettings, ShownAccess, ShownRotation, UnusedSecrets,
};
use crate::sns::{self, Sns};
use crate::sts::web_identity::WebIdentities;
use crate::throttle::Throttle;
use crate::tx::Ledger;
use crate::witness::Witness;
use base::{AccountId, Clock, CommonError, Entropy, RegionName, Sealer};
use std::collections::HashMap;
use std::sync::Arc;
use store::Store;
use tokio::sync::Notify;

/// The services and what they stand on. Built once and shared.
pub struct App {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) ledger: Ledger,
    pub(crate) sealer: Arc<dyn Sealer>,
    pub(crate) kms: Arc<Kms>,
    pub(crate) root: Arc<dyn Sealer>,
    pub(crate) data_keys: Arc<dyn DataKeys>,
    pub(crate) functions: Arc<dyn Functions>,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) log_streams: Arc<dyn LogStreams>,
    pub(crate) stream: Arc<dyn EventStream>,
    /// Who read which secret.
    pub(crate) accesses: secretsmanager::access::Noting,
    pub(crate) history: Arc<dyn EventHistory>,
    pub(crate) buckets: Arc<dyn Buckets>,
    pub(crate) log_groups: Arc<dyn LogGroups>,
    pub(crate) metrics: Arc<dyn Metrics>,
    pub(crate) topics: Arc<dyn Topics>,
    pub(crate) messenger: Arc<dyn Messenger>,
    pub(crate) lanes: Lanes,
    pub(crate) making: deliveries::Making,
    pub(crate) under_way: deliveries::UnderWay,
    pub(crate) api_destinations: Arc<dyn ApiDestinations>,
    pub(crate) rules: events::Compiled,
    pub(crate) filters: sns::Filters,
    pub(crate) delivery_counts: deliveries::Counts,
    pub(crate) provision: Arc<dyn Provision>,
    pub(crate) stacks: Arc<dyn Stacks>,
    pub(crate) credentials: Credentials,
    pub(crate) uses: Uses,
    pub(crate) web_identities: WebIdentities,
    pub(crate) witness: Arc<Witness>,
    pub(crate) quotas: Quotas,
    pub(crate) throttle: Throttle,
    pub(crate) counters: metrics::Metrics,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) rotation: RotationSettings,
    pub(crate) trails: TrailSettings,
    pub(crate) rotation_seats: Seats,
    pub(crate) body_bytes: usize,
    /// Rings when alarms may be due.
    alarms: Notify,
    regions: HashMap<Box<str>, RegionName>,
}

/// The outside world, by argument.
pub struct Outside {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Where records are kept, opened with [`KINDS`](crate::KINDS).
    pub store: Store,
    /// Where audit events go.
    pub audit: Arc<dyn AuditSink>,
    /// The audit log, read back.
    pub stream: Arc<dyn EventStream>,
    /// The audit log, looked up.
    pub history: Arc<dyn EventHistory>,
    /// Where trails deliver to.
    pub buckets: Arc<dyn Buckets>,
    /// The root key: seals the material of KMS keys.
    pub root: Arc<dyn Sealer>,
    /// The store's key ring: seals paging tokens and the secrets of access keys.
    pub sealer: Arc<dyn Sealer>,
    /// The signing keys of OpenID Connect issuers.
    pub issuer_keys: Arc<dyn IssuerKeys>,
    /// The functions that rotate secrets.
    pub functions: Arc<dyn Functions>,
    /// What carries messages out.
    pub messenger: Arc<dyn Messenger>,
    /// Notes what the sessions of running functions get to know.
    pub witness: Arc<Witness>,
    /// Lambda, which is what runs functions.
    pub lambda: Arc<Lambda>,
    /// What is told of every request.
    pub observer: Option<Arc<dyn Observer>>,
    /// What the operator may choose.
    pub settings: Settings,
}

/// What the operator may choose.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The Regions to serve. `None`: every public AWS Region.
    pub regions: Option<Vec<RegionName>>,
    /// How much an account may have, and how often it may call.
    pub quotas: Quotas,
    /// How secrets are rotated.
    pub rotation: RotationSettings,
    /// How often trails deliver.
    pub trails: TrailSettings,
    /// How messages are delivered.
    pub deliveries: DeliverySettings,
    /// How many bytes the body of a request may have once it is decoded, if clients compress it. `None`:
    /// 1 MiB.
    pub body_bytes: Option<usize>,
}

/// How messages are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliverySettings {
    /// How many workers call [`App::deliver_next`]: accounts and functions have shares of them.
    pub workers: u16,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self { workers: 16 }
    }
}

/// How often trails deliver; as AWS by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailSettings {
    /// Seconds between two deliveries of log files.
    pub delivery_seconds: u32,
    /// Seconds that a digest is of.
    pub digest_seconds: u32,
}

impl Default for TrailSettings {
    fn default() -> Self {
        Self {
            delivery_seconds: 300,
            digest_seconds: 3_600,
        }
    }
}

impl App {
    /// Puts the services together.
    pub fn new(outside: Outside) -> Self {
        let settings = outside.settings;
        let kms = Arc::new(Kms::new(
            outside.entropy.clone(),
            outside.root.clone(),
            own(),
        ));
        let served = settings.regions.unwrap_or_else(regions::public);
        let logs = Arc::new(Logs::new(own()));
        Self {
            clock: outside.clock,
            entropy: outside.entropy,
            ledger: Ledger::new(outside.store, outside.audit),
            credentials: Credentials::new(outside.sealer.clone()),
            uses: Uses::default(),
            sealer: outside.sealer,
            root: outside.root,
            web_identities: WebIdentities::new(outside.issuer_keys),
            data_keys: kms.clone(),
            functions: outside.functions,
            witness: outside.witness,
            lambda: outside.lambda,
            log_streams: Arc::clone(&logs) as _,
            stream: outside.stream,
            accesses: secretsmanager::access::Noting::default(),
            history: outside.history,
            buckets: outside.buckets,
            log_groups: logs,
            metrics: Arc::new(cloudwatch::Storing),
            topics: Arc::new(Sns),
            messenger: outside.messenger,
            lanes: Lanes::new(settings.deliveries.workers),
            making: deliveries::Making::default(),
            under_way: deliveries::UnderWay::default(),
            api_destinations: Arc::new(events::EventBridge),
            rules: events::Compiled::default(),
            filters: sns::Filters::default(),
            delivery_counts: deliveries::Counts::default(),
            provision: Arc::new(Operations),
            stacks: Arc::new(CloudFormation),
            kms,
            counters: metrics::Metrics::new(),
            observer: outside.observer,
            throttle: Throttle::new(&settings.quotas, served.iter()),
            quotas: settings.quotas,
            rotation: settings.rotation,
            trails: settings.trails,
            rotation_seats: Seats::new(settings.rotation.workers),
            body_bytes: settings.body_bytes.unwrap_or(BODY_BYTES),
            alarms: Notify::new(),
            regions: by_name(served),
        }
    }

    /// Creates the account `id` with root credentials.
    ///
    /// # Errors
    /// [`identity::AccountError::Exists`], or a failure of ours.
    pub async fn create_account(
        &self,
        id: AccountId,
    ) -> Result<identity::NewAccount, identity::AccountError> {
        identity::accounts::create(self, id, &own()).await
    }

    /// Replaces the root credentials of an account that exists: the old ones work no more.
    ///
    /// # Errors
    /// [`identity::AccountError::Unknown`], or a failure of ours.
    pub async fn renew_root_credentials(
        &self,
        id: AccountId,
    ) -> Result<identity::NewAccount, identity::AccountError> {
        identity::accounts::renew(self, id, &own()).await
    }

    /// Looks at up to `limit` KMS keys that come after `after`, and seals the material anew that is
    /// under an older root key. To be called again with [`ResealedKeys::next`](kms::jobs::ResealedKeys::next).
    ///
    /// # Errors
    /// When the store or the audit log fails.
    pub async fn reseal_key_material(
        &self,
        after: Option<&store::Key>,
        limit: usize,
    ) -> Result<kms::jobs::ResealedKeys, CommonError> {
        let own = own();
        kms::jobs::reseal_material(self, &own, after, limit).await
    }

    /// Every account, ordered by number.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_accounts(&self) -> Result<Vec<identity::AccountSummary>, CommonError> {
        identity::accounts::list(self).await
    }

    /// What there is to see of the rotations of a secret. `None`: there is no such secret.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn show_rotation(
        &self,
        account: &AccountId,
        region: &RegionName,
        secret: &str,
    ) -> Result<Option<ShownRotation>, CommonError> {
        secretsmanager::rotation::shown::show(self, account, region, secret).await
    }

    /// Who read the value of a secret, when last and how often. `None`: there is no such secret.
    ///
    /// # Errors
    /// When the store or the audit log fails.
    pub async fn show_access(
        &self,
        account: &AccountId,
        region: &RegionName,
        secret: &str,
    ) -> Result<Option<ShownAccess>, CommonError> {
        let own = own();
        secretsmanager::access::show(self, &own, account, region, secret).await
    }

    /// The secrets whose value nobody read in the last `days` days, nor was made in.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unused_secrets(
        &self,
        account: &AccountId,
        region: &RegionName,
        days: u32,
    ) -> Result<UnusedSecrets, CommonError> {
        let since = self.clock.now().plus_days(-i64::from(days));
        secretsmanager::access::unused(self, account, region, since).await
    }

    /// Has the rotation function of a secret, or the server itself, log in with its current value.
    /// Changes nothing.
    ///
    /// # Errors
    /// [`CheckError`] when that cannot be tried; that it failed is in the answer.
    pub async fn check_rotation(
        &self,
        account: &AccountId,
        region: &RegionName,
        secret: &str,
        operator: &Operator,
    ) -> Result<CheckedRotation, CheckError> {
        let own = own();
        secretsmanager::rotation::check::check(self, &own, account, region, secret, operator).await
    }

    /// How many messages went which way since the start.
    pub fn delivery_counts(&self) -> DeliveryCounts {
        self.delivery_counts.now()
    }

    /// Messages that wait and those that were given up, of one account or of all.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn show_deliveries(
        &self,
        account: Option<&AccountId>,
    ) -> Result<ShownDeliveries, CommonError> {
        deliveries::show(self, account).await
    }

    /// The certificate at `path` that verifies messages of topics. Nobody needs leave to have it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn certificate_at(&self, path: &str) -> Result<Option<String>, CommonError> {
        sns::certificate_at(self, path).await
    }

    /// Stores what was only noted in memory, and gives back messages that were under way. Call at a stop
    /// in order, once the last request was answered and nobody calls [`App::deliver_next`] any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settle(&self) -> Result<(), CommonError> {
        let permit = own();
        deliveries::give_back(self, &permit).await;
        self.uses.flush(&self.ledger, &permit).await
    }

    /// The served Regions.
    pub(crate) fn regions(&self) -> impl Iterator<Item = &RegionName> {
        self.regions.values()
    }

    /// The served Region with this name.
    pub(crate) fn region(&self, name: &str) -> Option<&RegionName> {
        self.regions.get(name)
    }
}

/// Leave for a service to do what is its own.
fn own() -> Permit {
    Permit::for_service(&Door::open())
}

fn by_name(regions: Vec<RegionName>) -> HashMap<Box<str>, RegionName> {
    let named = regions.into_iter();
    named
        .map(|region| (region.as_str().into(), region))
        .collect()
}

const BODY_BYTES: usize = 1 << 20;
