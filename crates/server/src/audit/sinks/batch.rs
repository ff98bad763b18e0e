//! What is sent at once.

use super::cursor::Cursor;
use crate::audit::stream::{LogLine, LogStream};
use crate::commands::Filter;
use crate::config::Batches;
use serde::Deserialize;
use serde_json::Value;
use services::ports::EventStream as _;
use std::borrow::Cow;
use std::io;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// What is sent at once: lines of the log in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    /// Those that are for the sink. There may be none.
    pub(super) lines: Vec<LogLine>,
    /// The number up to which nothing more is for it.
    pub(super) through: u64,
}

impl Batch {
    /// The numbers of its first and its last line.
    pub(super) fn range(&self) -> (u64, u64) {
        let number = |line: Option<&LogLine>| line.map_or(self.through, |line| line.sequence);
        (number(self.lines.first()), number(self.lines.last()))
    }

    fn bytes(&self) -> usize {
        self.lines.iter().map(|line| line.bytes.len()).sum()
    }
}

/// Puts batches together.
pub(super) struct Gathering<'a> {
    pub(super) stream: &'a LogStream,
    pub(super) filter: &'a [Filter],
    pub(super) bounds: Batches,
}

impl Gathering<'_> {
    /// What comes behind `cursor`: waits for a first event, and then for others, as long as the bounds
    /// say. What was being sent before is put together again, as it was.
    pub(super) async fn next(&self, cursor: Cursor) -> io::Result<Batch> {
        match cursor.through.filter(|through| *through > cursor.after) {
            Some(through) => self.again(cursor.after, through).await,
            None => self.gather(cursor.after).await,
        }
    }

    async fn again(&self, after: u64, through: u64) -> io::Result<Batch> {
        let mut batch = Batch {
            lines: Vec::new(),
            through: after,
        };
        while batch.through < through {
            let lines = self
                .stream
                .lines(batch.through, usize::MAX, READ_BYTES)
                .await?;
            let Some(last) = lines.last().map(|line| line.sequence) else {
                break;
            };
            let own = lines.into_iter().filter(|line| line.sequence <= through);
            batch.lines.extend(own.filter(|line| self.takes(line)));
            batch.through = last.min(through);
        }
        // The end may be gone.
        batch.through = through;
        Ok(batch)
    }

    async fn gather(&self, after: u64) -> io::Result<Batch> {
        let mut batch = Batch {
            lines: Vec::new(),
            through: after,
        };
        let mut deadline = None;
        loop {
            let room = self.bounds.events.saturating_sub(batch.lines.len());
            let bytes = self.bounds.bytes.saturating_sub(batch.bytes());
            if room == 0 || (bytes == 0 && !batch.lines.is_empty()) {
                return Ok(batch);
            }
            let read = self
                .stream
                .lines(batch.through, room, bytes.min(READ_BYTES));
            let lines = read.await?;
            if let Some(last) = lines.last() {
                batch.through = last.sequence;
                let looked_at = lines.len();
                let before = batch.lines.len();
                let own = lines.into_iter().filter(|line| self.takes(line));
                batch.lines.extend(own);
                if batch.lines.is_empty() {
                    return Ok(batch);
                }
                let deadline = deadline.get_or_insert_with(|| Instant::now() + self.bounds.longest);
                // Where much is passed over, the few that are for the sink do not wait for it all.
                let is_passing_over = batch.lines.len() - before < looked_at;
                if is_passing_over && Instant::now() >= *deadline {
                    return Ok(batch);
                }
                continue;
            }
            if !self.wait(batch.through, deadline).await {
                return Ok(batch);
            }
        }
    }

    /// Waits for something behind `through`. `false`: the time of those that wait already is up.
    async fn wait(&self, through: u64, deadline: Option<Instant>) -> bool {
        let more = async {
            if self.stream.newest() > through {
                // It is there and cannot be read.
                sleep(UNREADABLE).await;
            }
            self.stream.grown(through).await;
        };
        match deadline {
            None => {
                more.await;
                true
            }
            Some(deadline) => tokio::select! {
                () = sleep_until(deadline) => false,
                () = more => true,
            },
        }
    }

    fn takes(&self, line: &LogLine) -> bool {
        if self.filter.is_empty() {
            return true;
        }
        // What cannot be understood is for everybody.
        serde_json::from_slice(line.text()).map_or(true, |event: Value| {
            self.filter.iter().all(|filter| filter.takes(&event))
        })
    }
}

/// What is told of an event beside the event itself. Missing members are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Head<'a> {
    #[serde(borrow)]
    pub(super) event_time: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) event_name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) event_source: Cow<'a, str>,
    #[serde(borrow, rename = "eventID")]
    pub(super) event_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) recipient_account_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) error_code: Option<Cow<'a, str>>,
}

impl<'a> Head<'a> {
    /// That of a line.
    pub(super) fn of(line: &'a LogLine) -> Self {
        serde_json::from_slice(line.text()).unwrap_or_default()
    }

    /// When it was, if it is a moment such as `2026-01-15T12:00:00Z`.
    pub(super) fn time(&self) -> Option<&str> {
        let like = |(byte, form): (u8, u8)| match form {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        };
        let form = b"0000-00-00T00:00:00Z";
        let is_moment =
            self.event_time.len() == form.len() && self.event_time.bytes().zip(*form).all(like);
        is_moment.then_some(self.event_time.as_ref())
    }
}

const READ_BYTES: usize = 1 << 20;
const UNREADABLE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::fixtures::LogRig;

    #[tokio::test]
    async fn one_event_does_not_wait_for_all_that_are_passed_over() {
        let log = LogRig::new(1 << 20);
        log.append(40).await;
        let filter = [crate::commands::filter("n=0").unwrap()];
        let gathering = Gathering {
            stream: &log.stream,
            filter: &filter,
            bounds: Batches {
                events: 10,
                bytes: 1 << 20,
                longest: Duration::ZERO,
            },
        };

        let batch = gathering.next(Cursor::default()).await.unwrap();

        assert_eq!((batch.lines.len(), batch.through), (1, 10));
    }
}
