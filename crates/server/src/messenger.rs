//! What carries messages of topics and rules out: HTTP requests, and mail.
//!
//! Rules kept here:
//! - SECURITY: nobody is sent anything whom `[notifications]` does not list, looked at again at each
//!   message; nor is an address connected to that is not of the open internet, unless its entry says so,
//!   whatever a name stands for by then. Redirects are not followed.
//! - SECURITY: whom a request is for and how it is transported, nobody says but this module, whatever the
//!   headers are that it is given;
//! - every attempt is bounded in time, and of an answer only the head is read.

mod mail;
mod smtp;

use crate::config::{Admitted, Notifications, is_public};
use crate::error::chain;
use crate::functions::OwnAddress;
use crate::outbound::{self, OutboundError, TrustError};
use base::{Clock, Entropy, Exposed, Plaintext};
use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use http_body_util::Full;
use services::ports::{Mail, Messenger, NotSent, Post, PostKind, SendFuture};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Sends to those whom the operator listed.
pub(crate) struct OutboundMessenger {
    settings: Notifications,
    address: Arc<OwnAddress>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl OutboundMessenger {
    pub(crate) fn new(
        settings: Notifications,
        address: Arc<OwnAddress>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            settings,
            address,
            clock,
            entropy,
        }
    }

    async fn send(&self, post: Post<'_>) -> Result<(), NotSent> {
        let admitted = self.settings.admits(post.url);
        let admitted = admitted.ok_or_else(|| NotSent::for_good(NOT_ALLOWED))?;
        let request = request(&admitted, &post)?;
        let head = self.exchange(&admitted, request).await?;
        judge(post.kind, head.status, &head.headers)
    }

    async fn exchange(
        &self,
        admitted: &Admitted,
        request: Request<Full<Bytes>>,
    ) -> Result<Parts, NotSent> {
        let endpoint = &admitted.endpoint;
        let tls = match endpoint.is_https() {
            true => Some(self.trust().await?),
            false => None,
        };
        let found = tokio::net::lookup_host((endpoint.host(), endpoint.port())).await;
        let found = found.map_err(|_| NotSent::for_now("the host has no address"))?;
        let addresses = reachable(found, admitted.is_private, tls.is_none());
        if addresses.is_empty() {
            return Err(NotSent::for_now(NOT_PUBLIC));
        }
        let sent = async {
            let stream = outbound::connect_to(&addresses, endpoint, tls).await?;
            outbound::head(stream, request).await
        };
        sent.await
            .map_err(|error: OutboundError| NotSent::for_now(chain(&error)))
    }

    async fn trust(&self) -> Result<Arc<rustls::ClientConfig>, NotSent> {
        let ca_file = self.settings.ca_file.clone();
        trusted(ca_file).await
    }

    async fn send_mail(&self, mail: Mail<'_>) -> Result<(), NotSent> {
        let smtp = self.settings.smtp.as_ref();
        let smtp = smtp.filter(|_| self.settings.admits_mail(mail.to));
        let smtp = smtp.ok_or_else(|| NotSent::for_good(NOT_ALLOWED))?;
        let text = mail::compose(&smtp.from, &mail, self.clock.now(), self.entropy.as_ref());
        smtp::send(smtp, mail.to, &text).await
    }
}

impl Messenger for OutboundMessenger {
    fn own_url(&self) -> Option<String> {
        let known = || Some(self.address.get()?.url.trim_end_matches('/').to_owned());
        self.settings.url.clone().or_else(known)
    }

    fn may_post(&self, url: &str) -> bool {
        self.settings.admits(url).is_some()
    }

    fn may_mail(&self, address: &str) -> bool {
        self.settings.admits_mail(address)
    }

    fn post<'a>(&'a self, post: Post<'a>) -> SendFuture<'a> {
        Box::pin(async move {
            let time = match post.kind {
                PostKind::Subscription => POST_TIME,
                PostKind::ApiDestination => INVOCATION_TIME,
            };
            let sent = timeout(time, self.send(post)).await;
            sent.unwrap_or_else(|_| Err(NotSent::for_now(TOO_SLOW)))
        })
    }

    fn mail<'a>(&'a self, mail: Mail<'a>) -> SendFuture<'a> {
        Box::pin(async move {
            let sent = timeout(MAIL_TIME, self.send_mail(mail)).await;
            sent.unwrap_or_else(|_| Err(NotSent::for_now(TOO_SLOW)))
        })
    }
}

/// Whom to trust over TLS. Reading the system's authorities takes some milliseconds.
async fn trusted(
    ca_file: Option<std::path::PathBuf>,
) -> Result<Arc<rustls::ClientConfig>, NotSent> {
    let read = tokio::task::spawn_blocking(move || outbound::trust(ca_file.as_deref())).await;
    match read {
        Ok(Ok(config)) => Ok(Arc::new(config)),
        Ok(Err(error)) => Err(not_set_up(&error)),
        Err(_) => Err(NotSent::for_now("the server stops")),
    }
}

fn not_set_up(error: &TrustError) -> NotSent {
    tracing::error!(error = chain(error), "nobody can be trusted");
    NotSent::for_now("TLS is not set up")
}

/// The addresses that may be connected to.
fn reachable(
    found: impl Iterator<Item = SocketAddr>,
    is_private: bool,
    in_the_clear: bool,
) -> Vec<SocketAddr> {
    found
        .filter(|address| is_private || is_public(address.ip()))
        .filter(|address| !in_the_clear || address.ip().is_loopback())
        .take(MOST_ADDRESSES)
        .collect()
}

fn request(admitted: &Admitted, post: &Post<'_>) -> Result<Request<Full<Bytes>>, NotSent> {
    let malformed = |_: http::Error| NotSent::for_good("the request cannot be written");
    let body = Exposed::new(Plaintext::new(post.body.as_bytes().to_vec()));
    let mut request = Request::builder()
        .method(post.method)
        .uri(admitted.endpoint.target())
        .body(Full::new(Bytes::from_owner(body)))
        .map_err(malformed)?;
    let headers = request.headers_mut();
    for (name, value) in post.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|error| malformed(error.into()))?;
        let value =
            HeaderValue::try_from(value.as_str()).map_err(|error| malformed(error.into()))?;
        headers.insert(name, value);
    }
    for (name, value) in post.secrets {
        let name = HeaderName::try_from(name.as_str()).map_err(|error| malformed(error.into()))?;
        let mut value =
            HeaderValue::from_bytes(value.expose()).map_err(|error| malformed(error.into()))?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    // SECURITY: the client writes the length itself, and a second one would be read by some.
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    let host = HeaderValue::try_from(admitted.endpoint.authority());
    headers.insert(header::HOST, host.map_err(|error| malformed(error.into()))?);
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}

/// COMPAT: as SNS and EventBridge do, what the endpoint says is wrong with the request is not tried again.
/// EventBridge takes some answers for passing that SNS does not, and gives an endpoint the time that it asks
/// for; one that asks for less than none is asked no more.
fn judge(kind: PostKind, status: StatusCode, headers: &HeaderMap) -> Result<(), NotSent> {
    if status.is_success() {
        return Ok(());
    }
    let why = format!("the endpoint answered {}", status.as_u16());
    let passing: &[u16] = match kind {
        PostKind::Subscription => &[429],
        PostKind::ApiDestination => &[401, 407, 409, 429],
    };
    let is_refused = status.is_client_error() && !passing.contains(&status.as_u16());
    if is_refused || status.is_redirection() || status.is_informational() {
        return Err(NotSent::for_good(why));
    }
    let asked = match kind {
        PostKind::Subscription => None,
        PostKind::ApiDestination => retry_after(headers),
    };
    match asked {
        Some(seconds) if seconds < 0 => Err(NotSent::for_good(why)),
        Some(seconds) => {
            let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
            Err(NotSent::for_now(why).after(Some(seconds)))
        }
        None => Err(NotSent::for_now(why)),
    }
}

/// The seconds that an answer asks to wait. A moment in their place is not understood.
fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok()
}

/// SNS's own.
const POST_TIME: Duration = Duration::from_secs(15);
/// EventBridge's own.
const INVOCATION_TIME: Duration = Duration::from_secs(5);
const MAIL_TIME: Duration = Duration::from_secs(45);
const MOST_ADDRESSES: usize = 4;
const NOT_ALLOWED: &str = "the operator does not allow this endpoint";
const NOT_PUBLIC: &str = "the host stands for no address that may be connected to";
const TOO_SLOW: &str = "the endpoint took too long";

#[cfg(test)]
mod tests;
