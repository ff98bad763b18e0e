//! The cases that every driver has to pass, against a server.

mod alternating_users;
mod refusals;
mod single_user;

use crate::{Lines, MemorySecrets};
use rotators::{
    Database, Dial, Engine, Event, Options, Ports, RotationError, Step, Strategy, Template, rotate,
};
use serde_json::{Value, json};
use std::pin::Pin;

/// A server, as the cases need it.
pub trait World: Sync {
    /// What it is.
    fn engine(&self) -> Engine;

    /// The port, on `localhost`.
    fn port(&self) -> u16;

    /// The name and password of who may do everything.
    fn master(&self) -> (&str, &str);

    /// The database that users are made for.
    fn dbname(&self) -> &str;

    /// Whether the server takes connections in the clear.
    fn takes_plain(&self) -> bool {
        true
    }

    /// The dial that trusts the server.
    fn dial(&self) -> Dial;

    /// The driver.
    fn driver(&self, dial: Dial) -> Box<dyn Database>;

    /// Makes a user who may read something that [`World::can_read`] tries.
    fn make_user<'a>(&'a self, name: &'a str, password: &'a str) -> Done<'a, ()>;

    /// Whether the user logs in and reads what [`World::make_user`] permits.
    fn can_read<'a>(&'a self, name: &'a str, password: &'a str) -> Done<'a, bool>;
}

/// What the calls of a [`World`] return.
pub type Done<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs all cases.
pub async fn run_all(world: &dyn World) {
    single_user::run_all(world).await;
    alternating_users::run_all(world).await;
    refusals::run_all(world).await;
}

/// One secret of a user on a server.
pub struct Scene<'a> {
    /// The server.
    pub world: &'a dyn World,
    /// The driver.
    pub driver: Box<dyn Database>,
    /// Secrets Manager.
    pub secrets: MemorySecrets,
    /// The log.
    pub lines: Lines,
    /// Whose password changes.
    pub strategy: Strategy,
    /// The function's environment.
    pub options: Options,
}

impl<'a> Scene<'a> {
    /// A user of that name, with a secret that fits, and its master's.
    pub async fn new(world: &'a dyn World, strategy: Strategy, user: &str) -> Self {
        let scene = Self {
            world,
            driver: world.driver(world.dial()),
            secrets: MemorySecrets::default(),
            lines: Lines::default(),
            strategy,
            options: Options::default(),
        };
        println!("case {user}");
        world.make_user(user, FIRST_PASSWORD).await;
        let (name, password) = world.master();
        let value = scene.value(name, password);
        scene.secrets.put(MASTER, "m1", &value);
        let value = scene.value(user, FIRST_PASSWORD);
        scene.secrets.put(SECRET, "v1", &value);
        scene
    }

    /// The value of a secret of this server's.
    pub fn value(&self, user: &str, password: &str) -> Value {
        json!({
            "engine": self.world.engine().names()[0],
            "host": "localhost",
            "port": self.world.port(),
            "username": user,
            "password": password,
            "dbname": self.world.dbname(),
            "masterarn": MASTER,
            "team": "payments",
        })
    }

    /// Runs one step.
    pub async fn step(&self, token: &str, step: Step) -> Result<(), RotationError> {
        let template = Template {
            engine: self.world.engine(),
            strategy: self.strategy,
        };
        let event = Event {
            secret_id: SECRET.to_owned(),
            token: token.to_owned(),
            rotation_token: None,
            step,
        };
        let ports = Ports {
            secrets: &self.secrets,
            database: &*self.driver,
            log: &self.lines,
            options: &self.options,
        };
        rotate(template, &event, ports).await
    }

    /// Runs all steps, each `times`, until one fails.
    pub async fn rotate(&self, token: &str, times: usize) -> Result<(), RotationError> {
        for step in Step::ALL {
            for _ in 0..times {
                self.step(token, step).await?;
            }
        }
        Ok(())
    }

    /// The user name and password at a label.
    pub fn login(&self, stage: &str) -> (String, String) {
        let value = self.secrets.value_at(SECRET, stage).unwrap();
        let text = |key: &str| value[key].as_str().unwrap().to_owned();
        (text("username"), text("password"))
    }

    /// Whether the credential at a label reads what it should.
    pub async fn works(&self, stage: &str) -> bool {
        let (user, password) = self.login(stage);
        self.world.can_read(&user, &password).await
    }

    /// Everything that was told, in which no password may be.
    pub fn told(&self) -> Vec<String> {
        let told = self.lines.take();
        let mut passwords = self.secrets.drawn();
        passwords.extend([FIRST_PASSWORD.to_owned(), self.world.master().1.to_owned()]);
        for password in passwords {
            assert!(
                !told.iter().any(|line| line.contains(&password)),
                "{told:?}"
            );
        }
        told
    }
}

/// The secret of the user.
pub const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app-a1b2c3";
/// The secret of the master.
pub const MASTER: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:master-a1b2c3";
/// The user's password before any rotation.
pub const FIRST_PASSWORD: &str = "First-Passw0rd-of-the-user!";
