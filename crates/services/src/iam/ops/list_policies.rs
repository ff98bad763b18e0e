//! `ListPolicies`: the managed policies of the account and of AWS, and how much they are used.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Walk};
use crate::iam::managed::{Policy, Usage, usage};
use crate::iam::shapes::{
    BOOLEAN, MARKER, MAX_ITEMS, POLICY_PATH_PREFIX, POLICY_SCOPE, POLICY_USAGE,
};
use crate::identity::model::ManagedPolicy;
use crate::identity::{Managed, aws_managed};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use store::Query;
use wire::xml;

pub(crate) struct ListPolicies;

wire::input! {
    /// What `ListPolicies` takes.
    pub(crate) struct Input {
        scope: Option<String> = audited "Scope" POLICY_SCOPE,
        only_attached: Option<bool> = audited "OnlyAttached" BOOLEAN,
        path_prefix: Option<String> = audited "PathPrefix" POLICY_PATH_PREFIX,
        usage_filter: Option<String> = audited "PolicyUsageFilter" POLICY_USAGE,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output {
    policies: Vec<(Policy, Usage)>,
    marker: Option<String>,
}

impl Operation for ListPolicies {
    const NAME: &'static str = "ListPolicies";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let named = format!("policy path {prefix}");
        let resource = Resource::named(cx.account(), named).matched_as(String::from("*"));
        let permit = cx.authorize(Action("iam:ListPolicies"), resource)?;

        let scope = input.scope.as_deref().unwrap_or("All");
        let usage_filter = input.usage_filter.as_deref().unwrap_or_default();
        let only_attached = [u8::from(input.only_attached == Some(true))];
        let ask = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[
                    scope.as_bytes(),
                    &only_attached,
                    prefix.as_bytes(),
                    usage_filter.as_bytes(),
                ],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let mut walk = Walk::begin(cx, &ask)?;
        let mut found = Vec::new();
        if scope != "AWS" {
            let query = Query::primary(0).equal(cx.account());
            let admits = |policy: &ManagedPolicy| policy.path.starts_with(prefix);
            let own = walk.records(&mut tx, OWN, &query, admits).await?;
            found.extend(
                own.into_iter()
                    .map(|policy| Policy(Managed::Customer(policy))),
            );
        }
        if scope != "Local" {
            let of_aws = walk.fixed(OF_AWS, &aws_managed::ALL).into_iter();
            let of_aws = of_aws.filter(|policy| policy.path.starts_with(prefix));
            found.extend(of_aws.map(|policy| Policy(Managed::Aws(policy))));
        }
        let mut policies = Vec::new();
        for policy in found {
            let usage = usage(cx, &mut tx, &policy.arn()).await?;
            if is_wanted(input, usage) {
                policies.push((policy, usage));
            }
        }
        let marker = walk.end(cx, &ask)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { policies, marker }))
    }
}

/// Whether a policy that is used so passes the filters.
fn is_wanted(input: &Input, usage: Usage) -> bool {
    let is_used = match input.usage_filter.as_deref() {
        Some("PermissionsPolicy") => usage.attached > 0,
        Some("PermissionsBoundary") => usage.bounding > 0,
        _ => usage.attached > 0 || usage.bounding > 0,
    };
    is_used || (input.only_attached != Some(true) && input.usage_filter.is_none())
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.list("Policies", &self.policies, |(policy, usage), element| {
            policy.write(element, *usage);
        });
        result.boolean("IsTruncated", self.marker.is_some());
        result.opt_text("Marker", self.marker.as_deref());
    }
}

const OWN: u32 = 0;
const OF_AWS: u32 = 1;
