//! `DescribeChangeSet`: what a change set would do.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html>

use crate::authorize::Action;
use crate::cloudformation::error::Error;
use crate::cloudformation::model::ChangeSet;
use crate::cloudformation::shapes::{BOOLEAN, CHANGE_SET, NEXT_TOKEN, STACK};
use crate::cloudformation::target::ChangeSetTarget;
use crate::cloudformation::view::{write_change_set, write_changes, write_parameters, write_tags};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::InvalidToken;
use crate::tx::Reply;
use std::sync::Arc;
use wire::xml;

pub(crate) struct DescribeChangeSet;

wire::input! {
    /// What `DescribeChangeSet` takes.
    pub(crate) struct Input {
        change_set: String = required audited "ChangeSetName" CHANGE_SET,
        stack: Option<String> = audited "StackName" STACK,
        next_token: Option<String> = "NextToken" NEXT_TOKEN,
        include_property_values: Option<bool> = audited "IncludePropertyValues" BOOLEAN,
    }
}

pub(crate) struct Output(Arc<ChangeSet>);

impl Operation for DescribeChangeSet {
    const NAME: &'static str = "DescribeChangeSet";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let (name, stack) = (input.change_set.as_str(), input.stack.as_deref());
        let target = ChangeSetTarget::find(cx, &mut tx, name, stack).await?;
        let permit = target.permit(cx, Action("cloudformation:DescribeChangeSet"))?;

        // There is never more than one page.
        if input.next_token.is_some() {
            return Err(InvalidToken.into());
        }
        let (found, _) = target.existing(&permit)?;
        let output = Output(Arc::clone(&found.record));
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        let definition = &self.0.definition;
        write_change_set(result, &self.0);
        write_parameters(result, definition);
        result.texts("NotificationARNs", &definition.notification_arns);
        result.element("RollbackConfiguration", |_| {});
        result.texts("Capabilities", &definition.capabilities);
        write_tags(result, definition);
        write_changes(result, definition);
    }
}
