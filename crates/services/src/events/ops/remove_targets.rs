//! `RemoveTargets`: has targets told no more.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::records::Rule;
use crate::events::shapes::{BOOLEAN, BUS, RULE_NAME, TARGET_IDS};
use crate::events::target::Named;
use crate::operation::Operation;
use crate::tx::Reply;
use wire::json::{self, Object};

pub(crate) struct RemoveTargets;

wire::input! {
    /// What `RemoveTargets` takes.
    pub(crate) struct Input {
        rule: String = required audited "Rule" RULE_NAME,
        bus: Option<String> = audited "EventBusName" BUS,
        ids: Vec<String> = required audited "Ids" TARGET_IDS,
        force: Option<bool> = audited "Force" BOOLEAN,
    }
}

/// The ids of which there are none.
pub(crate) struct Output(Vec<String>);

impl Operation for RemoveTargets {
    const NAME: &'static str = "RemoveTargets";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let named = Named::find(cx, &mut tx, &input.rule).await?;
        let permit = named.permit(cx, Action("events:RemoveTargets"))?;

        let found = named.existing(cx, input.bus.as_deref(), &permit)?;
        let mut rule = Rule::clone(&found.record);
        let is_there = |id: &&String| rule.targets.iter().any(|target| target.id == **id);
        let missing = input
            .ids
            .iter()
            .filter(|id| !is_there(id))
            .cloned()
            .collect();
        rule.targets
            .retain(|target| !input.ids.contains(&target.id));
        tx.update(&permit, rule, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(missing)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        let count = i64::try_from(self.0.len()).unwrap_or(i64::MAX);
        object.integer("FailedEntryCount", count);
        object.objects("FailedEntries", &self.0, |id, entry| {
            entry.text("TargetId", id);
            entry.text("ErrorCode", "ResourceNotFoundException");
            entry.text("ErrorMessage", "Target does not exist.");
        });
    }
}
