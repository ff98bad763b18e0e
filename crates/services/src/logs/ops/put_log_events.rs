//! `PutLogEvents`: appends lines to a log stream.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
//!
//! COMPAT: sequence tokens are not looked at, as on AWS today. Lines that are too old or too new are left
//! out, and the answer says which.

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::appending::{Appending, LONGEST_LINE, OVERHEAD, append};
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::records::LogGroup;
use crate::logs::shapes::{ENTITY, EventInput, GROUP, INPUT_EVENTS, STREAM, TOKEN};
use crate::operation::Operation;
use crate::tx::Reply;
use base::{Plaintext, Timestamp};
use wire::{Field, Kind, Value, json};

pub(crate) struct PutLogEvents;

wire::input! {
    /// What `PutLogEvents` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
        stream: String = required audited "logStreamName" STREAM,
        events: Vec<EventInput> = required "logEvents" INPUT_EVENTS,
        sequence_token: Option<String> = "sequenceToken" TOKEN,
        entity: Option<Ignored> = "entity" ENTITY,
    }
}

/// A member that changes nothing.
pub(crate) struct Ignored;

impl Field for Ignored {
    const KIND: Kind = Kind::Structure;

    fn from_value(value: Option<Value>) -> Option<Self> {
        value.map(|_| Self)
    }
}

pub(crate) struct Output {
    rejected: Rejected,
}

/// Which lines were left out: those before and from a place in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Rejected {
    too_new_from: Option<usize>,
    too_old_until: Option<usize>,
    expired_until: Option<usize>,
}

impl Operation for PutLogEvents {
    const NAME: &'static str = "PutLogEvents";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let permit = target.permit(cx, Action("logs:PutLogEvents"), Some(&input.stream))?;

        input.check()?;
        target.stream(&permit, &mut tx, &input.stream).await?;
        let group = target.existing(&permit)?;
        let rejected = input.rejected(group, cx.now());
        let events = input.kept(rejected)?;
        let appending = Appending {
            group,
            stream: &input.stream,
            events: &events,
        };
        let mut lent = tx.lend();
        if !events.is_empty() {
            append(cx.app, &permit, lent.derive(), appending).await?;
        }
        let recorded = lent.into_tx().commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { rejected }))
    }
}

impl Input {
    fn check(&self) -> Result<(), Error> {
        let refuse = |text: String| Err(Error::InvalidParameter(text));
        let mut size = 0;
        for event in &self.events {
            let length = event.message.len();
            if length > LONGEST_LINE {
                let bytes = length as u64 + OVERHEAD;
                return refuse(format!(
                    "Log event too large: {bytes} bytes exceeds limit of {LONGEST_LINE}"
                ));
            }
            size += length as u64 + OVERHEAD;
        }
        if size > LARGEST_BATCH {
            return refuse(format!(
                "Upload too large: {size} bytes exceeds limit of {LARGEST_BATCH}"
            ));
        }
        if !self.events.is_sorted_by_key(|event| event.timestamp) {
            return refuse(UNSORTED.to_owned());
        }
        let ends = self.events.first().zip(self.events.last());
        let span = ends.map_or(0, |(first, last)| {
            last.timestamp.saturating_sub(first.timestamp)
        });
        if span > DAY_MILLIS {
            return refuse(TOO_LONG_A_TIME.to_owned());
        }
        Ok(())
    }

    fn rejected(&self, group: &LogGroup, now: Timestamp) -> Rejected {
        let before = |moment: Timestamp| {
            let events = self.events.iter();
            let count = events
                .take_while(|event| event.timestamp < moment.as_millis())
                .count();
            Some(count).filter(|count| *count > 0)
        };
        let expires = group.retention_days.map(|days| now.plus_days(-days));
        let newest = now.plus_seconds(2 * 3_600).as_millis();
        Rejected {
            too_new_from: self
                .events
                .iter()
                .position(|event| event.timestamp > newest),
            too_old_until: before(now.plus_days(-OLDEST_DAYS)),
            expired_until: expires.and_then(before),
        }
    }

    fn kept(&self, rejected: Rejected) -> Result<Vec<(Timestamp, String)>, Error> {
        let begin = rejected
            .too_old_until
            .max(rejected.expired_until)
            .unwrap_or(0);
        let end = rejected.too_new_from.unwrap_or(self.events.len());
        let kept = self.events.get(begin..end).unwrap_or_default().iter();
        let lines = kept.map(|event| {
            let at = Timestamp::from_millis(event.timestamp);
            Some((at, text(&event.message)?))
        });
        let lines: Option<Vec<_>> = lines.collect();
        lines.ok_or_else(|| Error::InvalidParameter(String::from("A message is not text.")))
    }
}

fn text(message: &Plaintext) -> Option<String> {
    std::str::from_utf8(message.expose())
        .ok()
        .map(str::to_owned)
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        // COMPAT: a token that nobody has to send any more.
        object.text("nextSequenceToken", NEXT_TOKEN);
        if self.rejected == Rejected::default() {
            return;
        }
        let place = |place: Option<usize>| place.and_then(|place| i64::try_from(place).ok());
        object.object("rejectedLogEventsInfo", |info| {
            info.opt_integer(
                "tooNewLogEventStartIndex",
                place(self.rejected.too_new_from),
            );
            info.opt_integer("tooOldLogEventEndIndex", place(self.rejected.too_old_until));
            info.opt_integer(
                "expiredLogEventEndIndex",
                place(self.rejected.expired_until),
            );
        });
    }
}

/// 1 MiB.
const LARGEST_BATCH: u64 = 1 << 20;
const DAY_MILLIS: i64 = 86_400_000;
const OLDEST_DAYS: i64 = 14;
const NEXT_TOKEN: &str = "49600000000000000000000000000000000000000000000000000000";
const UNSORTED: &str =
    "Log events in a single PutLogEvents request must be in chronological order.";
const TOO_LONG_A_TIME: &str =
    "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
