//! `GetLoginProfile`: the console password of a user, which nobody here has.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::shapes::USER_NAME;
use crate::iam::subject::{Existing, Subject};
use crate::iam::view::Done;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct GetLoginProfile;

wire::input! {
    /// What `GetLoginProfile` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" USER_NAME,
    }
}

impl Operation for GetLoginProfile {
    const NAME: &'static str = "GetLoginProfile";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let subject = Subject::find(cx, &mut tx, input.user_name.as_deref()).await?;
        let permit = cx.authorize(Action("iam:GetLoginProfile"), subject.resource())?;

        match subject.existing(&permit)? {
            Existing::User(user) => Err(Error::LoginProfileNotFound(user.record.name.clone())),
            Existing::Root => Err(Error::UserNotNamed),
        }
    }
}
