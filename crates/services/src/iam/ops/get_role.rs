//! `GetRole`: a role, its trust policy, and when it was last used.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::last_used;
use crate::iam::roles::{ShownRole, write_last_used, write_role};
use crate::iam::shapes::ROLE_NAME;
use crate::iam::target::Target;
use crate::iam::view::Shown;
use crate::identity::model::{LastUsed, Role};
use crate::operation::Operation;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct GetRole;

wire::input! {
    /// What `GetRole` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
    }
}

pub(crate) struct Output {
    role: ShownRole,
    used: Option<LastUsed>,
}

impl Operation for GetRole {
    const NAME: &'static str = "GetRole";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let permit = cx.authorize(Action("iam:GetRole"), target.resource())?;

        let role = target.existing(&permit)?.record.clone();
        let used = last_used::find(cx, &mut tx, &role.id).await?;
        let role = ShownRole::of(&mut tx, role).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { role, used }))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("Role", |element| {
            write_role(element, &self.role, Shown::InFull);
            write_last_used(element, self.used.as_ref());
        });
    }
}
