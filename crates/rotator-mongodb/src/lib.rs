//! The driver of MongoDB and Amazon DocumentDB for rotations.
//!
//! Rules kept here: commands are documents, so nothing is quoted; only the named host is asked, as
//! AWS's template does, and none that it tells of; users are changed in the database that the secret
//! names, and log in at their own; what a server says is heard through a guard, which bounds it.

mod guard;

use base::Plaintext;
use guard::Guard;
use mongodb::Client;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::{ClientOptions, Credential, ServerAddress, Tls};
use rotators::{Database, DatabaseError, DatabaseFuture, Dial, Login, Session, quote};
use std::future::Future;
use std::pin::Pin;

/// Logs in to MongoDB and DocumentDB.
pub struct MongoDb {
    dial: Dial,
}

impl MongoDb {
    /// Connects as `dial` says.
    pub fn new(dial: Dial) -> Self {
        Self { dial }
    }

    async fn connect(&self, login: Login<'_>) -> Result<Box<dyn Session>, DatabaseError> {
        self.dial.check(&login)?;
        let guard = Guard::start(&self.dial, &login).await?;
        let home = login.home.unwrap_or(DEFAULT_DATABASE);
        let credential = Credential::builder()
            .username(login.username.to_owned())
            .password(quote::text(login.password)?.to_owned())
            .source(home.to_owned())
            .build();
        let options = ClientOptions::builder()
            .hosts(vec![ServerAddress::Unix {
                path: guard.socket(),
            }])
            .app_name("strongroom-rotation".to_owned())
            .credential(credential)
            .tls(Tls::Disabled)
            .direct_connection(true)
            .connect_timeout(self.dial.connect_timeout)
            .server_selection_timeout(self.dial.connect_timeout)
            .retry_reads(false)
            .retry_writes(false)
            .max_pool_size(1)
            .build();
        let client = Client::with_options(options).map_err(|error| not_logged_in(&error))?;
        let session = MongoDbSession {
            client,
            database: login.dbname.unwrap_or(DEFAULT_DATABASE).to_owned(),
            user: login.username.to_owned(),
            home: home.to_owned(),
            dial: self.dial.clone(),
            guard,
        };
        // The driver logs in when it is asked for something.
        session
            .client
            .database(home)
            .run_command(doc! { "ping": 1 })
            .await
            .map_err(|error| session.explained(not_logged_in(&error)))?;
        Ok(Box::new(session))
    }
}

impl Database for MongoDb {
    fn log_in<'a>(&'a self, login: Login<'a>) -> DatabaseFuture<'a, Box<dyn Session>> {
        // The driver itself keeps to the time for connecting, and then says why; this is for what
        // comes after.
        let within = Dial {
            connect_timeout: self.dial.connect_timeout.saturating_mul(2),
            ..self.dial.clone()
        };
        Box::pin(async move { within.connecting(self.connect(login)).await })
    }
}

fn not_logged_in(error: &Error) -> DatabaseError {
    match &*error.kind {
        ErrorKind::Authentication { message, .. } => DatabaseError::LoginRefused(message.clone()),
        ErrorKind::Command(refusal) if REFUSED_LOGINS.contains(&refusal.code) => {
            DatabaseError::LoginRefused(refusal.message.clone())
        }
        ErrorKind::Command(refusal) => DatabaseError::refused("let the user in", &refusal.message),
        other => DatabaseError::Unreachable(other.to_string()),
    }
}

/// A user of MongoDB, logged in.
struct MongoDbSession {
    client: Client,
    database: String,
    user: String,
    home: String,
    dial: Dial,
    guard: Guard,
}

impl MongoDbSession {
    /// What the guard knows, of a connection that was lost.
    fn explained(&self, own: DatabaseError) -> DatabaseError {
        match own {
            DatabaseError::Unreachable(_) => self.guard.reason().unwrap_or(own),
            other => other,
        }
    }

    async fn run(
        &self,
        action: &'static str,
        database: &str,
        command: Document,
    ) -> Result<Document, DatabaseError> {
        let answered = async {
            self.client
                .database(database)
                .run_command(command)
                .await
                .map_err(|error| self.explained(refused(action, &error)))
        };
        self.dial.stating(answered).await
    }

    /// What is known of a user.
    async fn described(&self, user: &str) -> Result<Option<Document>, DatabaseError> {
        let who = doc! { "user": user, "db": &self.database };
        let answer = self
            .run("look up a user", &self.database, doc! { "usersInfo": who })
            .await?;
        let found = answer
            .get_array("users")
            .ok()
            .and_then(|users| users.first());
        Ok(found.and_then(Bson::as_document).cloned())
    }

    async fn update(
        &self,
        database: &str,
        user: &str,
        new: &Plaintext,
    ) -> Result<(), DatabaseError> {
        let command = doc! { "updateUser": user, "pwd": quote::text(new)? };
        self.run("change a password", database, command)
            .await
            .map(drop)
    }

    async fn clone_all(
        &self,
        original: &str,
        clone: &str,
        new: &Plaintext,
    ) -> Result<(), DatabaseError> {
        let Some(mut described) = self.described(original).await? else {
            return Err(DatabaseError::refused(CLONE, "there is no user to clone"));
        };
        let mut command = doc! { "createUser": clone, "pwd": quote::text(new)? };
        let roles = described.remove("roles");
        command.insert("roles", roles.unwrap_or_else(|| Bson::Array(Vec::new())));
        for member in ["customData", "mechanisms"] {
            if let Some(value) = described.remove(member) {
                command.insert(member, value);
            }
        }
        self.run(CLONE, &self.database, command).await.map(drop)
    }
}

impl Session for MongoDbSession {
    fn probe(&mut self) -> DatabaseFuture<'_, ()> {
        Box::pin(async {
            let asked = doc! { "connectionStatus": 1 };
            self.run("tell who is logged in", &self.home, asked)
                .await
                .map(drop)
        })
    }

    fn set_own_password<'a>(&'a mut self, new: &'a Plaintext) -> DatabaseFuture<'a, ()> {
        Box::pin(self.update(&self.home, &self.user, new))
    }

    fn user_exists<'a>(&'a mut self, user: &'a str) -> DatabaseFuture<'a, bool> {
        Box::pin(async move { Ok(self.described(user).await?.is_some()) })
    }

    fn set_password<'a>(&'a mut self, user: &'a str, new: &'a Plaintext) -> DatabaseFuture<'a, ()> {
        Box::pin(self.update(&self.database, user, new))
    }

    fn clone_user<'a>(
        &'a mut self,
        original: &'a str,
        clone: &'a str,
        new: &'a Plaintext,
    ) -> DatabaseFuture<'a, ()> {
        Box::pin(self.clone_all(original, clone, new))
    }

    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            let leave = async { self.client.clone().shutdown().immediate(true).await };
            let _ = tokio::time::timeout(self.dial.connect_timeout, leave).await;
        })
    }
}

fn refused(action: &'static str, error: &Error) -> DatabaseError {
    match &*error.kind {
        ErrorKind::Command(refusal) => DatabaseError::refused(action, &refusal.message),
        other => DatabaseError::Unreachable(other.to_string()),
    }
}

const CLONE: &str = "clone a user";
const DEFAULT_DATABASE: &str = "admin";
/// User not found, authentication failed.
const REFUSED_LOGINS: [i32; 2] = [11, 18];
