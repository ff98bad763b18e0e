//! `RemoveUserFromGroup`: takes a user out of a group.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::shapes::{EXISTING_USER_NAME, GROUP_NAME};
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::{Group, Membership, User};
use crate::operation::Operation;
use crate::tx::Reply;
use base::CommonError;

pub(crate) struct RemoveUserFromGroup;

wire::input! {
    /// What `RemoveUserFromGroup` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
    }
}

impl Operation for RemoveUserFromGroup {
    const NAME: &'static str = "RemoveUserFromGroup";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Group>::find(cx, &mut tx, &input.group_name).await?;
        let permit = cx.authorize(Action("iam:RemoveUserFromGroup"), target.resource())?;

        let group = &target.existing(&permit)?.record;
        let leaving = Target::<User>::find(cx, &mut tx, &input.user_name).await?;
        let found = leaving.existing(&permit)?;
        let mut user = User::clone(&found.record);
        let before = user.groups.len();
        user.groups
            .retain(|name| !name.eq_ignore_ascii_case(&group.name));
        if user.groups.len() == before {
            return Err(Error::NotInGroup {
                user: user.name,
                group: group.name.clone(),
            });
        }
        let key = Membership::key_of(cx.account(), &group.name, &user.name);
        let membership = tx.get::<Membership>(&key).await;
        if let Some(membership) = membership.map_err(CommonError::from)? {
            tx.delete::<Membership>(&permit, &key, membership.rev);
        }
        tx.update(&permit, user, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
