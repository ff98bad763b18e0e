//! `PutRule`: makes a rule, or puts another in its place.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>
//!
//! COMPAT: rules are over events; those that run by the clock are not here. Tags of a rule that is there
//! already are left as they are, as on AWS.

use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::compiled;
use crate::events::error::Error;
use crate::events::records::{MOST_RULES, Rule, State};
use crate::events::shapes::{
    ARN, BUS, DESCRIPTION, PATTERN, RULE_NAME, SCHEDULE, STATE, TAGS, Tag,
};
use crate::events::tagging;
use crate::events::target::Named;
use crate::operation::Operation;
use crate::tags::Tags;
use crate::tx::Reply;
use serde_json::json;
use wire::json::{self, Object};

pub(crate) struct PutRule;

wire::input! {
    /// What `PutRule` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" RULE_NAME,
        schedule: Option<String> = audited "ScheduleExpression" SCHEDULE,
        pattern: Option<String> = audited "EventPattern" PATTERN,
        state: Option<String> = audited "State" STATE,
        description: Option<String> = audited "Description" DESCRIPTION,
        role: Option<String> = audited "RoleArn" ARN,
        tags: Option<Vec<Tag>> = audited "Tags" TAGS,
        bus: Option<String> = audited "EventBusName" BUS,
    }
}

/// The ARN.
pub(crate) struct Output(String);

impl Operation for PutRule {
    const NAME: &'static str = "PutRule";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let named = Named::find(cx, &mut tx, &input.name).await?;
        let tags = input.tags.as_deref().unwrap_or_default();
        let permit = named.permit_with(cx, Action("events:PutRule"), &tagging::keys(tags))?;
        if !tags.is_empty() {
            named.permit_with(cx, Action("events:TagResource"), &tagging::keys(tags))?;
        }

        let found = named.on(cx, input.bus.as_deref(), &permit)?;
        let pattern = input.pattern()?;
        let state = State::parse(input.state.as_deref());
        let description = input.description.clone();
        match found {
            Some(found) => {
                let rule = Rule {
                    pattern,
                    state,
                    description,
                    ..Rule::clone(&found.record)
                };
                tx.update(&permit, rule, found.rev);
            }
            None => {
                let mut rule = Rule {
                    account: cx.account().clone(),
                    region: cx.region.clone(),
                    name: input.name.clone(),
                    description,
                    pattern,
                    state,
                    tags: Tags::default(),
                    targets: Vec::new(),
                };
                tagging::set(&mut rule.tags, tags)?;
                let counter = Rule::counter(cx.account(), cx.region);
                tx.count(&permit, &counter, 1, Some(MOST_RULES));
                tx.insert(&permit, rule);
            }
        }
        let arn = named.arn().to_owned();
        let event = cx.event(&permit).responding(json!({ "ruleArn": arn }));
        let recorded = tx.commit(event).await?;

        Ok(recorded.reply(Output(arn)))
    }
}

impl Input {
    /// The pattern, which can be compiled.
    fn pattern(&self) -> Result<String, Error> {
        if self
            .schedule
            .as_deref()
            .is_some_and(|schedule| !schedule.is_empty())
        {
            return Err(Error::unsupported("ScheduleExpression"));
        }
        if self.role.is_some() {
            return Err(Error::unsupported("RoleArn"));
        }
        let Some(pattern) = self
            .pattern
            .as_deref()
            .filter(|pattern| !pattern.is_empty())
        else {
            let text = "Parameter(s) EventPattern or ScheduleExpression must be specified.";
            return Err(Error::Validation(text.to_owned()));
        };
        compiled::compile(pattern)?;
        Ok(pattern.to_owned())
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        object.text("RuleArn", &self.0);
    }
}
