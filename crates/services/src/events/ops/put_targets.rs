//! `PutTargets`: has targets told of what a rule means.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html>
//!
//! One with an id that is there takes its place.

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::records::Rule;
use crate::events::shapes::{BUS, GivenTarget, RULE_NAME, TARGETS};
use crate::events::target::Named;
use crate::events::targets;
use crate::operation::Operation;
use crate::tx::Reply;
use wire::json::{self, Object};

pub(crate) struct PutTargets;

wire::input! {
    /// What `PutTargets` takes.
    pub(crate) struct Input {
        rule: String = required audited "Rule" RULE_NAME,
        bus: Option<String> = audited "EventBusName" BUS,
        targets: Vec<GivenTarget> = required audited "Targets" TARGETS,
    }
}

/// That none failed: they are put together or not at all.
pub(crate) struct Output;

impl Operation for PutTargets {
    const NAME: &'static str = "PutTargets";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let named = Named::find(cx, &mut tx, &input.rule).await?;
        let arns = input.targets.iter().map(|target| target.arn.as_str());
        let keys = Keys::none().texts("events:targetarn", Some(arns));
        let permit = named.permit_with(cx, Action("events:PutTargets"), &keys)?;

        let found = named.existing(cx, input.bus.as_deref(), &permit)?;
        let mut rule = Rule::clone(&found.record);
        for (position, given) in input.targets.iter().enumerate() {
            if input
                .targets
                .iter()
                .take(position)
                .any(|other| other.id == given.id)
            {
                let text = format!("Duplicate target id {}.", given.id);
                return Err(Error::Validation(text));
            }
            let target = targets::parse(cx, &mut tx, named.arn(), given).await?;
            match rule.targets.iter_mut().find(|known| known.id == target.id) {
                Some(known) => *known = target,
                None => rule.targets.push(target),
            }
        }
        if rule.targets.len() > MOST_TARGETS {
            return Err(Error::LimitExceeded);
        }
        tx.update(&permit, rule, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        object.integer("FailedEntryCount", 0);
        object.array("FailedEntries", |_| {});
    }
}

/// AWS's quota.
const MOST_TARGETS: usize = 5;
