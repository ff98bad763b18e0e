//! Permissions boundaries: a managed policy that bounds what the others may grant.

use super::attached::forget;
use super::{Ask, Bounded, attachment};
use crate::authorize::Permit;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::resolve_managed;
use crate::tx::{Reply, Tx};
use base::CommonError;

/// Bounds an identity by the policy `arn`; one that is bounded by it stays so.
///
/// # Errors
/// [`Error::NoSuchEntity`], [`Error::BoundaryNotAttachable`].
pub(crate) async fn put<R: Bounded>(
    cx: &Cx<'_>,
    ask: Ask<'_>,
    arn: &str,
) -> Result<Reply<Done>, Error> {
    let mut tx = cx.begin();
    let target = Target::<R>::find(cx, &mut tx, ask.name).await?;
    let keys = Keys::none().text(CONDITION_KEY, arn);
    let permit = cx.authorize_with(ask.action, target.resource(), &keys)?;

    let found = target.existing(&permit)?;
    if found.record.boundary() != Some(arn) {
        let mut entity = R::clone(&found.record);
        unset(&mut tx, &permit, &entity).await?;
        *entity.boundary_mut() = Some(arn.to_owned());
        set(&mut tx, &permit, &entity).await?;
        tx.update(&permit, entity, found.rev);
    }
    let recorded = tx.commit(cx.event(&permit)).await?;

    Ok(recorded.reply(Done))
}

/// Takes the bound off an identity.
///
/// # Errors
/// [`Error::NoSuchEntity`]; what [`Bounded::no_boundary`] says when there is none.
pub(crate) async fn delete<R: Bounded>(cx: &Cx<'_>, ask: Ask<'_>) -> Result<Reply<Done>, Error> {
    let mut tx = cx.begin();
    let target = Target::<R>::find(cx, &mut tx, ask.name).await?;
    let keys = Keys::none().opt_text(CONDITION_KEY, target.boundary());
    let permit = cx.authorize_with(ask.action, target.resource(), &keys)?;

    let found = target.existing(&permit)?;
    if found.record.boundary().is_some() {
        let mut entity = R::clone(&found.record);
        unset(&mut tx, &permit, &entity).await?;
        *entity.boundary_mut() = None;
        tx.update(&permit, entity, found.rev);
    } else {
        R::no_boundary(ask.name)?;
    }
    let recorded = tx.commit(cx.event(&permit)).await?;

    Ok(recorded.reply(Done))
}

/// Notes that its boundary bounds `entity`, if it has one.
///
/// # Errors
/// [`Error::BoundaryNotAttachable`] when there is no such policy.
pub(crate) async fn set<R: Bounded>(
    tx: &mut Tx<'_>,
    permit: &Permit,
    entity: &R,
) -> Result<(), Error> {
    let Some(arn) = entity.boundary() else {
        return Ok(());
    };
    if resolve_managed(tx, entity.account(), arn).await?.is_none() {
        return Err(Error::BoundaryNotAttachable(arn.to_owned()));
    }
    tx.insert(permit, attachment(entity, arn, true));
    Ok(())
}

/// Takes the note back that its boundary bounds `entity`, if it has one.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn unset<R: Bounded>(
    tx: &mut Tx<'_>,
    permit: &Permit,
    entity: &R,
) -> Result<(), CommonError> {
    match entity.boundary() {
        Some(arn) => forget(tx, permit, &attachment(entity, arn, true)).await,
        None => Ok(()),
    }
}

/// The key that tells policies about the boundary.
pub(crate) const CONDITION_KEY: &str = "iam:permissionsboundary";
