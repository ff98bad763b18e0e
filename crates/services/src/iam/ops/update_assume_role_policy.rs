//! `UpdateAssumeRolePolicy`: replaces the policy that says who may assume a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::shapes::{DOCUMENT, ROLE_NAME};
use crate::iam::target::Target;
use crate::iam::trust;
use crate::iam::view::Done;
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UpdateAssumeRolePolicy;

wire::input! {
    /// What `UpdateAssumeRolePolicy` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        policy_document: String = required audited "PolicyDocument" DOCUMENT,
    }
}

impl Operation for UpdateAssumeRolePolicy {
    const NAME: &'static str = "UpdateAssumeRolePolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let permit = cx.authorize(Action("iam:UpdateAssumeRolePolicy"), target.resource())?;

        let found = target.existing(&permit)?;
        let mut role = Role::clone(&found.record);
        role.trust = trust::parse(&mut tx, &input.policy_document).await?;
        tx.update(&permit, role, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
