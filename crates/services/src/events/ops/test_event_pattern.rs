//! `TestEventPattern`: whether a pattern means an event.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::events::compiled;
use crate::events::error::Error;
use crate::events::shapes::{EVENT, PATTERN};
use crate::operation::Operation;
use crate::tx::Reply;
use serde_json::Value;
use wire::json::{self, Object};

pub(crate) struct TestEventPattern;

wire::input! {
    /// What `TestEventPattern` takes.
    pub(crate) struct Input {
        pattern: String = required audited "EventPattern" PATTERN,
        event: String = required "Event" EVENT,
    }
}

pub(crate) struct Output(bool);

impl Operation for TestEventPattern {
    const NAME: &'static str = "TestEventPattern";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let anything = Resource::named(cx.account(), String::from("*"));
        let permit = cx.authorize(Action("events:TestEventPattern"), anything)?;

        let pattern = compiled::compile(&input.pattern)?;
        if input.event.len() > LARGEST_EVENT {
            return Err(Error::invalid("Event", "Event is larger than 256 KiB."));
        }
        let event: Value = serde_json::from_str(&input.event)
            .map_err(|_| Error::invalid("Event", "Event is not valid JSON."))?;
        if let Some(missing) = NEEDED.iter().find(|name| event.get(**name).is_none()) {
            let reason = format!("Event does not have the field {missing}.");
            return Err(Error::invalid("Event", &reason));
        }
        let matches = pattern.matches(&event);
        let recorded = cx.begin().finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(matches)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        object.boolean("Result", self.0);
    }
}

/// In bytes, as of an event that is put.
const LARGEST_EVENT: usize = 256 << 10;
/// What AWS says that an event has to have.
const NEEDED: [&str; 7] = [
    "id",
    "account",
    "source",
    "time",
    "region",
    "resources",
    "detail-type",
];
