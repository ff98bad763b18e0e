//! `EnableRule`: puts a rule in force.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html>

use super::Nothing;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::records::{Rule, State};
use crate::events::shapes::{BUS, RULE_NAME};
use crate::events::target::Named;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct EnableRule;

wire::input! {
    /// What `EnableRule` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" RULE_NAME,
        bus: Option<String> = audited "EventBusName" BUS,
    }
}

impl Operation for EnableRule {
    const NAME: &'static str = "EnableRule";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let mut tx = cx.begin();
        let named = Named::find(cx, &mut tx, &input.name).await?;
        let permit = named.permit(cx, Action("events:EnableRule"))?;

        let found = named.existing(cx, input.bus.as_deref(), &permit)?;
        let mut rule = Rule::clone(&found.record);
        if rule.state == State::Disabled {
            rule.state = State::Enabled;
        }
        tx.update(&permit, rule, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Nothing))
    }
}
