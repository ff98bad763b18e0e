//! `GetLogEvents`: the lines of one log stream.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
//!
//! COMPAT: as on AWS there is always a token for either direction, and one that leads no further
//! comes back as it was sent: that is how clients know that they are at the end.

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::reading::{chunks_before, chunks_from};
use crate::logs::records::{Line, LogStream};
use crate::logs::shapes::{BOOLEAN, EVENTS, GROUP, IDENTIFIER, MOMENT, STREAM, TOKEN};
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use std::ops::Range;
use wire::json;

pub(crate) struct GetLogEvents;

wire::input! {
    /// What `GetLogEvents` takes.
    pub(crate) struct Input {
        group: Option<String> = audited "logGroupName" GROUP,
        identifier: Option<String> = audited "logGroupIdentifier" IDENTIFIER,
        stream: String = required audited "logStreamName" STREAM,
        start: Option<i64> = audited "startTime" MOMENT,
        end: Option<i64> = audited "endTime" MOMENT,
        next_token: Option<String> = audited "nextToken" TOKEN,
        limit: Option<i64> = audited "limit" EVENTS,
        from_head: Option<bool> = audited "startFromHead" BOOLEAN,
        unmask: Option<bool> = audited "unmask" BOOLEAN,
    }
}

pub(crate) struct Output {
    lines: Vec<Line>,
    /// From which line on the page is, and to before which one.
    shown: Range<i64>,
}

impl Operation for GetLogEvents {
    const NAME: &'static str = "GetLogEvents";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let (name, identifier) = (input.group.as_deref(), input.identifier.as_deref());
        let target = Target::find(cx, &mut tx, name, identifier).await?;
        let permit = target.permit(cx, Action("logs:GetLogEvents"), Some(&input.stream))?;

        let stream = target.stream(&permit, &mut tx, &input.stream).await?;
        let output = match input.token(&stream)? {
            Token::Forward(place) => input.forward(&mut tx, &stream, place).await?,
            Token::Backward(place) => input.backward(&mut tx, &stream, place).await?,
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

/// Where a page begins, or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Forward(i64),
    Backward(i64),
}

impl Token {
    fn parse(text: &str) -> Option<Self> {
        let (direction, place) = text.strip_suffix("/s")?.split_once('/')?;
        let place = place
            .parse()
            .ok()
            .filter(|number: &i64| *number >= 0 && place.len() == DIGITS)?;
        match direction {
            "f" => Some(Self::Forward(place)),
            "b" => Some(Self::Backward(place)),
            _ => None,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Forward(place) => format!("f/{place:0DIGITS$}/s"),
            Self::Backward(place) => format!("b/{place:0DIGITS$}/s"),
        }
    }
}

impl Input {
    /// Where the page begins or ends.
    fn token(&self, stream: &LogStream) -> Result<Token, Error> {
        let end = i64::try_from(stream.lines).unwrap_or(i64::MAX);
        Ok(match &self.next_token {
            Some(token) => match Token::parse(token).ok_or(Error::InvalidToken)? {
                Token::Forward(place) => Token::Forward(place.min(end)),
                Token::Backward(place) => Token::Backward(place.min(end)),
            },
            None if self.from_head == Some(true) => Token::Forward(0),
            None => Token::Backward(end),
        })
    }

    async fn forward(
        &self,
        tx: &mut Tx<'_>,
        stream: &LogStream,
        place: i64,
    ) -> Result<Output, Error> {
        let mut page = Page::of(self);
        let mut shown = place..place;
        for chunk in chunks_from(tx, stream, place, MOST_CHUNKS).await? {
            for (number, line) in (chunk.first_line..).zip(&chunk.lines) {
                if number >= place && !page.is_full() {
                    page.offer(line);
                    shown.end = number + 1;
                }
            }
        }
        Ok(Output {
            lines: page.lines,
            shown,
        })
    }

    async fn backward(
        &self,
        tx: &mut Tx<'_>,
        stream: &LogStream,
        place: i64,
    ) -> Result<Output, Error> {
        let mut page = Page::of(self);
        let mut shown = place..place;
        for chunk in chunks_before(tx, stream, place, MOST_CHUNKS).await? {
            let numbered: Vec<_> = (chunk.first_line..).zip(&chunk.lines).collect();
            for (number, line) in numbered.into_iter().rev() {
                if number < place && !page.is_full() {
                    page.offer(line);
                    shown.start = number;
                }
            }
        }
        page.lines.reverse();
        Ok(Output {
            lines: page.lines,
            shown,
        })
    }

    fn is_in_time(&self, line: &Line) -> bool {
        let at = line.at.as_millis();
        self.start.is_none_or(|start| at >= start) && self.end.is_none_or(|end| at < end)
    }
}

/// The lines of one page, as they come.
struct Page<'a> {
    input: &'a Input,
    lines: Vec<Line>,
    limit: usize,
    bytes: usize,
}

impl<'a> Page<'a> {
    fn of(input: &'a Input) -> Self {
        let limit = input.limit.and_then(|limit| usize::try_from(limit).ok());
        Self {
            input,
            lines: Vec::new(),
            limit: limit.unwrap_or(LARGEST_PAGE),
            bytes: 0,
        }
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= self.limit || self.bytes > LARGEST_ANSWER
    }

    fn offer(&mut self, line: &Line) {
        if self.input.is_in_time(line) {
            self.bytes += line.message.len();
            self.lines.push(line.clone());
        }
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("events", &self.lines, |event, entry| {
            entry.integer("timestamp", event.at.as_millis());
            entry.text("message", &event.message);
            entry.integer("ingestionTime", event.ingested.as_millis());
        });
        object.text("nextForwardToken", &Token::Forward(self.shown.end).text());
        object.text(
            "nextBackwardToken",
            &Token::Backward(self.shown.start).text(),
        );
    }
}

const LARGEST_PAGE: usize = 10_000;
/// 1 MiB.
const LARGEST_ANSWER: usize = 1 << 20;
/// How many chunks one call looks at.
const MOST_CHUNKS: usize = 64;
const DIGITS: usize = 56;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back_as_they_were() {
        for token in [Token::Forward(0), Token::Forward(17), Token::Backward(3)] {
            assert_eq!(Token::parse(&token.text()), Some(token));
            assert_eq!(token.text().len(), 60);
        }
        for text in [
            "",
            "f/1/s",
            "x",
            "f//s",
            &Token::Forward(1).text().replace('f', "g"),
        ] {
            assert_eq!(Token::parse(text), None, "{text}");
        }
    }
}
