//! Accounts and their root credentials.

use super::credentials::draw_access_key;
use super::model::{AccessKey, Account, KeyStatus};
use crate::app::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::tx::{CommitError, Lines, Tx};
use base::{AccountId, CommonError, Plaintext, Timestamp, random_uuid};
use serde_json::json;
use std::sync::Arc;
use store::{Query, StoreError};

/// A new account, or one with new root credentials. The only moment at which the secret is seen.
pub struct NewAccount {
    /// The account's number.
    pub account_id: AccountId,
    /// The id of the root access key, such as `AKIA…`.
    pub access_key_id: String,
    /// Its secret, 40 characters.
    pub secret_access_key: Plaintext,
}

/// An account in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSummary {
    /// The account's number.
    pub account_id: AccountId,
    /// When it was created.
    pub created: Timestamp,
}

/// Why an account could not be created or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The number is taken.
    #[error("the account `{0}` already exists")]
    Exists(AccountId),
    /// There is no such account.
    #[error("there is no account `{0}`")]
    Unknown(AccountId),
    /// Something of ours failed.
    #[error(transparent)]
    Common(#[from] CommonError),
}

/// Creates an account with root credentials.
pub(crate) async fn create(
    app: &App,
    id: AccountId,
    permit: &Permit,
) -> Result<NewAccount, AccountError> {
    let mut tx = app.ledger.begin();
    if tx.get::<Account>(&Account::key_of(&id)).await?.is_some() {
        return Err(AccountError::Exists(id));
    }
    let now = app.clock.now();
    let (access_key, new) = root_access_key(app, &id, now)?;
    let account = Account {
        id,
        created: now,
        root_access_key_id: new.access_key_id.clone(),
    };
    tx.insert(permit, account);
    tx.insert(permit, access_key);
    match tx.commit(event(app, "CreateAccount", &new)).await {
        // Somebody else took the number in between.
        Err(CommitError::Common(CommonError::Conflict)) => {
            Err(AccountError::Exists(new.account_id))
        }
        Err(error) => Err(CommonError::from(error).into()),
        Ok(_) => Ok(new),
    }
}

/// Replaces the root credentials of an account.
pub(crate) async fn renew(
    app: &App,
    id: AccountId,
    permit: &Permit,
) -> Result<NewAccount, AccountError> {
    let mut tx = app.ledger.begin();
    let new = replace_root_key(app, &mut tx, &id, permit).await?;
    tx.commit(event(app, "RenewRootCredentials", &new))
        .await
        .map_err(CommonError::from)?;
    Ok(new)
}

/// Gives an account new root credentials, within `tx`.
pub(crate) async fn replace_root_key(
    app: &App,
    tx: &mut Tx<'_>,
    id: &AccountId,
    permit: &Permit,
) -> Result<NewAccount, AccountError> {
    let found = tx.get::<Account>(&Account::key_of(id)).await?;
    let found = found.ok_or_else(|| AccountError::Unknown(id.clone()))?;
    let old_key = AccessKey::key_of(&found.record.root_access_key_id);
    let old = tx.get::<AccessKey>(&old_key).await?;

    let (access_key, new) = root_access_key(app, id, app.clock.now())?;
    let mut account = Account::clone(&found.record);
    account.root_access_key_id.clone_from(&new.access_key_id);
    tx.update(permit, account, found.rev);
    tx.insert(permit, access_key);
    if let Some(old) = old {
        tx.delete::<AccessKey>(permit, &old_key, old.rev);
    }
    Ok(new)
}

/// Every account.
pub(crate) async fn list(app: &App) -> Result<Vec<AccountSummary>, CommonError> {
    let mut accounts = Vec::new();
    let mut tx = app.ledger.begin();
    tx.every(Query::primary(0), |found: Arc<Account>| {
        accounts.push(AccountSummary {
            account_id: found.id.clone(),
            created: found.created,
        });
    })
    .await?;
    Ok(accounts)
}

fn event(app: &App, event_name: &str, new: &NewAccount) -> Lines {
    let line = ServiceEvent {
        event_source: "iam.amazonaws.com",
        event_name,
        region: "us-east-1",
        account: new.account_id.as_str(),
        now: app.clock.now(),
        request_id: &random_uuid(app.entropy.as_ref()),
        response_elements: None,
        additional: json!({ "accessKeyId": new.access_key_id }),
    };
    Lines::of(line.to_line(&random_uuid(app.entropy.as_ref())))
}

fn root_access_key(
    app: &App,
    account: &AccountId,
    now: Timestamp,
) -> Result<(AccessKey, NewAccount), CommonError> {
    let (id, secret) = draw_access_key(app.entropy.as_ref(), "AKIA");
    let access_key = AccessKey {
        sealed_secret: app.credentials.seal(&id, &secret)?,
        id: id.clone(),
        account: account.clone(),
        user: None,
        status: KeyStatus::Active,
        created: now,
    };
    let new = NewAccount {
        account_id: account.clone(),
        access_key_id: id,
        secret_access_key: secret,
    };
    Ok((access_key, new))
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        Self::Common(error.into())
    }
}
