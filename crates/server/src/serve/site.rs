//! What clients and operators reach of the server: sockets, threads, certificates, the admin socket.
//! It is there while the server is sealed and goes on when it is opened.

use super::{LAST_STEPS, MINUTE, Signals};
use crate::admin::AdminServer;
use crate::audit::Refused;
use crate::boot::{self, Booted, Deployment, Layout};
use crate::config::Config;
use crate::error::{Error, chain};
use crate::health::{Health, Phase};
use crate::listen::{self, Front, Listener, Workers};
use crate::metrics::{self, MetricsListener, Sources};
use crate::tasks::Tasks;
use crate::tls::Certificates;
use crate::{process, tls};
use base::{Clock, Entropy};
use serde::Serialize;
use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

/// What a site needs to know of its server.
pub(super) struct Surroundings<'a> {
    pub(super) layout: &'a Layout,
    pub(super) deployment: &'a Deployment,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) entropy: &'a Arc<dyn Entropy>,
}

/// The outside of a server.
pub(super) struct Site {
    pub(super) admin: Arc<AdminServer>,
    pub(super) endpoints: Endpoints,
    commands: Pin<Box<dyn Future<Output = ()>>>,
    certificates: Arc<Certificates>,
    front: Arc<Front>,
    health: Health,
    metrics: Arc<Sources>,
    workers: Workers,
    phase: watch::Sender<Phase>,
}

impl Site {
    /// Opens every socket. Requests are refused until [`Site::let_in`].
    pub(super) fn open(
        config: &Config,
        around: &Surroundings<'_>,
        admin: AdminServer,
    ) -> Result<Self, Error> {
        let count = config.listen.workers.unwrap_or_else(processors);
        let listeners = listen::open(config, count)?;
        let certificates = certificates(config, around, &listeners)?;
        let mut endpoints = Endpoints::of(&listeners);
        let metrics_listener = config.metrics.map(metrics::open).transpose()?;
        endpoints.metrics = metrics_listener.as_ref().map(MetricsListener::url);
        write_profile(around, &endpoints, &certificates)?;
        let admin = Arc::new(admin);
        let commands = admin.bind()?;
        tracing::debug!(path = %admin.path().display(), "operator commands are heard");

        let (phase, phases) = watch::channel(Phase::Serving);
        let health = Health::new(phases.clone());
        let front = Arc::new(Front::new(
            health.clone(),
            Arc::clone(around.clock),
            Arc::clone(around.entropy),
            &config.limits,
        ));
        let tls = tls::server_config(Arc::clone(&certificates))?;
        let workers = Workers::start(listeners, count, &front, &tls, &config.limits, &phases)?;
        let metrics = Arc::new(Sources::new(
            around.clock.now(),
            workers.connections().clone(),
            health.clone(),
        ));
        if let Some(listener) = metrics_listener {
            let answering = listener.run(Arc::clone(&metrics), phases);
            Tasks::default().spawn(answering);
        }
        Ok(Self {
            commands: Box::pin(Arc::clone(&admin).run(commands, Tasks::default())),
            admin,
            endpoints,
            certificates,
            front,
            health,
            metrics,
            workers,
            phase,
        })
    }

    /// Lets requests through to the services.
    pub(super) fn let_in(&self, booted: &Booted) {
        self.health
            .open(booted.store.clone(), Arc::clone(&booted.audit.sink));
        self.metrics.open(booted);
        self.front.open(Arc::clone(&booted.app));
    }

    /// Writes down what is refused while the server is sealed, until dropped.
    pub(super) fn record_refusals(&self) -> impl Future<Output = ()> + use<> {
        let (admin, front) = (Arc::clone(&self.admin), Arc::clone(&self.front));
        async move {
            let mut seconds = every(SECOND);
            loop {
                seconds.tick().await;
                admin.record_refusals(front.refusals()).await;
            }
        }
    }

    /// Writes down what was refused and is not on file yet, and how much it was.
    pub(super) async fn last_refusals(&self) -> Refused {
        self.admin.record_refusals(self.front.refusals()).await;
        self.front.refusals().refused()
    }

    /// Tells functions where they reach the server.
    pub(super) fn tell_functions(&self, booted: &Booted) -> Result<(), Error> {
        let authority = self.certificates.authority();
        Ok(booted
            .address
            .listens(&self.endpoints.public, authority.as_deref())?)
    }

    /// Answers operator commands until dropped.
    pub(super) fn hear_commands(&mut self) -> impl Future<Output = ()> {
        self.commands.as_mut()
    }

    /// Renews certificates in time, until dropped.
    pub(super) fn keep_certificates(&self) -> impl Future<Output = ()> + use<> {
        let certificates = Arc::clone(&self.certificates);
        async move {
            let mut hours = every(60 * MINUTE);
            loop {
                hours.tick().await;
                if let Err(error) = certificates.refresh() {
                    tracing::error!(error = chain(&error), "cannot renew the certificate");
                }
            }
        }
    }

    /// Lets what is under way finish, for at most `time` or until told again to stop.
    pub(super) async fn stop(&mut self, signals: &mut Signals, time: Duration) {
        tracing::info!("draining");
        self.phase.send_replace(Phase::Draining);
        tokio::select! {
            () = self.workers.all_ended() => return,
            () = tokio::time::sleep(time) => tracing::warn!("dropping connections that are left"),
            () = signals.stop() => tracing::warn!("told twice to stop: dropping connections"),
        }
        self.phase.send_replace(Phase::Stopping);
        let _ = timeout(LAST_STEPS, self.workers.all_ended()).await;
    }
}

/// Ticks now and after each `period`, without making up for those that were missed.
pub(super) fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn certificates(
    config: &Config,
    around: &Surroundings<'_>,
    listeners: &[Listener],
) -> Result<Arc<Certificates>, Error> {
    let addresses = listeners.iter().map(|listener| listener.address().ip());
    Ok(Arc::new(Certificates::prepare(
        &config.tls,
        &around.layout.tls(),
        process::host_name(),
        addresses,
        Arc::clone(around.clock),
        Arc::clone(around.entropy),
    )?))
}

/// Tells AWS clients on this machine where the server is.
fn write_profile(
    around: &Surroundings<'_>,
    endpoints: &Endpoints,
    certificates: &Certificates,
) -> Result<(), Error> {
    let Some(endpoint) = endpoints.public.first() else {
        return Ok(());
    };
    let authority = certificates.authority();
    boot::write_config(
        &around.layout.aws_config(),
        around.deployment,
        endpoint,
        authority.as_deref(),
    )?;
    Ok(())
}

/// Under which URLs the server is reached.
pub(super) struct Endpoints {
    pub(super) public: Vec<String>,
    pub(super) private: Vec<PrivateUrls>,
    /// Where metrics are read, if anywhere.
    pub(super) metrics: Option<String>,
}

/// Those of one private endpoint.
#[derive(Serialize)]
pub(super) struct PrivateUrls {
    id: String,
    vpc: String,
    endpoints: Vec<String>,
}

impl Endpoints {
    fn of(listeners: &[Listener]) -> Self {
        let mut found = Self {
            public: Vec::new(),
            private: Vec::new(),
            metrics: None,
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

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

const SECOND: Duration = Duration::from_secs(1);
