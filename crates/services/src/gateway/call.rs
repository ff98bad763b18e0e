//! One call on its way: what was learnt so far, for the audit record of whatever comes of it.

use super::{Refusal, Request};
use crate::app::App;
use crate::audit::{self, AuditError, Downstream, Facts, Outcome};
use crate::identity::{Principal, Vouched};
use crate::numbering::number_of;
use crate::operation::Entry;
use crate::service::Service;
use base::{AccountId, Entropy, RegionName, Timestamp, random_uuid};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde_json::value::RawValue;
use tokio::time::Instant;
use wire::{Body, rest};

/// A request with its id and moment.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    pub(super) request_id: String,
    pub(super) now: Timestamp,
    pub(super) vouched: Vouched,
    pub(super) downstream: Downstream,
    source_ip: String,
    user_agent: &'a str,
}

/// What is known of a call, as far as it got.
#[derive(Default)]
pub(super) struct Progress<'a> {
    pub(super) event_source: &'static str,
    pub(super) event_name: String,
    pub(super) read_only: bool,
    pub(super) access_key_id: Option<String>,
    pub(super) principal: Option<Principal>,
    pub(super) region: Option<&'a RegionName>,
    pub(super) request_parameters: Option<Box<RawValue>>,
    /// When the caller was known, if somebody watches.
    pub(super) authenticated: Option<Instant>,
}

impl Progress<'_> {
    /// Of a request for the operation `name` of `service`.
    pub(super) fn of(service: &Service, name: &str) -> Self {
        Self {
            event_source: service.event_source,
            event_name: name.to_owned(),
            ..Self::default()
        }
    }
}

/// What came of a request, for those who count and watch.
#[derive(Default)]
pub(super) struct Told {
    pub(super) service: Option<&'static Service>,
    pub(super) entry: Option<&'static Entry>,
    /// The name of the error, when the answer is one.
    pub(super) code: Option<&'static str>,
    /// The caller's, when somebody watches.
    pub(super) account: Option<AccountId>,
    pub(super) region: Option<RegionName>,
    pub(super) authenticated: Option<Instant>,
}

/// An HTTP answer in the making.
pub(super) struct Answer {
    pub(super) told: Told,
    explanation: Option<HeaderValue>,
    headers: Vec<(&'static str, HeaderValue)>,
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
}

impl<'a> Call<'a> {
    /// Of a call from inside the process, which comes from `address`.
    pub(super) fn inside(app: &App, request: &'a Request, address: &'a str) -> Self {
        Self {
            source_ip: address.to_owned(),
            user_agent: address,
            ..Self::new(app, request)
        }
    }

    pub(super) fn new(app: &App, request: &'a Request) -> Self {
        Self::at(app.clock.now(), request, app.entropy.as_ref())
    }

    /// A call that came at `now`.
    pub(super) fn at(now: Timestamp, request: &'a Request, entropy: &dyn Entropy) -> Self {
        let user_agent = request.headers.get(http::header::USER_AGENT);
        let user_agent = user_agent
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Self {
            request,
            request_id: random_uuid(entropy),
            vouched: Vouched::new(),
            downstream: Downstream::default(),
            now,
            source_ip: request.source_ip.to_string(),
            user_agent: user_agent
                .get(..user_agent.floor_char_boundary(LONGEST_ECHO))
                .unwrap_or_default(),
        }
    }

    /// The request in the form that the signature is made over.
    pub(super) fn signed_form(&self) -> sigv4::Request<'a> {
        let request = self.request;
        sigv4::Request {
            method: request.method.as_str(),
            path: &request.path,
            query: &request.query,
            headers: &request.headers,
            body: &request.body,
        }
    }

    /// A header's value, when it is text.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        self.request
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    }

    pub(super) fn facts<'b>(&'b self, progress: &'b Progress<'_>) -> Facts<'b> {
        Facts {
            event_source: progress.event_source,
            event_name: &progress.event_name,
            read_only: progress.read_only,
            region: progress.region.map_or(UNKNOWN, RegionName::as_str),
            now: self.now,
            request_id: &self.request_id,
            source_ip: &self.source_ip,
            user_agent: self.user_agent,
            principal: progress.principal.as_ref(),
            access_key_id: progress.access_key_id.as_deref(),
            referer: self.header("referer"),
            is_secure: self.request.is_secure,
            endpoint: self.request.endpoint.as_deref(),
            vouched: &self.vouched,
            via: None,
            calling_service: None,
            downstream: &self.downstream,
            request_parameters: progress.request_parameters.as_deref(),
        }
    }

    /// Records a refusal, and logs its cause for the operator when it is a failure of ours.
    ///
    /// # Errors
    /// When the record could not be written: then the answer must say nothing.
    pub(super) async fn record(
        &self,
        app: &App,
        progress: &Progress<'_>,
        refusal: &Refusal,
    ) -> Result<(), AuditError> {
        if let Some(cause) = refusal.cause() {
            tracing::error!(
                request_id = self.request_id,
                operation = progress.event_name,
                cause,
                "an operation failed"
            );
        }
        let facts = self.facts(progress);
        // SECURITY: some texts repeat what was sent, which may be long; the record need not be.
        let message: String = refusal
            .message()
            .unwrap_or_default()
            .chars()
            .take(LONGEST_MESSAGE)
            .collect();
        let outcome = Outcome {
            error: Some((refusal.code(), message.as_str())),
            decision: refusal.decided(),
            ..Outcome::default()
        };
        let line = audit::api_call(&facts, &random_uuid(app.entropy.as_ref()), outcome);
        let downstream = std::mem::take(&mut *self.downstream.lock());
        let recorded = app.ledger.record(line, downstream).await;
        if let Err(error) = &recorded {
            tracing::error!(request_id = self.request_id, %error, "an answer was withheld");
        }
        recorded
    }

    /// For what is no AWS request at all (behaviour reference §1.3, first row).
    pub(super) async fn no_such_page(&self, app: &App) -> Answer {
        let progress = Progress {
            event_source: UNKNOWN,
            event_name: UNKNOWN.to_owned(),
            ..Progress::default()
        };
        let refusal = Refusal::front_end("UnknownOperationException", 404, None);
        match self.record(app, &progress, &refusal).await {
            Ok(()) => Answer {
                told: Told::unnamed("UnknownOperationException"),
                explanation: None,
                headers: Vec::new(),
                status: 404,
                content_type: "text/xml",
                body: Bytes::from_static(b"<UnknownOperationException/>\n"),
            },
            Err(_) => Answer {
                told: Told::unnamed("InternalFailure"),
                explanation: None,
                headers: Vec::new(),
                status: 500,
                content_type: "text/xml",
                body: Bytes::new(),
            },
        }
    }
}

impl Told {
    /// Of what names no service.
    fn unnamed(code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..Self::default()
        }
    }

    /// The number of what was asked for.
    pub(super) fn number(&self) -> Option<usize> {
        Some(number_of(self.service?, self.entry))
    }
}

impl Answer {
    pub(super) fn new(status: u16, content_type: &'static str, body: Body) -> Self {
        Self {
            told: Told::default(),
            explanation: None,
            headers: Vec::new(),
            status,
            content_type,
            body: Bytes::from_owner(body),
        }
    }

    /// The answer of an operation.
    pub(super) fn of(answer: rest::Answer, content_type: &'static str) -> Self {
        let headers = answer.headers.into_iter();
        Self::new(answer.status, content_type, answer.body).with(headers)
    }

    /// The same, with more headers.
    pub(super) fn with(
        mut self,
        headers: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Self {
        let headers = headers.into_iter();
        self.headers.extend(
            headers.filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))),
        );
        self
    }

    /// The same, telling what decided.
    pub(super) fn explained(mut self, explanation: Option<String>) -> Self {
        self.explanation = explanation.and_then(|text| HeaderValue::from_str(&text).ok());
        self
    }

    pub(super) fn into_response(self, request_id: &str) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert("x-amzn-requestid", id);
        }
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        if let Some(explanation) = self.explanation {
            headers.insert("x-strongroom-decision", explanation);
        }
        response
    }
}

/// How many bytes of a header or target are repeated in the audit record.
pub(super) const LONGEST_ECHO: usize = 512;
/// How much of an error's text stands in the audit record.
const LONGEST_MESSAGE: usize = 4_096;
/// Stands in the record for what a refused request did not tell.
pub(super) const UNKNOWN: &str = "unknown";
