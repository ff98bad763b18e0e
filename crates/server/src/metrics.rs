//! Metrics in the text format of Prometheus, on a listener of their own.
//!
//! Rules kept here:
//! - SECURITY: whoever reaches the listener may read all of it, so there is nothing in it that an
//!   account would keep to itself: no names, values, ARNs or keys. Labels are operations, names of
//!   errors, numbers of accounts and Regions;
//! - whatever a client does costs a bounded amount: a few connections, one answer each, and the store
//!   is asked once a second at most, however many ask;
//! - nothing listens unless the operator says so. A sealed server tells what it knows.

mod families;
mod listener;
mod process;
mod text;

pub(crate) use listener::{MetricsListener, open};

use crate::audit::{FileSink, Sinks};
use crate::boot::{Booted, Keys};
use crate::error::chain;
use crate::health::Health;
use crate::listen::Connections;
use crate::traces::Exporter;
use base::Timestamp;
use services::{App, DueWork, FollowerBehind, SecretCount};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::Store;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// All that metrics are taken from.
pub(crate) struct Sources {
    pub(crate) started: Timestamp,
    pub(crate) connections: Connections,
    pub(crate) health: Health,
    /// Nothing as long as the server is sealed.
    open: OnceLock<Open>,
    stored: Mutex<Option<Stored>>,
}

/// What there is of a server that is open.
struct Open {
    app: Arc<App>,
    store: Store,
    audit: Arc<FileSink>,
    sinks: Arc<Sinks>,
    keys: Arc<Keys>,
    exporter: Option<Arc<Exporter>>,
}

/// What the store was asked for, and when.
#[derive(Clone)]
struct Stored {
    at: Instant,
    due: Option<DueWork>,
    secrets: Arc<[SecretCount]>,
    behind: Arc<[FollowerBehind]>,
}

impl Sources {
    /// Those of a sealed server that started at `started`.
    pub(crate) fn new(started: Timestamp, connections: Connections, health: Health) -> Self {
        Self {
            started,
            connections,
            health,
            open: OnceLock::new(),
            stored: Mutex::new(None),
        }
    }

    /// Tells of the services too from now on.
    pub(crate) fn open(&self, booted: &Booted) {
        // A server is opened once.
        let _ = self.open.set(Open {
            app: Arc::clone(&booted.app),
            store: booted.store.clone(),
            audit: Arc::clone(&booted.audit.sink),
            sinks: Arc::clone(&booted.audit.sinks),
            keys: Arc::clone(&booted.keys),
            exporter: booted.exporter.clone(),
        });
    }

    /// Everything there is to tell, in the text format.
    async fn scrape(&self) -> String {
        let mut text = text::Exposition::default();
        families::of_server(&mut text, self);
        if let Some(open) = self.open.get() {
            families::of_requests(&mut text, &open.app.counts());
            families::of_deliveries(&mut text, open.app.delivery_counts());
            families::of_store(&mut text, &open.store.stats());
            families::of_audit(&mut text, &open.audit);
            families::of_sinks(&mut text, &open.sinks.states().await);
            families::of_keys(&mut text, &open.keys);
            if let Some(exporter) = &open.exporter {
                families::of_spans(&mut text, exporter.spans().counts());
            }
            let stored = self.stored(&open.app).await;
            families::of_work(&mut text, stored.due.as_ref(), &stored.secrets);
            families::of_followers(&mut text, &stored.behind);
        }
        process::tell(&mut text, self.started);
        text.finish()
    }

    /// What the store says, which is asked again only after [`STORED_LASTS`].
    async fn stored(&self, app: &App) -> Stored {
        let mut stored = self.stored.lock().await;
        let now = Instant::now();
        if let Some(known) = &*stored
            && now.saturating_duration_since(known.at) < STORED_LASTS
        {
            return known.clone();
        }
        let due = app.due_work().await;
        let secrets = app.secret_counts().await;
        let behind = app.followers_behind().await;
        let errors = [
            due.as_ref().err(),
            secrets.as_ref().err(),
            behind.as_ref().err(),
        ];
        if let Some(error) = errors.into_iter().flatten().next() {
            tracing::warn!(error = chain(error), "metrics are not complete");
        }
        let fresh = Stored {
            at: now,
            due: due.ok(),
            secrets: secrets.unwrap_or_default().into(),
            behind: behind.unwrap_or_default().into(),
        };
        stored.insert(fresh).clone()
    }
}

const STORED_LASTS: Duration = Duration::from_secs(1);
