//! `TagUser`: sets tags of a user.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::shapes::EXISTING_USER_NAME;
use crate::iam::tags::{self, TAGS, Tag};
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct TagUser;

wire::input! {
    /// What `TagUser` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
        tags: Vec<Tag> = required audited "Tags" TAGS,
    }
}

impl Operation for TagUser {
    const NAME: &'static str = "TagUser";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<User>::find(cx, &mut tx, &input.user_name).await?;
        let keys = Keys::none().tags(input.tags.iter().map(Tag::shown));
        let permit = cx.authorize_with(Action("iam:TagUser"), target.resource(), &keys)?;

        let found = target.existing(&permit)?;
        let mut user = User::clone(&found.record);
        tags::set(&mut user.tags, &input.tags)?;
        tx.update(&permit, user, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
