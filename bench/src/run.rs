//! The order of a run: fill a store, start the server on it, measure it and the bare server in
//! turns, go on with the next size.

use crate::Error;
use crate::args::Settings;
use crate::case::{Case, window, writes_per_measurement};
use crate::content::{confirm_batch, once_each, pages};
use crate::keys::Keys;
use crate::load::{ask, drive};
use crate::measure::{Figures, cpu_time, median, resident_kib};
use crate::operation::{Ask, Operation};
use crate::people::a_reader;
use crate::report::{Comparison, Footprint, Machine, Report, Series, Size};
use crate::sign::Signer;
use crate::target::{Plan, Target};
use base::Plaintext;
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

/// Measures everything that `settings` ask for.
pub(crate) fn all(settings: &Settings) -> Result<Report, Error> {
    fs::create_dir_all(&settings.dir).map_err(Error::io(settings.dir.display().to_string()))?;
    let scratch = tempfile::Builder::new()
        .prefix("run-")
        .tempdir_in(&settings.dir)
        .map_err(Error::io(settings.dir.display().to_string()))?;
    let run = Run {
        settings,
        scratch: scratch.path(),
        salt: Cell::new(1),
    };
    let mut report = Report {
        machine: machine(),
        rounds: settings.rounds,
        seconds: settings.seconds.as_secs_f64(),
        footprints: Vec::new(),
        sizes: Vec::new(),
    };
    if settings.limits_only {
        report.sizes.push(run.limits()?);
        return Ok(report);
    }
    let program = server(settings.server.as_deref())?;
    report.footprints.push(run.empty(&program)?);
    for secrets in &settings.secrets {
        let (size, footprint) = run.size(&program, *secrets)?;
        report.sizes.push(size);
        report.footprints.push(footprint);
    }
    Ok(report)
}

struct Run<'a> {
    settings: &'a Settings,
    scratch: &'a Path,
    /// Above that of every write so far.
    salt: Cell<u64>,
}

impl Run<'_> {
    /// The bare server alone.
    fn limits(&self) -> Result<Size, Error> {
        let mut comparisons = Vec::new();
        let keys = Keys::stand_in();
        for case in self.cases(FEW, &[None], &keys) {
            if case.operation != Operation::Batch && !case.operation.is_beside_get() {
                comparisons.push(self.compare(None, &case, typical_answer(case.operation))?);
            }
        }
        Ok(Size {
            secrets: None,
            comparisons,
        })
    }

    /// The server with its data in `data_dir`, which refuses nobody for calling too often: what is
    /// measured is how often it could.
    fn plan(&self, program: &Path, data_dir: &Path) -> Result<Plan, Error> {
        let config = self.scratch.join("unthrottled.toml");
        std::fs::write(&config, "[quotas]\nthrottling = false\n")
            .map_err(Error::io(config.display().to_string()))?;
        Ok(Plan::configured(program, data_dir, &config))
    }

    /// Start-up and memory without any secret.
    fn empty(&self, program: &Path) -> Result<Footprint, Error> {
        let plan = self.plan(program, &self.scratch.join("empty"))?;
        Target::start(&plan)?.stop()?;
        let (target, footprint) = restarted(&plan, 0)?;
        target.stop()?;
        Ok(footprint)
    }

    /// Everything with `secrets` secrets.
    fn size(&self, program: &Path, secrets: usize) -> Result<(Size, Footprint), Error> {
        let data_dir = self.scratch.join(format!("size-{secrets}"));
        let plan = self.plan(program, &data_dir)?;
        let target = filled(&plan, secrets)?;
        let reader = match self.wants(Operation::GetAsUser) {
            true => Some(a_reader(&target, secrets)?),
            false => None,
        };
        let keys = self.keys(&target, secrets)?;
        target.stop()?;

        let (target, mut footprint) = restarted(&plan, secrets)?;
        once_each(&target.endpoint, &target.signer, secrets, Ask::get)?;
        footprint.read_mib = Some(resident_mib(&target)?);
        let pages = pages(&target.endpoint, &target.signer)?;
        if self.wants(Operation::GetUnderCustomerKey) {
            // As the others were, or their twins would be ahead.
            once_each(&target.endpoint, &target.signer, secrets, Ask::keyed)?;
        }
        let rival = self.rival(secrets)?;
        let mut comparisons = Vec::new();
        for case in self.cases(secrets, &pages, &keys) {
            if case.operation.is_beside_get() {
                let as_user = case.operation == Operation::GetAsUser;
                let reader = reader.as_ref().filter(|_| as_user);
                let reader = reader.unwrap_or(&target.signer);
                comparisons.push(self.compare_with_get(&target, reader, &case)?);
                continue;
            }
            let answer_bytes = self.answer_bytes(&target, &case)?;
            comparisons.push(match &rival {
                Some(rival) => self.rounds(Some(&target), Some(rival), &case, answer_bytes)?,
                None => self.compare(Some(&target), &case, answer_bytes)?,
            });
        }
        footprint.loaded_mib = Some(resident_mib(&target)?);
        target.stop()?;
        rival.map_or(Ok(()), Target::stop)?;
        fs::remove_dir_all(&data_dir).map_err(Error::io("remove a data directory"))?;
        let size = Size {
            secrets: Some(secrets),
            comparisons,
        };
        Ok((size, footprint))
    }

    /// The other build of the server that was named, over a store with the same secrets.
    fn rival(&self, secrets: usize) -> Result<Option<Target>, Error> {
        let Some(program) = &self.settings.against else {
            return Ok(None);
        };
        let plan = self.plan(program, &self.scratch.join(format!("against-{secrets}")))?;
        filled(&plan, secrets)?.stop()?;
        let target = Target::start(&plan)?;
        once_each(&target.endpoint, &target.signer, secrets, Ask::get)?;
        Ok(Some(target))
    }

    fn wants(&self, operation: Operation) -> bool {
        self.settings.operations.contains(&operation)
    }

    /// A customer's key and what is measured under it, if anything is.
    fn keys(&self, target: &Target, secrets: usize) -> Result<Keys, Error> {
        let of_kms = [Operation::GenerateDataKey, Operation::Decrypt];
        let reads = self.wants(Operation::GetUnderCustomerKey);
        if !reads && !of_kms.into_iter().any(|operation| self.wants(operation)) {
            return Ok(Keys::stand_in());
        }
        let keys = Keys::create(target)?;
        if reads {
            keys.create_secrets(target, secrets)?;
        }
        Ok(keys)
    }

    /// What to measure with `secrets` secrets, writes last.
    fn cases<'a>(
        &self,
        secrets: usize,
        pages: &'a [Option<String>],
        keys: &'a Keys,
    ) -> Vec<Case<'a>> {
        let window = window(self.settings.seconds);
        let rounds = usize::try_from(self.settings.rounds).unwrap_or(usize::MAX);
        let measurements = rounds.saturating_mul(self.settings.connections.len());
        let case = |operation, connections, rate| Case {
            operation,
            connections,
            rate,
            window,
            secrets,
            pages,
            keys,
            writes: writes_per_measurement(secrets, measurements, window),
        };
        let mut cases = Vec::new();
        for operation in Operation::MEASURED {
            if !self.wants(operation) {
                continue;
            }
            let mut counts = self.settings.connections.clone();
            if operation == Operation::Batch {
                counts.truncate(1);
            }
            cases.extend(counts.into_iter().map(|count| case(operation, count, None)));
            if operation == Operation::Get {
                cases.push(case(operation, PACED_CONNECTIONS, Some(PACED_RATE)));
            }
        }
        cases
    }

    /// How large the server's answers to `case` are. Asks a few and takes their mean.
    fn answer_bytes(&self, target: &Target, case: &Case<'_>) -> Result<usize, Error> {
        let few = Case {
            secrets: case.secrets.min(FEW),
            writes: 1,
            ..*case
        };
        let load = few.load(&target.signer, 0, self.salts(&few), false)?;
        let mut sizes = 0;
        let mut answers = 0_usize;
        for request in load.requests.iter().take(PROBES) {
            let answer = ask(&target.endpoint, request)?;
            match case.operation {
                Operation::Batch => confirm_batch(&answer)?,
                Operation::GenerateDataKey => case.keys.confirm_data_key(&answer)?,
                Operation::Decrypt => case.keys.confirm_decrypted(&answer)?,
                _ => {}
            }
            sizes += answer.len();
            answers += 1;
        }
        Ok(sizes / answers.max(1))
    }

    /// Measures `case` in all rounds: the bare server, then `server`, and again.
    fn compare(
        &self,
        server: Option<&Target>,
        case: &Case<'_>,
        answer_bytes: usize,
    ) -> Result<Comparison, Error> {
        let bare = match case.operation {
            // No bare server opens twenty values.
            Operation::Batch => None,
            _ => Some(self.bare(case, answer_bytes)?),
        };
        self.rounds(server, bare.as_ref(), case, answer_bytes)
    }

    /// Measures `case` in all rounds: the one, then the other, and again. `other` is a bare server, or
    /// another build of this one.
    fn rounds(
        &self,
        server: Option<&Target>,
        other: Option<&Target>,
        case: &Case<'_>,
        answer_bytes: usize,
    ) -> Result<Comparison, Error> {
        let name = case.operation.name();
        let connections = case.connections;
        let pace = case.rate.map(|rate| format!(" at {rate}/s"));
        say(&format!(
            "measuring {name}{} over {connections} connections",
            pace.unwrap_or_default()
        ));
        let is_bare = self.settings.against.is_none();
        let mut of_bare = Vec::new();
        let mut of_server = Vec::new();
        for round in 0..usize::try_from(self.settings.rounds).unwrap_or(usize::MAX) {
            if let Some(other) = other {
                of_bare.push(self.measure(other, &other.signer, case, round, is_bare)?);
            }
            if let Some(server) = server {
                of_server.push(self.measure(server, &server.signer, case, round, false)?);
            }
        }
        Ok(Comparison {
            operation: case.operation,
            connections,
            rate: case.rate,
            answer_bytes,
            server: Series::of(of_server),
            bare: Series::of(of_bare),
        })
    }

    /// Measures what policies or a customer's key cost: GetSecretValue as root under the default
    /// key, then `case` as `reader`, and again. The root's side stands where the bare server's does.
    fn compare_with_get(
        &self,
        target: &Target,
        reader: &Signer,
        case: &Case<'_>,
    ) -> Result<Comparison, Error> {
        say(&format!(
            "measuring {} over {} connections",
            case.operation.name(),
            case.connections
        ));
        let plain = Case {
            operation: Operation::Get,
            ..*case
        };
        let reader = Signer {
            // The server was restarted since, on another port.
            host: target.signer.host.clone(),
            region: reader.region.clone(),
            access_key_id: reader.access_key_id.clone(),
            secret_access_key: Plaintext::new(reader.secret_access_key.expose().to_vec()),
            session_token: None,
        };
        let mut of_plain = Vec::new();
        let mut of_reader = Vec::new();
        for round in 0..usize::try_from(self.settings.rounds).unwrap_or(usize::MAX) {
            of_plain.push(self.measure(target, &target.signer, &plain, round, false)?);
            of_reader.push(self.measure(target, &reader, case, round, false)?);
        }
        Ok(Comparison {
            operation: case.operation,
            connections: case.connections,
            rate: case.rate,
            answer_bytes: 0,
            server: Series::of(of_reader),
            bare: Series::of(of_plain),
        })
    }

    fn bare(&self, case: &Case<'_>, answer_bytes: usize) -> Result<Target, Error> {
        let data_dir = self.scratch.join("bare");
        Target::start(&Plan::bare(&data_dir, answer_bytes, case.operation)?)
    }

    fn measure(
        &self,
        target: &Target,
        signer: &Signer,
        case: &Case<'_>,
        round: usize,
        is_bare: bool,
    ) -> Result<Figures, Error> {
        let load = case.load(signer, round, self.salts(case), is_bare)?;
        let pid = target.pid();
        let sample = drive(&target.endpoint, load, || cpu_time(pid))?;
        Ok(sample.figures())
    }

    /// The first of as many fresh salts as a round of `case` takes.
    fn salts(&self, case: &Case<'_>) -> u64 {
        self.salt
            .replace(self.salt.get().saturating_add(case.distinct() as u64))
    }
}

/// A server on a new store with `secrets` secrets, each of which was read once.
fn filled(plan: &Plan, secrets: usize) -> Result<Target, Error> {
    say(&format!("filling a store with {secrets} secrets"));
    let target = Target::start(plan)?;
    once_each(&target.endpoint, &target.signer, secrets, Ask::create)?;
    // The first reading of the day is written down; that belongs to filling.
    once_each(&target.endpoint, &target.signer, secrets, Ask::get)?;
    Ok(target)
}

/// Starts a server on its data a few times. Returns it running, with what was seen.
fn restarted(plan: &Plan, secrets: usize) -> Result<(Target, Footprint), Error> {
    let mut start_up = Vec::new();
    let mut started = Vec::new();
    let mut target = Target::start(plan)?;
    for _ in 0..RESTARTS {
        target.stop()?;
        target = Target::start(plan)?;
        start_up.push(target.start_up.as_secs_f64() * 1e3);
        started.push(resident_mib(&target)?);
    }
    let footprint = Footprint {
        secrets,
        start_up_ms: median(start_up),
        started_mib: median(started),
        read_mib: None,
        loaded_mib: None,
    };
    Ok((target, footprint))
}

fn resident_mib(target: &Target) -> Result<f64, Error> {
    Ok(resident_kib(target.pid())? as f64 / 1_024.0)
}

/// The server's binary: the one named, or the one built beside this one.
pub(crate) fn server(named: Option<&Path>) -> Result<PathBuf, Error> {
    let program = match named {
        Some(path) => path.to_owned(),
        None => std::env::current_exe()
            .map_err(Error::io("find this program"))?
            .with_file_name("strongroom"),
    };
    if program.is_file() {
        Ok(program)
    } else {
        Err(Error::NoServer(program))
    }
}

pub(crate) fn machine() -> Machine {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Machine {
        cores: available_parallelism().map_or(1, usize::from),
        kernel: kernel.trim().to_owned(),
    }
}

/// About what a server's answers measure, for when there is none to ask.
fn typical_answer(operation: Operation) -> usize {
    match operation {
        Operation::List => 40_000,
        Operation::Get
        | Operation::GetAsUser
        | Operation::GetUnderCustomerKey
        | Operation::Describe
        | Operation::Batch
        | Operation::GenerateDataKey => 400,
        Operation::Put
        | Operation::Decrypt
        | Operation::Create
        | Operation::CreateKey
        | Operation::Guard
        | Operation::Rotate
        | Operation::Administer => 300,
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a run takes minutes and its report comes last"
)]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}

pub(crate) const PACED_RATE: u32 = 1_000;
const PACED_CONNECTIONS: usize = 16;
const RESTARTS: usize = 3;
const PROBES: usize = 32;
const FEW: usize = 1_000;

#[cfg(test)]
mod tests;
