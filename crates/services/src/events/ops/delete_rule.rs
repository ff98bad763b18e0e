//! `DeleteRule`: takes a rule away that has no targets.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html>
//!
//! COMPAT: one that is not there is no error.

use super::Nothing;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::records::Rule;
use crate::events::shapes::{BOOLEAN, BUS, RULE_NAME};
use crate::events::target::Named;
use crate::operation::Operation;
use crate::tx::Reply;
use store::Record as _;

pub(crate) struct DeleteRule;

wire::input! {
    /// What `DeleteRule` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" RULE_NAME,
        bus: Option<String> = audited "EventBusName" BUS,
        force: Option<bool> = audited "Force" BOOLEAN,
    }
}

impl Operation for DeleteRule {
    const NAME: &'static str = "DeleteRule";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let mut tx = cx.begin();
        let named = Named::find(cx, &mut tx, &input.name).await?;
        let permit = named.permit(cx, Action("events:DeleteRule"))?;

        if let Some(found) = named.on(cx, input.bus.as_deref(), &permit)? {
            if !found.record.targets.is_empty() {
                let text = "Rule can't be deleted since it has targets.";
                return Err(Error::Validation(text.to_owned()));
            }
            let counter = Rule::counter(cx.account(), cx.region);
            tx.count(&permit, &counter, -1, None);
            tx.delete::<Rule>(&permit, &found.record.key(), found.rev);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Nothing))
    }
}
