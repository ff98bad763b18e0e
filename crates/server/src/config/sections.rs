//! The configuration file, section by section, with the defaults.

use super::{
    buckets, functions, metrics, notifications, oidc, private, quotas, rotators, seal, sinks,
    store, traces,
};
use serde::Deserialize;
use services::secretsmanager::RotationSettings;
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    /// Where everything is kept.
    pub(super) data_dir: Option<PathBuf>,
    /// The first account's number.
    pub(super) account_id: Option<String>,
    /// The first account's Region.
    pub(super) region: Option<String>,
    /// The Regions that requests may name; every public AWS Region when left out.
    pub(super) regions: Option<Vec<String>>,
    /// What to log.
    pub(super) log: String,
    /// `[listen]`
    pub(super) listen: Listen,
    /// `[tls]`
    pub(super) tls: Tls,
    /// `[limits]`
    pub(super) limits: Limits,
    /// `[audit]`
    pub(super) audit: Audit,
    /// `[quotas]`
    pub(super) quotas: quotas::Section,
    /// `[metrics]`
    pub(super) metrics: metrics::Section,
    /// `[tracing]`
    pub(super) tracing: traces::Section,
    /// `[store]`
    pub(super) store: store::StoreSection,
    /// `[[endpoint]]`
    pub(super) endpoint: Vec<private::Section>,
    /// `[[oidc]]`
    pub(super) oidc: Vec<oidc::Section>,
    /// `[rotation]`
    pub(super) rotation: Rotation,
    /// `[seal]`
    pub(super) seal: seal::Section,
    /// `[functions]`
    pub(super) functions: functions::Section,
    /// `[notifications]`
    pub(super) notifications: notifications::Section,
    /// `[rotators]`
    pub(super) rotators: rotators::Section,
    /// `[trails]`
    pub(super) trails: Trails,
    /// `[[trail_buckets]]`
    pub(super) trail_buckets: Vec<buckets::Section>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            data_dir: None,
            account_id: None,
            region: None,
            regions: None,
            log: String::from("info"),
            listen: Listen::default(),
            tls: Tls::default(),
            limits: Limits::default(),
            audit: Audit::default(),
            quotas: quotas::Section::default(),
            metrics: metrics::Section::default(),
            tracing: traces::Section::default(),
            store: store::StoreSection::default(),
            endpoint: Vec::new(),
            oidc: Vec::new(),
            rotation: Rotation::default(),
            seal: seal::Section::default(),
            functions: functions::Section::default(),
            notifications: notifications::Section::default(),
            rotators: rotators::Section::default(),
            trails: Trails::default(),
            trail_buckets: Vec::new(),
        }
    }
}

/// `[listen]`: addresses and threads.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Listen {
    /// HTTPS addresses.
    pub(super) tls: Vec<String>,
    /// Loopback addresses for HTTP without TLS.
    pub(super) plain: Vec<String>,
    /// Threads that serve; one for each processor when left out.
    pub(super) workers: Option<NonZeroU16>,
}

/// `[tls]`: the certificate.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Tls {
    /// The operator's own chain (PEM, leaf first).
    pub(super) cert: Option<PathBuf>,
    /// Its private key (PEM).
    pub(super) key: Option<PathBuf>,
    /// Further names and addresses for the private CA's certificate.
    pub(super) names: Vec<String>,
}

/// `[limits]`: what one client, or all of them, may use up.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// Connections open at once, over all listeners. One more is closed as it comes.
    pub(crate) connections: NonZeroU32,
    /// Bytes of a request's body.
    pub(crate) body_bytes: NonZeroU32,
    /// MiB of memory for the bodies of all requests together.
    pub(crate) body_memory_mib: NonZeroU32,
    /// Bytes of a request's head.
    pub(crate) header_bytes: NonZeroU32,
    /// Requests under way at once on one HTTP/2 connection.
    pub(crate) http2_streams: NonZeroU32,
    /// Seconds for a TLS handshake.
    pub(crate) handshake_seconds: NonZeroU16,
    /// Seconds from a request's first byte to the end of its head (HTTP/1.1).
    pub(crate) header_seconds: NonZeroU16,
    /// Seconds for a request's body.
    pub(crate) body_seconds: NonZeroU16,
    /// Seconds that a connection may stay open with no request on it.
    pub(crate) idle_seconds: NonZeroU16,
    /// Seconds that a stopping server gives to what is under way.
    pub(crate) drain_seconds: NonZeroU16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: number(10_000),
            body_bytes: number(1 << 20),
            body_memory_mib: number(128),
            header_bytes: number(64 << 10),
            http2_streams: number(128),
            handshake_seconds: count(10),
            header_seconds: count(10),
            body_seconds: count(30),
            idle_seconds: count(75),
            drain_seconds: count(30),
        }
    }
}

/// `[audit]`: when events are safe, how long an answer waits for its event, and how the log is cut
/// into segments.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Audit {
    /// When what was written is made to survive a loss of power.
    pub(crate) sync: SyncPolicy,
    /// Milliseconds between two of those, with `sync = "interval"`.
    pub(crate) sync_interval_ms: NonZeroU32,
    /// Milliseconds after which an answer whose event is not written is refused.
    pub(crate) deadline_ms: NonZeroU32,
    /// Bytes after which a segment is closed.
    pub(crate) segment_bytes: NonZeroU64,
    /// Hours after which a segment is closed.
    pub(crate) segment_hours: NonZeroU32,
    /// Days after which closed segments are deleted; never when left out.
    pub(crate) retention_days: Option<NonZeroU32>,
    /// `[[audit.sinks]]`, until they are resolved.
    pub(crate) sinks: Vec<sinks::Section>,
}

/// When the audit file is made to survive a loss of power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SyncPolicy {
    /// Before each answer, many answers at a time.
    Always,
    /// Every so often. Events of changes are safe all the same: they wait in the store until then.
    Interval,
}

impl Audit {
    /// The time between two syncs.
    pub(crate) fn sync_interval(&self) -> Duration {
        Duration::from_millis(u64::from(self.sync_interval_ms.get()))
    }

    /// The longest that an answer waits.
    pub(crate) fn deadline(&self) -> Duration {
        Duration::from_millis(u64::from(self.deadline_ms.get()))
    }

    /// The age at which a segment is closed.
    pub(crate) fn segment_age(&self) -> Duration {
        Duration::from_secs(u64::from(self.segment_hours.get()) * 3_600)
    }

    /// The longest that an event may take from its commit until it is safe in the file.
    pub(crate) fn longest_way(&self) -> Duration {
        self.deadline() + self.sync_interval()
    }
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            sync: SyncPolicy::Interval,
            sync_interval_ms: number(1_000),
            deadline_ms: number(2_000),
            segment_bytes: NonZeroU64::new(64 << 20).unwrap_or(NonZeroU64::MIN),
            segment_hours: number(24),
            retention_days: None,
            sinks: Vec::new(),
        }
    }
}

/// `[trails]`: how often trails deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Trails {
    /// Seconds between two deliveries of log files.
    pub(crate) delivery_seconds: NonZeroU32,
    /// Seconds that a digest is of.
    pub(crate) digest_seconds: NonZeroU32,
}

impl Default for Trails {
    fn default() -> Self {
        Self {
            delivery_seconds: number(300),
            digest_seconds: number(3_600),
        }
    }
}

/// `[rotation]`: how many secrets are rotated at once, and how patiently.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rotation {
    /// Rotations under way at once, of all accounts together; one account alone gets half of them.
    pub(crate) workers: NonZeroU16,
    /// How often a rotation is tried before it has failed, until its next window.
    pub(crate) attempts: NonZeroU16,
    /// The longest wait after the first failure, in seconds. It doubles with every further one.
    pub(crate) retry_seconds: NonZeroU16,
    /// The longest wait of all, in seconds.
    pub(crate) most_retry_seconds: NonZeroU16,
    /// Seconds for one step, whatever the function's own timeout.
    pub(crate) step_seconds: NonZeroU16,
    /// Seconds after which a rotation whose worker was not heard of is taken over.
    pub(crate) lease_seconds: NonZeroU16,
}

impl Rotation {
    /// As the services take it.
    pub(crate) fn settings(&self) -> RotationSettings {
        let millis = |seconds: NonZeroU16| u32::from(seconds.get()).saturating_mul(1_000);
        let mut settings = RotationSettings {
            workers: self.workers.get(),
            attempts: self.attempts.get().into(),
            step_millis: millis(self.step_seconds),
            lease_millis: millis(self.lease_seconds),
            ..RotationSettings::default()
        };
        settings.backoff.first_millis = millis(self.retry_seconds);
        settings.backoff.most_millis = millis(self.most_retry_seconds);
        settings
    }
}

impl Default for Rotation {
    fn default() -> Self {
        Self {
            workers: count(16),
            attempts: count(5),
            retry_seconds: count(30),
            most_retry_seconds: count(3_600),
            step_seconds: count(960),
            lease_seconds: count(20),
        }
    }
}

/// `seconds` as a length of time.
pub(crate) fn seconds(seconds: NonZeroU16) -> Duration {
    Duration::from_secs(u64::from(seconds.get()))
}

const fn number(value: u32) -> NonZeroU32 {
    match NonZeroU32::new(value) {
        Some(value) => value,
        None => NonZeroU32::MIN,
    }
}

pub(super) const fn count(value: u16) -> NonZeroU16 {
    match NonZeroU16::new(value) {
        Some(value) => value,
        None => NonZeroU16::MIN,
    }
}
