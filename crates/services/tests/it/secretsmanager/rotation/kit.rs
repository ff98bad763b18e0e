//! A rotation function that does what AWS's template does, through the API, unless a test says
//! otherwise.

use base::{AccountId, Clock, Plaintext, Timestamp};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use strongroom_services::ports::{
    FunctionFailure, Functions, FunctionsError, Invocation, Invoker, LogLine, LogLines,
    LoginFuture, LoginTrial, NotExecuted, PortFuture, TriedLogin,
};
use strongroom_services::secretsmanager::RotationSettings;
use strongroom_services::{App, Cx, InPlay, Limits, NotAllKnown, Quotas, Settings};
use testkit::{Caller, Engine, Entrance, FakeClock, Harness, RecordedAudit, Reply, token};
use tokio::sync::Notify;

pub(crate) const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:rotate";
pub(crate) const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/// What the function does in a step instead of its work.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Its work.
    Work,
    /// Fails with an error of its own.
    Fail,
    /// Never ends.
    Hang,
    /// Returns and has done nothing.
    Skip,
    /// Cannot be called.
    NotInvocable,
    /// Too many run.
    Throttled,
    /// Its work; then the audit log fails.
    Mute,
    /// Somebody calls an operation first.
    After(&'static str, Value),
    /// Somebody calls an operation once the work is done.
    Before(&'static str, Value),
    /// The same for several.
    BeforeAll(Vec<(&'static str, Value)>),
}

/// The function, and the database that it changes a password in.
#[derive(Default)]
pub(crate) struct Rotator {
    state: Mutex<State>,
    released: Notify,
}

#[derive(Default)]
struct State {
    caller: Option<(Caller, Arc<FakeClock>)>,
    audit: Option<Arc<RecordedAudit>>,
    /// Of further accounts.
    callers: Vec<Caller>,
    /// The accounts whose calls wait.
    held: HashSet<String>,
    script: HashMap<&'static str, Vec<Act>>,
    payloads: Vec<Value>,
    in_play: Vec<Result<Vec<String>, NotAllKnown>>,
    invokers: Vec<(String, String)>,
    /// By secret.
    passwords: HashMap<String, String>,
    password: Option<String>,
    running: usize,
    most_running: usize,
    refuses: bool,
    is_built_in: bool,
}

/// A harness whose functions are one [`Rotator`].
pub(crate) struct Rig {
    pub(crate) h: Harness,
    pub(crate) rotator: Arc<Rotator>,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::over(Engine::Memory, quick()).await
    }

    pub(crate) async fn over(engine: Engine, rotation: RotationSettings) -> Self {
        let rotator = Arc::new(Rotator::default());
        let settings = Settings {
            quotas: Quotas::unthrottled(Limits::default()),
            rotation,
            ..Settings::default()
        };
        let h = Harness::with(engine, settings, rotator.clone()).await;
        {
            let mut state = rotator.state.lock();
            state.caller = Some((h.root.clone(), h.clock.clone()));
            state.audit = Some(h.audit.clone());
        }
        Self { h, rotator }
    }

    /// Rotates `db` at once, with the function if it has none yet, as the version `token(n)`.
    pub(crate) async fn rotate(&self, n: usize) -> Reply {
        self.rotate_with(n, json!({})).await
    }

    pub(crate) async fn rotate_with(&self, n: usize, more: Value) -> Reply {
        let body = json!({
            "SecretId": "db", "ClientRequestToken": token(n), "RotationLambdaARN": FUNCTION,
        });
        self.h.call("RotateSecret", testkit::with(body, more)).await
    }

    /// Works until nothing is due.
    pub(crate) async fn work(&self) -> usize {
        work(&self.h.app, "worker").await
    }

    pub(crate) async fn describe(&self, name: &str) -> Value {
        let body = json!({ "SecretId": name });
        self.h.call("DescribeSecret", body).await.ok()
    }

    /// The labels of the versions of `db`, by the numbers of their tokens.
    pub(crate) async fn labels(&self) -> Value {
        let described = self.describe("db").await;
        let mut labels = described["VersionIdsToStages"].clone();
        for stages in labels
            .as_object_mut()
            .into_iter()
            .flat_map(|map| map.values_mut())
        {
            stages
                .as_array_mut()
                .unwrap()
                .sort_by_key(|stage| stage.as_str().unwrap().to_owned());
        }
        labels
    }

    /// The names of the events of rotations so far, with their `errorMessage`s.
    pub(crate) fn events(&self) -> Vec<String> {
        let events = self.h.audit.events();
        let rotations = events.iter().filter(|event| {
            let id = event["requestID"].as_str().unwrap_or_default();
            id.starts_with("Rotation-")
        });
        rotations
            .map(|event| match event["errorMessage"].as_str() {
                Some(message) => format!("{}: {message}", event["eventName"].as_str().unwrap()),
                None => event["eventName"].as_str().unwrap().to_owned(),
            })
            .collect()
    }

    pub(crate) async fn shown(&self) -> Value {
        let account = AccountId::parse(&self.h.root.account).unwrap();
        let region = base::RegionName::parse("us-east-1").unwrap();
        let shown = self.h.app.show_rotation(&account, &region, "db").await;
        serde_json::to_value(shown.unwrap().unwrap()).unwrap()
    }
}

/// Works until nothing is due. Gives how many rotations were worked on.
pub(crate) async fn work(app: &App, worker: &str) -> usize {
    let mut done = 0;
    while app.rotate_next(worker).await.unwrap() {
        done += 1;
        assert!(done < 5_000, "rotations that never rest");
    }
    done
}

/// Three attempts, a second or a few apart.
pub(crate) fn quick() -> RotationSettings {
    let mut settings = RotationSettings {
        attempts: 3,
        ..RotationSettings::default()
    };
    settings.backoff.first_millis = 1_000;
    settings.backoff.most_millis = 8_000;
    settings
}

impl Rotator {
    /// What it does the next times in `step`; afterwards its work.
    pub(crate) fn script(&self, step: &'static str, acts: impl IntoIterator<Item = Act>) {
        let mut acts: Vec<Act> = acts.into_iter().collect();
        acts.reverse();
        self.state.lock().script.insert(step, acts);
    }

    /// The steps that it was called for.
    pub(crate) fn steps(&self) -> Vec<String> {
        let state = self.state.lock();
        let steps = state.payloads.iter().map(|payload| &payload["Step"]);
        steps
            .map(|step| step.as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) fn payloads(&self) -> Vec<Value> {
        self.state.lock().payloads.clone()
    }

    /// What the log of each call would have been cleaned of, in order.
    pub(crate) fn in_play(&self) -> Vec<Result<Vec<String>, NotAllKnown>> {
        self.state.lock().in_play.clone()
    }

    /// Source ARN and account of each call.
    pub(crate) fn invokers(&self) -> Vec<(String, String)> {
        self.state.lock().invokers.clone()
    }

    /// The one that was set last.
    pub(crate) fn password(&self) -> Option<String> {
        self.state.lock().password.clone()
    }

    pub(crate) fn most_running(&self) -> usize {
        self.state.lock().most_running
    }

    /// From now on it is one of the server's own.
    pub(crate) fn be_built_in(&self) {
        self.state.lock().is_built_in = true;
    }

    /// From now on its policy lets nobody call it.
    pub(crate) fn refuse(&self) {
        self.state.lock().refuses = true;
    }

    /// From now on it works for the account of `caller` too, as `caller`.
    pub(crate) fn work_for(&self, caller: &Caller) {
        self.state.lock().callers.push(caller.clone());
    }

    /// Has the calls for the secrets of `account` wait.
    pub(crate) fn hold(&self, account: &str) {
        self.state.lock().held.insert(account.to_owned());
    }

    /// Lets them go on.
    pub(crate) fn release(&self, account: &str) {
        self.state.lock().held.remove(account);
        self.released.notify_waiters();
    }

    async fn released(&self, account: &str) {
        loop {
            let released = self.released.notified();
            if !self.state.lock().held.contains(account) {
                return;
            }
            released.await;
        }
    }

    /// How many calls are under way.
    pub(crate) fn running(&self) -> usize {
        self.state.lock().running
    }

    /// Who asks for what is in `body`: the secret's account, if it is one that is known.
    fn caller_for(&self, body: &Value) -> (Caller, Arc<FakeClock>) {
        let state = self.state.lock();
        let (caller, clock) = state.caller.clone().unwrap();
        let account = body["SecretId"]
            .as_str()
            .and_then(|id| id.split(':').nth(4));
        let own = state
            .callers
            .iter()
            .find(|one| Some(one.account.as_str()) == account);
        (own.cloned().unwrap_or(caller), clock)
    }

    async fn ask(&self, app: &App, operation: &str, body: Value) -> Reply {
        let (caller, clock) = self.caller_for(&body);
        let signed = caller.signed(operation, &body, clock.now());
        Reply::of(&app.call(signed.through(&Entrance::default())).await)
    }

    async fn must(&self, app: &App, operation: &str, body: Value) -> Result<Value, String> {
        let reply = self.ask(app, operation, body).await;
        match reply.status {
            200 => Ok(reply.json()),
            _ => Err(format!("{operation}: {}", reply.text)),
        }
    }

    /// AWS's template (behaviour reference §6.7).
    async fn work(&self, app: &App, event: &Value) -> Result<(), String> {
        let (secret, token) = (&event["SecretId"], &event["ClientRequestToken"]);
        if event["Step"] == "checkSecret" {
            let current = self.value(app, secret, None, "AWSCURRENT").await?;
            return self
                .logs_in(secret, &current)
                .then_some(())
                .ok_or(String::from("cannot log in"));
        }
        let described = self
            .must(app, "DescribeSecret", json!({ "SecretId": secret }))
            .await?;
        if described["RotationEnabled"] != true {
            return Err(String::from("not enabled"));
        }
        let versions = described["VersionIdsToStages"].as_object();
        let versions = versions.ok_or("no versions")?;
        let stages = versions
            .get(token.as_str().unwrap())
            .ok_or("no stage for rotation")?;
        let has = |stages: &Value, label| stages.as_array().unwrap().contains(&json!(label));
        if has(stages, "AWSCURRENT") {
            return Ok(());
        }
        if !has(stages, "AWSPENDING") {
            return Err(String::from("not set as AWSPENDING"));
        }
        match event["Step"].as_str().unwrap() {
            "createSecret" => self.create(app, event).await,
            "setSecret" => self.set(app, event).await,
            "testSecret" => {
                let pending = self.value(app, secret, Some(token), "AWSPENDING").await?;
                match self.logs_in(secret, &pending) {
                    true => Ok(()),
                    false => Err(String::from("cannot log in")),
                }
            }
            _ => {
                let current = versions
                    .iter()
                    .find(|(_, stages)| has(stages, "AWSCURRENT"))
                    .map(|(id, _)| id);
                let body = json!({
                    "SecretId": secret, "VersionStage": "AWSCURRENT", "MoveToVersionId": token,
                    "RemoveFromVersionId": current,
                });
                self.must(app, "UpdateSecretVersionStage", body).await?;
                Ok(())
            }
        }
    }

    async fn create(&self, app: &App, event: &Value) -> Result<(), String> {
        let (secret, token) = (&event["SecretId"], &event["ClientRequestToken"]);
        self.value(app, secret, None, "AWSCURRENT").await?;
        let body = json!({
            "SecretId": secret, "VersionId": token, "VersionStage": "AWSPENDING",
        });
        let pending = self.ask(app, "GetSecretValue", body).await;
        if pending.status == 200 {
            return Ok(());
        }
        if pending.json()["__type"] != "ResourceNotFoundException" {
            return Err(pending.text);
        }
        let drawn = self.must(app, "GetRandomPassword", json!({})).await?;
        let body = json!({
            "SecretId": secret, "ClientRequestToken": token,
            "SecretString": drawn["RandomPassword"], "VersionStages": ["AWSPENDING"],
            "RotationToken": event["RotationToken"],
        });
        self.must(app, "PutSecretValue", body).await?;
        Ok(())
    }

    fn logs_in(&self, secret: &Value, password: &str) -> bool {
        let state = self.state.lock();
        let set = state.passwords.get(&secret.to_string());
        set.is_none_or(|set| set == password)
    }

    async fn set(&self, app: &App, event: &Value) -> Result<(), String> {
        let (secret, token) = (&event["SecretId"], &event["ClientRequestToken"]);
        let pending = self.value(app, secret, Some(token), "AWSPENDING").await?;
        self.value(app, secret, None, "AWSCURRENT").await?;
        let body = json!({ "SecretId": secret, "VersionStage": "AWSPREVIOUS" });
        let previous = self.ask(app, "GetSecretValue", body).await;
        if previous.status != 200 && previous.json()["__type"] != "ResourceNotFoundException" {
            return Err(previous.text);
        }
        let mut state = self.state.lock();
        state.password = Some(pending.clone());
        state.passwords.insert(secret.to_string(), pending);
        Ok(())
    }

    async fn value(
        &self,
        app: &App,
        secret: &Value,
        id: Option<&Value>,
        stage: &str,
    ) -> Result<String, String> {
        let body = json!({ "SecretId": secret, "VersionId": id, "VersionStage": stage });
        let value = self.must(app, "GetSecretValue", body).await?;
        Ok(value["SecretString"].as_str().unwrap().to_owned())
    }

    async fn act(&self, app: &App, event: &Value) -> Result<Result<(), String>, FunctionsError> {
        let step = event["Step"].as_str().unwrap().to_owned();
        let mut acts = self.state.lock().script.remove(step.as_str());
        let act = acts.as_mut().and_then(Vec::pop).unwrap_or(Act::Work);
        if let Some(rest) = acts.filter(|rest| !rest.is_empty()) {
            let step = STEPS.into_iter().find(|name| *name == step).unwrap();
            self.state.lock().script.insert(step, rest);
        }
        Ok(match act {
            Act::Work => self.work(app, event).await,
            Act::Fail => Err(String::from("no connection")),
            Act::Hang => std::future::pending().await,
            Act::Skip => Ok(()),
            Act::NotInvocable => return Err(FunctionsError::NotInvocable),
            Act::Throttled => return Err(FunctionsError::Throttled),
            Act::Mute => {
                let worked = self.work(app, event).await;
                let audit = self.state.lock().audit.clone();
                audit.unwrap().fail(true);
                worked
            }
            Act::After(operation, body) => {
                self.must(app, operation, body).await.unwrap();
                self.work(app, event).await
            }
            Act::Before(operation, body) => {
                let worked = self.work(app, event).await;
                self.must(app, operation, body).await.unwrap();
                worked
            }
            Act::BeforeAll(calls) => {
                let worked = self.work(app, event).await;
                for (operation, body) in calls {
                    self.must(app, operation, body).await.unwrap();
                }
                worked
            }
        })
    }
}

impl Functions for Rotator {
    fn arn_of(&self, function: &str) -> Option<String> {
        let arn = function.strip_suffix(":$LATEST").unwrap_or(function);
        arn.starts_with(FUNCTION).then(|| arn.to_owned())
    }

    fn assignable<'a>(
        &'a self,
        _: &'a Cx<'a>,
        function: &'a str,
        invoker: Invoker<'a>,
    ) -> PortFuture<'a, (), FunctionsError> {
        assert_eq!(invoker.service, "secretsmanager.amazonaws.com");
        let is_known = function.starts_with(FUNCTION) && !self.state.lock().refuses;
        Box::pin(async move {
            match is_known {
                true => Ok(()),
                false => Err(FunctionsError::NotInvocable),
            }
        })
    }

    fn invoke<'a>(
        &'a self,
        app: &'a App,
        _: &'a str,
        invoker: Invoker<'a>,
        payload: &'a Plaintext,
        in_play: &'a InPlay,
    ) -> PortFuture<'a, Invocation, FunctionsError> {
        Box::pin(async move {
            let event: Value = serde_json::from_slice(payload.expose()).unwrap();
            let running = Running::of(self);
            for _ in 0..3 {
                // It takes its time, and others are let through.
                tokio::task::yield_now().await;
            }
            let n = {
                let mut state = self.state.lock();
                let source = (
                    invoker.source_arn.to_owned(),
                    invoker.source_account.to_string(),
                );
                state.invokers.push(source);
                state.payloads.push(event.clone());
                state.in_play.push(in_play.values().map(texts));
                state.payloads.len()
            };
            self.released(invoker.source_account.as_str()).await;
            let answer = self.act(app, &event).await?;
            drop(running);
            let answer = answer.map(|()| Plaintext::from(String::from("null")));
            Ok(Invocation {
                request_id: format!("call-{n}"),
                log_group: String::from("/aws/lambda/rotate"),
                log_stream: String::from("stream"),
                answer: answer.map_err(|message| FunctionFailure {
                    kind: String::from("ValueError"),
                    message,
                }),
            })
        })
    }

    fn can_check<'a>(
        &'a self,
        _: &'a App,
        function: &'a str,
    ) -> PortFuture<'a, bool, base::CommonError> {
        let is_built_in = function == FUNCTION && self.state.lock().is_built_in;
        Box::pin(async move { Ok(is_built_in) })
    }

    fn log_in<'a>(&'a self, trial: LoginTrial<'a>) -> LoginFuture<'a> {
        Box::pin(async move {
            let value = String::from_utf8_lossy(trial.value.expose());
            if value == "nowhere" {
                return Err(NotExecuted(String::from("it is nothing to log in with")));
            }
            let text = format!("{} tried {value} of {}", trial.request_id, trial.secret_id);
            Ok(TriedLogin {
                failure: None,
                log: vec![LogLine {
                    at: self.now(),
                    text,
                }],
            })
        })
    }

    fn log_lines<'a>(
        &'a self,
        _: &'a App,
        lines: LogLines<'a>,
    ) -> PortFuture<'a, Vec<String>, base::CommonError> {
        Box::pin(async move { Ok(vec![format!("{} in {}", lines.request_id, lines.stream)]) })
    }
}

impl Rotator {
    fn now(&self) -> Timestamp {
        let state = self.state.lock();
        state.caller.as_ref().unwrap().1.now()
    }
}

fn texts(values: Vec<Plaintext>) -> Vec<String> {
    let text = |value: Plaintext| String::from_utf8(value.expose().to_vec()).unwrap();
    values.into_iter().map(text).collect()
}

/// A call under way, counted also when it is dropped.
struct Running<'a>(&'a Rotator);

impl<'a> Running<'a> {
    fn of(rotator: &'a Rotator) -> Self {
        let mut state = rotator.state.lock();
        state.running += 1;
        state.most_running = state.most_running.max(state.running);
        Self(rotator)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.state.lock().running -= 1;
    }
}
