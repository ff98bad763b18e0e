//! `AddUserToGroup`: makes a user a member of a group; a member stays one.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::limits::GROUPS_OF_USER;
use crate::iam::shapes::{EXISTING_USER_NAME, GROUP_NAME};
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::{Group, Membership, User};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct AddUserToGroup;

wire::input! {
    /// What `AddUserToGroup` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
    }
}

impl Operation for AddUserToGroup {
    const NAME: &'static str = "AddUserToGroup";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Group>::find(cx, &mut tx, &input.group_name).await?;
        let permit = cx.authorize(Action("iam:AddUserToGroup"), target.resource())?;

        let group = &target.existing(&permit)?.record;
        let joining = Target::<User>::find(cx, &mut tx, &input.user_name).await?;
        let found = joining.existing(&permit)?;
        let mut user = User::clone(&found.record);
        let is_member = |name: &String| name.eq_ignore_ascii_case(&group.name);
        if !user.groups.iter().any(is_member) {
            if user.groups.len() >= GROUPS_OF_USER {
                return Err(Error::LimitExceeded {
                    quota: "GroupsPerUser",
                    limit: GROUPS_OF_USER,
                });
            }
            user.groups.push(group.name.clone());
            let membership = Membership {
                account: cx.account().clone(),
                group: group.name.clone(),
                user: user.name.clone(),
            };
            tx.insert(&permit, membership);
            tx.update(&permit, user, found.rev);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
