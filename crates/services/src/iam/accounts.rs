//! Accounts and their root credentials.

use super::credentials;
use super::records::{AccessKey, Account};
use crate::app::App;
use crate::audit::{AuditEntry, ServiceEvent};
use base::{AccountId, CommonError, Entropy, Plaintext, Timestamp, random_below, random_uuid};
use serde_json::json;
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
pub(crate) async fn create(app: &App, id: Option<AccountId>) -> Result<NewAccount, AccountError> {
    let id = match id {
        Some(id) => id,
        None => random_account(app.entropy.as_ref())?,
    };
    let mut tx = app.store.begin();
    if tx
        .get::<Account>(&Account::key_of(&id))
        .await
        .map_err(CommonError::from)?
        .is_some()
    {
        return Err(AccountError::Exists(id));
    }
    let now = app.clock.now();
    let (access_key, new) = root_access_key(app, &id, now)?;
    let account = Account {
        id,
        created: now,
        root_access_key_id: new.access_key_id.clone(),
    };
    tx.insert(account);
    tx.insert(access_key);
    match commit(app, tx, "CreateAccount", &new).await {
        // Somebody else took the number in between.
        Err(CommonError::Conflict) => Err(AccountError::Exists(new.account_id)),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(new),
    }
}

/// Replaces the root credentials of an account.
pub(crate) async fn renew(app: &App, id: AccountId) -> Result<NewAccount, AccountError> {
    let mut tx = app.store.begin();
    let found = tx
        .get::<Account>(&Account::key_of(&id))
        .await
        .map_err(CommonError::from)?;
    let Some(found) = found else {
        return Err(AccountError::Unknown(id));
    };
    let old_key = AccessKey::key_of(&found.record.root_access_key_id);
    let old = tx
        .get::<AccessKey>(&old_key)
        .await
        .map_err(CommonError::from)?;

    let (access_key, new) = root_access_key(app, &id, app.clock.now())?;
    let mut account = Account::clone(&found.record);
    account.root_access_key_id.clone_from(&new.access_key_id);
    tx.update(account, found.rev);
    tx.insert(access_key);
    if let Some(old) = old {
        tx.delete::<AccessKey>(&old_key, old.rev);
    }
    commit(app, tx, "RenewRootCredentials", &new).await?;
    Ok(new)
}

/// Every account.
pub(crate) async fn list(app: &App) -> Result<Vec<AccountSummary>, CommonError> {
    let mut accounts = Vec::new();
    let mut query = Query::primary(PAGE);
    loop {
        let page = app.store.begin().query::<Account>(&query).await?;
        accounts.extend(page.iter().map(|found| AccountSummary {
            account_id: found.record.id.clone(),
            created: found.record.created,
        }));
        match page.last() {
            Some(last) if page.len() == PAGE => {
                let cursor = query.cursor(last.record.as_ref());
                query = query.after(cursor);
            }
            _ => return Ok(accounts),
        }
    }
}

async fn commit(
    app: &App,
    tx: store::Tx,
    event_name: &str,
    new: &NewAccount,
) -> Result<(), CommonError> {
    let request_id = random_uuid(app.entropy.as_ref());
    let line = ServiceEvent {
        event_source: "iam.amazonaws.com",
        event_name,
        region: "us-east-1",
        account: new.account_id.as_str(),
        now: app.clock.now(),
        request_id: &request_id,
        additional: json!({ "accessKeyId": new.access_key_id }),
    }
    .to_line(&random_uuid(app.entropy.as_ref()));
    let numbers = tx.commit(vec![line.clone()]).await?;
    let entry = AuditEntry {
        line,
        outbox: numbers.first().copied(),
    };
    app.audit.append(entry).await.map_err(CommonError::internal)
}

fn root_access_key(
    app: &App,
    account: &AccountId,
    now: Timestamp,
) -> Result<(AccessKey, NewAccount), CommonError> {
    let (id, secret) = credentials::draw(app.entropy.as_ref());
    let access_key = AccessKey {
        sealed_secret: app.credentials.seal(&id, &secret)?,
        id: id.clone(),
        account: account.clone(),
        created: now,
    };
    let new = NewAccount {
        account_id: account.clone(),
        access_key_id: id,
        secret_access_key: secret,
    };
    Ok((access_key, new))
}

/// Twelve digits of which the first is not zero, so that no tool drops it.
fn random_account(entropy: &dyn Entropy) -> Result<AccountId, CommonError> {
    let first = 1 + random_below(entropy, 9);
    let rest = (0..11)
        .map(|_| random_below(entropy, 10).to_string())
        .collect::<String>();
    AccountId::parse(&format!("{first}{rest}")).map_err(CommonError::internal)
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        Self::Common(error.into())
    }
}

const PAGE: usize = 500;
