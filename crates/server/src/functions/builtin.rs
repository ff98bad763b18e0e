//! Rotation functions that are built in.

mod caught;
mod drivers;
mod endpoints;
mod log;
mod secrets;

use super::{FunctionsError, Ground, event, scrub};
use crate::config::Rotators;
use base::{AccountId, Clock, Plaintext};
use caught::caught;
use drivers::Drivers;
use endpoints::Endpoints;
use log::Lines;
use rotators::{
    Credential, Database, Engine, Event, Options, Ports, RotationError, SecretsError, Template,
    UnknownStep,
};
use secrets::RoleSecrets;
use services::InPlay;
use services::Witness;
use services::ports::{
    Code, Executed, Execution, ExecutionFuture, Executor, FunctionFailure, LoginFuture, LoginTrial,
    NotExecuted, Package, TriedLogin,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Runs the rotation templates that are built in.
pub(super) struct Builtin {
    drivers: Drivers,
    endpoints: Endpoints,
    witness: Arc<Witness>,
    clock: Arc<dyn Clock>,
    max_timeout: Duration,
}

/// What a template is, by what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Native {
    /// A driver.
    Database(Template),
    /// An operator's endpoint.
    Http,
    /// One that makes API keys.
    ApiKey,
}

impl Builtin {
    /// With the drivers of this build.
    pub(super) fn new(
        settings: &Rotators,
        max_timeout: Duration,
        ground: &Ground<'_>,
    ) -> Result<Self, FunctionsError> {
        Ok(Self {
            drivers: Drivers::new(settings)?,
            endpoints: Endpoints::new(settings.endpoints.clone(), Arc::clone(ground.clock)),
            witness: Arc::clone(ground.witness),
            clock: Arc::clone(ground.clock),
            max_timeout,
        })
    }

    async fn run(&self, execution: Execution<'_>) -> Result<Executed, NotExecuted> {
        let Code::Builtin { template } = &execution.code else {
            return Err(NotExecuted(FOREIGN.to_owned()));
        };
        let native = self.native(template).map_err(NotExecuted)?;
        let (access_key_id, in_play) = (&execution.credentials.access_key_id, &execution.in_play);
        let _watch = self.witness.watch(access_key_id, in_play);
        scrub::begin(&execution);
        let lines = Lines::new(execution.request_id, Arc::clone(&self.clock));
        let timeout = execution.function.timeout.min(self.max_timeout);
        let begun = Instant::now();
        let step = caught(self.step(native, &execution, &lines));
        let failure = match tokio::time::timeout(timeout, step).await {
            Ok(stepped) => stepped.unwrap_or_else(|_| Err(broken())).err(),
            Err(_) => Some(FunctionFailure::timed_out(execution.request_id, timeout)),
        };
        // The templates log no values. That is not left to them alone.
        let (log, failure) = scrub::clean(lines.take(), failure, in_play);
        Ok(Executed {
            outcome: match failure {
                Some(failure) => Err(failure),
                None => Ok(Plaintext::from(String::from("null"))),
            },
            log,
            failure_payload: None,
            init_duration: None,
            duration: begun.elapsed(),
            memory_used_mib: None,
        })
    }

    async fn step(
        &self,
        native: Native,
        execution: &Execution<'_>,
        lines: &Lines,
    ) -> Result<(), FunctionFailure> {
        let asked = asked(execution.payload)?;
        let environment = environment(execution);
        let options = Options::from_environment(&environment).map_err(RotationError::from);
        let options = options.map_err(|error| failure(&error))?;
        let secrets = RoleSecrets::new(execution.api.as_ref());
        let url = || {
            let url = environment.get(URL).map(String::as_str);
            url.ok_or_else(|| value_error(format!("the variable {URL} is not set")))
        };
        let http = self.endpoints.of(&execution.function);
        let http = &http.map_err(|error| value_error(error.to_string()))?;
        let done = match (native, &asked) {
            (Native::Database(template), asked) => {
                let ports = Ports {
                    secrets: &secrets,
                    database: self.driver(template.engine).map_err(value_error)?,
                    log: lines,
                    options: &options,
                };
                match asked {
                    Asked::Step(event) => rotators::rotate(template, event, ports).await,
                    Asked::Check(secret_id) => {
                        rotators::check_current(template.engine, secret_id, ports).await
                    }
                }
            }
            (Native::Http, Asked::Step(event)) => {
                rotators::rotate_over_http(url()?, event, &secrets, http, lines, &options).await
            }
            (Native::ApiKey, Asked::Step(event)) => {
                rotators::rotate_api_key(url()?, event, &secrets, http, lines).await
            }
            (Native::Http | Native::ApiKey, Asked::Check(_)) => {
                return Err(value_error(String::from(NO_CHECK)));
            }
        };
        done.map_err(|error| failure(&error))
    }

    /// Connects where a rotation would, and nowhere else.
    async fn try_login(&self, trial: LoginTrial<'_>) -> Result<TriedLogin, NotExecuted> {
        let engine = Credential::engine_of(trial.value).ok_or_else(|| {
            let known = engines();
            NotExecuted(format!(
                "its value is no JSON object with an `engine` that is one of {known}"
            ))
        })?;
        let database = self.driver(engine).map_err(NotExecuted)?;
        let lines = Lines::new(trial.request_id, Arc::clone(&self.clock));
        let tried = caught(rotators::check_value(
            engine,
            trial.secret_id,
            trial.value,
            database,
            &lines,
        ));
        let failure = match tried.await {
            Ok(tried) => tried.err().map(|error| failure(&error)),
            Err(_) => Some(broken()),
        };
        let in_play = InPlay::default();
        in_play.add(trial.value);
        let (log, failure) = scrub::clean(lines.take(), failure, &in_play);
        Ok(TriedLogin { failure, log })
    }

    fn native(&self, template: &str) -> Result<Native, String> {
        match template {
            HTTP | "http" => return Ok(Native::Http),
            API_KEY | "api-key" => return Ok(Native::ApiKey),
            _ => {}
        }
        let found = Template::find(template)
            .ok_or_else(|| format!("there is no built-in function `{template}`"))?;
        self.driver(found.engine)?;
        Ok(Native::Database(found))
    }

    fn driver(&self, engine: Engine) -> Result<&dyn Database, String> {
        let title = engine.title();
        let driver = self.drivers.of(engine);
        driver.ok_or_else(|| format!("this server is built without the driver of {title}"))
    }
}

impl Executor for Builtin {
    fn accepts(&self, _: &AccountId, package: &Package) -> Result<(), String> {
        match package {
            Package::Builtin { template } => self.native(template).map(drop),
            Package::Zip { .. } | Package::Remote { .. } => Err(FOREIGN.to_owned()),
        }
    }

    fn run<'a>(&'a self, execution: Execution<'a>) -> ExecutionFuture<'a> {
        Box::pin(self.run(execution))
    }

    fn can_check(&self, package: &Package) -> bool {
        let Package::Builtin { template } = package else {
            return false;
        };
        matches!(self.native(template), Ok(Native::Database(_)))
    }

    fn log_in<'a>(&'a self, trial: LoginTrial<'a>) -> LoginFuture<'a> {
        Box::pin(self.try_login(trial))
    }
}

/// What `engine` may say.
fn engines() -> String {
    let names = Engine::ALL.into_iter().flat_map(Engine::names);
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// What a function is called for.
enum Asked {
    /// A step of a rotation.
    Step(Event),
    /// Whether one can log in with the current value of that secret.
    Check(String),
}

/// The event as Secrets Manager sends it, or the operator's question.
fn asked(payload: &Plaintext) -> Result<Asked, FunctionFailure> {
    let foreign = || FunctionFailure {
        kind: String::from("KeyError"),
        message: String::from("the event is not one of a rotation"),
    };
    let sent = event::read(payload).ok_or_else(foreign)?;
    let (secret_id, step) = sent.secret_id.zip(sent.step).ok_or_else(foreign)?;
    if step == CHECK {
        return Ok(Asked::Check(secret_id));
    }
    let token = sent.token.ok_or_else(foreign)?;
    let step = step.parse();
    Ok(Asked::Step(Event {
        step: step.map_err(|error: UnknownStep| value_error(error.to_string()))?,
        secret_id,
        token,
        rotation_token: sent.rotation_token,
    }))
}

/// The variables that are text.
fn environment(execution: &Execution<'_>) -> BTreeMap<String, String> {
    let variables = execution.function.environment.iter();
    variables
        .filter_map(|(name, value)| {
            let text = std::str::from_utf8(value.expose()).ok()?;
            Some((name.clone(), text.to_owned()))
        })
        .collect()
}

/// COMPAT: what AWS's templates raise where they have the same refusal.
fn failure(error: &RotationError) -> FunctionFailure {
    let kind = match error {
        RotationError::NotEnabled(_)
        | RotationError::NoSuchVersion { .. }
        | RotationError::NotPending { .. }
        | RotationError::Unsafe(_)
        | RotationError::Option(_) => "ValueError",
        RotationError::Malformed { .. } => "KeyError",
        RotationError::Secrets(SecretsError::NotFound(_)) => "ResourceNotFoundException",
        RotationError::Secrets(SecretsError::Refused { code, .. }) => code,
        RotationError::Secrets(SecretsError::Unavailable(_)) => "EndpointConnectionError",
        RotationError::Database(_) => "DatabaseError",
        RotationError::Http(_) => "EndpointError",
    };
    FunctionFailure {
        kind: kind.to_owned(),
        message: error.to_string(),
    }
}

/// Of a driver that panicked.
fn broken() -> FunctionFailure {
    FunctionFailure {
        kind: String::from("DatabaseError"),
        message: String::from("the driver could not cope with what it was answered"),
    }
}

fn value_error(message: String) -> FunctionFailure {
    FunctionFailure {
        kind: String::from("ValueError"),
        message,
    }
}

/// The step that is none of a rotation's.
const CHECK: &str = "checkSecret";
const NO_CHECK: &str = "this template changes no database that one could log in to";
const FOREIGN: &str = "only functions that are built in run here";
/// The template whose target is reached through an operator's endpoint.
const HTTP: &str = "StrongroomHTTPRotation";
/// The template of one user with two API keys.
const API_KEY: &str = "StrongroomAPIKeyRotation";
/// The variable with the endpoint's URL.
const URL: &str = "ROTATION_URL";

#[cfg(test)]
mod tests;
