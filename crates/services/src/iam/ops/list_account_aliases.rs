//! `ListAccountAliases`: the alias of the account, which none here has.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use crate::iam::shapes::{MARKER, MAX_ITEMS};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct ListAccountAliases;

wire::input! {
    /// What `ListAccountAliases` takes.
    pub(crate) struct Input {
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

/// Always empty: nobody signs in by the name of an account.
pub(crate) struct Output(Page<()>);

impl Operation for ListAccountAliases {
    const NAME: &'static str = "ListAccountAliases";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::named(cx.account(), String::from("*"));
        let permit = cx.authorize(Action("iam:ListAccountAliases"), resource)?;

        let list = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let page = list.slice(cx, [])?;
        let recorded = cx.begin().finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.0.write(result, "AccountAliases", |(), _| ());
    }
}
