//! `strongroom serve`: everything in its order, from the first line of configuration to the last
//! byte of audit.
//!
//! Order of stopping: no new connections; what is under way is answered; what was only noted in
//! memory is stored; the audit file is written and synced, and sinks get what there is time for; the
//! outbox is cleared of it; the store is closed. So no answer leaves without its event, and a clean stop leaves nothing to recover.

mod site;

use crate::admin::{AdminServer, Passage, SealMoment};
use crate::audit::Sweeper;
use crate::boot::{self, Booted, Deployment, Door, Ground, Opening};
use crate::cli::ServeFlags;
use crate::config::{Config, seconds};
use crate::error::{Error, chain};
use crate::process::Taken;
use crate::tasks::Tasks;
use crate::{delivering, files, logging, process, resealing, rotating, tls};
use jobs::Backoff;
use serde::Serialize;
use services::ports::EventStream as _;
use site::{Endpoints, PrivateUrls, Site, Surroundings, every};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;
use store::Database;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

/// Runs the server until it is told to stop.
pub(crate) fn run(flags: &ServeFlags) -> Result<(), Error> {
    process::harden()?;
    let config = Config::load(flags)?;
    let taken = process::take_environment(&config.variables())?;
    logging::start(&config.log)?;
    if config.seal.lock_memory {
        process::lock_memory();
    }
    tls::install_provider();
    warn_of_few_files(&config);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::system("start the runtime"))?
        .block_on(serve(&config, taken))
}

async fn serve(config: &Config, taken: Taken) -> Result<(), Error> {
    // Caught from here on, so that a stop during the start is a stop in order as well.
    let mut signals = Signals::catch()?;
    let ground = Ground::take(config, taken)?;
    let opening = ground.open()?;
    let database = ground.database()?;
    match opening {
        Opening::Open(opened) => {
            let booted = boot::boot(config, ground, database, *opened).await?;
            serve_open(config, booted, None, &mut signals).await
        }
        Opening::Sealed(door) => serve_sealed(config, ground, database, *door, &mut signals).await,
    }
}

/// Listens and refuses until somebody opens the seal, and serves then.
async fn serve_sealed(
    config: &Config,
    ground: Ground,
    database: Database,
    door: Door,
    signals: &mut Signals,
) -> Result<(), Error> {
    let deployment = ground.deployment(config, &database).await?;
    tracing::warn!(reason = door.why(), "the server is sealed");
    let (passages, mut arriving) = mpsc::channel(1);
    let file = config.file.as_deref();
    let admin = AdminServer::sealed(&ground, &deployment, file, door, passages);
    let starts = admin.record_seal(SealMoment::Starts).await;
    starts.map_err(Error::Stopped)?;
    let surroundings = Surroundings {
        layout: &ground.layout,
        deployment: &deployment,
        clock: &ground.clock,
        entropy: &ground.entropy,
    };
    let mut site = Site::open(config, &surroundings, admin)?;
    announce("sealed", &deployment, &site.endpoints)?;

    let (keeping, recording) = (site.keep_certificates(), site.record_refusals());
    let passage = tokio::select! {
        () = signals.stop() => None,
        () = keeping => None,
        () = recording => None,
        () = site.hear_commands() => None,
        passage = arriving.recv() => passage,
    };
    let Some(Passage { opened, done }) = passage else {
        site.stop(signals, seconds(config.limits.drain_seconds))
            .await;
        let stops = SealMoment::Stops(site.last_refusals().await);
        let recorded = site.admin.record_seal(stops).await;
        let _ = files::remove_if_there(&ground.layout.admin_socket());
        database.close().await.map_err(boot::BootError::from)?;
        return recorded.map_err(Error::Stopped);
    };
    site.last_refusals().await;
    site.admin.is_being_unsealed();
    match boot::boot(config, ground, database, *opened).await {
        Ok(booted) => serve_open(config, booted, Some((site, done)), signals).await,
        Err(error) => {
            let _ = done.send(Err(chain(&error)));
            Err(error.into())
        }
    }
}

/// Serves, on the `site` that a sealed server had or on a new one.
async fn serve_open(
    config: &Config,
    mut booted: Booted,
    site: Option<(Site, oneshot::Sender<Result<(), String>>)>,
    signals: &mut Signals,
) -> Result<(), Error> {
    let (swept, sweeping) = oneshot::channel();
    let tasks = Tasks::default();
    let durable = booted.take_durable();
    let sweeper = Sweeper::new(booted.store.clone(), Arc::clone(&booted.audit.sink));
    let period = config.audit.longest_way() + LOOK_FOR_LEFT_EVENTS;
    tasks.spawn(async move {
        sweeper.run(durable, period).await;
        // Nobody waits when the server failed before it stopped in order.
        let _ = swept.send(());
    });
    let outcome = with_site(config, &booted, site, signals).await;
    settle(&booted).await;
    if let Some(exporter) = &booted.exporter {
        let _ = timeout(LAST_STEPS, exporter.flush()).await;
    }
    booted.audit.sink.close();
    if timeout(LAST_STEPS, booted.audit.sinks.finish())
        .await
        .is_err()
    {
        tracing::warn!("no time to send all audit events on: the next start does");
    }
    let _ = timeout(LAST_STEPS, sweeping).await;
    booted.keys.leave().await;
    let closed = booted.store.close().await.map_err(boot::BootError::from);
    let _ = files::remove_if_there(&booted.ground.layout.admin_socket());
    outcome?;
    closed?;
    tracing::info!("stopped");
    Ok(())
}

/// From the first listening socket to the last connection.
async fn with_site(
    config: &Config,
    booted: &Booted,
    site: Option<(Site, oneshot::Sender<Result<(), String>>)>,
    signals: &mut Signals,
) -> Result<(), Error> {
    let mut site = match site {
        Some((site, done)) => {
            site.admin.unsealed(booted);
            site.let_in(booted);
            let ends = SealMoment::Ends(site.last_refusals().await);
            let recorded = site.admin.record_seal(ends).await;
            // The operator may be gone; the server is open all the same.
            let _ = done.send(Ok(()));
            recorded.map_err(Error::Stopped)?;
            site
        }
        None => {
            let admin = AdminServer::open(booted, config.file.as_deref());
            let surroundings = Surroundings {
                layout: &booted.ground.layout,
                deployment: &booted.deployment,
                clock: &booted.ground.clock,
                entropy: &booted.ground.entropy,
            };
            let site = Site::open(config, &surroundings, admin)?;
            site.let_in(booted);
            site
        }
    };
    site.tell_functions(booted)?;
    announce("ready", &booted.deployment, &site.endpoints)?;
    let keeping = site.keep_certificates();
    let outcome = tokio::select! {
        () = signals.stop() => Ok(()),
        failure = failure(booted) => Err(Error::Stopped(failure)),
        error = booted.keys.keep_beating() => Err(Error::Stopped(chain(&error))),
        () = housekeeping(booted) => Ok(()),
        () = queued_functions(booted) => Ok(()),
        () = resealing::run(booted) => Ok(()),
        () = retaining(booted) => Ok(()),
        () = following(booted) => Ok(()),
        () = indexing(booted) => Ok(()),
        () = delivering_trails(booted) => Ok(()),
        () = delivering::run(&booted.app, config.notifications.workers.get()) => Ok(()),
        () = booted.audit.sinks.run() => Ok(()),
        () = exporting(booted) => Ok(()),
        () = rotating::run(&booted.app, config.rotation.workers.get()) => Ok(()),
        () = keeping => Ok(()),
        () = site.hear_commands() => Ok(()),
    };
    site.stop(signals, seconds(config.limits.drain_seconds))
        .await;
    outcome
}

/// Stores when credentials were last used. It is no reason to fail a stop.
async fn settle(booted: &Booted) {
    match timeout(LAST_STEPS, booted.app.settle()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(
                error = chain(&error),
                "cannot store when keys were last used"
            );
        }
        Err(_) => tracing::warn!("no time to store when keys were last used"),
    }
}

/// Resolves when going on would risk what was acknowledged.
async fn failure(booted: &Booted) -> String {
    let mut broken = booted.audit.sink.broken();
    let audit_broke = async {
        if broken.wait_for(|broken| *broken).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = booted.store.until_failed() => String::from("the store failed"),
        () = audit_broke => String::from("the audit log could not be synced"),
    }
}

/// What is due by the clock. Each step is safe to run twice and to miss.
async fn housekeeping(booted: &Booted) {
    let mut minutes = every(MINUTE);
    loop {
        minutes.tick().await;
        if let Err(error) = booted.app.tick().await {
            tracing::error!(error = chain(&error), "background work failed");
        }
    }
}

/// Sends spans of requests to their collector.
async fn exporting(booted: &Booted) {
    match &booted.exporter {
        Some(exporter) => exporter.run().await,
        None => std::future::pending().await,
    }
}

/// Deletes segments of the audit log that are old enough. What fails is tried again.
async fn retaining(booted: &Booted) {
    let Some(retention) = &booted.audit.retention else {
        return std::future::pending().await;
    };
    let mut hours = every(60 * MINUTE);
    loop {
        hours.tick().await;
        if let Err(error) = retention.tick().await {
            tracing::error!(error = chain(&error), "old audit segments are not deleted");
        }
    }
}

/// What follows the audit log. Each step is stored whole, and done again when it was not.
async fn following(booted: &Booted) {
    let mut ticks = every(FOLLOW);
    let mut failures = 0;
    loop {
        // Before the step, so that nothing that comes meanwhile is slept over.
        let seen = booted.audit.stream.newest();
        loop {
            match booted.app.follow().await {
                Ok(is_more) => {
                    if std::mem::take(&mut failures) > 0 {
                        tracing::info!("the audit log is followed again");
                    }
                    match is_more {
                        true => tokio::task::yield_now().await,
                        false => break,
                    }
                }
                Err(error) => {
                    if failures == 0 {
                        tracing::error!(error = chain(&error), "the audit log is not followed");
                    }
                    failures += 1;
                    let pause = FOLLOW_AGAIN.after(failures, booted.ground.entropy.as_ref());
                    sleep(Duration::from_millis(pause.unsigned_abs())).await;
                }
            }
        }
        tokio::select! {
            () = booted.audit.stream.grown(seen) => sleep(GATHER).await,
            _ = ticks.tick() => {}
        }
    }
}

/// Indexes of closed segments of the audit log. One at a time and not often, so that requests have the
/// processor; who looks for an event makes what is missing.
async fn indexing(booted: &Booted) {
    let mut ticks = every(INDEX);
    loop {
        ticks.tick().await;
        if let Err(error) = booted.audit.history.tend().await {
            tracing::warn!(error = chain(&error), "the audit log is not indexed");
        }
    }
}

/// What trails owe to their buckets.
async fn delivering_trails(booted: &Booted) {
    let mut ticks = every(DELIVER);
    loop {
        ticks.tick().await;
        if let Err(error) = booted.app.deliver_trails().await {
            tracing::error!(error = chain(&error), "trails are not delivered");
        }
    }
}

/// Functions that were called without being waited for. What a stop interrupts is run again later.
async fn queued_functions(booted: &Booted) {
    // Side by side, so that a slow function does not keep the others waiting.
    tokio::join!(
        queued_batches(booted),
        queued_batches(booted),
        queued_batches(booted),
        queued_batches(booted),
    );
}

async fn queued_batches(booted: &Booted) {
    let mut seconds = every(Duration::from_secs(1));
    loop {
        seconds.tick().await;
        if let Err(error) = booted.app.run_queued_functions().await {
            tracing::error!(error = chain(&error), "a queued function was not run");
        }
    }
}

/// The one line on standard output that scripts wait for: `event` is `ready`, and before that
/// `sealed` if the server starts so.
fn announce(event: &str, deployment: &Deployment, endpoints: &Endpoints) -> Result<(), Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Ready<'a> {
        event: &'a str,
        endpoints: &'a [String],
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        private_endpoints: &'a [PrivateUrls],
        #[serde(skip_serializing_if = "Option::is_none")]
        metrics: Option<&'a str>,
        account: &'a str,
        region: &'a str,
    }

    let ready = Ready {
        event,
        endpoints: &endpoints.public,
        private_endpoints: &endpoints.private,
        metrics: endpoints.metrics.as_deref(),
        account: deployment.account().as_str(),
        region: deployment.region().as_str(),
    };
    let mut line = serde_json::to_vec(&ready).unwrap_or_default();
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)
        .and_then(|()| out.flush())
        .map_err(Error::system("write to standard output"))?;
    tracing::info!(endpoints = endpoints.public.join(" "), "{event}");
    Ok(())
}

/// The signals that end the server.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn catch() -> Result<Self, Error> {
        let caught = |kind| signal(kind).map_err(Error::system("catch signals"));
        Ok(Self {
            terminate: caught(SignalKind::terminate())?,
            interrupt: caught(SignalKind::interrupt())?,
        })
    }

    /// Resolves when the operator or the system wants the server to end.
    pub(super) async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn warn_of_few_files(config: &Config) {
    let wanted = u64::from(config.limits.connections.get()) + FILES_BESIDE_CONNECTIONS;
    if let Some(allowed) = process::raise_open_files()
        && allowed < wanted
    {
        tracing::warn!(
            allowed,
            wanted,
            "fewer files may be open than `limits.connections` needs"
        );
    }
}

/// How often it is looked for trails that have something to deliver.
const DELIVER: Duration = Duration::from_secs(5);
/// How often an index is made.
const INDEX: Duration = Duration::from_secs(10);
/// How often what follows the audit log looks for more when there is nothing new.
const FOLLOW: Duration = Duration::from_secs(5);
/// How long to wait when that failed.
const FOLLOW_AGAIN: Backoff = Backoff {
    first_millis: 1_000,
    most_millis: 60_000,
};
/// What comes one after the other is followed together.
const GATHER: Duration = Duration::from_millis(50);
const MINUTE: Duration = Duration::from_secs(60);
/// For steps of a stop that should take no time at all.
const LAST_STEPS: Duration = Duration::from_secs(5);
const FILES_BESIDE_CONNECTIONS: u64 = 128;
/// How often events are looked for that did not reach the audit file on the usual way.
const LOOK_FOR_LEFT_EVENTS: Duration = Duration::from_secs(10);
