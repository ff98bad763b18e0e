//! From an HTTP request to the one operation it asks for, and back.
//!
//! Order of checks (behaviour reference §1.3): method and content type, JSON syntax, target,
//! signature, JSON types, constraints, then the service. Every answer, refusals included, leaves
//! only after its audit event is in the log.

mod authenticate;
mod call;
mod json;
mod query;
mod refusal;

use crate::app::App;
use crate::operation::OperationInfo;
use bytes::Bytes;
use call::Call;
use http::{HeaderMap, Method, Response};
use std::net::IpAddr;

pub(crate) use refusal::Refusal;

/// A request as the listener received it.
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path as sent.
    pub path: String,
    /// The query string as sent, without the question mark.
    pub query: String,
    /// The headers, with `host` on HTTP/2 too.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// The other end of the connection.
    pub source_ip: IpAddr,
}

/// The operations of Secrets Manager, in alphabetical order.
pub fn operations() -> impl Iterator<Item = OperationInfo> {
    crate::secretsmanager::OPERATIONS
        .iter()
        .map(|entry| entry.info)
}

impl App {
    /// Answers one request.
    pub async fn call(&self, request: Request) -> Response<Bytes> {
        let call = Call::new(self, &request);
        let answer = match Protocol::of(&request) {
            Some(Protocol::Json) => json::answer(self, &call).await,
            Some(Protocol::Query) => query::answer(self, &call).await,
            None => call.no_such_page(self).await,
        };
        answer.into_response(&call.request_id)
    }

    /// Answers a request whose body was not read. The body of `request` is empty.
    pub async fn refuse(&self, request: Request, unread: Unread) -> Response<Bytes> {
        let call = Call::new(self, &request);
        let answer = match Protocol::of(&request) {
            Some(Protocol::Query) => query::refuse(self, &call, unread).await,
            Some(Protocol::Json) | None => json::refuse(self, &call, unread).await,
        };
        answer.into_response(&call.request_id)
    }
}

/// Why the listener gave up on a request before it had the whole body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The body did not arrive whole.
    Broken,
    /// There is no memory for more bodies at the moment.
    TooBusy,
    /// The body is larger than the listener takes.
    TooLarge,
    /// The body took too long.
    TooSlow,
}

impl Unread {
    /// The name and status of the answer.
    ///
    /// COMPAT: AWS's front end answers 413 to a body that is too large (behaviour reference §1.3);
    /// the names are ours, since its answer has no body that clients read.
    fn refusal(self) -> Refusal {
        let (code, status) = match self {
            Self::Broken => ("SerializationException", 400),
            Self::TooBusy => ("ServiceUnavailable", 503),
            Self::TooLarge => ("RequestEntityTooLargeException", 413),
            Self::TooSlow => ("RequestTimeoutException", 408),
        };
        Refusal::front_end(code, status, None)
    }
}

/// How a request is written down.
enum Protocol {
    /// awsJson 1.1: the operation is in `X-Amz-Target`.
    Json,
    /// awsQuery: the operation is the parameter `Action`.
    Query,
}

impl Protocol {
    fn of(request: &Request) -> Option<Self> {
        let content_type = request.headers.get(http::header::CONTENT_TYPE);
        let media_type = content_type
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map(str::trim);
        match (&request.method, media_type) {
            (&Method::POST, Some("application/x-amz-json-1.1")) => Some(Self::Json),
            (&Method::POST, Some("application/x-www-form-urlencoded")) => Some(Self::Query),
            (&Method::GET, _) if names_an_action(&request.query) => Some(Self::Query),
            _ => None,
        }
    }
}

fn names_an_action(query: &str) -> bool {
    query
        .split('&')
        .any(|parameter| parameter.starts_with("Action="))
}
