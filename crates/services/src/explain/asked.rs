//! Whom a question is about.

use super::ExplainError;
use crate::identity::model::{Account, Role};
use crate::identity::{Principal, Session, SessionSubject, role_session, root, user};
use crate::tx::Tx;
use base::{AccountId, Arn, CommonError, Timestamp};
use std::sync::Arc;

/// Looks up who has the ARN `text`, with its policies as they are.
///
/// # Errors
/// When the text means nobody, or nobody who exists.
pub(super) async fn asked_principal(
    tx: &mut Tx<'_>,
    text: &str,
    now: Timestamp,
) -> Result<Principal, ExplainError> {
    let unclear = || ExplainError::NotAPrincipal(text.to_owned());
    let nobody = || ExplainError::NoPrincipal(text.to_owned());
    let arn = Arn::parse(text).map_err(|_| unclear())?;
    let account = AccountId::parse(&arn.account).map_err(|_| unclear())?;
    let (kind, name) = arn.resource.split_once('/').unwrap_or((&arn.resource, ""));
    let found = match (arn.service.as_str(), kind) {
        ("iam", "root") if name.is_empty() => {
            let known = tx.get::<Account>(&Account::key_of(&account)).await?;
            known.map(|_| root(account))
        }
        ("iam", "user") => user(tx, &account, last(name))
            .await?
            .filter(|found| found.arn() == text),
        ("iam", "role") => match role(tx, &account, last(name)).await? {
            Some(role) if role.arn() == text => Some(session_of(tx, role, ANY, now).await?),
            _ => None,
        },
        ("sts", "assumed-role") => {
            let (name, session) = name.split_once('/').ok_or_else(unclear)?;
            match role(tx, &account, name).await? {
                Some(role) => {
                    let principal = session_of(tx, role, session, now).await?;
                    Some(principal).filter(|session| session.arn() == text)
                }
                None => None,
            }
        }
        _ => return Err(unclear()),
    };
    found.ok_or_else(nobody)
}

/// A session of `role` of which nothing is known but its name.
///
/// # Errors
/// When the store fails, or a policy of the role's cannot be found.
pub(super) async fn session_of(
    tx: &mut Tx<'_>,
    role: Arc<Role>,
    name: &str,
    now: Timestamp,
) -> Result<Principal, ExplainError> {
    let subject = SessionSubject::Role {
        name: role.name.clone(),
        id: role.id.clone(),
    };
    let session = Session {
        name: Some(name.to_owned()),
        ..Session::of(&role.account, subject, now, 0)
    };
    let principal = role_session(tx, role, Arc::new(session)).await?;
    let ended = || CommonError::internal("a session that nothing narrows has ended");
    Ok(principal.ok_or_else(ended)?)
}

async fn role(
    tx: &mut Tx<'_>,
    account: &AccountId,
    name: &str,
) -> Result<Option<Arc<Role>>, ExplainError> {
    let found = tx.get::<Role>(&Role::key_of(account, name)).await?;
    Ok(found.map(|found| found.record))
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name of a session that stands for all of a role's. None can have it, and no policy name it.
pub(super) const ANY: &str = "*";
