//! `DeleteAccessKey`: deletes an access key for good.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::access_keys;
use crate::iam::error::Error;
use crate::iam::last_used;
use crate::iam::shapes::{ACCESS_KEY_ID, EXISTING_USER_NAME};
use crate::iam::subject::{Existing, Subject};
use crate::iam::view::Done;
use crate::identity::model::{AccessKey, User};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeleteAccessKey;

wire::input! {
    /// What `DeleteAccessKey` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" EXISTING_USER_NAME,
        access_key_id: String = required audited "AccessKeyId" ACCESS_KEY_ID,
    }
}

impl Operation for DeleteAccessKey {
    const NAME: &'static str = "DeleteAccessKey";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let subject = Subject::find(cx, &mut tx, input.user_name.as_deref()).await?;
        let permit = cx.authorize(Action("iam:DeleteAccessKey"), subject.resource())?;

        let owner = subject.existing(&permit)?;
        let id = &input.access_key_id;
        let found = access_keys::owned(cx, &mut tx, &owner, id).await?;
        tx.delete::<AccessKey>(&permit, &AccessKey::key_of(id), found.rev);
        // A root's record goes on naming the key: it is there to be found missing.
        if let Existing::User(owner) = owner {
            let mut user = User::clone(&owner.record);
            user.access_keys.retain(|one| one != id);
            tx.update(&permit, user, owner.rev);
        }
        last_used::forget(&mut tx, &permit, id).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
