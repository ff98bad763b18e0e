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
use crate::logs::records::LogStream;
use crate::logs::shapes::{BOOLEAN, EVENTS, GROUP, IDENTIFIER, MOMENT, STREAM, TOKEN};
use crate::operation::Operation;
use crate::tx::Reply;
use std::ops::Range;
use std::sync::Arc;
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
    stream: Arc<LogStream>,
    /// Which lines, by their numbers.
    shown: Range<usize>,
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
        let shown = input.range(&stream)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { stream, shown }))
    }
}

/// Where a page begins, or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Forward(usize),
    Backward(usize),
}

impl Token {
    fn parse(text: &str) -> Option<Self> {
        let (direction, place) = text.strip_suffix("/s")?.split_once('/')?;
        let place = place.parse().ok().filter(|_| place.len() == DIGITS)?;
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
    /// The lines of one page: those of the time that is asked for stand together.
    fn range(&self, stream: &LogStream) -> Result<Range<usize>, Error> {
        let before = |moment: i64| {
            let events = stream.events.iter();
            events
                .take_while(|event| event.at.as_millis() < moment)
                .count()
        };
        let first = self.start.map_or(0, before);
        let end = self.end.map_or(stream.events.len(), before).max(first);
        let limit = self.limit.and_then(|limit| usize::try_from(limit).ok());
        let limit = limit.unwrap_or(LARGEST_PAGE);
        let token = match &self.next_token {
            Some(token) => Token::parse(token).ok_or(Error::InvalidToken)?,
            None if self.from_head == Some(true) => Token::Forward(first),
            None => Token::Backward(end),
        };
        Ok(match token {
            Token::Forward(place) => {
                let place = place.clamp(first, end);
                place..place.saturating_add(limit).min(end)
            }
            Token::Backward(place) => {
                let place = place.clamp(first, end);
                place.saturating_sub(limit).max(first)..place
            }
        })
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        let events = self
            .stream
            .events
            .get(self.shown.clone())
            .unwrap_or_default();
        object.objects("events", events, |event, entry| {
            entry.integer("timestamp", event.at.as_millis());
            entry.text("message", &event.message);
            entry.integer("ingestionTime", self.stream.written.as_millis());
        });
        object.text("nextForwardToken", &Token::Forward(self.shown.end).text());
        object.text(
            "nextBackwardToken",
            &Token::Backward(self.shown.start).text(),
        );
    }
}

const LARGEST_PAGE: usize = 10_000;
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
