//! `ListGroupsForUser`: the groups that a user is in, in the order of joining.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use crate::iam::shapes::{EXISTING_USER_NAME, MARKER, MAX_ITEMS};
use crate::iam::target::Target;
use crate::iam::view::write_group;
use crate::identity::model::{Group, User};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use base::CommonError;
use std::sync::Arc;
use wire::xml;

pub(crate) struct ListGroupsForUser;

wire::input! {
    /// What `ListGroupsForUser` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output(Page<Arc<Group>>);

impl Operation for ListGroupsForUser {
    const NAME: &'static str = "ListGroupsForUser";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::<User>::find(cx, &mut tx, &input.user_name).await?;
        let permit = cx.authorize(Action("iam:ListGroupsForUser"), target.resource())?;

        let user = &target.existing(&permit)?.record;
        let list = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[user.id.as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let names = list.slice(cx, &user.groups)?;
        let mut items = Vec::with_capacity(names.items.len());
        for name in &names.items {
            let found = tx.get::<Group>(&Group::key_of(cx.account(), name)).await;
            items.extend(found.map_err(CommonError::from)?.map(|found| found.record));
        }
        let recorded = tx.finish(cx.event(&permit)).await?;

        let marker = names.marker;
        Ok(recorded.reply(Output(Page { items, marker })))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.0.write(result, "Groups", |group, element| {
            write_group(element, group)
        });
    }
}
