//! How logs are stored: a record for each group, for what it takes, for each stream, and for each chunk of
//! lines; and the metric filters of groups.

mod chunk;
mod filter;
mod group;
mod stream;
#[cfg(test)]
mod tests;

pub(crate) use chunk::{CHUNK, Line, LogChunk};
pub(crate) use filter::{METRIC_FILTER, MetricFilter, Transformation};
pub(crate) use group::{GROUP, LogGroup, LogUsage, RETENTION_DAYS, USAGE};
#[cfg(test)]
pub(crate) use stream::LogEvent;
pub(crate) use stream::{LogStream, STREAM};
