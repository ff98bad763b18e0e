//! `ListUsers`: the users of the account, by name.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use crate::iam::shapes::{MARKER, MAX_ITEMS, PATH_PREFIX};
use crate::iam::view::{Shown, write_user};
use crate::identity::model::{User, arn};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use std::sync::Arc;
use store::Query;
use wire::xml;

pub(crate) struct ListUsers;

wire::input! {
    /// What `ListUsers` takes.
    pub(crate) struct Input {
        path_prefix: Option<String> = audited "PathPrefix" PATH_PREFIX,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output(Page<Arc<User>>);

impl Operation for ListUsers {
    const NAME: &'static str = "ListUsers";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let named = arn(cx.account(), "user", prefix, "");
        let resource = Resource::named(cx.account(), named);
        let permit = cx.authorize(Action("iam:ListUsers"), resource)?;

        let list = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[prefix.as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let all = Query::primary(0).equal(cx.account());
        let admits = |user: &User| user.path.starts_with(prefix);
        let page = list.records(cx, &mut tx, all, admits).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.0.write(result, "Users", |user, element| {
            write_user(element, user, Shown::Listed)
        });
    }
}
