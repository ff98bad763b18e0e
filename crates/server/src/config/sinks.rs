//! `[[audit.sinks]]`: where the audit log is sent on to, beside its files.

mod kinds;
mod syslog;

pub(crate) use kinds::{Archive, Collector, Format, HeaderText, SinkKind};
pub(crate) use syslog::{Syslog, SyslogPlace, SyslogTo};

use super::s3;
use crate::commands::{self, Filter};
use serde::Deserialize;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

/// `[[audit.sinks]]` as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    /// What it is called, in the server's own log and in the name of its file.
    name: String,
    /// Where it begins.
    #[serde(default)]
    begin: Begin,
    /// Only events that all of these take, as `strongroom audit tail --filter` has them.
    #[serde(default)]
    filter: Vec<String>,
    /// `[audit.sinks.syslog]`
    syslog: Option<syslog::SyslogSection>,
    /// `[audit.sinks.https]`
    https: Option<kinds::HttpsSection>,
    /// `[audit.sinks.s3]`
    s3: Option<s3::Section>,
    /// For `s3`: what the keys of objects begin with.
    prefix: Option<String>,
    /// Events sent at once.
    batch_events: Option<NonZeroU32>,
    /// Bytes of events sent at once.
    batch_bytes: Option<NonZeroU32>,
    /// The longest that an event waits for others to be sent with.
    batch_seconds: Option<u16>,
    /// The longest that sending may take.
    timeout_seconds: Option<NonZeroU16>,
}

/// Where the audit log is sent on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sink {
    /// What it is called.
    pub(crate) name: String,
    /// Where it begins when it has never run.
    pub(crate) begin: Begin,
    /// Only events that all of these take.
    pub(crate) filter: Vec<Filter>,
    /// What is sent at once.
    pub(crate) batches: Batches,
    /// The longest that sending may take.
    pub(crate) timeout: Duration,
    /// What it is.
    pub(crate) kind: SinkKind,
}

/// Where a sink begins when it has never run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Begin {
    /// With the oldest event that is still there.
    #[default]
    Oldest,
    /// With the next one to come.
    Next,
}

/// What is sent at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batches {
    /// Events at most.
    pub(crate) events: usize,
    /// Bytes of events at most, but for a single one that is larger.
    pub(crate) bytes: usize,
    /// The longest that an event waits for others.
    pub(crate) longest: Duration,
}

/// Why `[[audit.sinks]]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SinksError {
    /// Not a name.
    #[error("`{0}` is no name of a sink: 1 to 32 lower-case letters, digits and hyphens")]
    Name(String),
    /// Named more than once.
    #[error("the sink `{0}` has more than one `[[audit.sinks]]` section")]
    Twice(String),
    /// Two sinks for the same objects.
    #[error(
        "the sinks `{0}` and `{1}` have the same bucket and `prefix`: give one of them another"
    )]
    SameObjects(String, String),
    /// None or several kinds.
    #[error("the sink `{0}` needs one of `syslog`, `https` and `s3`")]
    Kind(String),
    /// A prefix without a bucket.
    #[error("the sink `{0}` has a `prefix`, which is for `s3` only")]
    Prefix(String),
    /// Not a filter.
    #[error("the sink `{name}` cannot use the filter `{filter}`: {why}")]
    Filter {
        /// Whose.
        name: String,
        /// As it was written.
        filter: String,
        /// How to write one.
        why: String,
    },
    /// The place or how to get there.
    #[error("the sink `{name}` cannot be used")]
    Place {
        /// Whose.
        name: String,
        /// What is wrong.
        #[source]
        source: kinds::PlaceError,
    },
}

impl Sink {
    /// Reads all sections.
    pub(super) fn resolve(sections: Vec<Section>) -> Result<Vec<Self>, SinksError> {
        let mut sinks: Vec<Self> = Vec::new();
        for section in sections {
            let sink = Self::of(section)?;
            if sinks.iter().any(|known| known.name == sink.name) {
                return Err(SinksError::Twice(sink.name));
            }
            if let Some(known) = sinks.iter().find(|known| known.shares_objects_with(&sink)) {
                return Err(SinksError::SameObjects(known.name.clone(), sink.name));
            }
            sinks.push(sink);
        }
        Ok(sinks)
    }

    fn shares_objects_with(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (SinkKind::S3(one), SinkKind::S3(other)) => {
                one.prefix == other.prefix && one.bucket.is_same_place(&other.bucket)
            }
            _ => false,
        }
    }

    fn of(section: Section) -> Result<Self, SinksError> {
        let name = section.name;
        if !is_name(&name) {
            return Err(SinksError::Name(name));
        }
        if section.prefix.is_some() && section.s3.is_none() {
            return Err(SinksError::Prefix(name));
        }
        let place = |source| SinksError::Place {
            name: name.clone(),
            source,
        };
        let kind = match (section.syslog, section.https, section.s3) {
            (Some(syslog), None, None) => Syslog::resolve(syslog).map(SinkKind::Syslog),
            (None, Some(https), None) => Collector::resolve(https).map(SinkKind::Https),
            (None, None, Some(s3)) => Archive::resolve(s3, section.prefix).map(SinkKind::S3),
            _ => return Err(SinksError::Kind(name)),
        };
        let kind = kind.map_err(place)?;
        let usual = kind.usual_batches();
        let number = |given: Option<NonZeroU32>, usual: usize| {
            given.map_or(usual, |given| {
                usize::try_from(given.get()).unwrap_or(usize::MAX)
            })
        };
        let longest = section.batch_seconds;
        Ok(Self {
            begin: section.begin,
            filter: filters(&name, section.filter)?,
            batches: Batches {
                events: number(section.batch_events, usual.events),
                bytes: number(section.batch_bytes, usual.bytes).min(MOST_BATCH_BYTES),
                longest: longest
                    .map_or(usual.longest, |longest| Duration::from_secs(longest.into())),
            },
            timeout: section.timeout_seconds.map_or(TIMEOUT, super::seconds),
            kind,
            name,
        })
    }

    /// The variables of the environment that hold secrets.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let headers = match &self.kind {
            SinkKind::Https(collector) => collector.headers.as_slice(),
            SinkKind::Syslog(_) | SinkKind::S3(_) => &[],
        };
        headers.iter().filter_map(|(_, text)| match text {
            HeaderText::Environment { variable, .. } => Some(variable.as_str()),
            HeaderText::File { .. } | HeaderText::Plain(_) => None,
        })
    }
}

fn filters(name: &str, texts: Vec<String>) -> Result<Vec<Filter>, SinksError> {
    let read = |filter: String| match commands::filter(&filter) {
        Ok(read) => Ok(read),
        Err(why) => Err(SinksError::Filter {
            name: name.to_owned(),
            filter,
            why,
        }),
    };
    texts.into_iter().map(read).collect()
}

/// SECURITY: it is part of the name of a file.
fn is_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

const TIMEOUT: Duration = Duration::from_secs(30);
/// A batch is in memory, as it is and as it is sent.
const MOST_BATCH_BYTES: usize = 64 << 20;

#[cfg(test)]
mod tests;
