//! `ListInstanceProfilesForRole`: no instance profiles: there are no instances here. Tools ask
//! before they delete a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::shapes::{MARKER, MAX_ITEMS, ROLE_NAME};
use crate::iam::target::Target;
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct ListInstanceProfilesForRole;

wire::input! {
    /// What `ListInstanceProfilesForRole` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output;

impl Operation for ListInstanceProfilesForRole {
    const NAME: &'static str = "ListInstanceProfilesForRole";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let permit = cx.authorize(Action("iam:ListInstanceProfilesForRole"), target.resource())?;

        target.existing(&permit)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.texts("InstanceProfiles", std::iter::empty::<&str>());
        result.boolean("IsTruncated", false);
    }
}
