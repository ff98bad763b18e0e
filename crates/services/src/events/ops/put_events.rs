//! `PutEvents`: brings events of one's own to the bus.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>
//!
//! - An entry that is none keeps no other back.
//! - They are stored with the request's own audit event, and routed after that. What they say is in no
//!   log.

use crate::authorize::{Action, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::events::bus;
use crate::events::error::Error;
use crate::events::records::PutEvent;
use crate::events::shapes::{ENDPOINT, ENTRIES, Entry};
use crate::operation::Operation;
use crate::tx::{CommitError, Reply};
use base::{Timestamp, random_uuid};
use serde_json::{Map, Value, json};
use wire::json::{self, Object};

pub(crate) struct PutEvents;

wire::input! {
    /// What `PutEvents` takes.
    pub(crate) struct Input {
        entries: Vec<Entry> = required audited "Entries" ENTRIES,
        endpoint: Option<String> = audited "EndpointId" ENDPOINT,
    }
}

/// The id of each event, or why it is none.
pub(crate) struct Output(Vec<Result<String, NotPut>>);

/// Why an entry is no event: code and text.
type NotPut = (&'static str, String);

impl Operation for PutEvents {
    const NAME: &'static str = "PutEvents";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let bus = Resource::named(cx.account(), bus::arn(cx.account(), cx.region));
        let entries = input.entries.iter();
        let keys = Keys::none()
            .texts(
                "events:source",
                Some(entries.clone().filter_map(|one| one.source.as_deref())),
            )
            .texts(
                "events:detail-type",
                Some(entries.filter_map(|one| one.detail_type.as_deref())),
            );
        let permit = cx.authorize_with(Action("events:PutEvents"), bus, &keys)?;
        if input.endpoint.is_some() {
            return Err(Error::unsupported("EndpointId"));
        }
        for entry in &input.entries {
            bus::check(cx, entry.bus.as_deref())?;
        }
        let size: usize = input.entries.iter().map(Entry::size).sum();
        if size > LARGEST {
            let text = "Total size of the entries in the request is over the limit.";
            return Err(Error::Validation(text.to_owned()));
        }

        let mut tx = cx.begin();
        let mut results = Vec::new();
        for entry in &input.entries {
            let id = random_uuid(cx.entropy());
            results.push(match entry.event(cx, &id) {
                Ok(event) => {
                    tx.count(
                        &permit,
                        &PutEvent::counter(cx.account()),
                        1,
                        Some(MOST_WAITING),
                    );
                    tx.insert(
                        &permit,
                        PutEvent {
                            account: cx.account().clone(),
                            region: cx.region.clone(),
                            id: id.clone(),
                            came: cx.now(),
                            event: event.to_string(),
                        },
                    );
                    Ok(id)
                }
                Err(refusal) => Err(refusal),
            });
        }
        let recorded = tx.commit(cx.event(&permit)).await.map_err(limited)?;

        Ok(recorded.reply(Output(results)))
    }
}

/// What is counted are events that wait.
fn limited(error: CommitError) -> Error {
    match error {
        CommitError::LimitReached => Error::Throttled,
        error @ CommitError::Common(_) => error.into(),
    }
}

impl Entry {
    /// The event, as rules and targets see it.
    fn event(&self, cx: &Cx<'_>, id: &str) -> Result<Value, NotPut> {
        let given = |name: &str, value: &Option<String>| {
            let value = value.clone().filter(|value| !value.is_empty());
            value.ok_or_else(|| {
                let text = format!(
                    "Parameter {name} is not valid. Reason: {name} is a required argument."
                );
                ("InvalidArgument", text)
            })
        };
        let source = given("Source", &self.source)?;
        let detail_type = given("DetailType", &self.detail_type)?;
        let detail = given("Detail", &self.detail)?;
        if source.to_ascii_lowercase().starts_with("aws.") {
            let text = String::from("Not authorized for the source.");
            return Err(("NotAuthorizedForSourceException", text));
        }
        let detail: Map<String, Value> = serde_json::from_str(&detail)
            .map_err(|_| ("MalformedDetail", String::from("Detail is malformed.")))?;
        let at = self.time.map_or(cx.now(), |seconds| {
            Timestamp::from_millis(seconds.saturating_mul(1_000))
        });
        Ok(json!({
            "version": "0",
            "id": id,
            "detail-type": detail_type,
            "source": source,
            "account": cx.account().as_str(),
            "time": at.to_iso(),
            "region": cx.region.as_str(),
            "resources": self.resources.as_deref().unwrap_or_default(),
            "detail": detail,
        }))
    }

    /// What counts against the quota.
    fn size(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail];
        let texts = texts.into_iter().flatten().map(String::len);
        let resources = self.resources.iter().flatten().map(String::len);
        texts.sum::<usize>() + resources.sum::<usize>() + TIME_BYTES
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        let failed = self.0.iter().filter(|result| result.is_err()).count();
        object.integer(
            "FailedEntryCount",
            i64::try_from(failed).unwrap_or(i64::MAX),
        );
        object.objects("Entries", &self.0, |result, entry| match result {
            Ok(id) => entry.text("EventId", id),
            Err((code, text)) => {
                entry.text("ErrorCode", code);
                entry.text("ErrorMessage", text);
            }
        });
    }
}

/// 256 KiB, as AWS's quota has it.
const LARGEST: usize = 262_144;
const TIME_BYTES: usize = 14;
/// Of an account.
const MOST_WAITING: i64 = 10_000;
