//! Whether reads starve while many secrets are rotated at once: the same server is read with nothing
//! else to do, during the rotation of all, and again with nothing else to do.
//!
//! Rules kept here: the function does all four steps by its own signed calls, with the rights that
//! AWS's guide gives it, in another process than what measures; every rotation has to end well at
//! its first attempt, with `AWSCURRENT` on the new version alone, or the run fails.

mod caller;
mod elsewhere;
mod ended;
mod home;
mod lambda;
mod report;
mod site;
mod steps;

pub(crate) use report::Report;

use crate::Error;
use crate::args::{FunctionSettings, RotationSettings};
use crate::case::{signed, window};
use crate::clock::{instant, now};
use crate::content::once_each;
use crate::load::{Length, Load, Window, drive, drive_during, runtime};
use crate::measure::{Figures, cpu_time, quotient};
use crate::operation::{Ask, rotated_name, scattered, token};
use crate::run::{PACED_RATE, machine, say, server};
use crate::sign::Signer;
use caller::Caller;
use ended::has_ended;
use report::{Loaded, Turn};
use serde_json::json;
use site::Site;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Measures everything that `settings` ask for.
pub(crate) fn measure(settings: &RotationSettings) -> Result<Report, Error> {
    let program = server(settings.server.as_deref())?;
    let dir = || Error::io(settings.dir.display().to_string());
    fs::create_dir_all(&settings.dir).map_err(dir())?;
    let scratch = tempfile::Builder::new()
        .prefix("rotations-")
        .tempdir_in(&settings.dir)
        .map_err(dir())?;
    say("starting a server with a rotation function, and filling its store");
    let site = Site::set_up(settings, &program, scratch.path())?;
    let mut run = Run {
        settings,
        site,
        salt: 0,
    };
    let mut loads = Vec::new();
    for rate in [None, Some(PACED_RATE)] {
        loads.push(run.load(rate)?);
    }
    run.site.target.stop()?;
    Ok(Report {
        machine: machine(),
        secrets: settings.secrets,
        rounds: settings.rounds,
        seconds: settings.seconds.as_secs_f64(),
        function: settings.function.into(),
        loads,
    })
}

/// Is the rotation function, until it is told to end.
pub(crate) fn function(settings: &FunctionSettings) -> Result<(), Error> {
    let Some(dir) = &settings.data_dir else {
        let api = variable("AWS_LAMBDA_RUNTIME_API");
        let api = api.ok_or_else(|| Error::Step(String::from("there is no runtime")))?;
        return lambda::run(&api, variable);
    };
    let signal = Some(rustix::process::Signal::TERM);
    rustix::process::set_parent_process_death_signal(signal)
        .map_err(|error| Error::io("set a signal")(error.into()))?;
    elsewhere::serve(dir, announce)
}

#[expect(
    clippy::disallowed_methods,
    reason = "Lambda's runtime tells functions everything in variables"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[expect(clippy::print_stdout, reason = "the ready line is read by the parent")]
fn announce(address: SocketAddr) {
    let ready = json!({
        "event": "ready",
        "endpoints": [format!("http://{address}")],
        "region": "us-east-1",
    });
    println!("{ready}");
}

struct Run<'a> {
    settings: &'a RotationSettings,
    site: Site,
    /// How often all secrets were rotated.
    salt: u64,
}

impl Run<'_> {
    /// All rounds with reads at `rate`.
    fn load(&mut self, rate: Option<u32>) -> Result<Loaded, Error> {
        let mut quiet = Vec::new();
        let mut during = Vec::new();
        let mut turns = Vec::new();
        for round in 1..=self.settings.rounds {
            let pace = rate.map_or_else(String::new, |rate| format!(" at {rate}/s"));
            say(&format!("measuring reads{pace}, round {round}"));
            let before = self.quiet(rate)?;
            let (busy, turn) = self.rotating(rate, &before)?;
            quiet.extend([before, self.quiet(rate)?]);
            during.push(busy);
            turns.push(turn);
        }
        Ok(Loaded::of(
            self.settings.connections,
            rate,
            quiet,
            during,
            turns,
        ))
    }

    /// Reads, and nothing else.
    fn quiet(&self, rate: Option<u32>) -> Result<Figures, Error> {
        let load = self.reads(rate, window(self.settings.seconds))?;
        let pid = self.site.target.pid();
        let sample = drive(&self.site.target.endpoint, load, || cpu_time(pid))?;
        Ok(sample.figures())
    }

    /// Reads while all secrets are rotated.
    fn rotating(&mut self, rate: Option<u32>, before: &Figures) -> Result<(Figures, Turn), Error> {
        self.salt += 1;
        let window = Window {
            measured: LONGEST,
            ..window(self.settings.seconds)
        };
        let load = self.reads(rate, window)?;
        let pid = self.site.target.pid();
        let endpoint = &self.site.target.endpoint;
        let (sample, mut turn) =
            drive_during(endpoint, load, || cpu_time(pid), |is_on| self.rotate(is_on))?;
        let figures = sample.figures();
        // What one read costs is known from the measurement without rotations.
        let of_reads = sample.requests() as f64 * before.cpu_us / 1e3;
        let of_all = sample.requests() as f64 * figures.cpu_us / 1e3;
        turn.server_cpu_ms = quotient((of_all - of_reads).max(0.0), self.settings.secrets as f64);
        Ok((figures, turn))
    }

    fn reads(&self, rate: Option<u32>, window: Window) -> Result<Load, Error> {
        let secrets = self.settings.secrets;
        let asks = (0..secrets).map(|step| Ask::get(scattered(step, secrets)));
        Ok(Load {
            requests: signed(&self.site.target.signer, asks)?,
            connections: self.settings.connections,
            length: Length::Repeat(window),
            rate,
        })
    }

    /// Asks for the rotation of all secrets and waits for the end of each. Stops early when the
    /// reads are over (`is_on` says no): they failed.
    fn rotate(&self, is_on: &dyn Fn() -> bool) -> Result<Turn, Error> {
        let secrets = self.settings.secrets;
        let target = &self.site.target;
        let since = now().as_millis();
        let began = instant();
        let cpu = self.site.function_cpu()?;
        once_each(&target.endpoint, &target.signer, secrets, |number| {
            Ask::rotate(number, self.salt, &self.site.function)
        })?;
        let asked = began.elapsed();
        self.watch(since, is_on)?;
        let seconds = began.elapsed().as_secs_f64();
        let cpu = self.site.function_cpu()?.saturating_sub(cpu);
        Ok(Turn {
            rotated: secrets,
            asked_seconds: asked.as_secs_f64(),
            seconds,
            server_cpu_ms: 0.0,
            function_cpu_ms: quotient(cpu.as_secs_f64() * 1e3, secrets as f64),
        })
    }

    /// Waits until each secret was rotated since then, one after the other, and checks it.
    fn watch(&self, since_millis: i64, is_on: &dyn Fn() -> bool) -> Result<(), Error> {
        let secrets = self.settings.secrets;
        let target = &self.site.target;
        let signer = Arc::new(target.signer.copied());
        let runtime = runtime()?;
        let mut caller = runtime.block_on(Caller::open(&target.endpoint, signer))?;
        for number in (0..secrets).map(|step| scattered(step, secrets)) {
            let began = instant();
            let failed = |reason: String| Error::NotRotated {
                secret: rotated_name(number),
                reason,
                log: self.site.log(),
            };
            let versions = [self.salt - 1, self.salt].map(|salt| token(number, salt));
            loop {
                let asked = json!({"SecretId": rotated_name(number)});
                let described = runtime.block_on(caller.call("DescribeSecret", &asked))?;
                if has_ended(&described, &versions, since_millis).map_err(failed)? {
                    break;
                }
                if began.elapsed() > PATIENCE || !is_on() {
                    return Err(failed(format!("it did not end: {described}")));
                }
                thread::sleep(GLANCE);
            }
        }
        Ok(())
    }
}

impl Signer {
    fn copied(&self) -> Self {
        let copy = |value: &base::Plaintext| base::Plaintext::new(value.expose().to_vec());
        Self {
            host: self.host.clone(),
            region: self.region.clone(),
            access_key_id: self.access_key_id.clone(),
            secret_access_key: copy(&self.secret_access_key),
            session_token: self.session_token.as_ref().map(copy),
        }
    }
}

/// Requests are signed before, and their signatures are good for fifteen minutes.
const LONGEST: Duration = Duration::from_secs(600);

/// How long one secret may be waited for, all before it having been rotated.
const PATIENCE: Duration = Duration::from_secs(120);
const GLANCE: Duration = Duration::from_millis(20);
