//! `strongroom serve`: everything in its order, from the first line of configuration to the last
//! byte of audit.
//!
//! Order of stopping: no new connections; what is under way is answered; what was only noted in
//! memory is stored; the audit file is written and synced; the outbox is cleared of it; the store is closed. So no answer leaves without its
//! event, and a clean stop leaves nothing to recover.

use crate::admin::AdminServer;
use crate::audit::Sweeper;
use crate::boot::{self, Booted};
use crate::cli::ServeFlags;
use crate::config::{Config, seconds};
use crate::error::{Error, chain};
use crate::health::{Health, Phase};
use crate::listen::{self, Front, Listener, Workers};
use crate::tasks::Tasks;
use crate::tls::Certificates;
use crate::{files, logging, process, tls};
use serde::Serialize;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Runs the server until it is told to stop.
pub(crate) fn run(flags: &ServeFlags) -> Result<(), Error> {
    process::harden()?;
    let config = Config::load(flags)?;
    logging::start(&config.log)?;
    tls::install_provider();
    warn_of_few_files(&config);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::system("start the runtime"))?
        .block_on(serve(&config))
}

async fn serve(config: &Config) -> Result<(), Error> {
    // Caught from here on, so that a stop during the start is a stop in order as well.
    let mut signals = Signals::catch()?;
    let mut booted = boot::boot(config).await?;
    let (swept, sweeping) = oneshot::channel();
    let tasks = Tasks::default();
    let durable = booted.take_durable();
    let sweeper = Sweeper::new(booted.store.clone(), Arc::clone(&booted.sink));
    let period = config.audit.longest_way() + LOOK_FOR_LEFT_EVENTS;
    tasks.spawn(async move {
        sweeper.run(durable, period).await;
        // Nobody waits when the server failed before it stopped in order.
        let _ = swept.send(());
    });
    let outcome = with_listeners(config, &booted, &tasks, &mut signals).await;
    settle(&booted).await;
    booted.sink.close();
    let _ = timeout(LAST_STEPS, sweeping).await;
    let closed = booted.store.close().await.map_err(boot::BootError::from);
    let _ = files::remove_if_there(&booted.layout.admin_socket());
    outcome?;
    closed?;
    tracing::info!("stopped");
    Ok(())
}

/// From the first listening socket to the last connection.
async fn with_listeners(
    config: &Config,
    booted: &Booted,
    tasks: &Tasks,
    signals: &mut Signals,
) -> Result<(), Error> {
    let count = config.listen.workers.unwrap_or_else(processors);
    let listeners = listen::open(config, count)?;
    let certificates = certificates(config, booted, &listeners)?;
    let endpoints = Endpoints::of(&listeners);
    write_profile(booted, &endpoints, &certificates)?;
    let admin = Arc::new(AdminServer::new(booted));
    let commands = admin.bind()?;

    let (phase, phases) = watch::channel(Phase::Serving);
    let health = Health::new(
        phases.clone(),
        booted.store.clone(),
        Arc::clone(&booted.sink),
    );
    let front = Arc::new(Front::new(Arc::clone(&booted.app), health, &config.limits));
    let tls = tls::server_config(Arc::clone(&certificates))?;
    let mut workers = Workers::start(listeners, count, &front, &tls, &config.limits, &phases)?;
    announce(booted, &endpoints)?;

    let outcome = tokio::select! {
        () = signals.stop() => Ok(()),
        failure = failure(booted) => Err(Error::Stopped(failure)),
        () = housekeeping(booted, &certificates) => Ok(()),
        () = accept_commands(admin, commands, tasks) => Ok(()),
    };
    stop(
        &phase,
        &mut workers,
        signals,
        seconds(config.limits.drain_seconds),
    )
    .await;
    outcome
}

/// Lets what is under way finish, for at most `time` or until told again to stop.
async fn stop(
    phase: &watch::Sender<Phase>,
    workers: &mut Workers,
    signals: &mut Signals,
    time: Duration,
) {
    tracing::info!("draining");
    phase.send_replace(Phase::Draining);
    tokio::select! {
        () = workers.all_ended() => return,
        () = tokio::time::sleep(time) => tracing::warn!("dropping connections that are left"),
        () = signals.stop() => tracing::warn!("told twice to stop: dropping connections"),
    }
    phase.send_replace(Phase::Stopping);
    let _ = timeout(LAST_STEPS, workers.all_ended()).await;
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

async fn accept_commands(admin: Arc<AdminServer>, listener: UnixListener, tasks: &Tasks) {
    tracing::debug!(path = %admin.path().display(), "operator commands are heard");
    admin.run(listener, tasks.clone()).await;
}

/// Resolves when going on would risk what was acknowledged.
async fn failure(booted: &Booted) -> String {
    let mut broken = booted.sink.broken();
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
async fn housekeeping(booted: &Booted, certificates: &Certificates) {
    let every = |period| {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    };
    let mut minutes = every(MINUTE);
    let mut hours = every(60 * MINUTE);
    loop {
        tokio::select! {
            _ = minutes.tick() => {
                if let Err(error) = booted.app.tick().await {
                    tracing::error!(error = chain(&error), "background work failed");
                }
            }
            _ = hours.tick() => {
                if let Err(error) = certificates.refresh() {
                    tracing::error!(error = chain(&error), "cannot renew the certificate");
                }
            }
        }
    }
}

fn certificates(
    config: &Config,
    booted: &Booted,
    listeners: &[Listener],
) -> Result<Arc<Certificates>, Error> {
    let addresses = listeners.iter().map(|listener| listener.address().ip());
    Ok(Arc::new(Certificates::prepare(
        &config.tls,
        &booted.layout.tls(),
        process::host_name(),
        addresses,
        Arc::clone(&booted.clock),
        Arc::clone(&booted.entropy),
    )?))
}

/// Tells AWS clients on this machine where the server is.
fn write_profile(
    booted: &Booted,
    endpoints: &Endpoints,
    certificates: &Certificates,
) -> Result<(), Error> {
    let Some(endpoint) = endpoints.public.first() else {
        return Ok(());
    };
    let authority = certificates.authority();
    boot::write_config(
        &booted.layout.aws_config(),
        &booted.deployment,
        endpoint,
        authority.as_deref(),
    )?;
    Ok(())
}

/// Under which URLs the server is reached.
struct Endpoints {
    public: Vec<String>,
    private: Vec<PrivateUrls>,
}

/// Those of one private endpoint.
#[derive(Serialize)]
struct PrivateUrls {
    id: String,
    vpc: String,
    endpoints: Vec<String>,
}

impl Endpoints {
    fn of(listeners: &[Listener]) -> Self {
        let mut found = Self {
            public: Vec::new(),
            private: Vec::new(),
        };
        for listener in listeners {
            let url = listener.url();
            let Some(endpoint) = &listener.entrance().endpoint else {
                found.public.push(url);
                continue;
            };
            match found
                .private
                .last_mut()
                .filter(|one| one.id == endpoint.id())
            {
                Some(last) => last.endpoints.push(url),
                None => found.private.push(PrivateUrls {
                    id: endpoint.id().to_owned(),
                    vpc: endpoint.vpc().to_owned(),
                    endpoints: vec![url],
                }),
            }
        }
        found
    }
}

/// The one line on standard output: scripts wait for it.
fn announce(booted: &Booted, endpoints: &Endpoints) -> Result<(), Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Ready<'a> {
        event: &'a str,
        endpoints: &'a [String],
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        private_endpoints: &'a [PrivateUrls],
        account: &'a str,
        region: &'a str,
    }

    let ready = Ready {
        event: "ready",
        endpoints: &endpoints.public,
        private_endpoints: &endpoints.private,
        account: booted.deployment.account().as_str(),
        region: booted.deployment.region().as_str(),
    };
    let mut line = serde_json::to_vec(&ready).unwrap_or_default();
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)
        .and_then(|()| out.flush())
        .map_err(Error::system("write to standard output"))?;
    tracing::info!(endpoints = endpoints.public.join(" "), "ready");
    Ok(())
}

/// The signals that end the server.
struct Signals {
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
    async fn stop(&mut self) {
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

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

const MINUTE: Duration = Duration::from_secs(60);
/// For steps of a stop that should take no time at all.
const LAST_STEPS: Duration = Duration::from_secs(5);
const FILES_BESIDE_CONNECTIONS: u64 = 128;
/// How often events are looked for that did not reach the audit file on the usual way.
const LOOK_FOR_LEFT_EVENTS: Duration = Duration::from_secs(10);
