//! `GetAccountAuthorizationDetails`: every identity and policy of the account, documents included.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::details;
use crate::iam::error::Error;
use crate::iam::last_used;
use crate::iam::listing::{Ask, Walk};
use crate::iam::managed::{Policy, Usage, usage};
use crate::iam::roles::ShownRole;
use crate::iam::shapes::{ENTITY_TYPE, MARKER, MAX_ITEMS};
use crate::identity::model::{Group, LastUsed, ManagedPolicy, Role, User};
use crate::identity::{Managed, aws_managed};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use std::sync::Arc;
use store::Query;
use wire::{Shape, UNBOUNDED, xml};

pub(crate) struct GetAccountAuthorizationDetails;

wire::input! {
    /// What `GetAccountAuthorizationDetails` takes.
    pub(crate) struct Input {
        filter: Option<Vec<String>> = audited "Filter" FILTER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
        marker: Option<String> = "Marker" MARKER,
    }
}

#[derive(Default)]
pub(crate) struct Output {
    users: Vec<Arc<User>>,
    groups: Vec<Arc<Group>>,
    roles: Vec<(ShownRole, Option<LastUsed>)>,
    policies: Vec<(Policy, Usage)>,
    marker: Option<String>,
}

impl Operation for GetAccountAuthorizationDetails {
    const NAME: &'static str = "GetAccountAuthorizationDetails";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let resource = Resource::named(cx.account(), String::from("*"));
        let permit = cx.authorize(Action("iam:GetAccountAuthorizationDetails"), resource)?;

        let kinds = kinds(input);
        let question = kinds.join(" ");
        let ask = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[question.as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let output = gather(cx, &mut tx, &ask, &kinds).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

/// The kinds that are asked for, in the order of the sections; all unless told otherwise.
fn kinds(input: &Input) -> Vec<&'static str> {
    let asked = input.filter.as_deref().unwrap_or_default();
    let is_asked = |kind: &&str| asked.is_empty() || asked.iter().any(|one| one == kind);
    KINDS.into_iter().filter(is_asked).collect()
}

/// One page, over all the kinds.
async fn gather(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    ask: &Ask<'_>,
    kinds: &[&str],
) -> Result<Output, Error> {
    let mut walk = Walk::begin(cx, ask)?;
    let mut output = Output::default();
    let query = Query::primary(0).equal(cx.account());
    if kinds.contains(&USER) {
        output.users = walk.records(tx, 0, &query, |_: &User| true).await?;
    }
    if kinds.contains(&GROUP) {
        output.groups = walk.records(tx, 1, &query, |_: &Group| true).await?;
    }
    if kinds.contains(&ROLE) {
        for role in walk.records(tx, 2, &query, |_: &Role| true).await? {
            let used = last_used::find(cx, tx, &role.id).await?;
            output.roles.push((ShownRole::of(tx, role).await?, used));
        }
    }
    if kinds.contains(&LOCAL) {
        for policy in walk
            .records(tx, 3, &query, |_: &ManagedPolicy| true)
            .await?
        {
            let usage = usage(cx, tx, &policy.arn()).await?;
            output
                .policies
                .push((Policy(Managed::Customer(policy)), usage));
        }
    }
    if kinds.contains(&AWS) {
        for policy in walk.fixed(4, &aws_managed::ALL) {
            let usage = usage(cx, tx, policy.arn).await?;
            // COMPAT: of AWS's policies only those are told that are in use.
            if usage.attached + usage.bounding > 0 {
                output.policies.push((Policy(Managed::Aws(policy)), usage));
            }
        }
    }
    output.marker = walk.end(cx, ask)?;
    Ok(output)
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.list("UserDetailList", &self.users, |user, element| {
            details::write_user(element, user);
        });
        result.list("GroupDetailList", &self.groups, |group, element| {
            details::write_group(element, group);
        });
        result.list("RoleDetailList", &self.roles, |(role, used), element| {
            details::write_role(element, role, used.as_ref());
        });
        result.list("Policies", &self.policies, |(policy, usage), element| {
            details::write_policy(element, policy, *usage);
        });
        result.boolean("IsTruncated", self.marker.is_some());
        result.opt_text("Marker", self.marker.as_deref());
    }
}

const FILTER: Shape = Shape::list(&ENTITY_TYPE, 0, UNBOUNDED);
const USER: &str = "User";
const GROUP: &str = "Group";
const ROLE: &str = "Role";
const LOCAL: &str = "LocalManagedPolicy";
const AWS: &str = "AWSManagedPolicy";
const KINDS: [&str; 5] = [USER, GROUP, ROLE, LOCAL, AWS];
