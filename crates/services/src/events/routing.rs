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
use crate::ports::TopicMessage;
use crate::tx::Deriving;
use base::{AccountId, CommonError, RegionName, random_uuid};
use jobs::Job;
use patterns::event::EventPattern;
use std::collections::HashMap;
use std::sync::Arc;

/// The rules of the accounts that one batch of events is of.
#[derive(Default)]
pub(super) struct Rules(HashMap<(AccountId, RegionName), Vec<InForce>>);

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

impl Rules {
    /// Whether there are rules that may mean an event of `origin`.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn may_mean(
        &mut self,
        app: &App,
        tx: &mut Deriving<'_>,
        origin: &Origin<'_>,
    ) -> Result<bool, CommonError> {
        let rules = self.of(app, tx, &origin.place).await?;
        Ok(rules.iter().any(|one| one.hears(origin.is_read)))
    }

    /// Stores what the targets of rules that mean `envelope` are to be told.
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
        let mut unmade: Option<Unmade<'_>> = None;
        for one in self.of(app, tx, &place).await? {
            if !one.hears(envelope.is_read) || !one.pattern.matches(&envelope.event) {
                continue;
            }
            let rule = &one.rule;
            for target in &rule.targets {
                // Nothing is made that would find no room.
                if !room(tx, &rule.account).await?.is_none() {
                    tell(app, own, tx, (rule, target), envelope).await?;
                } else if let Some(unmade) = &mut unmade {
                    unmade.messages += 1;
                } else {
                    unmade = Some(not_made((rule, target), NO_ROOM));
                }
            }
        }
        match unmade {
            Some(unmade) => bury_unmade(app, own, tx, unmade).await,
            None => Ok(()),
        }
    }

    async fn of(
        &mut self,
        app: &App,
        tx: &mut Deriving<'_>,
        place: &(AccountId, RegionName),
    ) -> Result<&[InForce], CommonError> {
        if !self.0.contains_key(place) {
            let found = in_force(app, tx, place).await?;
            self.0.insert(place.clone(), found);
        }
        Ok(self.0.get(place).map_or(&[], Vec::as_slice))
    }
}

async fn in_force(
    app: &App,
    tx: &mut Deriving<'_>,
    (account, region): &(AccountId, RegionName),
) -> Result<Vec<InForce>, CommonError> {
    let all = Rule::of_account(account, region, ALL_RULES);
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

async fn tell(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    (rule, target): (&Rule, &Target),
    envelope: &Envelope,
) -> Result<(), CommonError> {
    let rule_arn = rule.arn();
    let naming = Naming {
        rule_arn: &rule_arn,
        rule_name: &rule.name,
    };
    let Some(text) = input::render(&target.input, &envelope.event, &naming) else {
        return bury_unmade(app, own, tx, not_made((rule, target), TOO_LARGE)).await;
    };
    let destination = match meaning(&target.arn) {
        Some(Means::Function) => Destination::Function(CalledFunction {
            arn: target.arn.clone(),
            payload: as_json(&target.input, text),
            by: Sender::Events,
            source_arn: rule.arn(),
            source_account: rule.account.clone(),
            failed_runs: 0,
        }),
        Some(Means::LogGroup(group)) => Destination::LogGroup {
            arn: target.arn.clone(),
            group: group.to_owned(),
            stream: rule.name.clone(),
            line: text,
        },
        Some(Means::Topic) => {
            let message = TopicMessage {
                topic_arn: &target.arn,
                by: EVENT_SOURCE,
                source_arn: &rule_arn,
                source_account: &rule.account,
                subject: None,
                message: &text,
            };
            return match app.topics.publish(app, own, tx, message).await? {
                true => Ok(()),
                false => bury_unmade(app, own, tx, not_made((rule, target), NOT_TAKEN)).await,
            };
        }
        Some(Means::ApiDestination) => match invoked(target, &envelope.event, text) {
            Some(invoked) => Destination::Api(invoked),
            None => return bury_unmade(app, own, tx, not_made((rule, target), NO_VALUE)).await,
        },
        None => return bury_unmade(app, own, tx, not_made((rule, target), NOT_TAKEN)).await,
    };
    let delivery = delivery(app, (rule, target), destination);
    deliveries::queue_derived(app, own, tx, vec![delivery]).await
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

fn not_made<'a>((rule, target): (&'a Rule, &'a Target), why: &'a str) -> Unmade<'a> {
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
const TOO_LARGE: &str = "the input is too large";
const NOT_TAKEN: &str = "the target is not there, or does not let the rule";
const NO_VALUE: &str = "a parameter of the target has no value that can be sent";
