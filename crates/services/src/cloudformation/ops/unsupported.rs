//! Operations that take a template from the caller, which a later release brings. Each answers a clear
//! error, after the caller was authorized, and never a fake success.

use crate::authorize::Action;
use crate::cloudformation::error::Error;
use crate::cloudformation::shapes::TEXT;
use crate::cloudformation::target::Target;
use crate::cloudformation::view::Nothing;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct CreateChangeSet;
pub(crate) struct CreateStack;
pub(crate) struct UpdateStack;

wire::input! {
    /// What they take, as far as it matters.
    pub(crate) struct Input {
        stack: String = required audited "StackName" TEXT,
        change_set: Option<String> = audited "ChangeSetName" TEXT,
    }
}

impl Operation for CreateChangeSet {
    const NAME: &'static str = "CreateChangeSet";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        refuse(
            cx,
            input,
            Action("cloudformation:CreateChangeSet"),
            Self::NAME,
        )
        .await
    }
}

impl Operation for CreateStack {
    const NAME: &'static str = "CreateStack";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        refuse(cx, input, Action("cloudformation:CreateStack"), Self::NAME).await
    }
}

impl Operation for UpdateStack {
    const NAME: &'static str = "UpdateStack";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        refuse(cx, input, Action("cloudformation:UpdateStack"), Self::NAME).await
    }
}

async fn refuse(
    cx: &Cx<'_>,
    input: &Input,
    action: Action,
    name: &'static str,
) -> Result<Reply<Nothing>, Error> {
    let target = Target::find(cx, &mut cx.begin(), &input.stack).await?;
    target.permit(cx, action)?;
    Err(Error::Unsupported(name))
}
