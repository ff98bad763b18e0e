//! `ListRoles`: the roles under a path.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use crate::iam::roles::{ShownRole, write_role};
use crate::iam::shapes::{MARKER, MAX_ITEMS, PATH_PREFIX};
use crate::iam::view::Shown;
use crate::identity::model::{Role, arn};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use store::Query;
use wire::xml;

pub(crate) struct ListRoles;

wire::input! {
    /// What `ListRoles` takes.
    pub(crate) struct Input {
        path_prefix: Option<String> = audited "PathPrefix" PATH_PREFIX,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output(Page<ShownRole>);

impl Operation for ListRoles {
    const NAME: &'static str = "ListRoles";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let named = arn(cx.account(), "role", prefix, "");
        let resource = Resource::named(cx.account(), named);
        let permit = cx.authorize(Action("iam:ListRoles"), resource)?;

        let ask = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[prefix.as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let query = Query::primary(0).equal(cx.account());
        let admits = |role: &Role| role.path.starts_with(prefix);
        let page = ask.records(cx, &mut tx, query, admits).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for role in page.items {
            items.push(ShownRole::of(&mut tx, role).await?);
        }
        let marker = page.marker;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(Page { items, marker })))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.0.write(result, "Roles", |role, element| {
            write_role(element, role, Shown::Listed);
        });
    }
}
