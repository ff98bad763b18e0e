//! Operators' endpoints that rotate.

use crate::config::Upstream;
use crate::error::chain;
use crate::functions::owner;
use crate::functions::post::{PostError, Posting};
use base::Clock;
use http::HeaderMap;
use http::header::InvalidHeaderValue;
use rotators::{Http, HttpError, HttpFuture, HttpReply, HttpRequest};
use services::ports::FunctionConfiguration;
use std::sync::Arc;
use std::time::Duration;

/// The endpoints that the operator listed.
pub(super) struct Endpoints {
    listed: Vec<Upstream>,
    clock: Arc<dyn Clock>,
}

/// Posts to those that one function may call.
pub(super) struct OfFunction {
    posting: Posting,
    headers: HeaderMap,
}

impl Endpoints {
    pub(super) fn new(listed: Vec<Upstream>, clock: Arc<dyn Clock>) -> Self {
        Self { listed, clock }
    }

    /// Those that `function` may call.
    ///
    /// COMPAT: signed as requests to API Gateway are, so that an endpoint there can verify it by IAM.
    pub(super) fn of(
        &self,
        function: &FunctionConfiguration,
    ) -> Result<OfFunction, InvalidHeaderValue> {
        let listed = Upstream::for_account(&self.listed, &function.account);
        let clock = Arc::clone(&self.clock);
        Ok(OfFunction {
            posting: Posting::new(listed, "execute-api", MOST_ANSWERED, clock),
            headers: owner::headers(function)?,
        })
    }
}

impl OfFunction {
    async fn reply(&self, request: HttpRequest<'_>) -> Result<HttpReply, HttpError> {
        let headers = self.headers.clone();
        let posted = self.posting.post(request.url, headers, request.body);
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

impl Http for OfFunction {
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
