//! `DeleteGroup`: deletes a group that has no members and no policies.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::{Error, Remainder};
use crate::iam::limits::GROUPS;
use crate::iam::membership::has_members;
use crate::iam::shapes::GROUP_NAME;
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::Group;
use crate::operation::Operation;
use crate::tx::Reply;
use store::Record as _;

pub(crate) struct DeleteGroup;

wire::input! {
    /// What `DeleteGroup` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
    }
}

impl Operation for DeleteGroup {
    const NAME: &'static str = "DeleteGroup";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Group>::find(cx, &mut tx, &input.group_name).await?;
        let permit = cx.authorize(Action("iam:DeleteGroup"), target.resource())?;

        let found = target.existing(&permit)?;
        let grants = &found.record.grants;
        if has_members(cx, &mut tx, &found.record.name).await? {
            return Err(Error::DeleteConflict(Remainder::Memberships));
        }
        if !grants.inline.is_empty() {
            return Err(Error::DeleteConflict(Remainder::InlinePolicies));
        }
        if !grants.attached.is_empty() {
            return Err(Error::DeleteConflict(Remainder::AttachedPolicies));
        }
        tx.delete::<Group>(&permit, &found.record.key(), found.rev);
        GROUPS.give_back(cx, &mut tx, &permit);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
