//! `CreateGroup`: a new group, without members and policies.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::limits::GROUPS;
use crate::iam::shapes::{GROUP_NAME, PATH};
use crate::iam::target::Target;
use crate::iam::view::write_group;
use crate::identity::draw_unique_id;
use crate::identity::model::{Grants, Group, arn};
use crate::operation::Operation;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct CreateGroup;

wire::input! {
    /// What `CreateGroup` takes.
    pub(crate) struct Input {
        path: Option<String> = audited "Path" PATH,
        group_name: String = required audited "GroupName" GROUP_NAME,
    }
}

pub(crate) struct Output(Group);

impl Operation for CreateGroup {
    const NAME: &'static str = "CreateGroup";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let path = input.path.as_deref().unwrap_or("/");
        let target = Target::<Group>::find(cx, &mut tx, &input.group_name).await?;
        let named = arn(cx.account(), "group", path, &input.group_name);
        let resource = Resource::named(cx.account(), named);
        let permit = cx.authorize(Action("iam:CreateGroup"), resource)?;

        target.free(&permit)?;
        let group = Group {
            account: cx.account().clone(),
            name: input.group_name.clone(),
            path: path.to_owned(),
            id: draw_unique_id(cx.entropy(), "AGPA"),
            created: cx.now(),
            grants: Grants::default(),
        };
        GROUPS.take_one(cx, &mut tx, &permit);
        tx.insert(&permit, group.clone());
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(group)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("Group", |group| write_group(group, &self.0));
    }
}
