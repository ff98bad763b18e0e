//! New names and paths of users and groups: whatever tells the old name tells the new one then.
//!
//! Unique ids stay, so policies that were bound to them still mean the same user.

use super::error::Error;
use super::grants::{Grantee, attachment};
use super::membership;
use crate::authorize::Permit;
use crate::cx::Cx;
use crate::identity::model::{AccessKey, Attachment, Group, Membership, User};
use crate::tx::Tx;
use base::CommonError;
use store::{Key, Record, Versioned};

/// Stores `new` in the place of the user `old`, and its name wherever the old one is told.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn user(
    tx: &mut Tx<'_>,
    permit: &Permit,
    old: &Versioned<User>,
    new: User,
) -> Result<(), Error> {
    if old.record.name != new.name {
        for group in &new.groups {
            let old_key = Membership::key_of(&new.account, group, &old.record.name);
            let membership = Membership {
                account: new.account.clone(),
                group: group.clone(),
                user: new.name.clone(),
            };
            replace(tx, permit, &old_key, membership).await?;
        }
        for id in &new.access_keys {
            let found = tx.get::<AccessKey>(&AccessKey::key_of(id)).await;
            let found = found.map_err(CommonError::from)?;
            let found = found.ok_or_else(|| CommonError::internal("a user without its key"))?;
            let mut access_key = AccessKey::clone(&found.record);
            access_key.user = Some(new.name.clone());
            tx.update(permit, access_key, found.rev);
        }
        attachments(tx, permit, &old.record.name, &new).await?;
        if let Some(arn) = &new.boundary {
            let noted = attachment(&new, arn, true);
            rename(tx, permit, &old.record.name, noted).await?;
        }
    }
    replace(tx, permit, &old.record.key(), new).await
}

/// Stores `new` in the place of the group `old`, and its name wherever the old one is told.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn group(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    old: &Versioned<Group>,
    new: Group,
) -> Result<(), Error> {
    if old.record.name != new.name {
        for membership in membership::all(cx, tx, &old.record.name).await? {
            let found = tx
                .get::<User>(&User::key_of(cx.account(), &membership.user))
                .await;
            let found = found.map_err(CommonError::from)?;
            let found = found.ok_or_else(|| CommonError::internal("a member who is no user"))?;
            let mut user = User::clone(&found.record);
            for name in &mut user.groups {
                if name.eq_ignore_ascii_case(&old.record.name) {
                    name.clone_from(&new.name);
                }
            }
            tx.update(permit, user, found.rev);
            let old_key = membership.key();
            let membership = Membership {
                group: new.name.clone(),
                ..Membership::clone(&membership)
            };
            replace(tx, permit, &old_key, membership).await?;
        }
        attachments(tx, permit, &old.record.name, &new).await?;
    }
    replace(tx, permit, &old.record.key(), new).await
}

/// The attachments of `entity`, which was called `old_name`.
async fn attachments<R: Grantee>(
    tx: &mut Tx<'_>,
    permit: &Permit,
    old_name: &str,
    entity: &R,
) -> Result<(), Error> {
    for arn in &entity.grants().attached {
        rename(tx, permit, old_name, attachment(entity, arn, false)).await?;
    }
    Ok(())
}

/// Stores `new` in the place of the attachment that told the old name.
async fn rename(
    tx: &mut Tx<'_>,
    permit: &Permit,
    old_name: &str,
    new: Attachment,
) -> Result<(), Error> {
    let old = Attachment {
        name: old_name.to_owned(),
        ..new.clone()
    };
    replace(tx, permit, &old.key(), new).await
}

/// Stores `new` instead of what is under `old_key`, which may be its own.
async fn replace<R: Record>(
    tx: &mut Tx<'_>,
    permit: &Permit,
    old_key: &Key,
    new: R,
) -> Result<(), Error> {
    let found = tx.get::<R>(old_key).await.map_err(CommonError::from)?;
    match found {
        Some(found) if *old_key == new.key() => tx.update(permit, new, found.rev),
        Some(found) => {
            tx.delete::<R>(permit, old_key, found.rev);
            tx.insert(permit, new);
        }
        None => tx.insert(permit, new),
    }
    Ok(())
}
