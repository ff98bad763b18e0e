//! `ListSSHPublicKeys`: the SSH public keys of a user or of the caller.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSSHPublicKeys.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use crate::iam::shapes::{MARKER, MAX_ITEMS, USER_NAME};
use crate::iam::subject::Subject;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct ListSSHPublicKeys;

wire::input! {
    /// What `ListSSHPublicKeys` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" USER_NAME,
        marker: Option<String> = audited "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

/// Always empty: there is no service that takes them.
pub(crate) struct Output(Page<()>);

impl Operation for ListSSHPublicKeys {
    const NAME: &'static str = "ListSSHPublicKeys";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let subject = Subject::find(cx, &mut tx, input.user_name.as_deref()).await?;
        let permit = cx.authorize(Action("iam:ListSSHPublicKeys"), subject.resource())?;

        subject.existing(&permit)?;
        let list = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let page = list.slice(cx, [])?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.0.write(result, "SSHPublicKeys", |(), _| ());
    }
}
