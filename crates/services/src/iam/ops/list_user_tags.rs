//! `ListUserTags`: the tags of a user.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::Ask;
use crate::iam::shapes::{EXISTING_USER_NAME, MARKER, MAX_ITEMS};
use crate::iam::tagging::{self, TagPage};
use crate::iam::target::Target;
use crate::identity::model::User;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct ListUserTags;

wire::input! {
    /// What `ListUserTags` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output(TagPage);

impl Operation for ListUserTags {
    const NAME: &'static str = "ListUserTags";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::<User>::find(cx, &mut tx, &input.user_name).await?;
        let permit = cx.authorize(Action("iam:ListUserTags"), target.resource())?;

        let user = &target.existing(&permit)?.record;
        let list = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[user.id.as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let page = tagging::page(cx, &list, &user.tags)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        tagging::write_page(result, &self.0);
    }
}
