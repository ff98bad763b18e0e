//! `CreateUser`: a new user, who may do nothing yet.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html>

use crate::authorize::{Action, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::boundary;
use crate::iam::limits::USERS;
use crate::iam::shapes::{ARN, PATH, USER_NAME};
use crate::iam::tags::{self, TAGS, Tag};
use crate::iam::target::Target;
use crate::iam::view::{Shown, write_user};
use crate::identity::draw_unique_id;
use crate::identity::model::{Grants, User, arn};
use crate::operation::Operation;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct CreateUser;

wire::input! {
    /// What `CreateUser` takes.
    pub(crate) struct Input {
        path: Option<String> = audited "Path" PATH,
        user_name: String = required audited "UserName" USER_NAME,
        permissions_boundary: Option<String> = audited "PermissionsBoundary" ARN,
        tags: Option<Vec<Tag>> = audited "Tags" TAGS,
    }
}

pub(crate) struct Output(User);

impl Operation for CreateUser {
    const NAME: &'static str = "CreateUser";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let path = input.path.as_deref().unwrap_or("/");
        let target = Target::<User>::find(cx, &mut tx, &input.user_name).await?;
        let keys = Keys::none()
            .opt_text(
                boundary::CONDITION_KEY,
                input.permissions_boundary.as_deref(),
            )
            .opt_tags(input.tags.as_ref().map(|tags| tags.iter().map(Tag::shown)));
        let named = arn(cx.account(), "user", path, &input.user_name);
        let resource = Resource::named(cx.account(), named);
        let permit = cx.authorize_with(Action("iam:CreateUser"), resource, &keys)?;

        target.free(&permit)?;
        let tags = tags::of(input.tags.as_deref())?;
        let user = User {
            account: cx.account().clone(),
            name: input.user_name.clone(),
            path: path.to_owned(),
            id: draw_unique_id(cx.entropy(), "AIDA"),
            created: cx.now(),
            tags,
            boundary: input.permissions_boundary.clone(),
            grants: Grants::default(),
            groups: Vec::new(),
            access_keys: Vec::new(),
        };
        boundary::set(&mut tx, &permit, &user).await?;
        USERS.take_one(cx, &mut tx, &permit);
        tx.insert(&permit, user.clone());
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(user)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("User", |user| write_user(user, &self.0, Shown::InFull));
    }
}
