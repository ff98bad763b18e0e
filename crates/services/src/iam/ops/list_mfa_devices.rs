//! `ListMFADevices`: the MFA devices of a user or of the caller.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use crate::iam::shapes::{EXISTING_USER_NAME, MARKER, MAX_ITEMS};
use crate::iam::subject::Subject;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct ListMFADevices;

wire::input! {
    /// What `ListMFADevices` takes.
    pub(crate) struct Input {
        user_name: Option<String> = audited "UserName" EXISTING_USER_NAME,
        marker: Option<String> = audited "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

/// Always empty: there is no MFA here.
pub(crate) struct Output(Page<()>);

impl Operation for ListMFADevices {
    const NAME: &'static str = "ListMFADevices";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let subject = Subject::find(cx, &mut tx, input.user_name.as_deref()).await?;
        let permit = cx.authorize(Action("iam:ListMFADevices"), subject.resource())?;

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
        self.0.write(result, "MFADevices", |(), _| ());
    }
}
