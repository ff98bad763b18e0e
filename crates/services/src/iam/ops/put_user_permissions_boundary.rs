//! `PutUserPermissionsBoundary`: bounds what the policies of a user can grant.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::boundary;
use crate::iam::error::Error;
use crate::iam::shapes::{ARN, USER_NAME};
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::{EntityKind, User};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct PutUserPermissionsBoundary;

wire::input! {
    /// What `PutUserPermissionsBoundary` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" USER_NAME,
        permissions_boundary: String = required audited "PermissionsBoundary" ARN,
    }
}

impl Operation for PutUserPermissionsBoundary {
    const NAME: &'static str = "PutUserPermissionsBoundary";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<User>::find(cx, &mut tx, &input.user_name).await?;
        let arn = &input.permissions_boundary;
        let keys = Keys::none().text("iam:permissionsboundary", arn.as_str());
        let action = Action("iam:PutUserPermissionsBoundary");
        let permit = cx.authorize_with(action, target.resource(), &keys)?;

        let found = target.existing(&permit)?;
        let mut user = User::clone(&found.record);
        if user.boundary.as_ref() != Some(arn) {
            let kind = EntityKind::User;
            if let Some(old) = &user.boundary {
                boundary::unset(cx, &mut tx, &permit, old, kind, &user.name).await?;
            }
            boundary::set(cx, &mut tx, &permit, arn, kind, &user.name, &user.id).await?;
            user.boundary = Some(arn.clone());
            tx.update(&permit, user, found.rev);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
