//! `UpdateRoleDescription`: changes the description of a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::roles::{ShownRole, described, write_role};
use crate::iam::shapes::{ROLE_DESCRIPTION, ROLE_NAME};
use crate::iam::target::Target;
use crate::iam::view::Shown;
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::xml;

pub(crate) struct UpdateRoleDescription;

wire::input! {
    /// What `UpdateRoleDescription` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        description: String = required audited "Description" ROLE_DESCRIPTION,
    }
}

pub(crate) struct Output(ShownRole);

impl Operation for UpdateRoleDescription {
    const NAME: &'static str = "UpdateRoleDescription";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let permit = cx.authorize(Action("iam:UpdateRoleDescription"), target.resource())?;

        let found = target.existing(&permit)?;
        let mut role = Role::clone(&found.record);
        role.description = described(Some(&input.description));
        tx.update(&permit, role.clone(), found.rev);
        let role = ShownRole::of(&mut tx, Arc::new(role)).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(role)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("Role", |element| {
            write_role(element, &self.0, Shown::InFull);
        });
    }
}
