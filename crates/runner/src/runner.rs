use crate::api::{Api, Invocation};
use crate::code::Cache;
use crate::discover::{choose, discover};
use crate::environment::{Places, block};
use crate::error::RunError;
use crate::execution::{Executed, Execution, Outcome};
use crate::invocation::{Attempt, Attempted, failed};
use crate::isolation::{Isolation, Sandbox};
use crate::launch::{Plan, ProcessLimits};
use crate::log::Capture;
use crate::runtime::Found;
use crate::scratch::{Home, Scratch};
use crate::scrub::Scrubber;
use crate::settings::{MOST_PAYLOAD, Settings};
use crate::start::{NODE_CLIENT, NoStart, PYTHON_CLIENT, Start, start};
use crate::user::user_for;
use base::{Clock, Entropy, Plaintext};
use parking_lot::Mutex;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::spawn_blocking;

/// Runs functions on this host.
pub struct Runner {
    settings: Settings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    scratch: Scratch,
    sandbox: Sandbox,
    isolation: Isolation,
    runtimes: Vec<Found>,
    cache: Cache,
    places: Semaphore,
}

impl Runner {
    /// Takes and empties the scratch directory, tries the isolation once, and looks for runtimes.
    ///
    /// Like [`Runner::run`], it must be called on a thread of the runtime that lasts, since the
    /// kernel ends a function together with the thread that started it.
    pub async fn start(
        settings: Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, RunError> {
        let user = user_for(&settings)?;
        let scratch = Scratch::open(&settings.scratch, user)?;
        scratch.add_client(PYTHON_CLIENT, include_str!("clients/runtime_client.py"))?;
        scratch.add_client(NODE_CLIENT, include_str!("clients/runtime_client.mjs"))?;
        let trial = scratch.home(entropy.as_ref())?;
        let (sandbox, isolation) = Sandbox::find(&settings, user, trial.path()).await?;
        drop(trial);
        let runtimes = discover(&settings.search, user).await;
        Ok(Self {
            cache: Cache::new(scratch.code(), user, settings.limits.cache_bytes),
            places: Semaphore::new(settings.limits.concurrency.clamp(1, Semaphore::MAX_PERMITS)),
            settings,
            clock,
            entropy,
            scratch,
            sandbox,
            isolation,
            runtimes,
        })
    }

    /// The isolation that every function runs behind.
    pub fn check(&self) -> &Isolation {
        &self.isolation
    }

    /// The programs that were found for functions.
    pub fn runtimes(&self) -> &[Found] {
        &self.runtimes
    }

    /// Runs one invocation to its end. What `scrub` holds is taken out of its log and its errors.
    ///
    /// When the future is dropped, the function ends as well.
    pub async fn run(
        &self,
        execution: Execution,
        scrub: &[Plaintext],
    ) -> Result<Executed, RunError> {
        self.run_then_scrub(execution, || scrub).await
    }

    /// As [`Runner::run`], where what is to be taken out is known once the function has ended.
    pub async fn run_then_scrub<V: AsRef<[Plaintext]>>(
        &self,
        execution: Execution,
        scrub: impl FnOnce() -> V,
    ) -> Result<Executed, RunError> {
        if execution.payload.len() > MOST_PAYLOAD {
            return Err(RunError::PayloadTooLarge(execution.payload.len()));
        }
        let _place = self.places.acquire().await;
        let credentials = &execution.credentials;
        let own = [&credentials.secret_access_key, &credentials.session_token]
            .map(|secret| Plaintext::new(secret.expose().to_vec()));
        let capture = Capture::new(Arc::clone(&self.clock), self.settings.limits.log_bytes);
        let attempted = self.attempt(execution, &capture).await?;
        let scrubber = Scrubber::new(scrub().as_ref().iter().chain(&own));
        let most_lines = self.settings.limits.log_lines;
        let executed = spawn_blocking(move || Executed {
            outcome: attempted.outcome.scrubbed(&scrubber),
            log: capture.lines(&scrubber, most_lines),
            init_duration: attempted.init_duration,
            duration: attempted.duration,
            max_memory_bytes: attempted.max_memory_bytes,
        });
        executed
            .await
            .map_err(|error| RunError::system("write the log")(io::Error::other(error)))
    }

    async fn attempt(
        &self,
        execution: Execution,
        capture: &Capture,
    ) -> Result<Attempted, RunError> {
        let code = self.cache.unpacked(&execution.code).await?;
        let found = choose(&self.runtimes, execution.runtime);
        let clients = self.scratch.clients();
        let start = match start(&execution, found, code.path(), &clients) {
            Ok(start) => start,
            Err(NoStart::Host(error)) => return Err(error),
            Err(NoStart::Function(failure)) => return Ok(unstarted(failed(failure))),
        };
        let home = self.scratch.home(self.entropy.as_ref())?;
        let bundle = execution.ca_bundle.as_deref();
        let bundle = bundle.map(|pem| home.add(CA_BUNDLE, pem)).transpose()?;
        let api = Api::bind().await;
        let api = api.map_err(RunError::system("serve the Runtime API"))?;
        let environment = block(
            &execution,
            &Places {
                task_root: code.path(),
                home: home.path(),
                ca_bundle: bundle.as_deref(),
                runtime_api: &api.address(),
            },
        )?;
        let (said, events) = mpsc::unbounded_channel();
        let attempt = Attempt {
            sandbox: &self.sandbox,
            limits: &self.settings.limits,
            plan: self.plan(&execution, start, code.path(), &home),
            environment: &environment,
            memory_bytes: u64::from(execution.memory_mib).saturating_mul(MIB),
            invocation: Arc::new(Invocation {
                request_id: execution.request_id,
                function_arn: execution.function_arn,
                timeout: execution.timeout,
                payload: Mutex::new(Some(execution.payload)),
                clock: Arc::clone(&self.clock),
                events: said,
            }),
            capture,
        };
        let attempted = attempt.run(api, events).await;
        let _ = spawn_blocking(move || drop(home)).await;
        attempted
    }

    fn plan(&self, execution: &Execution, start: Start, code: &Path, home: &Home) -> Plan {
        let limits = &self.settings.limits;
        let mut readable = start.readable;
        readable.push(code.to_owned());
        let memory = u64::from(execution.memory_mib).saturating_mul(MIB);
        let seconds = execution.timeout.saturating_add(limits.init).as_secs();
        let process = ProcessLimits {
            open_files: limits.open_files,
            file_bytes: limits.disk_bytes,
            // Every core may be busy all the time; the deadline ends the function before.
            cpu_seconds: seconds.saturating_add(1).saturating_mul(MOST_CORES),
            // Threads reserve more than they use. The watch is what counts.
            memory_bytes: memory.saturating_mul(2).saturating_add(RESERVED),
            processes: (limits.processes as u64).saturating_mul(4),
        };
        Plan {
            program: Some(start.program),
            arguments: start.arguments,
            ..self.sandbox.plan(code, home.path(), &readable, process)
        }
    }
}

fn unstarted(outcome: Outcome) -> Attempted {
    Attempted {
        outcome,
        init_duration: None,
        duration: Duration::ZERO,
        max_memory_bytes: 0,
    }
}

const CA_BUNDLE: &str = "ca-bundle.pem";
const MIB: u64 = 1 << 20;
const RESERVED: u64 = 512 * MIB;
const MOST_CORES: u64 = 16;
