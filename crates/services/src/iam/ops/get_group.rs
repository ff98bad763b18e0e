//! `GetGroup`: a group and its members, by name.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use crate::iam::membership::members;
use crate::iam::shapes::{GROUP_NAME, MARKER, MAX_ITEMS};
use crate::iam::target::Target;
use crate::iam::view::{Shown, write_group, write_user};
use crate::identity::model::{Group, Membership, User};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use base::CommonError;
use std::sync::Arc;
use wire::xml;

pub(crate) struct GetGroup;

wire::input! {
    /// What `GetGroup` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output {
    group: Arc<Group>,
    users: Page<Arc<User>>,
}

impl Operation for GetGroup {
    const NAME: &'static str = "GetGroup";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Group>::find(cx, &mut tx, &input.group_name).await?;
        let permit = cx.authorize(Action("iam:GetGroup"), target.resource())?;

        let group = target.existing(&permit)?.record.clone();
        let list = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[group.id.as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let members = members(cx, &group.name);
        let members = list.records(cx, &mut tx, members, |_| true).await?;
        let users = users(&mut tx, members).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { group, users }))
    }
}

/// The users behind a page of memberships.
async fn users(
    tx: &mut Tx<'_>,
    members: Page<Arc<Membership>>,
) -> Result<Page<Arc<User>>, CommonError> {
    let mut items = Vec::with_capacity(members.items.len());
    for member in &members.items {
        let key = User::key_of(&member.account, &member.user);
        let found = tx.get::<User>(&key).await?;
        // Between the two reads the user may have left.
        items.extend(found.map(|found| found.record));
    }
    Ok(Page {
        items,
        marker: members.marker,
    })
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("Group", |group| write_group(group, &self.group));
        self.users.write(result, "Users", |user, element| {
            write_user(element, user, Shown::Listed)
        });
    }
}
