//! The signing keys of OpenID Connect issuers, from files or over the network.
//!
//! Rules kept here:
//!
//! - SECURITY: only the issuers of the configuration are asked, whatever the API is told: nobody can
//!   make the server send requests to a place of theirs. Redirects are not followed.
//! - SECURITY: HTTPS, verified by the authorities that the operator named or the system's. HTTP goes
//!   to loopback addresses only.
//! - What an issuer sends is bounded in size and time, and one request to an issuer is under way at a
//!   time. After a failure it is left alone for half a minute.
//! - An issuer that cannot be reached is not a reason to refuse its tokens at once: its last keys
//!   serve for a day more. A file that cannot be read is: it is the operator's.

mod fetch;
mod file;
mod http;
mod remembered;

use crate::config::{Issuer, KeySource};
use base::Clock;
use file::KeyFile;
use remembered::Remembered;
use services::ports::{IssuerKeys, IssuerKeysError, KeySetFuture};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The issuers of the configuration.
pub(crate) struct Issuers(HashMap<String, Source>);

enum Source {
    File(KeyFile),
    Fetched(Box<Remembered>),
}

impl Issuers {
    /// Asks nobody yet.
    pub(crate) fn new(issuers: &[Issuer], clock: Arc<dyn Clock>) -> Self {
        Self::with_timeout(issuers, clock, FETCH_TIMEOUT)
    }

    fn with_timeout(issuers: &[Issuer], clock: Arc<dyn Clock>, timeout: Duration) -> Self {
        let sources = issuers.iter().map(|issuer| {
            let source = match &issuer.keys {
                KeySource::File(path) => Source::File(KeyFile::new(path)),
                KeySource::Fetched(fetching) => Source::Fetched(Box::new(Remembered::new(
                    fetch::Fetch::new(issuer.url.as_str(), fetching, timeout),
                    Arc::clone(&clock),
                ))),
            };
            (issuer.url.to_string(), source)
        });
        Self(sources.collect())
    }
}

impl IssuerKeys for Issuers {
    fn key_set<'a>(&'a self, issuer: &'a str, fresh: bool) -> KeySetFuture<'a> {
        Box::pin(async move {
            let source = self.0.get(issuer).ok_or(IssuerKeysError::Unknown)?;
            let set = match source {
                Source::File(file) => file.key_set(),
                Source::Fetched(remembered) => remembered.key_set(issuer, fresh).await,
            };
            set.map_err(IssuerKeysError::Unreachable)
        })
    }
}

/// For all requests that a fetch takes, together.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);
/// More is no key set.
const MOST_BYTES: usize = 512 << 10;

#[cfg(test)]
mod tests;
