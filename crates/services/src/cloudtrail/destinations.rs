//! Where a trail delivers to: what may be named, and by whom.

use super::EVENT_SOURCE;
use super::error::Error;
use super::model::{LogDestination, Trail};
use super::names::check_bucket;
use crate::app::App;
use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::identity::model::Role;
use crate::ports::{AppendedLog, TopicMessage};
use crate::service_role;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName, Timestamp};
use std::sync::Arc;

/// Checks that trails of `account` may deliver to `bucket`.
///
/// SECURITY: of a bucket for others nobody learns that it is there.
///
/// # Errors
/// [`Error::InvalidBucketName`], [`Error::BucketDoesNotExist`].
pub(super) fn check_own_bucket(app: &App, account: &AccountId, bucket: &str) -> Result<(), Error> {
    check_bucket(bucket)?;
    match app.buckets.is_open_to(bucket, account) {
        true => Ok(()),
        false => Err(Error::BucketDoesNotExist(bucket.to_owned())),
    }
}

/// The log group and the role that a request names for `trail`, if it names them.
///
/// # Errors
/// [`Error::InvalidLogGroup`], [`Error::InvalidLogRole`]; the denial of `iam:PassRole`.
pub(super) async fn log_destination(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    trail: &Trail,
    named: (Option<&str>, Option<&str>),
) -> Result<Option<LogDestination>, Error> {
    let is_named = |arn: &&str| !arn.is_empty();
    let (group, role) = match (named.0.filter(is_named), named.1.filter(is_named)) {
        (None, None) => return Ok(None),
        (Some(group), Some(role)) => (group, role),
        (Some(_), None) => return Err(Error::InvalidLogRole(TOGETHER.to_owned())),
        (None, Some(_)) => return Err(Error::InvalidLogGroup(TOGETHER.to_owned())),
    };
    let name = group_name(group, &trail.account, &trail.region);
    let name = name.ok_or_else(|| Error::InvalidLogGroup(NO_GROUP.to_owned()))?;
    let found = pass(cx, tx, trail, role).await?;
    let may_write = match &found {
        Some(found) => writes(tx, trail, found, name, &trail.region, cx.now()).await?,
        None => return Err(Error::InvalidLogRole(NO_TRUST.to_owned())),
    };
    if !may_write {
        return Err(Error::InvalidLogGroup(NO_PERMISSION.to_owned()));
    }
    if !group_exists(cx, permit, trail, name).await? {
        return Err(Error::InvalidLogGroup(NO_GROUP.to_owned()));
    }
    Ok(Some(LogDestination {
        group_arn: group.to_owned(),
        role_arn: role.to_owned(),
    }))
}

/// The role, if it trusts CloudTrail and the caller may give it.
async fn pass(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    trail: &Trail,
    arn: &str,
) -> Result<Option<Arc<Role>>, Error> {
    let found = service_role::find(tx, arn).await?;
    let trail_arn = trail.arn();
    let keys = Keys::none()
        .text("iam:passedtoservice", EVENT_SOURCE)
        .text("iam:associatedresourcearn", trail_arn.as_str());
    let resource = Resource::named(&trail.account, arn.to_owned());
    let resource = resource.tagged(found.as_ref().map(|role| &role.tags));
    cx.authorize_with(Action("iam:PassRole"), resource, &keys)?;
    trusting(found, &trail.account, &trail.region, cx.now()).map_err(Error::from)
}

fn trusting(
    role: Option<Arc<Role>>,
    account: &AccountId,
    region: &RegionName,
    now: Timestamp,
) -> Result<Option<Arc<Role>>, CommonError> {
    let Some(role) = role.filter(|role| role.account == *account) else {
        return Ok(None);
    };
    let leave = service_role::is_assumable(EVENT_SOURCE, &role, &Keys::none(), region, now)?;
    Ok(leave.map(|_| role))
}

/// Whether the role of `trail` may still write events of `source` to its log group.
///
/// # Errors
/// A failure of the store, or a policy that cannot be read.
pub(super) async fn may_write(
    app: &App,
    trail: &Trail,
    logs: &LogDestination,
    source: &RegionName,
) -> Result<bool, CommonError> {
    let now = app.clock.now();
    let mut tx = app.ledger.begin_reading();
    let role = service_role::find(&mut tx, &logs.role_arn).await?;
    let role = trusting(role, &trail.account, &trail.region, now)?;
    let group = group_name(&logs.group_arn, &trail.account, &trail.region);
    match (role, group) {
        (Some(role), Some(group)) => writes(&mut tx, trail, &role, group, source, now).await,
        _ => Ok(false),
    }
}

async fn writes(
    tx: &mut Tx<'_>,
    trail: &Trail,
    role: &Role,
    group: &str,
    source: &RegionName,
    now: Timestamp,
) -> Result<bool, CommonError> {
    let Some(principal) = service_role::assumed(tx, role, SESSION, now).await? else {
        return Ok(false);
    };
    let arn = format!(
        "arn:{}:logs:{}:{}:log-group:{group}:log-stream:{}",
        trail.region.partition(),
        trail.region,
        trail.account,
        stream_name(&trail.account, source)
    );
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        let may = service_role::may(
            EVENT_SOURCE,
            &principal,
            Action(action),
            arn.clone(),
            &trail.region,
            now,
        );
        if !may? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the log group is there: tried in a transaction that is dropped.
async fn group_exists(
    cx: &Cx<'_>,
    permit: &Permit,
    trail: &Trail,
    group: &str,
) -> Result<bool, CommonError> {
    let mut trial = cx.app.ledger.derive();
    let stream = stream_name(&trail.account, &trail.region);
    let events = [(cx.now(), String::from("{}"))];
    let appended = AppendedLog {
        account: &trail.account,
        region: &trail.region,
        group,
        stream: &stream,
        events: &events,
    };
    let groups = &cx.app.log_groups;
    groups.append(cx.app, permit, &mut trial, appended).await
}

/// The ARN of the topic that a request names for `trail`, if it names one.
///
/// # Errors
/// [`Error::InvalidTopicName`], [`Error::TopicRefuses`].
pub(super) async fn topic(
    cx: &Cx<'_>,
    permit: &Permit,
    trail: &Trail,
    named: &str,
) -> Result<Option<String>, Error> {
    if named.is_empty() {
        return Ok(None);
    }
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let arn = match named.starts_with("arn:") {
        true => named.to_owned(),
        false if named.len() <= LONGEST_TOPIC && named.chars().all(is_of_name) => format!(
            "arn:{}:sns:{}:{}:{named}",
            trail.region.partition(),
            trail.region,
            trail.account
        ),
        false => return Err(Error::InvalidTopicName(named.to_owned())),
    };
    // Tried in a transaction that is dropped.
    let mut trial = cx.app.ledger.derive();
    let trail_arn = trail.arn();
    let message = TopicMessage {
        topic_arn: &arn,
        by: EVENT_SOURCE,
        source_arn: &trail_arn,
        source_account: &trail.account,
        subject: None,
        message: "{}",
    };
    let topics = &cx.app.topics;
    match topics.publish(cx.app, permit, &mut trial, message).await? {
        true => Ok(Some(arn)),
        false => Err(Error::TopicRefuses),
    }
}

/// The name in the ARN of a log group of `account` in `region`.
pub(super) fn group_name<'a>(
    arn: &'a str,
    account: &AccountId,
    region: &RegionName,
) -> Option<&'a str> {
    let own = format!(
        "arn:{}:logs:{region}:{account}:log-group:",
        region.partition()
    );
    let name = arn.strip_prefix(&own)?;
    let name = name.strip_suffix(":*").unwrap_or(name);
    (!name.is_empty() && !name.contains(':')).then_some(name)
}

/// The log stream of events of a Region.
pub(super) fn stream_name(account: &AccountId, source: &RegionName) -> String {
    format!("{account}_CloudTrail_{source}")
}

const SESSION: &str = "CLOUDWATCH_LOGS_DELIVERY_SESSION";
const LONGEST_TOPIC: usize = 256;
const TOGETHER: &str = "You must specify a role ARN as well as a log group.";
const NO_GROUP: &str = "CloudTrail cannot validate the specified log group ARN.";
const NO_TRUST: &str = "Access denied. Check the trust relationships for your role.";
const NO_PERMISSION: &str = "Access denied. Check the permissions for your role.";
