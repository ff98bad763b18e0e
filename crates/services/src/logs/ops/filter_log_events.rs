//! `FilterLogEvents`: lines of a log group, over its streams.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
//!
//! One call looks at a bounded number of streams and bytes, and of bytes times what the pattern takes. When
//! few lines match the page is short, perhaps empty, and still has a token; AWS answers so too.

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::reading::chunks_from;
use crate::logs::records::{Line, LogGroup, LogStream};
use crate::logs::shapes::{
    BOOLEAN, EVENTS, FILTER, GROUP, IDENTIFIER, MOMENT, STREAM, STREAMS, TOKEN,
};
use crate::logs::work::{MOST_WORK, TURN, work_of};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use aws_lc_rs::digest::{SHA256, digest};
use patterns::filter::{Event, Pattern};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::Value;
use wire::json;

pub(crate) struct FilterLogEvents;

wire::input! {
    /// What `FilterLogEvents` takes.
    pub(crate) struct Input {
        group: Option<String> = audited "logGroupName" GROUP,
        identifier: Option<String> = audited "logGroupIdentifier" IDENTIFIER,
        streams: Option<Vec<String>> = audited "logStreamNames" STREAMS,
        prefix: Option<String> = audited "logStreamNamePrefix" STREAM,
        start: Option<i64> = audited "startTime" MOMENT,
        end: Option<i64> = audited "endTime" MOMENT,
        pattern: Option<String> = audited "filterPattern" FILTER,
        next_token: Option<String> = "nextToken" TOKEN,
        limit: Option<i64> = audited "limit" EVENTS,
        from_head: Option<bool> = audited "startFromHead" BOOLEAN,
        interleaved: Option<bool> = audited "interleaved" BOOLEAN,
        unmask: Option<bool> = audited "unmask" BOOLEAN,
    }
}

pub(crate) struct Output {
    found: Vec<Found>,
    next: Option<String>,
}

/// A line that is shown.
struct Found {
    stream: Arc<LogStream>,
    /// Its number in the stream.
    number: i64,
    line: Line,
}

/// Where the next page goes on.
#[derive(Default, Serialize, Deserialize)]
struct Place {
    /// The last stream that was looked through: when it began, and its name.
    after: Option<(i64, String)>,
    /// The first line of the next stream that was not looked at.
    line: i64,
}

impl Operation for FilterLogEvents {
    const NAME: &'static str = "FilterLogEvents";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let (name, identifier) = (input.group.as_deref(), input.identifier.as_deref());
        let target = Target::find(cx, &mut tx, name, identifier).await?;
        let permit = target.permit(cx, Action("logs:FilterLogEvents"), None)?;

        let group = target.existing(&permit)?;
        let filter = input.filter()?;
        let question = input.question(group);
        let question: Vec<&[u8]> = question.iter().map(String::as_bytes).collect();
        let listing = Listing {
            operation: Self::NAME,
            question: &question,
        };
        let place: Place = match &input.next_token {
            Some(token) => listing.cursor(cx, token)?,
            None => Place::default(),
        };
        let (found, rest) = input.look(&mut tx, group, &filter, place).await?;
        let next = rest.map(|place| listing.token(cx, &place)).transpose()?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { found, next }))
    }
}

impl Input {
    fn filter(&self) -> Result<Pattern, Error> {
        if self.streams.is_some() && self.prefix.is_some() {
            return Err(Error::InvalidParameter(NAMES_AND_PREFIX.to_owned()));
        }
        let pattern = self.pattern.as_deref().unwrap_or_default();
        Pattern::parse(pattern)
            .map_err(|error| Error::InvalidParameter(format!("Invalid filter pattern: {error}")))
    }

    /// What decides which lines are shown.
    fn question(&self, group: &LogGroup) -> [String; 6] {
        let streams = self.streams.as_ref().map(|names| names.join("\n"));
        let moment = |moment: Option<i64>| moment.map(|it| it.to_string()).unwrap_or_default();
        [
            group.name.clone(),
            streams.unwrap_or_default(),
            self.prefix.clone().unwrap_or_default(),
            moment(self.start),
            moment(self.end),
            self.pattern.clone().unwrap_or_default(),
        ]
    }

    /// Looks through the next streams. Gives the lines, and where to go on.
    async fn look(
        &self,
        tx: &mut Tx<'_>,
        group: &LogGroup,
        filter: &Pattern,
        mut place: Place,
    ) -> Result<(Vec<Found>, Option<Place>), Error> {
        let limit = self.limit.and_then(|limit| usize::try_from(limit).ok());
        let limit = limit.unwrap_or(LARGEST_PAGE);
        let mut query = LogStream::of_group(group, MOST_STREAMS);
        if let Some((began, name)) = &place.after {
            query = query.after(vec![Value::Int(*began), Value::from(name)]);
        }
        let streams = tx.query::<LogStream>(&query).await?;
        let is_last = streams.len() < MOST_STREAMS;
        let mut found = Vec::new();
        let mut effort = Effort::of(filter);
        let mut bytes = 0_usize;
        for stream in streams {
            let stream = stream.record;
            while self.admits(&stream.name) {
                let chunks = chunks_from(tx, &stream, place.line, CHUNKS).await?;
                tokio::task::yield_now().await;
                let first = place.line;
                let lines = chunks
                    .iter()
                    .flat_map(|chunk| (chunk.first_line..).zip(&chunk.lines));
                for (number, line) in lines.filter(|(number, _)| *number >= first) {
                    if found.len() == limit || bytes > LARGEST_ANSWER || effort.is_enough() {
                        return Ok((found, Some(place)));
                    }
                    place.line = number + 1;
                    if !self.is_in_time(line) {
                        effort.pass_over(line);
                        continue;
                    }
                    effort.look_at(line).await;
                    if filter.matches(&Event::new(&line.message)) {
                        bytes += line.message.len();
                        found.push(Found {
                            stream: Arc::clone(&stream),
                            number,
                            line: line.clone(),
                        });
                    }
                }
                if place.line == first {
                    break;
                }
            }
            place.after = Some((stream.began().as_millis(), stream.name.clone()));
            place.line = 0;
        }
        Ok((found, (!is_last).then_some(place)))
    }

    fn admits(&self, stream: &str) -> bool {
        let is_named = |names: &Vec<String>| names.iter().any(|name| name == stream);
        self.streams.as_ref().is_none_or(is_named)
            && self
                .prefix
                .as_ref()
                .is_none_or(|prefix| stream.starts_with(prefix))
    }

    fn is_in_time(&self, line: &Line) -> bool {
        let at = line.at.as_millis();
        self.start.is_none_or(|start| at >= start) && self.end.is_none_or(|end| at < end)
    }
}

/// What one call did so far.
///
/// SECURITY: whoever asks chooses how often each line is gone through.
struct Effort {
    passes: usize,
    bytes: usize,
    work: usize,
    /// Since others had a turn.
    turn: usize,
}

impl Effort {
    fn of(filter: &Pattern) -> Self {
        Self {
            passes: filter.cost().passes,
            bytes: 0,
            work: 0,
            turn: 0,
        }
    }

    fn is_enough(&self) -> bool {
        self.bytes > MOST_LOOKED_AT || self.work > MOST_WORK
    }

    /// Notes a line that is not matched.
    fn pass_over(&mut self, line: &Line) {
        self.bytes = self.bytes.saturating_add(work_of(line.message.len(), 1));
    }

    /// Notes a line that is matched, when it is its turn.
    async fn look_at(&mut self, line: &Line) {
        if self.turn > TURN {
            self.turn = 0;
            tokio::task::yield_now().await;
        }
        self.pass_over(line);
        let work = work_of(line.message.len(), self.passes);
        self.work = self.work.saturating_add(work);
        self.turn = self.turn.saturating_add(work);
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.array("events", |events| {
            for found in &self.found {
                let Found {
                    stream,
                    number,
                    line,
                } = found;
                events.object(|entry| {
                    entry.text("logStreamName", &stream.name);
                    entry.integer("timestamp", line.at.as_millis());
                    entry.text("message", &line.message);
                    entry.integer("ingestionTime", line.ingested.as_millis());
                    entry.text("eventId", &event_id(stream, line, *number));
                });
            }
        });
        object.array("searchedLogStreams", |_| {});
        object.opt_text("nextToken", self.next.as_deref());
    }
}

/// 56 digits, the same whenever the line is shown.
fn event_id(stream: &LogStream, line: &Line, number: i64) -> String {
    let hash = digest(&SHA256, stream.name.as_bytes());
    let hash = hash
        .as_ref()
        .first_chunk()
        .copied()
        .map_or(0, u64::from_be_bytes);
    format!("{:016}{hash:020}{number:020}", line.at.as_millis())
}

const LARGEST_PAGE: usize = 10_000;
const MOST_STREAMS: usize = 50;
/// 1 MiB.
const LARGEST_ANSWER: usize = 1 << 20;
/// How many bytes of lines one call looks at: 16 MiB.
const MOST_LOOKED_AT: usize = 16 << 20;
/// How many chunks are read at once.
const CHUNKS: usize = 16;
const NAMES_AND_PREFIX: &str =
    "logStreamNamePrefix and logStreamNames are mutually exclusive parameters.";
