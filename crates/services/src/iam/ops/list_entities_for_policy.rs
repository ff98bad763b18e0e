//! `ListEntitiesForPolicy`: the identities that a managed policy is attached to, or bounds.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Walk};
use crate::iam::managed::{PolicyTarget, attachments};
use crate::iam::shapes::{ARN, ENTITY_TYPE, MARKER, MAX_ITEMS, POLICY_USAGE, WHOLE_PATH_PREFIX};
use crate::identity::model::{Attachment, EntityKind, Group, Role, User};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use base::CommonError;
use std::sync::Arc;
use wire::xml;

pub(crate) struct ListEntitiesForPolicy;

wire::input! {
    /// What `ListEntitiesForPolicy` takes.
    pub(crate) struct Input {
        policy_arn: String = required audited "PolicyArn" ARN,
        entity_filter: Option<String> = audited "EntityFilter" ENTITY_TYPE,
        path_prefix: Option<String> = audited "PathPrefix" WHOLE_PATH_PREFIX,
        usage_filter: Option<String> = audited "PolicyUsageFilter" POLICY_USAGE,
        marker: Option<String> = "Marker" MARKER,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
    }
}

pub(crate) struct Output {
    entities: Vec<Arc<Attachment>>,
    marker: Option<String>,
}

impl Operation for ListEntitiesForPolicy {
    const NAME: &'static str = "ListEntitiesForPolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = PolicyTarget::find(cx, &mut tx, &input.policy_arn).await?;
        let permit = cx.authorize(Action("iam:ListEntitiesForPolicy"), target.to_read(cx))?;

        target.existing(&permit)?;
        let question = [
            &input.entity_filter,
            &input.path_prefix,
            &input.usage_filter,
        ];
        let [entity, path, usage] =
            question.map(|part| part.as_deref().unwrap_or_default().as_bytes());
        let ask = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[input.policy_arn.as_bytes(), entity, path, usage],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let mut walk = Walk::begin(cx, &ask)?;
        let mut entities = Vec::new();
        let query = attachments(cx, &input.policy_arn);
        let admits = |one: &Attachment| is_wanted(input, one);
        for one in walk.records(&mut tx, 0, &query, admits).await? {
            let is_listed = is_first(&mut tx, input, &one).await?
                && is_under(&mut tx, input.path_prefix.as_deref(), &one).await?;
            if is_listed {
                entities.push(one);
            }
        }
        let marker = walk.end(cx, &ask)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { entities, marker }))
    }
}

fn is_wanted(input: &Input, one: &Attachment) -> bool {
    let is_kind = match input.entity_filter.as_deref() {
        None => true,
        Some("User") => one.entity == EntityKind::User,
        Some("Role") => one.entity == EntityKind::Role,
        Some("Group") => one.entity == EntityKind::Group,
        // Policies hang on no policy.
        Some(_) => false,
    };
    let is_usage = match input.usage_filter.as_deref() {
        None => true,
        Some(usage) => one.is_boundary == (usage == "PermissionsBoundary"),
    };
    is_kind && is_usage
}

/// Whether the identity is not listed already: a policy may be attached to what it bounds.
async fn is_first(tx: &mut Tx<'_>, input: &Input, one: &Attachment) -> Result<bool, Error> {
    if !one.is_boundary || input.usage_filter.is_some() {
        return Ok(true);
    }
    let key = Attachment::key_of(&one.account, &one.policy_arn, false, one.entity, &one.name);
    let attached = tx.get::<Attachment>(&key).await;
    Ok(attached.map_err(CommonError::from)?.is_none())
}

/// Whether the identity's path begins with `prefix`.
async fn is_under(tx: &mut Tx<'_>, prefix: Option<&str>, one: &Attachment) -> Result<bool, Error> {
    let Some(prefix) = prefix.filter(|prefix| *prefix != "/") else {
        return Ok(true);
    };
    let (account, name) = (&one.account, &one.name);
    let path = match one.entity {
        EntityKind::Group => {
            let found = tx.get::<Group>(&Group::key_of(account, name)).await;
            let found = found.map_err(CommonError::from)?;
            found.map(|found| found.record.path.clone())
        }
        EntityKind::Role => {
            let found = tx.get::<Role>(&Role::key_of(account, name)).await;
            let found = found.map_err(CommonError::from)?;
            found.map(|found| found.record.path.clone())
        }
        EntityKind::User => {
            let found = tx.get::<User>(&User::key_of(account, name)).await;
            let found = found.map_err(CommonError::from)?;
            found.map(|found| found.record.path.clone())
        }
    };
    Ok(path.is_some_and(|path| path.starts_with(prefix)))
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        for (list, kind, name, id) in LISTS {
            let of_kind = self.entities.iter().filter(|one| one.entity == kind);
            result.list(list, of_kind, |one, element| {
                element.text(name, &one.name);
                element.text(id, &one.entity_id);
            });
        }
        result.boolean("IsTruncated", self.marker.is_some());
        result.opt_text("Marker", self.marker.as_deref());
    }
}

/// The list of each kind, and what its items call name and id.
const LISTS: [(&str, EntityKind, &str, &str); 3] = [
    ("PolicyGroups", EntityKind::Group, "GroupName", "GroupId"),
    ("PolicyUsers", EntityKind::User, "UserName", "UserId"),
    ("PolicyRoles", EntityKind::Role, "RoleName", "RoleId"),
];
