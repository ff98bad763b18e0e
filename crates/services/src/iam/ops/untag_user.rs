//! `UntagUser`: takes tags of a user away.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::shapes::{EXISTING_USER_NAME, TAG_KEYS};
use crate::iam::tags;
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UntagUser;

wire::input! {
    /// What `UntagUser` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
        tag_keys: Vec<String> = required audited "TagKeys" TAG_KEYS,
    }
}

impl Operation for UntagUser {
    const NAME: &'static str = "UntagUser";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<User>::find(cx, &mut tx, &input.user_name).await?;
        let keys = Keys::none().tag_keys(input.tag_keys.iter().map(String::as_str));
        let permit = cx.authorize_with(Action("iam:UntagUser"), target.resource(), &keys)?;

        let found = target.existing(&permit)?;
        let mut user = User::clone(&found.record);
        tags::remove(&mut user.tags, &input.tag_keys);
        tx.update(&permit, user, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
