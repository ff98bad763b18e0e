use base::Plaintext;
use std::future::Future;
use std::pin::Pin;

/// Posts to an operator's endpoint. Whoever implements it verifies TLS, signs the request and bounds
/// its time and its answer.
pub trait Http: Send + Sync {
    /// Posts the request and reads the whole answer.
    fn post<'a>(&'a self, request: HttpRequest<'a>) -> HttpFuture<'a, HttpReply>;
}

/// What [`Http::post`] returns.
pub type HttpFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, HttpError>> + Send + 'a>>;

/// A request, to be sent as `POST` with `Content-Type: application/json`.
pub struct HttpRequest<'a> {
    /// The operator's URL.
    pub url: &'a str,
    /// The body, which holds values.
    pub body: Plaintext,
}

/// An answer.
pub struct HttpReply {
    /// The status code.
    pub status: u16,
    /// The body, which may hold values.
    pub body: Plaintext,
}

/// Why the endpoint did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// There was no answer.
    #[error("the rotation endpoint cannot be reached: {0}")]
    Unreachable(String),
    /// It answered with another status than 200 or 204.
    #[error("the rotation endpoint answered {status} to {step}")]
    Refused {
        /// The step.
        step: &'static str,
        /// The status.
        status: u16,
    },
    /// It answered something else than was agreed.
    #[error("the rotation endpoint's answer to {step} is malformed: {problem}")]
    Malformed {
        /// The step.
        step: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// The URL is one to which no value is sent.
    #[error("the rotation endpoint's URL is not https")]
    NotEncrypted,
}
