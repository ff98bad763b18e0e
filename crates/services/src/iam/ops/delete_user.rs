//! `DeleteUser`: deletes a user on whom nothing hangs any more.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::{Error, Remainder};
use crate::iam::grants::boundary;
use crate::iam::limits::USERS;
use crate::iam::shapes::EXISTING_USER_NAME;
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;
use store::Record as _;

pub(crate) struct DeleteUser;

wire::input! {
    /// What `DeleteUser` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
    }
}

impl Operation for DeleteUser {
    const NAME: &'static str = "DeleteUser";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<User>::find(cx, &mut tx, &input.user_name).await?;
        let permit = cx.authorize(Action("iam:DeleteUser"), target.resource())?;

        let found = target.existing(&permit)?;
        let user = &found.record;
        if let Some(rest) = what_hangs_on(user) {
            return Err(Error::DeleteConflict(rest));
        }
        boundary::unset(&mut tx, &permit, user.as_ref()).await?;
        tx.delete::<User>(&permit, &user.key(), found.rev);
        USERS.give_back(cx, &mut tx, &permit);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}

/// What has to go before the user can.
fn what_hangs_on(user: &User) -> Option<Remainder> {
    if !user.access_keys.is_empty() {
        Some(Remainder::AccessKeys)
    } else if !user.grants.inline.is_empty() {
        Some(Remainder::InlinePolicies)
    } else if !user.grants.attached.is_empty() {
        Some(Remainder::AttachedPolicies)
    } else if !user.groups.is_empty() {
        Some(Remainder::Memberships)
    } else {
        None
    }
}
