//! `UpdateRole`: changes the description of a role, or how long its sessions may last.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::roles::described;
use crate::iam::shapes::{MAX_SESSION_DURATION, ROLE_DESCRIPTION, ROLE_NAME};
use crate::iam::target::Target;
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct UpdateRole;

wire::input! {
    /// What `UpdateRole` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        description: Option<String> = audited "Description" ROLE_DESCRIPTION,
        max_session_duration: Option<i64> = audited "MaxSessionDuration" MAX_SESSION_DURATION,
    }
}

pub(crate) struct Output;

impl Operation for UpdateRole {
    const NAME: &'static str = "UpdateRole";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let permit = cx.authorize(Action("iam:UpdateRole"), target.resource())?;

        let found = target.existing(&permit)?;
        let mut role = Role::clone(&found.record);
        // COMPAT: what is not given stays as it is; existing tools change one without the other.
        if input.description.is_some() {
            role.description = described(input.description.as_deref());
        }
        let asked = input.max_session_duration;
        if let Some(seconds) = asked.and_then(|seconds| u32::try_from(seconds).ok()) {
            role.max_session_seconds = seconds;
        }
        tx.update(&permit, role, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output))
    }
}

impl xml::Output for Output {
    fn write(&self, _: &mut xml::Element<'_>) {}
}
