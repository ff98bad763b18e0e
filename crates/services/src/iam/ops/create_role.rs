//! `CreateRole`: a new role, and who may assume it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>

use crate::authorize::{Action, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::boundary;
use crate::iam::limits::ROLES;
use crate::iam::roles::{ShownRole, described, write_role};
use crate::iam::shapes::{ARN, DOCUMENT, MAX_SESSION_DURATION, PATH, ROLE_DESCRIPTION, ROLE_NAME};
use crate::iam::tags::{self, TAGS, Tag};
use crate::iam::target::Target;
use crate::iam::trust;
use crate::iam::view::Shown;
use crate::identity::draw_unique_id;
use crate::identity::model::{Grants, Role, arn};
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::xml;

pub(crate) struct CreateRole;

wire::input! {
    /// What `CreateRole` takes.
    pub(crate) struct Input {
        path: Option<String> = audited "Path" PATH,
        role_name: String = required audited "RoleName" ROLE_NAME,
        trust: String = required audited "AssumeRolePolicyDocument" DOCUMENT,
        description: Option<String> = audited "Description" ROLE_DESCRIPTION,
        max_session_duration: Option<i64> = audited "MaxSessionDuration" MAX_SESSION_DURATION,
        permissions_boundary: Option<String> = audited "PermissionsBoundary" ARN,
        tags: Option<Vec<Tag>> = audited "Tags" TAGS,
    }
}

pub(crate) struct Output(ShownRole);

impl Operation for CreateRole {
    const NAME: &'static str = "CreateRole";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let path = input.path.as_deref().unwrap_or("/");
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let keys = Keys::none()
            .opt_text(
                boundary::CONDITION_KEY,
                input.permissions_boundary.as_deref(),
            )
            .opt_tags(input.tags.as_ref().map(|tags| tags.iter().map(Tag::shown)));
        let named = arn(cx.account(), "role", path, &input.role_name);
        let resource = Resource::named(cx.account(), named);
        let permit = cx.authorize_with(Action("iam:CreateRole"), resource, &keys)?;

        target.free(&permit)?;
        let tags = tags::of(input.tags.as_deref())?;
        let role = Role {
            account: cx.account().clone(),
            name: input.role_name.clone(),
            path: path.to_owned(),
            id: draw_unique_id(cx.entropy(), "AROA"),
            created: cx.now(),
            description: described(input.description.as_deref()),
            trust: trust::parse(&mut tx, &input.trust).await?,
            max_session_seconds: session_seconds(input.max_session_duration),
            tags,
            boundary: input.permissions_boundary.clone(),
            grants: Grants::default(),
        };
        boundary::set(&mut tx, &permit, &role).await?;
        ROLES.take_one(cx, &mut tx, &permit);
        tx.insert(&permit, role.clone());
        let role = ShownRole::of(&mut tx, Arc::new(role)).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(role)))
    }
}

/// An hour unless asked for otherwise.
fn session_seconds(asked: Option<i64>) -> u32 {
    let seconds = asked.and_then(|seconds| u32::try_from(seconds).ok());
    seconds.unwrap_or(3_600)
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("Role", |role| write_role(role, &self.0, Shown::InFull));
    }
}
