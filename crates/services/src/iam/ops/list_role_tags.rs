//! `ListRoleTags`: the tags of a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::Ask;
use crate::iam::shapes::{MARKER, MAX_ITEMS, ROLE_NAME};
use crate::iam::tagging::{self, TagPage};
use crate::iam::target::Target;
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct ListRoleTags;

wire::input! {
    /// What `ListRoleTags` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output(TagPage);

impl Operation for ListRoleTags {
    const NAME: &'static str = "ListRoleTags";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let permit = cx.authorize(Action("iam:ListRoleTags"), target.resource())?;

        let ask = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[input.role_name.as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let tags = &target.existing(&permit)?.record.tags;
        let page = tagging::page(cx, &ask, tags)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        tagging::write_page(result, &self.0);
    }
}
