//! Operators' endpoints that rotate.

use crate::config::Upstream;
use crate::error::chain;
use crate::functions::post::{PostError, Posting};
use base::Clock;
use http::HeaderMap;
use rotators::{Http, HttpError, HttpFuture, HttpReply, HttpRequest};
use std::sync::Arc;
use std::time::Duration;

/// Posts to endpoints that the operator listed.
pub(super) struct Endpoints(Posting);

impl Endpoints {
    /// COMPAT: signed as requests to API Gateway are, so that an endpoint there can verify it by IAM.
    pub(super) fn new(listed: Vec<Upstream>, clock: Arc<dyn Clock>) -> Self {
        Self(Posting::new(listed, "execute-api", MOST_ANSWERED, clock))
    }

    async fn reply(&self, request: HttpRequest<'_>) -> Result<HttpReply, HttpError> {
        let posted = self.0.post(request.url, HeaderMap::new(), request.body);
        match tokio::time::timeout(MOST_WAITING, posted).await {
            Ok(Ok(reply)) => Ok(HttpReply {
                status: reply.status,
                body: reply.body,
            }),
            Ok(Err(error)) => Err(unreachable(&error)),
            Err(_) => {
                let seconds = MOST_WAITING.as_secs();
                let text = format!("there was no answer within {seconds} s");
                Err(HttpError::Unreachable(text))
            }
        }
    }
}

impl Http for Endpoints {
    fn post<'a>(&'a self, request: HttpRequest<'a>) -> HttpFuture<'a, HttpReply> {
        Box::pin(self.reply(request))
    }
}

fn unreachable(error: &PostError) -> HttpError {
    let why = chain(error);
    tracing::warn!(error = why, "an endpoint that rotates did not answer");
    HttpError::Unreachable(error.told())
}

/// The largest secret there is, escaped, and a little.
const MOST_ANSWERED: usize = 512 << 10;
const MOST_WAITING: Duration = Duration::from_secs(30);
