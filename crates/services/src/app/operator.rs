//! What the operator of the host may do to accounts without being anyone in them.
//!
//! Rules kept here: reached by the operator's own door only, never by a request; each change is
//! one transaction with the event that names the operator; what IAM would refuse is refused here.

mod event;

use self::event::Event;
use super::{App, Door};
use crate::authorize::Permit;
use crate::iam::limits::USERS;
use crate::identity::accounts::{self, AccountError, NewAccount};
use crate::identity::model::{AccessKey, Account, Attachment, EntityKind, Grants, KeyStatus, User};
use crate::identity::{draw_access_key, draw_unique_id};
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::names::SecretId;
use crate::secretsmanager::resource_policy::ResourcePolicy;
use crate::tags::Tags;
use crate::tx::{CommitError, Lines, Tx};
use base::{AccountId, CommonError, Plaintext, RegionName};
use serde_json::json;
use store::StoreError;

/// Which operator's command something is done for, as audit events name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The system's number of the user who gave the command.
    pub uid: u32,
    /// The same in every event of the command.
    pub request_id: String,
}

/// A new administrator. The only moment at which the secret is seen.
pub struct NewAdministrator {
    /// The account's number.
    pub account_id: AccountId,
    /// The user's name.
    pub user_name: String,
    /// The user's ARN.
    pub arn: String,
    /// The id of the access key, `AKIA…`.
    pub access_key_id: String,
    /// Its secret, 40 characters.
    pub secret_access_key: Plaintext,
}

/// An account to which access was restored.
pub struct Restored {
    /// The new root credentials.
    pub account: NewAccount,
    /// The resource policy that was taken from a secret.
    pub removed: Option<RemovedPolicy>,
}

/// A resource policy that is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedPolicy {
    /// The ARN of the secret.
    pub secret: String,
    /// The text of the policy, so that nothing is lost.
    pub text: String,
}

/// Why a command of the operator was not carried out. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The account.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Not a name that IAM takes.
    #[error("`{0}` is no name of a user: 1 to 64 letters, digits and `_+=,.@-`")]
    UserName(String),
    /// The name is taken.
    #[error("the account `{account}` has a user `{name}` already")]
    UserExists {
        /// The account.
        account: AccountId,
        /// The user.
        name: String,
    },
    /// The account is full.
    #[error("the account `{0}` has as many users as it may have")]
    TooManyUsers(AccountId),
    /// There is no such secret in the account.
    #[error("the account `{account}` has no secret `{id}`")]
    NoSecret {
        /// The account.
        account: AccountId,
        /// What was asked for.
        id: String,
    },
    /// There is no such rotator.
    #[error("the account `{account}` has no rotator `{name}` in `{region}`")]
    NoRotator {
        /// The account.
        account: AccountId,
        /// The Region.
        region: RegionName,
        /// What was asked for.
        name: String,
    },
    /// What the API would have refused, in its words.
    #[error("{0}")]
    Refused(String),
    /// The secret has no resource policy, so it is not what locks anybody out.
    #[error("the secret `{0}` has no resource policy")]
    NoResourcePolicy(String),
}

impl App {
    /// Creates the user `name` with an access key, to whom the policy `AdministratorAccess` is
    /// attached.
    ///
    /// # Errors
    /// When the account is not there or the name cannot be had; a failure of ours.
    pub async fn create_administrator(
        &self,
        account: &AccountId,
        name: &str,
        operator: &Operator,
    ) -> Result<NewAdministrator, OperatorError> {
        if !is_user_name(name) {
            return Err(OperatorError::UserName(name.to_owned()));
        }
        let mut outcome = self.try_create_administrator(account, name, operator).await;
        for _ in 1..ATTEMPTS {
            if !came_between(&outcome) {
                break;
            }
            outcome = self.try_create_administrator(account, name, operator).await;
        }
        outcome
    }

    async fn try_create_administrator(
        &self,
        account: &AccountId,
        name: &str,
        operator: &Operator,
    ) -> Result<NewAdministrator, OperatorError> {
        let mut tx = self.ledger.begin();
        existing_account(&mut tx, account).await?;
        let taken = tx.get::<User>(&User::key_of(account, name)).await?;
        if taken.is_some() {
            return Err(OperatorError::UserExists {
                account: account.clone(),
                name: name.to_owned(),
            });
        }
        let (user, access_key, new) = administrator(self, account, name)?;
        let attachment = Attachment {
            account: account.clone(),
            policy_arn: ADMINISTRATOR_ACCESS.to_owned(),
            is_boundary: false,
            entity: EntityKind::User,
            name: user.name.clone(),
            entity_id: user.id.clone(),
        };
        let permit = Permit::for_service(&Door::open());
        USERS.take_one_in(account, &mut tx, &permit);
        tx.insert(&permit, user);
        tx.insert(&permit, access_key);
        tx.insert(&permit, attachment);
        let event = Event {
            source: IAM,
            name: "CreateAdministrator",
            account,
            region: "us-east-1",
            made: Some(elements_of(&new)),
        };
        let details = json!({
            "userName": name,
            "accessKeyId": new.access_key_id,
            "policyArn": ADMINISTRATOR_ACCESS,
        });
        match tx
            .commit(Lines::of(event.line(self, operator, details)))
            .await
        {
            Ok(_) => Ok(new),
            Err(CommitError::LimitReached) => Err(OperatorError::TooManyUsers(account.clone())),
            Err(CommitError::Common(error)) => Err(error.into()),
        }
    }

    /// Replaces the root credentials of an account: the old ones work no more.
    ///
    /// # Errors
    /// When the account is not there; a failure of ours.
    pub async fn rotate_root_credentials(
        &self,
        account: &AccountId,
        operator: &Operator,
    ) -> Result<NewAccount, OperatorError> {
        self.restore_access(account, None, operator)
            .await
            .map(|restored| restored.account)
    }

    /// Gives an account new root credentials and, if asked, takes its resource policy from a
    /// secret: the one thing that can lock out an account's root.
    ///
    /// # Errors
    /// When the account, the secret or its policy is not there; a failure of ours.
    pub async fn restore_access(
        &self,
        account: &AccountId,
        secret: Option<(&str, &RegionName)>,
        operator: &Operator,
    ) -> Result<Restored, OperatorError> {
        let mut outcome = self.try_restore_access(account, secret, operator).await;
        for _ in 1..ATTEMPTS {
            if !came_between(&outcome) {
                break;
            }
            outcome = self.try_restore_access(account, secret, operator).await;
        }
        outcome
    }

    async fn try_restore_access(
        &self,
        account: &AccountId,
        secret: Option<(&str, &RegionName)>,
        operator: &Operator,
    ) -> Result<Restored, OperatorError> {
        let mut tx = self.ledger.begin();
        let permit = Permit::for_service(&Door::open());
        let new = accounts::replace_root_key(self, &mut tx, account, &permit).await?;
        let event = Event {
            source: IAM,
            name: "RenewRootCredentials",
            account,
            region: "us-east-1",
            made: None,
        };
        let details = json!({ "accessKeyId": new.access_key_id });
        let mut lines = Lines::of(event.line(self, operator, details));
        let mut removed = None;
        if let Some((id, region)) = secret {
            let (policy, region) =
                remove_resource_policy(&mut tx, account, id, region, &permit).await?;
            let event = Event {
                source: crate::secretsmanager::EVENT_SOURCE,
                name: "RemoveResourcePolicy",
                account,
                region: region.as_str(),
                made: None,
            };
            let details = json!({ "secretId": policy.secret, "resourcePolicy": policy.text });
            lines = lines.and(vec![event.line(self, operator, details)]);
            removed = Some(policy);
        }
        tx.commit(lines).await.map_err(CommonError::from)?;
        Ok(Restored {
            account: new,
            removed,
        })
    }
}

/// Whether nothing was written because another transaction came between, so that the same may be
/// tried again.
fn came_between<T>(outcome: &Result<T, OperatorError>) -> bool {
    matches!(
        outcome,
        Err(OperatorError::Account(AccountError::Common(
            CommonError::Conflict
        )))
    )
}

/// The records of IAM's CreateUser, CreateAccessKey and AttachUserPolicy, as they would be.
fn administrator(
    app: &App,
    account: &AccountId,
    name: &str,
) -> Result<(User, AccessKey, NewAdministrator), CommonError> {
    let entropy = app.entropy.as_ref();
    let now = app.clock.now();
    let (key_id, secret) = draw_access_key(entropy, "AKIA");
    let user = User {
        account: account.clone(),
        name: name.to_owned(),
        path: String::from("/"),
        id: draw_unique_id(entropy, "AIDA"),
        created: now,
        tags: Tags::default(),
        boundary: None,
        grants: Grants {
            attached: vec![ADMINISTRATOR_ACCESS.to_owned()],
            ..Grants::default()
        },
        groups: Vec::new(),
        access_keys: vec![key_id.clone()],
    };
    let access_key = AccessKey {
        sealed_secret: app.credentials.seal(&key_id, &secret)?,
        id: key_id.clone(),
        account: account.clone(),
        user: Some(name.to_owned()),
        status: KeyStatus::Active,
        created: now,
    };
    let new = NewAdministrator {
        account_id: account.clone(),
        user_name: name.to_owned(),
        arn: user.arn(),
        access_key_id: key_id,
        secret_access_key: secret,
    };
    Ok((user, access_key, new))
}

/// What was made, with the members of `CreateAccessKey`'s event.
fn elements_of(new: &NewAdministrator) -> serde_json::Value {
    json!({
        "accessKey": {
            "accessKeyId": new.access_key_id,
            "status": "Active",
            "userName": new.user_name,
        },
        "policyArn": ADMINISTRATOR_ACCESS,
    })
}

pub(super) async fn existing_account(tx: &mut Tx<'_>, id: &AccountId) -> Result<(), AccountError> {
    match tx.get::<Account>(&Account::key_of(id)).await? {
        Some(_) => Ok(()),
        None => Err(AccountError::Unknown(id.clone())),
    }
}

/// Takes its resource policy from the secret `id` of `account`.
async fn remove_resource_policy(
    tx: &mut Tx<'_>,
    account: &AccountId,
    id: &str,
    region: &RegionName,
    permit: &Permit,
) -> Result<(RemovedPolicy, RegionName), OperatorError> {
    let unknown = || OperatorError::NoSecret {
        account: account.clone(),
        id: id.to_owned(),
    };
    let parsed = SecretId::parse(id, account, region).map_err(|_| unknown())?;
    if parsed.account != *account || parsed.name.is_empty() {
        return Err(unknown());
    }
    let key = Secret::key_of(&parsed.account, &parsed.region, &parsed.name);
    let found = tx.get::<Secret>(&key).await?;
    let meant = |secret: &Secret| match &parsed.suffix {
        Some(suffix) => secret.suffix == *suffix,
        None => true,
    };
    let found = found.filter(|found| meant(&found.record));
    let found = found.ok_or_else(unknown)?;
    let arn = found.record.arn();
    let policy_key = ResourcePolicy::key_of(&found.record);
    let policy = tx.get::<ResourcePolicy>(&policy_key).await?;
    let policy = policy.ok_or_else(|| OperatorError::NoResourcePolicy(arn.clone()))?;

    let mut secret = Secret::clone(&found.record);
    secret.has_resource_policy = false;
    tx.update(permit, secret, found.rev);
    tx.delete::<ResourcePolicy>(permit, &policy_key, policy.rev);
    let removed = RemovedPolicy {
        secret: arn,
        text: policy.record.document.text().to_owned(),
    };
    Ok((removed, parsed.region))
}

fn is_user_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

impl From<CommonError> for OperatorError {
    fn from(error: CommonError) -> Self {
        Self::Account(error.into())
    }
}

impl From<StoreError> for OperatorError {
    fn from(error: StoreError) -> Self {
        Self::Account(error.into())
    }
}

const ATTEMPTS: usize = 5;
const IAM: &str = "iam.amazonaws.com";
const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

#[cfg(test)]
mod tests;
