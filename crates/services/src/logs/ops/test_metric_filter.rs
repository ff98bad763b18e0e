//! `TestMetricFilter`: which of some lines a pattern matches.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html>

use super::put_metric_filter::compiled;
use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::logs::appending::LONGEST_LINE;
use crate::logs::error::Error;
use crate::logs::shapes::{FILTER, MESSAGES};
use crate::logs::work::{MOST_WORK, TURN, work_of};
use crate::operation::Operation;
use crate::tx::Reply;
use base::Plaintext;
use patterns::filter::{Event, Pattern};
use std::collections::BTreeMap;
use wire::json;

pub(crate) struct TestMetricFilter;

wire::input! {
    /// What `TestMetricFilter` takes.
    pub(crate) struct Input {
        pattern: String = required audited "filterPattern" FILTER,
        messages: Vec<Plaintext> = required "logEventMessages" MESSAGES,
    }
}

pub(crate) struct Output(Vec<Match>);

struct Match {
    /// Its place among the lines, from 1.
    number: i64,
    message: String,
    extracted: BTreeMap<String, String>,
}

impl Operation for TestMetricFilter {
    const NAME: &'static str = "TestMetricFilter";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::none(cx.account());
        let permit = cx.authorize(Action("logs:TestMetricFilter"), resource)?;

        input.check()?;
        let pattern = compiled(&input.pattern)?;
        input.check_work(&pattern)?;
        let mut matches = Vec::new();
        let mut turn = 0;
        for (number, message) in (1..).zip(&input.messages) {
            turn += work_of(message.len(), pattern.cost().passes);
            if turn > TURN {
                turn = 0;
                tokio::task::yield_now().await;
            }
            matches.extend(tried(&pattern, number, message));
        }
        let recorded = cx.begin().finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(matches)))
    }
}

/// The match, if it is one.
fn tried(pattern: &Pattern, number: i64, message: &Plaintext) -> Option<Match> {
    let message = std::str::from_utf8(message.expose()).ok()?;
    let event = Event::new(message);
    pattern.matches(&event).then(|| Match {
        number,
        message: message.to_owned(),
        extracted: pattern.extracted(&event),
    })
}

impl Input {
    /// SECURITY: what the pattern takes bounds how much it is tried on.
    fn check_work(&self, pattern: &Pattern) -> Result<(), Error> {
        let passes = pattern.cost().passes;
        let works = self.messages.iter();
        let work: usize = works.map(|message| work_of(message.len(), passes)).sum();
        if work > MOST_WORK {
            return Err(Error::InvalidParameter(format!(
                "The pattern goes through each line up to {passes} times: the lines are too large for it."
            )));
        }
        Ok(())
    }

    /// A message is as long as a line that `PutLogEvents` takes, and all of them as large as its batch.
    fn check(&self) -> Result<(), Error> {
        let refuse = |text: String| Err(Error::InvalidParameter(text));
        let sizes = || self.messages.iter().map(Plaintext::len);
        if let Some(bytes) = sizes().find(|bytes| *bytes > LONGEST_LINE) {
            return refuse(format!(
                "Log event too large: {bytes} bytes exceeds limit of {LONGEST_LINE}"
            ));
        }
        let bytes: usize = sizes().sum();
        if bytes > LARGEST_BATCH {
            return refuse(format!(
                "Upload too large: {bytes} bytes exceeds limit of {LARGEST_BATCH}"
            ));
        }
        Ok(())
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("matches", &self.0, |one, entry| {
            entry.integer("eventNumber", one.number);
            entry.text("eventMessage", &one.message);
            entry.object("extractedValues", |map| {
                for (name, value) in &one.extracted {
                    map.text(name, value);
                }
            });
        });
    }
}

/// 1 MiB.
const LARGEST_BATCH: usize = 1 << 20;
