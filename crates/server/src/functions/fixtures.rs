//! What the tests of functions share.

use crate::cli::ServeFlags;
use crate::config::Config;
use base::{AccountId, Clock, Plaintext, RegionName, Timestamp};
use parking_lot::Mutex;
use services::InPlay;
use services::ports::{
    Api, ApiError, ApiFuture, Code, Execution, FunctionConfiguration, RoleCredentials,
};
use std::sync::Arc;
use std::time::Duration;

pub(super) fn plain(text: &str) -> Plaintext {
    Plaintext::from(text.to_owned())
}

pub(super) fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

pub(super) fn text(plaintext: &Plaintext) -> String {
    String::from_utf8(plaintext.expose().to_vec()).unwrap()
}

/// The configuration of a server that nobody configured.
pub(super) fn config() -> Config {
    Config::load(&ServeFlags::default()).unwrap()
}

/// A clock that stands still.
pub(super) struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_768_478_400_007)
    }
}

/// A role that is asked, and answers as it was told to.
#[derive(Default)]
pub(super) struct Role {
    pub(super) answers: Mutex<Vec<Result<&'static str, ApiError>>>,
    pub(super) asked: Mutex<Vec<String>>,
}

impl Role {
    /// Answers in this order.
    pub(super) fn answering(answers: &[Result<&'static str, ApiError>]) -> Self {
        Self {
            answers: Mutex::new(answers.iter().rev().cloned().collect()),
            asked: Mutex::default(),
        }
    }
}

impl Api for Role {
    fn call<'a>(&'a self, service: &'a str, operation: &'a str, body: Plaintext) -> ApiFuture<'a> {
        let asked = format!("{service} {operation} {}", text(&body));
        self.asked.lock().push(asked);
        let answer = self.answers.lock().pop().unwrap();
        Box::pin(async move { answer.map(plain) })
    }
}

/// A refusal.
pub(super) fn refused(code: &str, status: u16) -> ApiError {
    ApiError {
        code: code.to_owned(),
        message: String::from("no"),
        status,
    }
}

/// A run of a zip file that is none, called with `payload`, by a role that is not asked.
pub(super) fn execution(payload: &Plaintext) -> Execution<'_> {
    let region = RegionName::parse("us-east-1").unwrap();
    Execution {
        request_id: "11111111-2222-4333-8444-555555555555",
        function: FunctionConfiguration {
            account: AccountId::parse("123456789012").unwrap(),
            region,
            name: String::from("rotate"),
            arn: String::from("arn:aws:lambda:us-east-1:123456789012:function:rotate"),
            version: "$LATEST",
            timeout: Duration::from_secs(20),
            memory_mib: 256,
            environment: Vec::new(),
        },
        code: Code::Zip {
            digest: [0; 32],
            bytes: Arc::from(b"no zip".as_slice()),
            runtime: String::from("python3.9"),
            handler: String::from("rotate.handler"),
        },
        credentials: RoleCredentials {
            access_key_id: String::from("ASIA1"),
            secret_access_key: plain("secret-access-key"),
            session_token: plain("session-token"),
        },
        api: Arc::new(Role::default()),
        payload,
        client_context: None,
        log_group: "/aws/lambda/rotate",
        log_stream: "2026/01/15/[$LATEST]1",
        in_play: InPlay::default(),
    }
}
