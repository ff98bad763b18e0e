//! `DeleteUserPermissionsBoundary`: takes the permissions boundary of a user away.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::boundary;
use crate::iam::error::Error;
use crate::iam::shapes::USER_NAME;
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::{EntityKind, User};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeleteUserPermissionsBoundary;

wire::input! {
    /// What `DeleteUserPermissionsBoundary` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" USER_NAME,
    }
}

impl Operation for DeleteUserPermissionsBoundary {
    const NAME: &'static str = "DeleteUserPermissionsBoundary";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<User>::find(cx, &mut tx, &input.user_name).await?;
        let keys = Keys::none().opt_text("iam:permissionsboundary", target.boundary());
        let action = Action("iam:DeleteUserPermissionsBoundary");
        let permit = cx.authorize_with(action, target.resource(), &keys)?;

        let found = target.existing(&permit)?;
        let mut user = User::clone(&found.record);
        // COMPAT: what AWS answers when there is none is not documented; here nothing changes.
        if let Some(arn) = user.boundary.take() {
            boundary::unset(cx, &mut tx, &permit, &arn, EntityKind::User, &user.name).await?;
            tx.update(&permit, user, found.rev);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
