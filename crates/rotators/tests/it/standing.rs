use crate::{SECRET, event};
use rotator_testkit::{Lines, MemorySecrets};
use serde_json::{Value, json};
use std::future::ready;
use strongroom_rotators::{
    Database, DatabaseError, DatabaseFuture, Engine, Event, Login, Options, Ports, RotationError,
    Session, Step, Strategy, Template, rotate,
};

/// A database that nobody may ask.
struct Unasked;

impl Database for Unasked {
    fn log_in<'a>(&'a self, login: Login<'a>) -> DatabaseFuture<'a, Box<dyn Session>> {
        panic!("asked to log in at {}", login.host)
    }
}

/// A database that knows no password.
struct Closed;

impl Database for Closed {
    fn log_in<'a>(&'a self, _: Login<'a>) -> DatabaseFuture<'a, Box<dyn Session>> {
        let refusal = DatabaseError::LoginRefused("no".to_owned());
        Box::pin(ready(Err(refusal)))
    }
}

fn value(username: &str) -> Value {
    json!({"engine": "mysql", "host": "db", "username": username, "password": "hunter2"})
}

fn secrets() -> MemorySecrets {
    let secrets = MemorySecrets::default();
    secrets.put(SECRET, "v1", &value("app"));
    secrets.start(SECRET, "v2");
    secrets
}

async fn run(
    strategy: Strategy,
    event: &Event,
    secrets: &MemorySecrets,
    database: &dyn Database,
    lines: &Lines,
) -> Result<(), RotationError> {
    let options = Options::default();
    let ports = Ports {
        secrets,
        database,
        log: lines,
        options: &options,
    };
    let template = Template {
        engine: Engine::MySql,
        strategy,
    };
    rotate(template, event, ports).await
}

#[tokio::test]
async fn only_a_rotation_under_way_is_served() {
    let lines = Lines::default();
    let off = secrets();
    off.set_rotation_enabled(SECRET, Some(false));
    let unknown = Event {
        token: "v9".to_owned(),
        ..event(Step::CreateSecret)
    };
    let done = secrets();
    done.put(SECRET, "v2", &value("app"));
    let previous = Event {
        token: "v1".to_owned(),
        ..event(Step::SetSecret)
    };
    let single = Strategy::SingleUser;

    let not_enabled = run(single, &event(Step::SetSecret), &off, &Unasked, &lines).await;
    let no_stage = run(single, &unknown, &secrets(), &Unasked, &lines).await;
    let not_pending = run(single, &previous, &done, &Unasked, &lines).await;
    let finished = run(single, &event(Step::SetSecret), &done, &Unasked, &lines).await;

    let texts = [
        format!("Secret {SECRET} is not enabled for rotation"),
        format!("Secret version v9 has no stage for rotation of secret {SECRET}."),
        format!("Secret version v1 not set as AWSPENDING for rotation of secret {SECRET}."),
    ];
    let refusals = [not_enabled, no_stage, not_pending];
    assert_eq!(refusals.map(|one| one.unwrap_err().to_string()), texts);
    finished.unwrap();
    let mut told: Vec<String> = texts.iter().map(|text| format!("ERROR {text}")).collect();
    told.push(format!(
        "Secret version v2 already set as AWSCURRENT for secret {SECRET}."
    ));
    assert_eq!(lines.take(), told);
}

#[tokio::test]
async fn a_secret_for_which_rotation_was_never_configured_is_served() {
    let secrets = secrets();
    secrets.set_rotation_enabled(SECRET, None);
    let lines = Lines::default();

    let single = Strategy::SingleUser;
    run(
        single,
        &event(Step::CreateSecret),
        &secrets,
        &Unasked,
        &lines,
    )
    .await
    .unwrap();

    assert!(secrets.value_at(SECRET, "AWSPENDING").is_some());
}

#[tokio::test]
async fn a_secret_without_a_value_cannot_be_rotated() {
    let secrets = MemorySecrets::default();
    secrets.put(SECRET, "v1", &value("app"));
    secrets.start(SECRET, "v2");
    secrets.overwrite(SECRET, "v1", &json!("no object"));
    let lines = Lines::default();

    let single = Strategy::SingleUser;
    let refusal = run(
        single,
        &event(Step::CreateSecret),
        &secrets,
        &Unasked,
        &lines,
    )
    .await;

    let text = format!("the secret's value is not a JSON object (secret {SECRET})");
    assert_eq!(refusal.unwrap_err().to_string(), text);
    assert_eq!(lines.take(), [format!("ERROR createSecret: {text}")]);
    assert_eq!(secrets.value_at(SECRET, "AWSPENDING"), None);
}

#[tokio::test]
async fn a_name_too_long_to_clone_is_told_before_anything_is_made() {
    let secrets = MemorySecrets::default();
    secrets.put(SECRET, "v1", &value(&"x".repeat(27)));
    secrets.start(SECRET, "v2");
    let lines = Lines::default();

    let alternating = Strategy::AlternatingUsers;
    let refusal = run(
        alternating,
        &event(Step::CreateSecret),
        &secrets,
        &Unasked,
        &lines,
    )
    .await;

    assert_eq!(
        refusal.unwrap_err().to_string(),
        "Unable to clone user, username length with _clone appended would exceed 32 characters"
    );
    assert_eq!(secrets.value_at(SECRET, "AWSPENDING"), None);
}

#[tokio::test]
async fn no_password_that_works_is_told() {
    let lines = Lines::default();
    let secrets = secrets();
    let single = Strategy::SingleUser;
    run(
        single,
        &event(Step::CreateSecret),
        &secrets,
        &Closed,
        &lines,
    )
    .await
    .unwrap();

    let set = run(single, &event(Step::SetSecret), &secrets, &Closed, &lines).await;
    let test = run(single, &event(Step::TestSecret), &secrets, &Closed, &lines).await;

    assert_eq!(
        set.unwrap_err().to_string(),
        format!(
            "Unable to log into database with previous, current, or pending secret of secret arn {SECRET}"
        )
    );
    assert_eq!(
        test.unwrap_err().to_string(),
        format!("Unable to log into database with pending secret of secret ARN {SECRET}")
    );
    let why = "ERROR testSecret: the database refused the login: no";
    assert_eq!(lines.take().iter().rev().nth(1).unwrap(), why);
    assert_eq!(secrets.labels(SECRET)["AWSCURRENT"], "v1");
}

#[tokio::test]
async fn a_clone_never_takes_its_masters_place() {
    let secrets = MemorySecrets::default();
    let mut clone = value("admin_clone");
    clone["masterarn"] = "master".into();
    secrets.put(SECRET, "v1", &clone);
    secrets.put("master", "m1", &value("admin"));
    secrets.start(SECRET, "v2");
    let lines = Lines::default();
    let alternating = Strategy::AlternatingUsers;
    run(
        alternating,
        &event(Step::CreateSecret),
        &secrets,
        &OnlyCurrent,
        &lines,
    )
    .await
    .unwrap();

    let refusal = run(
        alternating,
        &event(Step::SetSecret),
        &secrets,
        &OnlyCurrent,
        &lines,
    )
    .await;

    assert_eq!(
        refusal.unwrap_err().to_string(),
        "Attempting to modify user admin, who is the user of master secret master"
    );
}

#[tokio::test]
async fn a_password_that_a_driver_repeats_is_in_no_error_and_no_log() {
    let single = Strategy::SingleUser;
    let alternating = Strategy::AlternatingUsers;
    for (strategy, has_user) in [(single, true), (alternating, true), (alternating, false)] {
        let secrets = MemorySecrets::default();
        let mut current = value("app");
        current["masterarn"] = "master".into();
        let mut previous = value("app");
        previous["password"] = "hunter1".into();
        secrets.put(SECRET, "v0", &previous);
        secrets.put(SECRET, "v1", &current);
        secrets.put("master", "m1", &value("admin"));
        secrets.start(SECRET, "v2");
        let (lines, database) = (Lines::default(), Repeating { has_user });
        let create = event(Step::CreateSecret);
        run(strategy, &create, &secrets, &database, &lines)
            .await
            .unwrap();
        lines.take();

        let refusal = run(
            strategy,
            &event(Step::SetSecret),
            &secrets,
            &database,
            &lines,
        )
        .await;

        let text = match strategy {
            Strategy::SingleUser => {
                "the database refused to set a password: no `***` for `***` or `***`"
            }
            Strategy::AlternatingUsers => "the database refused to set a password: no `***`",
        };
        assert_eq!(refusal.unwrap_err().to_string(), text);
        let last = lines.take().pop().unwrap();
        assert_eq!(last, format!("ERROR setSecret: {text}"));
    }
}

/// A database that knows `hunter2` only, and in which nothing may be done.
struct OnlyCurrent;

impl Database for OnlyCurrent {
    fn log_in<'a>(&'a self, login: Login<'a>) -> DatabaseFuture<'a, Box<dyn Session>> {
        if login.password.expose() == b"hunter2" {
            let session: Box<dyn Session> = Box::new(Idle {
                repeats: false,
                has_user: false,
            });
            return Box::pin(ready(Ok(session)));
        }
        Closed.log_in(login)
    }
}

/// A database that knows `hunter2` only, and repeats the passwords that it is to set.
struct Repeating {
    has_user: bool,
}

impl Database for Repeating {
    fn log_in<'a>(&'a self, login: Login<'a>) -> DatabaseFuture<'a, Box<dyn Session>> {
        if login.password.expose() == b"hunter2" {
            let session: Box<dyn Session> = Box::new(Idle {
                repeats: true,
                has_user: self.has_user,
            });
            return Box::pin(ready(Ok(session)));
        }
        Closed.log_in(login)
    }
}

struct Idle {
    repeats: bool,
    has_user: bool,
}

impl Idle {
    fn refuse(&self, password: &base::Plaintext) -> DatabaseFuture<'_, ()> {
        assert!(self.repeats, "changed a password");
        let password = std::str::from_utf8(password.expose()).unwrap();
        let refusal = DatabaseError::refused("set a password", &format!("no `{password}`"));
        Box::pin(ready(Err(refusal)))
    }

    /// As engines that want the current password too.
    fn refuse_own(&self, password: &base::Plaintext) -> DatabaseFuture<'_, ()> {
        assert!(self.repeats, "changed a password");
        let password = std::str::from_utf8(password.expose()).unwrap();
        let text = format!("no `{password}` for `hunter2` or `hunter1`");
        Box::pin(ready(Err(DatabaseError::refused("set a password", &text))))
    }
}

impl Session for Idle {
    fn probe(&mut self) -> DatabaseFuture<'_, ()> {
        Box::pin(ready(Ok(())))
    }

    fn set_own_password<'a>(&'a mut self, password: &'a base::Plaintext) -> DatabaseFuture<'a, ()> {
        self.refuse_own(password)
    }

    fn user_exists<'a>(&'a mut self, _: &'a str) -> DatabaseFuture<'a, bool> {
        assert!(self.repeats, "looked up a user");
        Box::pin(ready(Ok(self.has_user)))
    }

    fn set_password<'a>(
        &'a mut self,
        _: &'a str,
        password: &'a base::Plaintext,
    ) -> DatabaseFuture<'a, ()> {
        self.refuse(password)
    }

    fn clone_user<'a>(
        &'a mut self,
        _: &'a str,
        _: &'a str,
        password: &'a base::Plaintext,
    ) -> DatabaseFuture<'a, ()> {
        self.refuse(password)
    }

    fn close(self: Box<Self>) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(ready(()))
    }
}
