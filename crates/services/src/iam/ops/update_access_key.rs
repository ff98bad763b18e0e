//! `UpdateAccessKey`: lets requests be signed with an access key, or no longer.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::access_keys;
use crate::iam::error::Error;
use crate::iam::shapes::{ACCESS_KEY_ID, EXISTING_USER_NAME, STATUS};
use crate::iam::subject::Subject;
use crate::iam::view::Done;
use crate::identity::model::{AccessKey, KeyStatus};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UpdateAccessKey;

wire::input! {
    /// What `UpdateAccessKey` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" EXISTING_USER_NAME,
        access_key_id: String = required audited "AccessKeyId" ACCESS_KEY_ID,
        status: String = required audited "Status" STATUS,
    }
}

impl Operation for UpdateAccessKey {
    const NAME: &'static str = "UpdateAccessKey";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let subject = Subject::find(cx, &mut tx, input.user_name.as_deref()).await?;
        let permit = cx.authorize(Action("iam:UpdateAccessKey"), subject.resource())?;

        let owner = subject.existing(&permit)?;
        let found = access_keys::owned(cx, &mut tx, &owner, &input.access_key_id).await?;
        let mut access_key = AccessKey::clone(&found.record);
        access_key.status = status(&input.status)?;
        tx.update(&permit, access_key, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}

/// The status that a caller may give. `Expired` is one that a key comes by.
fn status(text: &str) -> Result<KeyStatus, Error> {
    let known = [KeyStatus::Active, KeyStatus::Inactive];
    let status = known.into_iter().find(|status| status.as_str() == text);
    status.ok_or_else(|| Error::InvalidStatus(text.to_owned()))
}
