//! Managed policies attached to a user, group or role.

use super::{Ask, Grantee, attachment};
use crate::authorize::Permit;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::limits::ATTACHED;
use crate::iam::listing::{self, Page};
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::Attachment;
use crate::identity::{IamArn, IamKind, resolve_managed};
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use base::{Arn, CommonError};
use store::Record as _;
use wire::xml;

/// Attaches a managed policy; one that is attached stays so.
///
/// # Errors
/// [`Error::NoSuchEntity`], [`Error::PolicyNotAttachable`], [`Error::LimitExceeded`].
pub(crate) async fn attach<R: Grantee>(
    cx: &Cx<'_>,
    ask: Ask<'_>,
    policy_arn: &str,
) -> Result<Reply<Done>, Error> {
    let mut tx = cx.begin();
    let target = Target::<R>::find(cx, &mut tx, ask.name).await?;
    let permit = authorize(cx, &ask, &target, policy_arn)?;

    let found = target.existing(&permit)?;
    check_arn(policy_arn)?;
    let policy = resolve_managed(&mut tx, cx.account(), policy_arn).await?;
    if policy.is_none() {
        return Err(Error::PolicyNotAttachable(policy_arn.to_owned()));
    }
    let attached = &found.record.grants().attached;
    if !attached.iter().any(|arn| arn == policy_arn) {
        if attached.len() >= ATTACHED {
            return Err(Error::LimitExceeded {
                quota: R::ATTACHED_QUOTA,
                limit: ATTACHED,
            });
        }
        let mut entity = R::clone(&found.record);
        entity.grants_mut().attached.push(policy_arn.to_owned());
        tx.insert(&permit, attachment(&entity, policy_arn, false));
        tx.update(&permit, entity, found.rev);
    }
    let recorded = tx.commit(cx.event(&permit)).await?;

    Ok(recorded.reply(Done))
}

/// Detaches a managed policy.
///
/// # Errors
/// [`Error::NoSuchEntity`]; [`Error::PolicyNotFound`] when the policy is not attached.
pub(crate) async fn detach<R: Grantee>(
    cx: &Cx<'_>,
    ask: Ask<'_>,
    policy_arn: &str,
) -> Result<Reply<Done>, Error> {
    let mut tx = cx.begin();
    let target = Target::<R>::find(cx, &mut tx, ask.name).await?;
    let permit = authorize(cx, &ask, &target, policy_arn)?;

    let found = target.existing(&permit)?;
    check_arn(policy_arn)?;
    let mut entity = R::clone(&found.record);
    let attached = &mut entity.grants_mut().attached;
    let before = attached.len();
    attached.retain(|arn| arn != policy_arn);
    if attached.len() == before {
        return Err(Error::PolicyNotFound(policy_arn.to_owned()));
    }
    forget(&mut tx, &permit, &attachment(&entity, policy_arn, false)).await?;
    tx.update(&permit, entity, found.rev);
    let recorded = tx.commit(cx.event(&permit)).await?;

    Ok(recorded.reply(Done))
}

/// Lists attached policies, in the order of attachment.
///
/// # Errors
/// [`Error::NoSuchEntity`]; [`Error::InvalidMarker`] for a marker of another list.
pub(crate) async fn list<R: Grantee>(
    cx: &Cx<'_>,
    ask: Ask<'_>,
    operation: &'static str,
    part: Part<'_>,
) -> Result<Reply<AttachedPolicies>, Error> {
    let mut tx = cx.begin();
    let target = Target::<R>::find(cx, &mut tx, ask.name).await?;
    let permit = cx.authorize(ask.action, target.resource())?;

    let entity = &target.existing(&permit)?.record;
    let prefix = part.path_prefix.unwrap_or("/");
    let attached = entity.grants().attached.iter();
    let arns = attached
        .filter(|arn| parts(arn).is_some_and(|parts| parts.path.starts_with(prefix)))
        .cloned();
    let page = listing::Ask {
        listing: Listing {
            operation,
            question: &[entity.id().as_bytes(), prefix.as_bytes()],
        },
        marker: part.marker,
        max_items: part.max_items,
    };
    let page = page.slice(cx, arns)?;
    let recorded = tx.finish(cx.event(&permit)).await?;

    Ok(recorded.reply(AttachedPolicies(page)))
}

/// Which of the attached policies to list.
pub(crate) struct Part<'a> {
    pub(crate) path_prefix: Option<&'a str>,
    pub(crate) marker: Option<&'a str>,
    pub(crate) max_items: Option<i64>,
}

/// ARNs of attached policies.
pub(crate) struct AttachedPolicies(Page<String>);

impl xml::Output for AttachedPolicies {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.0.write(result, "AttachedPolicies", |arn, policy| {
            write_attached(arn, policy);
        });
    }
}

/// The members of an `AttachedPolicy`.
pub(crate) fn write_attached(arn: &str, policy: &mut xml::Element<'_>) {
    let name = parts(arn).map_or("", |parts| parts.name);
    policy.text("PolicyName", name);
    policy.text("PolicyArn", arn);
}

/// Takes an attachment's record away, if it is there.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn forget(
    tx: &mut Tx<'_>,
    permit: &Permit,
    attachment: &Attachment,
) -> Result<(), CommonError> {
    let key = attachment.key();
    if let Some(found) = tx.get::<Attachment>(&key).await? {
        tx.delete::<Attachment>(permit, &key, found.rev);
    }
    Ok(())
}

fn authorize<R: Grantee>(
    cx: &Cx<'_>,
    ask: &Ask<'_>,
    target: &Target<R>,
    policy_arn: &str,
) -> Result<Permit, CommonError> {
    let keys = target.keys().text("iam:policyarn", policy_arn);
    cx.authorize_with(ask.action, target.resource(), &keys)
}

/// COMPAT: an ARN of whatever it be is one that "is not attachable"; only other texts are invalid.
fn check_arn(arn: &str) -> Result<(), Error> {
    match Arn::parse(arn) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::InvalidArn(arn.to_owned())),
    }
}

/// The ARN of a managed policy, in its parts.
fn parts(arn: &str) -> Option<IamArn<'_>> {
    IamArn::parse(arn).filter(|parsed| parsed.kind == IamKind::Policy)
}
