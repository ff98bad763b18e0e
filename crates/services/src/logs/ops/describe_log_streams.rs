//! `DescribeLogStreams`: the streams of a log group, by name or by time.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::{Target, stream_arn};
use crate::logs::records::{LogGroup, LogStream};
use crate::logs::shapes::{BOOLEAN, DESCRIBED, GROUP, IDENTIFIER, ORDER, STREAM, TOKEN};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use std::sync::Arc;
use store::{Query, Value};
use wire::json;

pub(crate) struct DescribeLogStreams;

wire::input! {
    /// What `DescribeLogStreams` takes.
    pub(crate) struct Input {
        group: Option<String> = audited "logGroupName" GROUP,
        identifier: Option<String> = audited "logGroupIdentifier" IDENTIFIER,
        prefix: Option<String> = audited "logStreamNamePrefix" STREAM,
        order: Option<String> = audited "orderBy" ORDER,
        descending: Option<bool> = audited "descending" BOOLEAN,
        next_token: Option<String> = "nextToken" TOKEN,
        limit: Option<i64> = audited "limit" DESCRIBED,
    }
}

pub(crate) struct Output {
    streams: Vec<Arc<LogStream>>,
    next: Option<String>,
}

impl Operation for DescribeLogStreams {
    const NAME: &'static str = "DescribeLogStreams";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let (name, identifier) = (input.group.as_deref(), input.identifier.as_deref());
        let target = Target::find(cx, &mut tx, name, identifier).await?;
        let permit = target.permit(cx, Action("logs:DescribeLogStreams"), None)?;

        let group = target.existing(&permit)?;
        if input.is_by_time() && input.prefix.is_some() {
            return Err(Error::InvalidParameter(TIME_AND_PREFIX.to_owned()));
        }
        let question = input.question(group);
        let question: Vec<&[u8]> = question.iter().map(String::as_bytes).collect();
        let listing = Listing {
            operation: Self::NAME,
            question: &question,
        };
        let size = input.limit.and_then(|limit| usize::try_from(limit).ok());
        let size = size.unwrap_or(LARGEST_PAGE);
        let mut query = input.query(group, size + 1);
        if let Some(token) = &input.next_token {
            let (began, stream): (i64, String) = listing.cursor(cx, token)?;
            query = query.after(input.place(began, &stream));
        }
        let found = tx.query::<LogStream>(&query).await?;
        let mut streams: Vec<_> = found.into_iter().map(|found| found.record).collect();
        let has_more = streams.len() > size;
        streams.truncate(size);
        let last = streams.last().filter(|_| has_more);
        let place = |last: &Arc<LogStream>| (last.began().as_millis(), last.name.clone());
        let next = last
            .map(|last| listing.token(cx, &place(last)))
            .transpose()?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { streams, next }))
    }
}

impl Input {
    fn is_by_time(&self) -> bool {
        self.order.as_deref() == Some("LastEventTime")
    }

    /// What decides the list and its order.
    fn question(&self, group: &LogGroup) -> [String; 4] {
        [
            group.name.clone(),
            self.prefix.clone().unwrap_or_default(),
            self.is_by_time().to_string(),
            (self.descending == Some(true)).to_string(),
        ]
    }

    /// COMPAT: by time means by when a stream began; runs are short.
    fn query(&self, group: &LogGroup, limit: usize) -> Query {
        let query = if self.is_by_time() {
            LogStream::of_group(group, limit)
        } else {
            Query::primary(limit)
                .equal(&group.account)
                .equal(&group.region)
                .equal(group.name.as_str())
                .starting_with(self.prefix.as_deref().unwrap_or_default())
        };
        match self.descending {
            Some(true) => query.descending(),
            _ => query,
        }
    }

    fn place(&self, began: i64, stream: &str) -> Vec<Value> {
        let name = Value::from(stream);
        if self.is_by_time() {
            vec![Value::Int(began), name]
        } else {
            vec![name]
        }
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("logStreams", &self.streams, |stream, entry| {
            let arn = stream_arn(&stream.account, &stream.region, &stream.group, &stream.name);
            entry.text("logStreamName", &stream.name);
            entry.integer("creationTime", stream.written.as_millis());
            if let Some(seen) = stream.seen {
                entry.integer("firstEventTimestamp", seen.first.as_millis());
                entry.integer("lastEventTimestamp", seen.last.as_millis());
                entry.integer("lastIngestionTime", seen.ingested.as_millis());
            }
            entry.text("arn", &arn);
            entry.integer(
                "storedBytes",
                i64::try_from(stream.bytes).unwrap_or(i64::MAX),
            );
        });
        object.opt_text("nextToken", self.next.as_deref());
    }
}

const LARGEST_PAGE: usize = 50;
const TIME_AND_PREFIX: &str = "Cannot order by LastEventTime with a logStreamNamePrefix.";
