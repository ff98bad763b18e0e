//! `DescribeRule`: what a rule is like.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::bus;
use crate::events::error::Error;
use crate::events::records::Rule;
use crate::events::shapes::{BUS, RULE_NAME};
use crate::events::target::Named;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json::{self, Object};

pub(crate) struct DescribeRule;

wire::input! {
    /// What `DescribeRule` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" RULE_NAME,
        bus: Option<String> = audited "EventBusName" BUS,
    }
}

pub(crate) struct Output(Arc<Rule>);

impl Operation for DescribeRule {
    const NAME: &'static str = "DescribeRule";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let named = Named::find(cx, &mut tx, &input.name).await?;
        let permit = named.permit(cx, Action("events:DescribeRule"))?;

        let found = named.existing(cx, input.bus.as_deref(), &permit)?;
        let rule = Arc::clone(&found.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(rule)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        write(object, &self.0);
        object.text("CreatedBy", self.0.account.as_str());
    }
}

/// Writes what lists show of a rule too.
pub(super) fn write(object: &mut Object<'_>, rule: &Rule) {
    object.text("Name", &rule.name);
    object.text("Arn", &rule.arn());
    object.text("EventPattern", &rule.pattern);
    object.text("State", rule.state.name());
    object.opt_text("Description", rule.description.as_deref());
    object.text("EventBusName", bus::DEFAULT);
}
