//! `UpdateGroup`: gives a group another name or path. Its id, members and policies stay.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::renaming;
use crate::iam::shapes::{GROUP_NAME, PATH};
use crate::iam::target::{Target, called};
use crate::iam::view::Done;
use crate::identity::model::{Group, folded};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UpdateGroup;

wire::input! {
    /// What `UpdateGroup` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
        new_path: Option<String> = audited "NewPath" PATH,
        new_group_name: Option<String> = audited "NewGroupName" GROUP_NAME,
    }
}

impl Operation for UpdateGroup {
    const NAME: &'static str = "UpdateGroup";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Group>::find(cx, &mut tx, &input.group_name).await?;
        let permit = cx.authorize(Action("iam:UpdateGroup"), target.resource())?;

        let found = target.existing(&permit)?;
        let mut group = Group::clone(&found.record);
        if let Some(path) = &input.new_path {
            group.path.clone_from(path);
        }
        if let Some(name) = &input.new_group_name {
            group.name.clone_from(name);
        }
        // SECURITY: who may rename what it has, may not make it something that others count on.
        let renamed =
            Resource::named(cx.account(), group.arn()).called(called::<Group>(&group.name));
        cx.authorize(Action("iam:UpdateGroup"), renamed)?;
        if folded(&group.name) != folded(&found.record.name) {
            let wanted = Target::<Group>::find(cx, &mut tx, &group.name).await?;
            wanted.free(&permit)?;
        }
        renaming::group(cx, &mut tx, &permit, found, group).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
