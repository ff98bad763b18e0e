//! A collector that takes POSTs.

use super::SinksError;
use super::archive::{compressed, plain};
use super::batch::Batch;
use super::sending::{Pace, SendError};
use crate::config::{self, Format, HeaderText};
use crate::error::chain;
use crate::files;
use crate::outbound;
use crate::process::Taken;
use base::Plaintext;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use http_body_util::Full;
use rustls::ClientConfig;
use std::path::PathBuf;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Posts batches.
pub(super) struct CollectorSender {
    collector: config::Collector,
    headers: Vec<(HeaderName, Text)>,
}

/// The value of a header.
#[derive(Clone)]
enum Text {
    Plain(String),
    File {
        prefix: String,
        path: PathBuf,
    },
    Given {
        prefix: String,
        secret: Arc<Plaintext>,
    },
}

impl CollectorSender {
    /// For the sink called `name`.
    pub(super) fn new(
        name: &str,
        collector: &config::Collector,
        taken: &Taken,
    ) -> Result<Self, SinksError> {
        let text = |text: &HeaderText| match text {
            HeaderText::Plain(text) => Ok(Text::Plain(text.clone())),
            HeaderText::File { prefix, path } => Ok(Text::File {
                prefix: prefix.clone(),
                path: path.clone(),
            }),
            HeaderText::Environment { prefix, variable } => match taken.secret(variable) {
                Some(secret) => Ok(Text::Given {
                    prefix: prefix.clone(),
                    secret,
                }),
                None => Err(SinksError::Variable {
                    sink: name.to_owned(),
                    variable: variable.clone(),
                }),
            },
        };
        let headers = collector.headers.iter();
        let headers = headers.map(|(name, value)| Ok((name.clone(), text(value)?)));
        Ok(Self {
            headers: headers.collect::<Result<_, SinksError>>()?,
            collector: collector.clone(),
        })
    }

    pub(super) async fn send(&self, batch: &Batch) -> Result<(), SendError> {
        let (headers, tls) = self.prepared().await?;
        let body = match self.collector.format {
            Format::Ndjson => plain(batch),
            Format::Json => array(batch),
        };
        let body = if self.collector.gzip {
            let body = compressed(body).await;
            body.map_err(|error| SendError::usual(error.to_string()))?
        } else {
            Bytes::from(body)
        };
        let request = self.request(batch, headers, body);
        let request = request.map_err(|error| slow(chain(&error)))?;
        let failed = |error| SendError::usual(chain(&error));
        let stream = outbound::connect(&self.collector.url, tls).await;
        let stream = stream.map_err(failed)?;
        // What it says beside the status is nobody's concern, however long it is.
        let parts = outbound::head(stream, request).await.map_err(failed)?;
        if parts.status.is_success() {
            return Ok(());
        }
        let retry_after = outbound::retry_after(&parts.headers);
        Err(SendError {
            text: format!("it answered with status {}", parts.status.as_u16()),
            pace: SendError::pace_of(parts.status, retry_after),
        })
    }

    /// Headers from files as they are now, and how to trust the other side.
    async fn prepared(&self) -> Result<(HeaderMap, Option<Arc<ClientConfig>>), SendError> {
        let (named, collector) = (self.headers.clone(), self.collector.clone());
        let prepare = move || {
            let mut headers = HeaderMap::new();
            for (name, text) in named {
                headers.append(name, text.read()?);
            }
            let tls = collector.url.is_https().then(|| {
                let (ca_file, identity) = (collector.ca_file, collector.identity);
                outbound::trust_as(ca_file.as_deref(), identity.as_ref())
            });
            let tls = tls.transpose().map_err(|error| slow(chain(&error)))?;
            Ok((headers, tls.map(Arc::new)))
        };
        // Files may take some milliseconds, for which others are not to wait.
        let prepared = tokio::task::spawn_blocking(prepare).await;
        prepared.map_err(|error| SendError::usual(error.to_string()))?
    }

    fn request(
        &self,
        batch: &Batch,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, http::Error> {
        let (first, last) = batch.range();
        let mut request = Request::post(self.collector.url.target())
            .header(header::HOST, self.collector.url.authority())
            .header(header::CONTENT_TYPE, self.content_type())
            .header(header::CONNECTION, "close")
            .header(FIRST, first)
            .header(LAST, last);
        if !headers.contains_key(header::USER_AGENT) {
            request = request.header(header::USER_AGENT, "strongroom");
        }
        if self.collector.gzip {
            request = request.header(header::CONTENT_ENCODING, "gzip");
        }
        let mut request = request.body(Full::new(body))?;
        request.headers_mut().extend(headers);
        Ok(request)
    }

    fn content_type(&self) -> &'static str {
        match self.collector.format {
            Format::Ndjson => "application/x-ndjson",
            Format::Json => "application/json",
        }
    }
}

impl Text {
    fn read(&self) -> Result<HeaderValue, SendError> {
        let (prefix, secret) = match self {
            Self::Plain(text) => {
                let value = HeaderValue::from_str(text);
                return value.map_err(|error| slow(error.to_string()));
            }
            Self::Given { prefix, secret } => (prefix, Zeroizing::new(secret.expose().to_vec())),
            Self::File { prefix, path } => {
                // SECURITY: a file that others may read is no place for a token.
                let read = files::refuse_exposed(path)
                    .and_then(|()| files::read_bounded(path, MOST_HEADER));
                let read = read.map_err(|error| slow(chain(&error)))?;
                (prefix, Zeroizing::new(read))
            }
        };
        let mut value = Zeroizing::new(prefix.clone().into_bytes());
        value.extend_from_slice(secret.trim_ascii_end());
        let value = HeaderValue::from_bytes(&value);
        let mut value = value.map_err(|_| slow("a header's text cannot stand in one"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

fn slow(text: impl Into<String>) -> SendError {
    SendError {
        text: text.into(),
        pace: Pace::Slow,
    }
}

fn array(batch: &Batch) -> Vec<u8> {
    let mut array = vec![b'['];
    for (at, line) in batch.lines.iter().enumerate() {
        if at > 0 {
            array.push(b',');
        }
        array.extend_from_slice(line.text());
    }
    array.push(b']');
    array
}

const FIRST: HeaderName = HeaderName::from_static("x-strongroom-first-sequence");
const LAST: HeaderName = HeaderName::from_static("x-strongroom-last-sequence");
const MOST_HEADER: usize = 16 << 10;
