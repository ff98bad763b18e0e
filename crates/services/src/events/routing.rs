//! From an event to the targets of the rules that mean it.

use super::envelope::{Envelope, Origin};
use super::http_parameters::{self, Resolved};
use super::input::{self, Naming};
use super::records::{ALL_RULES, Input, Invoking, Rule, State, Target};
use super::targets::{Means, meaning};
use crate::app::App;
use crate::authorize::Permit;
use crate::deliveries::{
    self, CalledFunction, Delivery, Destination, InvokedDestination, NO_ROOM, Patience, Sender,
    Unmade, bury_unmade, room,
};
use crate::events::EVENT_SOURCE;
use crate::ports::{Publisher, TopicMessage};
use crate::tx::Deriving;
use crate::work::{Work, steps_of_matching};
use base::{AccountId, CommonError, RegionName, random_uuid};
use jobs::Job;
use patterns::event::EventPattern;
use std::collections::HashMap;
use std::sync::Arc;

/// The rules of the accounts that one batch of events is of, and what is known of their targets.
///
/// They are read beside the transaction, for which it makes no difference that somebody changes them
/// meanwhile: a batch is read before them, so that a rule hears of all that comes after it.
pub(super) struct Rules {
    of_places: HashMap<(AccountId, RegionName), Arc<[InForce]>>,
    topics: Box<dyn Publisher>,
    work: Work,
}

/// A rule that may mean an event.
struct InForce {
    rule: Arc<Rule>,
    pattern: Arc<EventPattern>,
}

impl InForce {
    fn hears(&self, is_read: bool) -> bool {
        !is_read || self.rule.state == State::EnabledForAll
    }
}

/// What one event brings about.
#[derive(Default)]
struct Telling<'a> {
    /// How much is told of it.
    bytes: usize,
    /// What is not told, by the reason.
    unmade: Vec<Unmade<'a>>,
}

impl<'a> Telling<'a> {
    fn leave_out(&mut self, told: (&'a Rule, &'a Target), why: &'static str) {
        match self.unmade.iter_mut().find(|unmade| unmade.why == why) {
            Some(unmade) => unmade.messages += 1,
            None => self.unmade.push(not_made(told, why)),
        }
    }
}

impl Rules {
    /// Those that are there from now on.
    pub(super) fn new(app: &App) -> Self {
        Self {
            of_places: HashMap::new(),
            topics: app.topics.publisher(),
            work: Work::default(),
        }
    }

    /// Whether there are rules that may mean an event of `origin`.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn may_mean(
        &mut self,
        app: &App,
        origin: &Origin<'_>,
    ) -> Result<bool, CommonError> {
        let rules = self.of(app, &origin.place).await?;
        Ok(rules.iter().any(|one| one.hears(origin.is_read)))
    }

    /// Whether there was so much to do that it is time to commit, and to go on with others.
    pub(super) fn have_worked_enough(&self) -> bool {
        self.work.all() >= MOST_WORK
    }

    /// Stores what the targets of rules that mean `envelope` are to be told.
    ///
    /// SECURITY: what is told of one event is bounded, and others have their turn meanwhile: its sender
    /// says how large it is, and has the rules.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn route(
        &mut self,
        app: &App,
        own: &Permit,
        tx: &mut Deriving<'_>,
        envelope: &Envelope,
    ) -> Result<(), CommonError> {
        let place = (envelope.account.clone(), envelope.region.clone());
        let in_force = self.of(app, &place).await?;
        let mut telling = Telling::default();
        for one in in_force.iter().filter(|one| one.hears(envelope.is_read)) {
            let is_meant = one.pattern.matches(&envelope.event);
            let steps = steps_of_matching(envelope.bytes, &one.rule.pattern);
            self.work.add(steps).await;
            if !is_meant {
                continue;
            }
            for target in &one.rule.targets {
                let told = (one.rule.as_ref(), target);
                // Nothing is made that would find no room.
                if telling.bytes >= MOST_TOLD {
                    telling.leave_out(told, TOO_MUCH);
                } else if room(tx, &one.rule.account).await?.is_none() {
                    telling.leave_out(told, NO_ROOM);
                } else {
                    let bytes = self.tell(app, own, tx, told, envelope).await?;
                    telling.bytes = telling.bytes.saturating_add(bytes);
                    self.work.add(STEPS_OF_A_TARGET + 16 * bytes).await;
                }
            }
        }
        for unmade in telling.unmade {
            bury_unmade(app, own, tx, unmade).await?;
        }
        Ok(())
    }

    /// Tells one target, and gives how much.
    async fn tell(
        &mut self,
        app: &App,
        own: &Permit,
        tx: &mut Deriving<'_>,
        (rule, target): (&Rule, &Target),
        envelope: &Envelope,
    ) -> Result<usize, CommonError> {
        let rule_arn = rule.arn();
        let naming = Naming {
            rule_arn: &rule_arn,
            rule_name: &rule.name,
        };
        let rendered = input::render(&target.input, &envelope.event, &naming);
        let bytes = rendered.as_ref().map_or(input::LARGEST, String::len);
        let why = match (rendered, meaning(&target.arn)) {
            (None, _) => TOO_LARGE,
            (Some(text), Some(Means::Topic)) => {
                let message = TopicMessage {
                    topic_arn: &target.arn,
                    by: EVENT_SOURCE,
                    source_arn: &rule_arn,
                    source_account: &rule.account,
                    subject: None,
                    message: &text,
                };
                match self
                    .topics
                    .publish(app, own, tx, message, &mut self.work)
                    .await?
                {
                    true => return Ok(bytes),
                    false => NOT_TAKEN,
                }
            }
            (Some(text), means) => match destination((rule, target), means, envelope, text) {
                Ok(destination) => {
                    let delivery = delivery(app, (rule, target), destination);
                    deliveries::queue_derived(app, own, tx, vec![delivery]).await?;
                    return Ok(bytes);
                }
                Err(why) => why,
            },
        };
        bury_unmade(app, own, tx, not_made((rule, target), why)).await?;
        Ok(bytes)
    }

    async fn of(
        &mut self,
        app: &App,
        place: &(AccountId, RegionName),
    ) -> Result<Arc<[InForce]>, CommonError> {
        if let Some(known) = self.of_places.get(place) {
            return Ok(Arc::clone(known));
        }
        let found: Arc<[InForce]> = in_force(app, place).await?.into();
        self.of_places.insert(place.clone(), Arc::clone(&found));
        Ok(found)
    }
}

async fn in_force(
    app: &App,
    (account, region): &(AccountId, RegionName),
) -> Result<Vec<InForce>, CommonError> {
    let all = Rule::of_account(account, region, ALL_RULES);
    let mut tx = app.ledger.begin_reading();
    let found = tx
        .query::<Rule>(&all)
        .await?
        .into_iter()
        .map(|found| found.record);
    let useful = found.filter(|rule| rule.state != State::Disabled && !rule.targets.is_empty());
    let in_force = useful.filter_map(|rule| {
        let pattern = app.rules.get(&rule.pattern)?;
        Some(InForce { rule, pattern })
    });
    Ok(in_force.collect())
}

/// Where `text` goes, unless that is to a topic.
///
/// # Errors
/// Why it goes nowhere.
fn destination(
    (rule, target): (&Rule, &Target),
    means: Option<Means<'_>>,
    envelope: &Envelope,
    text: String,
) -> Result<Destination, &'static str> {
    match means {
        Some(Means::Function) => Ok(Destination::Function(CalledFunction {
            arn: target.arn.clone(),
            payload: as_json(&target.input, text),
            by: Sender::Events,
            source_arn: rule.arn(),
            source_account: rule.account.clone(),
            failed_runs: 0,
        })),
        Some(Means::LogGroup(group)) => Ok(Destination::LogGroup {
            arn: target.arn.clone(),
            group: group.to_owned(),
            stream: rule.name.clone(),
            line: text,
        }),
        Some(Means::ApiDestination) => invoked(target, &envelope.event, text)
            .map(Destination::Api)
            .ok_or(NO_VALUE),
        Some(Means::Topic) | None => Err(NOT_TAKEN),
    }
}

/// `None`: a parameter of the target has no value.
fn invoked(target: &Target, event: &serde_json::Value, body: String) -> Option<InvokedDestination> {
    let Invoking { role, parameters } = target.invoking.as_ref()?;
    let resolved = match parameters {
        Some(parameters) => http_parameters::resolve(parameters, event)?,
        None => Resolved::default(),
    };
    Some(InvokedDestination {
        arn: target.arn.clone(),
        role: role.clone(),
        path: resolved.path,
        headers: resolved.headers,
        query: resolved.query,
        body,
    })
}

fn not_made<'a>((rule, target): (&'a Rule, &'a Target), why: &'static str) -> Unmade<'a> {
    Unmade {
        account: &rule.account,
        region: &rule.region,
        source: rule.arn(),
        endpoint: &target.arn,
        why,
        messages: 1,
    }
}

fn delivery(app: &App, (rule, target): (&Rule, &Target), destination: Destination) -> Delivery {
    let now = app.clock.now();
    Delivery {
        account: rule.account.clone(),
        region: rule.region.clone(),
        id: random_uuid(app.entropy.as_ref()),
        source: rule.arn(),
        destination,
        patience: Patience::Rule {
            retries: target.retries.unwrap_or(USUAL_RETRIES),
            seconds: target.seconds.unwrap_or(USUAL_SECONDS),
        },
        made: now,
        job: Job::due_at(Some(now)),
    }
}

/// A function is called with JSON. A template may make something else: then it is a text.
fn as_json(input: &Input, text: String) -> String {
    let is_json = !matches!(input, Input::Template { .. })
        || serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    match is_json {
        true => text,
        false => serde_json::Value::from(text).to_string(),
    }
}

const USUAL_RETRIES: u32 = 185;
const USUAL_SECONDS: u32 = 86_400;
/// How much is told of one event: 8 MiB. What all targets are told of one that a call left is less.
const MOST_TOLD: usize = 8 << 20;
const TOO_MUCH: &str = "too much is to be told of one event";
/// After so many steps a batch has had its turn: a second or so at most.
const MOST_WORK: usize = 1 << 29;
/// To make, seal and store a message.
const STEPS_OF_A_TARGET: usize = 1 << 16;
const TOO_LARGE: &str = "the input is too large";
const NOT_TAKEN: &str = "the target is not there, or does not let the rule";
const NO_VALUE: &str = "a parameter of the target has no value that can be sent";

#[cfg(test)]
mod tests;
