//! From an HTTP request to the one operation it asks for, and back.
//!
//! Order of checks (behaviour reference §1.3): method and content type, JSON syntax, target,
//! signature, the caller's rate, JSON types, constraints, then the service. Every answer, refusals included, leaves
//! only after its audit event is in the log.

mod authenticate;
mod call;
mod cbor;
mod compressed;
mod dispatch;
mod explain;
mod inside;
mod json;
mod operator;
mod provision;
mod query;
mod refusal;
mod rest;
mod several;
mod throttling;
mod unavailable;

use crate::app::App;
use crate::endpoint::PrivateEndpoint;
use crate::metrics::{Ended, UnderWay};
use crate::operation::{Entry, OperationInfo};
use crate::service::{SERVICES, Service};
use bytes::Bytes;
use call::{Answer, Call};
use http::{HeaderMap, Method, Response};
use std::net::IpAddr;
use std::sync::Arc;

pub(crate) use inside::Inside;
pub(crate) use operator::AsOperator;
pub(crate) use provision::Operations;
pub(crate) use refusal::Refusal;
pub use unavailable::{Unavailable, unavailable};

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
    /// Whether the connection is TLS.
    pub is_secure: bool,
    /// The private endpoint that it came in through.
    pub endpoint: Option<Arc<PrivateEndpoint>>,
}

/// The operations of the service called `service` (such as `iam`), in alphabetical order.
pub fn operations(service: &str) -> impl Iterator<Item = OperationInfo> {
    SERVICES
        .iter()
        .filter(move |known| known.name == service)
        .flat_map(|known| known.operations.iter().map(|entry| entry.info))
}

/// The names of the services, as signatures write them.
pub fn services() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|service| service.name)
}

/// How many bytes the body of a request may have, where its operation takes more than others do.
pub fn largest_body(method: &Method, path: &str) -> Option<usize> {
    if path == "/" {
        return None;
    }
    let (_, entry) = rest::find(method, path)?;
    entry.info.http?.largest_body
}

/// Whether a request with these headers says that its body is compressed. Then the body may take as much
/// again as the largest that is not, while the request is answered.
pub fn is_compressed(headers: &HeaderMap) -> bool {
    let encoding = headers.get(http::header::CONTENT_ENCODING);
    encoding.is_some_and(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"gzip"))
}

impl App {
    /// Answers one request.
    pub async fn call(&self, request: Request) -> Response<Bytes> {
        if let Some(certificate) = self.public_certificate(&request).await {
            return certificate;
        }
        let under_way = self.counters.begin();
        let call = Call::new(self, &request);
        let answer = match Form::of(&request) {
            Some(form) => dispatch::answer(self, &call, form).await,
            None => call.no_such_page(self).await,
        };
        self.tell(&call, &answer, under_way);
        answer.into_response(&call.request_id)
    }

    /// The answer to a request for a certificate that anybody may have: it leaves no event, as it tells
    /// what every message names.
    async fn public_certificate(&self, request: &Request) -> Option<Response<Bytes>> {
        if request.method != Method::GET || !request.path.ends_with(".pem") {
            return None;
        }
        let certificate = self.certificate_at(&request.path).await.ok()??;
        let mut response = Response::new(Bytes::from(certificate));
        let content_type = http::HeaderValue::from_static("application/x-pem-file");
        response
            .headers_mut()
            .insert(http::header::CONTENT_TYPE, content_type);
        Some(response)
    }

    /// Answers a request whose body was not read. The body of `request` is empty.
    pub async fn refuse(&self, request: Request, unread: Unread) -> Response<Bytes> {
        let under_way = self.counters.begin();
        let call = Call::new(self, &request);
        let form = Form::of(&request).unwrap_or(Form::Json);
        let answer = dispatch::answer_unread(self, &call, form, unread).await;
        self.tell(&call, &answer, under_way);
        answer.into_response(&call.request_id)
    }

    /// Counts an answer, and shows it to who watches.
    fn tell(&self, call: &Call<'_>, answer: &Answer, under_way: UnderWay<'_>) {
        let told = &answer.told;
        let began = under_way.since();
        let took = under_way.end(told.number(), told.code);
        let Some(observer) = &self.observer else {
            return;
        };
        let authenticated = told.authenticated;
        observer.ended(&Ended {
            service: told.service.map(|service| service.name),
            operation: told.entry.map(|entry| entry.info.name),
            code: told.code,
            status: answer.status,
            account: told.account.as_ref(),
            region: told.region.as_ref(),
            request_id: &call.request_id,
            trace_parent: call.header("traceparent"),
            took,
            authenticated_after: authenticated.map(|then| then.saturating_duration_since(began)),
        });
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
#[derive(Clone, Copy)]
enum Form {
    /// awsJson 1.1: the operation is in `X-Amz-Target`.
    Json,
    /// awsJson 1.0, of a service of several protocols.
    JsonOfSeveral,
    /// rpc-v2-cbor: service and operation are in the path.
    Cbor(&'static Service),
    /// awsQuery: the operation is the parameter `Action`.
    Query,
    /// restJson1: the operation is method and path.
    Rest(&'static Service, &'static Entry),
}

impl Form {
    fn of(request: &Request) -> Option<Self> {
        if request.path != "/"
            && let Some((service, entry)) = rest::find(&request.method, &request.path)
        {
            return Some(Self::Rest(service, entry));
        }
        if let Some(service) = cbor::service_of(request) {
            return Some(Self::Cbor(service));
        }
        let content_type = request.headers.get(http::header::CONTENT_TYPE);
        let media_type = content_type
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map(str::trim);
        match (&request.method, media_type) {
            (&Method::POST, Some("application/x-amz-json-1.1")) => Some(Self::Json),
            (&Method::POST, Some(several::CONTENT_TYPE)) => {
                several::is_meant(request).then_some(Self::JsonOfSeveral)
            }
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
