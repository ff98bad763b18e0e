//! `UpdateUser`: gives a user another name or path. Its id, keys, groups and policies stay.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::renaming;
use crate::iam::shapes::{EXISTING_USER_NAME, PATH, USER_NAME};
use crate::iam::target::{Target, called};
use crate::iam::view::Done;
use crate::identity::model::{User, folded};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UpdateUser;

wire::input! {
    /// What `UpdateUser` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
        new_path: Option<String> = audited "NewPath" PATH,
        new_user_name: Option<String> = audited "NewUserName" USER_NAME,
    }
}

impl Operation for UpdateUser {
    const NAME: &'static str = "UpdateUser";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<User>::find(cx, &mut tx, &input.user_name).await?;
        let permit = cx.authorize(Action("iam:UpdateUser"), target.resource())?;

        let found = target.existing(&permit)?;
        let mut user = User::clone(&found.record);
        if let Some(path) = &input.new_path {
            user.path.clone_from(path);
        }
        if let Some(name) = &input.new_user_name {
            user.name.clone_from(name);
        }
        // SECURITY: who may rename what it has, may not make it something that others count on.
        let renamed = Resource::named(cx.account(), user.arn())
            .tagged(Some(&user.tags))
            .called(called::<User>(&user.name));
        cx.authorize(Action("iam:UpdateUser"), renamed)?;
        if folded(&user.name) != folded(&found.record.name) {
            let wanted = Target::<User>::find(cx, &mut tx, &user.name).await?;
            wanted.free(&permit)?;
        }
        renaming::user(&mut tx, &permit, found, user).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
