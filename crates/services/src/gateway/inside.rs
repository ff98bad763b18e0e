//! Calls from inside the process: what native code does to Strongroom in the name of a role.
//!
//! They take the path of every call but for the signature: the principal is made here, from the
//! session as it is at that moment, and operation, authorization and audit are the same.
//!
//! SECURITY: the session is looked up on each call. A role that was deleted, or a policy that was
//! taken away, counts from the next call on.

use super::call::{Call, Progress};
use super::dispatch::{perform, recorded};
use super::{Refusal, Request, json, throttling};
use crate::app::App;
use crate::identity::{Session, of_session};
use crate::numbering::number_of;
use crate::service::{Protocol, SERVICES, Service};
use base::{CommonError, Exposed, Plaintext, RegionName};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use wire::Body;

/// Who calls, from where.
pub(crate) struct Inside<'a> {
    pub(crate) session: Arc<Session>,
    pub(crate) region: &'a RegionName,
    /// Stands for source address and user agent, such as `lambda.amazonaws.com`.
    pub(crate) address: &'static str,
}

impl App {
    /// Calls an operation of a JSON service as the session in `inside`.
    ///
    /// # Errors
    /// What a client would have been answered.
    pub(crate) async fn call_inside(
        &self,
        inside: &Inside<'_>,
        service: &str,
        operation: &str,
        body: Plaintext,
    ) -> Result<Body, Refusal> {
        let unknown = || Refusal::front_end("UnknownOperationException", 404, None);
        let service = json_service(service).ok_or_else(unknown)?;
        let request = request(service, operation, body).ok_or_else(unknown)?;
        let under_way = self.counters.begin();
        let call = Call::inside(self, &request, inside.address);
        let mut progress = Progress::of(service, operation);
        let outcome = answer(self, &call, inside, service, &mut progress).await;
        let answer = match outcome {
            Ok(body) => Ok(body),
            Err(refusal) => Err(recorded(self, &call, service, &progress, refusal).await),
        };
        let number = number_of(service, service.find(operation));
        under_way.end(Some(number), answer.as_ref().err().map(Refusal::code));
        answer
    }
}

async fn answer<'a>(
    app: &App,
    call: &Call<'_>,
    inside: &Inside<'a>,
    service: &'static Service,
    progress: &mut Progress<'a>,
) -> Result<Body, Refusal> {
    let routed = json::route(call).map_err(|unrouted| unrouted.refusal)?;
    progress.read_only = routed.entry.is_some_and(|entry| entry.info.read_only);
    progress.region = Some(inside.region);
    progress.access_key_id = Some(inside.session.access_key_id.clone());
    let ours = |error: CommonError| Refusal::common(service.common, &error);
    let mut tx = app.ledger.begin_reading();
    let principal = of_session(&mut tx, inside.session.clone()).await;
    let expired = inside.session.expires <= call.now;
    progress.principal = principal.map_err(ours)?.filter(|_| !expired);
    if progress.principal.is_none() {
        let error = sigv4::Error::UnknownKey;
        let text = error.to_string();
        return Err(Refusal::front_end(error.json_code(), 400, Some(text)));
    }
    throttling::admit_in_turn(app, call, &routed, progress).await?;
    Ok(perform(app, call, routed, progress).await?.body)
}

fn json_service(name: &str) -> Option<&'static Service> {
    SERVICES
        .iter()
        .find(|known| known.name == name && matches!(known.protocol, Protocol::Json { .. }))
        .copied()
}

/// The call as a client would send it.
fn request(service: &Service, operation: &str, body: Plaintext) -> Option<Request> {
    let Protocol::Json { target_prefix, .. } = service.protocol else {
        return None;
    };
    let mut headers = HeaderMap::new();
    let target = HeaderValue::try_from(format!("{target_prefix}{operation}")).ok()?;
    headers.insert("x-amz-target", target);
    Some(Request {
        method: Method::POST,
        path: String::from("/"),
        query: String::new(),
        headers,
        body: Bytes::from_owner(Exposed::new(body)),
        source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        is_secure: true,
        endpoint: None,
    })
}
