//! Where passwords go: to the database of the secret, and no less encrypted than each secret says.

use crate::{SECRET, event};
use parking_lot::Mutex;
use rotator_testkit::{Lines, MemorySecrets};
use serde_json::{Value, json};
use std::future::ready;
use std::pin::Pin;
use strongroom_rotators::{
    Database, DatabaseError, DatabaseFuture, Engine, Login, Options, Ports, RotationError, Session,
    Step, Strategy, Template, Tls, rotate,
};

/// A database, or somebody who plays one: takes some passwords, and remembers who came how.
#[derive(Default)]
struct Door {
    open_to: Vec<&'static str>,
    visits: Mutex<Vec<Visit>>,
}

/// Password, port, encryption.
type Visit = (String, u16, Tls);

impl Door {
    fn open_to(passwords: &[&'static str]) -> Self {
        Self {
            open_to: passwords.to_vec(),
            visits: Mutex::default(),
        }
    }
}

impl Database for Door {
    fn log_in<'a>(&'a self, login: Login<'a>) -> DatabaseFuture<'a, Box<dyn Session>> {
        let password = String::from_utf8(login.password.expose().to_vec()).unwrap();
        let is_open = self.open_to.iter().any(|open| *open == password);
        self.visits.lock().push((password, login.port, login.tls));
        let session: Box<dyn Session> = Box::new(Inside);
        let refusal = || DatabaseError::LoginRefused("no".to_owned());
        Box::pin(ready(is_open.then_some(session).ok_or_else(refusal)))
    }
}

/// Whoever is inside may do everything.
struct Inside;

impl Session for Inside {
    fn probe(&mut self) -> DatabaseFuture<'_, ()> {
        Box::pin(ready(Ok(())))
    }

    fn set_own_password<'a>(&'a mut self, _: &'a base::Plaintext) -> DatabaseFuture<'a, ()> {
        Box::pin(ready(Ok(())))
    }

    fn user_exists<'a>(&'a mut self, _: &'a str) -> DatabaseFuture<'a, bool> {
        Box::pin(ready(Ok(false)))
    }

    fn set_password<'a>(
        &'a mut self,
        _: &'a str,
        _: &'a base::Plaintext,
    ) -> DatabaseFuture<'a, ()> {
        Box::pin(ready(Ok(())))
    }

    fn clone_user<'a>(
        &'a mut self,
        _: &'a str,
        _: &'a str,
        _: &'a base::Plaintext,
    ) -> DatabaseFuture<'a, ()> {
        Box::pin(ready(Ok(())))
    }

    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(ready(()))
    }
}

fn value(username: &str, password: &str, rest: &Value) -> Value {
    let mut value = json!({
        "engine": "postgres", "host": "db", "username": username, "password": password,
        "masterarn": "master",
    });
    for (key, member) in rest.as_object().unwrap() {
        value[key] = member.clone();
    }
    value
}

/// `setSecret` for a secret with these versions.
async fn set(
    strategy: Strategy,
    [previous, current, pending, master]: [Value; 4],
    door: &Door,
) -> Result<(), RotationError> {
    let secrets = MemorySecrets::default();
    let username = match strategy {
        Strategy::SingleUser => "app",
        Strategy::AlternatingUsers => "app_clone",
    };
    secrets.put(SECRET, "v0", &value("app", "previous", &previous));
    secrets.put(SECRET, "v1", &value("app", "current", &current));
    secrets.put("master", "m1", &value("admin", "master's", &master));
    secrets.start(SECRET, "v2");
    secrets.overwrite(SECRET, "v2", &value(username, "pending", &pending));
    let options = Options::default();
    let ports = Ports {
        secrets: &secrets,
        database: door,
        log: &Lines::default(),
        options: &options,
    };
    let template = Template {
        engine: Engine::Postgres,
        strategy,
    };
    rotate(template, &event(Step::SetSecret), ports).await
}

/// Somebody plays a database on another port of the host, and takes any current password.
#[tokio::test]
async fn a_master_acts_only_on_its_own_port() {
    let elsewhere = json!({"port": 15999});
    let (none, default) = (json!({}), json!({"port": 5432}));
    let alternating = Strategy::AlternatingUsers;
    let door = Door::open_to(&["current", "master's"]);

    let refused = set(
        alternating,
        [&none, &elsewhere, &elsewhere, &none].map(Clone::clone),
        &door,
    )
    .await;
    let taken = set(
        alternating,
        [&none, &default, &none, &default].map(Clone::clone),
        &Door::open_to(&["current", "master's"]),
    )
    .await;

    assert_eq!(
        refused.unwrap_err().to_string(),
        "Current database port 15999 is not the same port as of master 5432"
    );
    let visits = door.visits.lock();
    assert!(visits.iter().all(|(password, ..)| password != "master's"));
    taken.unwrap();
}

/// Else the current password would be proved to somebody in between.
#[tokio::test]
async fn a_master_that_is_encrypted_does_not_act_for_who_is_not() {
    let (plain, none) = (json!({"ssl": false}), json!({}));
    let alternating = Strategy::AlternatingUsers;
    let door = Door::open_to(&["current", "master's"]);

    let refused = set(
        alternating,
        [&plain, &plain, &plain, &none].map(Clone::clone),
        &door,
    )
    .await;
    let both_plain = set(
        alternating,
        [&plain, &plain, &plain, &plain].map(Clone::clone),
        &Door::open_to(&["current", "master's"]),
    )
    .await;

    assert_eq!(
        refused.unwrap_err().to_string(),
        "Current database connection is not encrypted although that of master is"
    );
    let visits = door.visits.lock();
    assert!(visits.iter().all(|(password, ..)| password != "master's"));
    both_plain.unwrap();
}

#[tokio::test]
async fn a_password_is_set_only_on_the_port_of_the_current_one() {
    for (strategy, which) in [
        (Strategy::SingleUser, "current"),
        (Strategy::AlternatingUsers, "current"),
    ] {
        let door = Door::open_to(&["current", "master's"]);
        let elsewhere = json!({"port": 15999});

        let refused = set(
            strategy,
            [json!({}), json!({}), elsewhere, json!({})],
            &door,
        )
        .await;

        assert_eq!(
            refused.unwrap_err().to_string(),
            format!("Attempting to modify user for port 15999 other than {which} port 5432")
        );
        assert_eq!(
            *door.visits.lock(),
            [("pending".to_owned(), 15999, Tls::Verified)]
        );
    }
}

#[tokio::test]
async fn the_password_before_goes_only_to_the_port_that_it_is_for() {
    let door = Door::open_to(&["previous"]);
    let before = json!({"port": 15999});

    let refused = set(
        Strategy::SingleUser,
        [before, json!({}), json!({}), json!({})],
        &door,
    )
    .await;

    assert_eq!(
        refused.unwrap_err().to_string(),
        "Attempting to modify user for port 5432 other than previous valid port 15999"
    );
    let visits = door.visits.lock();
    assert!(visits.iter().all(|(password, ..)| password != "previous"));
}

/// Whoever may write the current version could else read the password of the version before.
#[tokio::test]
async fn the_password_before_is_never_less_encrypted_than_its_secret_says() {
    let (plain, none) = (json!({"ssl": false}), json!({}));
    for (previous, current, expected) in [
        (&none, &plain, Tls::Verified),
        (&plain, &none, Tls::Verified),
        (&plain, &plain, Tls::Plain),
    ] {
        let door = Door::open_to(&["previous"]);

        set(
            Strategy::SingleUser,
            [previous, current, current, &none].map(Clone::clone),
            &door,
        )
        .await
        .unwrap();

        let last = door.visits.lock().last().cloned();
        assert_eq!(last, Some(("previous".to_owned(), 5432, expected)));
    }
}
