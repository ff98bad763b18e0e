//! Key policies: the one that a key has when none is given, and what may be put in its place.

use super::error::Error;
use super::model::KmsKey;
use super::target;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::document::ResourceDocument;
use crate::identity::known_principals;
use crate::tx::Tx;
use base::AccountId;

/// What policies of a key are called: there is one.
pub(crate) const DEFAULT_NAME: &str = "default";
/// What audit events and explanations call it.
pub(crate) const TITLE: &str = "key policy default";

/// The policy of a key that was made without one: it delegates to the account's own policies.
pub(crate) fn delegating(account: &AccountId) -> ResourceDocument {
    // As AWS formats it.
    ResourceDocument::stored(&format!(
        "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \
         \"Statement\" : [ {{\n    \"Sid\" : \"Enable IAM User Permissions\",\n    \
         \"Effect\" : \"Allow\",\n    \"Principal\" : {{\n      \
         \"AWS\" : \"arn:aws:iam::{account}:root\"\n    }},\n    \
         \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  }} ]\n}}"
    ))
}

/// Refuses any name but the one.
///
/// # Errors
/// [`Error::PolicyNotFound`].
pub(crate) fn check_name(name: Option<&str>) -> Result<(), Error> {
    match name {
        None | Some(DEFAULT_NAME) => Ok(()),
        Some(_) => Err(Error::PolicyNotFound),
    }
}

/// The policy with this text, its principals bound to those who have the names now.
///
/// COMPAT: AWS tells nothing of a text that is no policy; here it is told what is wrong with it.
///
/// # Errors
/// [`Error::MalformedPolicy`], [`Error::InvalidPrincipals`], [`Error::LimitExceeded`].
pub(crate) async fn examine(tx: &mut Tx<'_>, text: &str) -> Result<ResourceDocument, Error> {
    if text.len() > MOST_BYTES {
        return Err(Error::LimitExceeded(TOO_LONG));
    }
    let document = ResourceDocument::parse(text).map_err(|problems| {
        let about_principal = |path: &str| path.contains("Principal.");
        match problems.0.first() {
            Some(problem) if about_principal(problem.path.as_str()) => Error::InvalidPrincipals,
            Some(problem) => Error::MalformedPolicy(problem.to_string()),
            None => Error::MalformedPolicy(String::new()),
        }
    })?;
    let principals = known_principals::look_up(tx, &document).await?;
    if !principals.unknown.is_empty() {
        return Err(Error::InvalidPrincipals);
    }
    Ok(document.bound_to(principals.ids))
}

/// Refuses a policy under which the caller could not put another one.
///
/// # Errors
/// [`Error::LockOut`].
pub(crate) fn check_lock_out(cx: &Cx<'_>, key: &KmsKey) -> Result<(), Error> {
    // As it would be asked of the next request, which does not bypass the check.
    let keys = target::keys_of_key(cx, key).flag("kms:bypasspolicylockoutsafetycheck", Some(false));
    let put = Action("kms:PutKeyPolicy");
    if cx.would_allow(put, &target::of_key(key), &keys)? {
        Ok(())
    } else {
        Err(Error::LockOut)
    }
}

/// 32 KiB, as AWS's quota has it.
const MOST_BYTES: usize = 32_768;
const TOO_LONG: &str = "The key policy document is larger than 32 KB.";
