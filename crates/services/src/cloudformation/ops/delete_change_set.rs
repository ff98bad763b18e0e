//! `DeleteChangeSet`: a change set that is not to be executed.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html>

use crate::authorize::Action;
use crate::cloudformation::error::Error;
use crate::cloudformation::model::ChangeSet;
use crate::cloudformation::shapes::{CHANGE_SET, STACK};
use crate::cloudformation::target::ChangeSetTarget;
use crate::cloudformation::view::Nothing;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use store::Record as _;

pub(crate) struct DeleteChangeSet;

wire::input! {
    /// What `DeleteChangeSet` takes.
    pub(crate) struct Input {
        change_set: String = required audited "ChangeSetName" CHANGE_SET,
        stack: Option<String> = audited "StackName" STACK,
    }
}

impl Operation for DeleteChangeSet {
    const NAME: &'static str = "DeleteChangeSet";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let mut tx = cx.begin();
        let (name, stack) = (input.change_set.as_str(), input.stack.as_deref());
        let target = ChangeSetTarget::find(cx, &mut tx, name, stack).await?;
        let permit = target.permit(cx, Action("cloudformation:DeleteChangeSet"))?;

        // One that is gone, or never was, is deleted.
        if let Some(found) = target.found(&permit) {
            tx.delete::<ChangeSet>(&permit, &found.record.key(), found.rev);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Nothing))
    }
}
