//! What is said over the admin socket.

use super::destination::Destination;
use super::hidden::Hidden;
use super::rotators::RotatorCommand;
use base::{AccountId, Plaintext, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use services::{AccountSummary, NewAccount, NewAdministrator, Question, Restored};
use zeroize::Zeroizing;

/// What an operator asks for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "command", deny_unknown_fields)]
pub(crate) enum Command {
    /// A new account with root credentials.
    #[serde(rename = "account.create")]
    AccountCreate {
        /// Its number. `None` draws one.
        account_id: Option<AccountId>,
    },
    /// Every account.
    #[serde(rename = "account.list")]
    AccountList,
    /// New root credentials for an account, and a secret without its resource policy.
    #[serde(rename = "account.restore-access")]
    AccountRestoreAccess {
        /// Its number.
        account_id: AccountId,
        /// The secret, if one locks everyone out.
        secret: Option<String>,
        /// The Region of a secret that is only named. `None`: the deployment's.
        region: Option<RegionName>,
    },
    /// New root credentials for an account.
    #[serde(rename = "account.rotate-root-keys")]
    AccountRotateRootKeys {
        /// Its number.
        account_id: AccountId,
    },
    /// A new user who may do everything.
    #[serde(rename = "admin.create")]
    AdminCreate {
        /// The user's name.
        user_name: String,
        /// The account. `None`: the deployment's first.
        account_id: Option<AccountId>,
        /// Under which name AWS clients on this machine find the credentials.
        profile: Option<String>,
    },
    /// Another key signs the audit log from now on. With fields, since serde takes any for a unit.
    #[serde(rename = "audit.rotate-key")]
    AuditRotateKey {},
    /// How what the audit log is sent on to stands.
    #[serde(rename = "audit.sinks")]
    AuditSinks,
    /// Messages of topics and rules that wait or were given up.
    #[serde(rename = "deliveries.list")]
    DeliveriesList {
        /// The account. `None`: all of them.
        account_id: Option<AccountId>,
    },
    /// Why a principal may or may not do something.
    #[serde(rename = "explain")]
    Explain(Explain),
    /// Who read the value of a secret.
    #[serde(rename = "access.show")]
    AccessShow(OneSecret),
    /// The secrets that nobody read for some time.
    #[serde(rename = "access.unused")]
    AccessUnused(Unused),
    /// The nodes of the deployment.
    #[serde(rename = "node.list")]
    NodeList,
    /// Whether somebody can log in with the current value of a secret.
    #[serde(rename = "rotation.check")]
    RotationCheck(OneSecret),
    /// What there is to see of the rotations of a secret.
    #[serde(rename = "rotation.show")]
    RotationShow(OneSecret),
    /// What is asked for about rotators.
    #[serde(rename = "rotator")]
    Rotator(RotatorCommand),
    /// The keys that seal the store.
    #[serde(rename = "seal.status")]
    SealStatus,
    /// Gives up the migration that was begun.
    #[serde(rename = "seal.abandon")]
    SealAbandon,
    /// Leaves the data directory to the seal of the migration that was begun. When that was before
    /// the server started, only with what opens the new seal.
    #[serde(rename = "seal.finish")]
    SealFinish {
        /// One share of the new seal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        share: Option<Hidden>,
        /// The new seal's passphrase.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passphrase: Option<Hidden>,
    },
    /// Another seal.
    #[serde(rename = "seal.migrate")]
    SealMigrate {
        /// Which one.
        to: Destination,
    },
    /// New recovery shares. Earlier ones open nothing any more.
    #[serde(rename = "seal.recovery.make")]
    SealRecoveryMake {
        /// How many to make.
        shares: u8,
        /// How many of them are to be needed.
        threshold: u8,
    },
    /// No recovery shares any more. SECURITY: a command of its own, so that no slip in one that
    /// makes shares can mean this one; and one with fields, since serde takes any for a unit.
    #[serde(rename = "seal.recovery.remove")]
    SealRecoveryRemove {},
    /// A new key that seals.
    #[serde(rename = "seal.rotate")]
    SealRotate {
        /// Whether it is to be a root key, and not one of the ring.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        root: bool,
    },
    /// An attempt to open a sealed server; with neither, by what needs nobody.
    #[serde(rename = "seal.unseal")]
    SealUnseal {
        /// A share.
        #[serde(default)]
        share: Option<Hidden>,
        /// The passphrase.
        #[serde(default)]
        passphrase: Option<Hidden>,
    },
    /// Who may do something to a secret or a key.
    #[serde(rename = "who-can")]
    WhoCan {
        /// The action.
        action: String,
        /// Its name or ARN, whichever of the two it is.
        secret: String,
        /// The account of what is only named. `None`: the deployment's first.
        account_id: Option<AccountId>,
        /// Its Region. `None`: the deployment's.
        region: Option<RegionName>,
    },
}

impl Command {
    /// What audit events call it.
    pub(super) fn event_name(&self) -> &'static str {
        match self {
            Self::AccessShow(_) => "ShowAccess",
            Self::AccessUnused(_) => "ListUnusedSecrets",
            Self::AccountCreate { .. } => "CreateAccount",
            Self::AccountList => "ListAccounts",
            Self::AccountRestoreAccess { .. } => "RestoreAccess",
            Self::AccountRotateRootKeys { .. } => "RotateRootKeys",
            Self::AdminCreate { .. } => "CreateAdministrator",
            Self::AuditRotateKey {} => "RotateAuditKey",
            Self::AuditSinks => "ListAuditSinks",
            Self::DeliveriesList { .. } => "ListDeliveries",
            Self::Explain(_) => "Explain",
            Self::NodeList => "ListNodes",
            Self::RotationCheck(_) => "CheckRotation",
            Self::RotationShow(_) => "ShowRotation",
            Self::Rotator(command) => command.event_name(),
            Self::SealStatus => "DescribeSeal",
            Self::SealAbandon => "AbandonSealMigration",
            Self::SealFinish { .. } => "FinishSealMigration",
            Self::SealMigrate { .. } => "MigrateSeal",
            Self::SealRecoveryMake { .. } => "CreateRecoveryShares",
            Self::SealRecoveryRemove {} => "RemoveRecoveryShares",
            Self::SealRotate { root: true } => "RotateRootKey",
            Self::SealRotate { root: false } => "RotateSealKey",
            Self::SealUnseal { .. } => "Unseal",
            Self::WhoCan { .. } => "WhoCan",
        }
    }

    /// Whether nothing could change.
    pub(super) fn is_read_only(&self) -> bool {
        match self {
            Self::AccessShow(_)
            | Self::AccessUnused(_)
            | Self::AccountList
            | Self::AuditSinks
            | Self::DeliveriesList { .. }
            | Self::Explain(_)
            | Self::NodeList
            | Self::RotationCheck(_)
            | Self::RotationShow(_)
            | Self::SealStatus
            | Self::WhoCan { .. } => true,
            Self::Rotator(command) => command.is_read_only(),
            Self::AccountCreate { .. }
            | Self::AccountRestoreAccess { .. }
            | Self::AccountRotateRootKeys { .. }
            | Self::AdminCreate { .. }
            | Self::AuditRotateKey {}
            | Self::SealAbandon
            | Self::SealFinish { .. }
            | Self::SealMigrate { .. }
            | Self::SealRecoveryMake { .. }
            | Self::SealRecoveryRemove {}
            | Self::SealRotate { .. }
            | Self::SealUnseal { .. } => false,
        }
    }

    /// The account that it is about.
    pub(super) fn target(&self) -> Option<&AccountId> {
        match self {
            Self::AccessShow(OneSecret { account_id, .. })
            | Self::AccessUnused(Unused { account_id, .. })
            | Self::AccountCreate { account_id }
            | Self::AdminCreate { account_id, .. }
            | Self::DeliveriesList { account_id }
            | Self::Explain(Explain { account_id, .. })
            | Self::RotationCheck(OneSecret { account_id, .. })
            | Self::RotationShow(OneSecret { account_id, .. })
            | Self::WhoCan { account_id, .. } => account_id.as_ref(),
            Self::AccountRestoreAccess { account_id, .. }
            | Self::AccountRotateRootKeys { account_id } => Some(account_id),
            Self::Rotator(command) => command.account(),
            Self::AccountList
            | Self::AuditRotateKey {}
            | Self::AuditSinks
            | Self::NodeList
            | Self::SealAbandon
            | Self::SealFinish { .. }
            | Self::SealMigrate { .. }
            | Self::SealRecoveryMake { .. }
            | Self::SealRecoveryRemove {}
            | Self::SealRotate { .. }
            | Self::SealStatus
            | Self::SealUnseal { .. } => None,
        }
    }

    /// What its audit event shows of its parameters.
    pub(super) fn shown(&self) -> Option<Value> {
        match self {
            Self::AccountCreate { account_id } => {
                account_id.as_ref().map(|id| json!({ "accountId": id }))
            }
            Self::DeliveriesList { account_id } => {
                account_id.as_ref().map(|id| json!({ "accountId": id }))
            }
            Self::AccountRestoreAccess {
                account_id, secret, ..
            } => Some(json!({ "accountId": account_id, "secretId": secret })),
            Self::AccountRotateRootKeys { account_id } => Some(json!({ "accountId": account_id })),
            Self::AdminCreate {
                user_name,
                account_id,
                ..
            } => Some(json!({ "accountId": account_id, "userName": user_name })),
            Self::Explain(Explain {
                principal,
                action,
                resource,
                ..
            }) => Some(json!({ "principal": principal, "action": action, "resource": resource })),
            Self::AccessUnused(Unused { days, .. }) => Some(json!({ "days": days })),
            Self::AccessShow(OneSecret { secret, .. })
            | Self::RotationCheck(OneSecret { secret, .. })
            | Self::RotationShow(OneSecret { secret, .. }) => Some(json!({ "secretId": secret })),
            Self::WhoCan { action, secret, .. } => {
                let is_of_kms = action.to_ascii_lowercase().starts_with("kms:");
                let name = if is_of_kms { "keyId" } else { "secretId" };
                Some(json!({ "action": action, name: secret }))
            }
            Self::Rotator(command) => Some(command.shown()),
            Self::SealMigrate { to } => Some(to.shown()),
            Self::SealRecoveryMake { shares, threshold } => {
                Some(json!({ "shares": shares, "threshold": threshold }))
            }
            Self::SealFinish { share: Some(_), .. } => Some(json!({ "with": "share" })),
            // SECURITY: nothing of what opens a seal.
            Self::SealUnseal { .. }
            | Self::AccountList
            | Self::AuditRotateKey {}
            | Self::AuditSinks
            | Self::NodeList
            | Self::SealAbandon
            | Self::SealFinish { .. }
            | Self::SealRecoveryRemove {}
            | Self::SealRotate { .. }
            | Self::SealStatus => None,
        }
    }
}

/// Secrets that nobody read.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unused {
    /// For how many days.
    pub(crate) days: u32,
    /// Whose. `None`: the deployment's first account.
    pub(crate) account_id: Option<AccountId>,
    /// Of which Region. `None`: the deployment's.
    pub(crate) region: Option<RegionName>,
}

/// The secret whose rotations or readers are looked at, or whose value is checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneSecret {
    /// Its name or ARN.
    pub(crate) secret: String,
    /// The account of a secret that is only named. `None`: the deployment's first.
    pub(crate) account_id: Option<AccountId>,
    /// Its Region. `None`: the deployment's.
    pub(crate) region: Option<RegionName>,
}

/// A question why a principal may or may not do something.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Explain {
    /// Its ARN.
    pub(crate) principal: String,
    /// The action.
    pub(crate) action: String,
    /// An ARN, `*`, or the name of a secret or key.
    pub(crate) resource: String,
    /// The account of a secret or key that is only named. `None`: the principal's.
    pub(crate) account_id: Option<AccountId>,
    /// The Region of the request. `None`: that of the resource's ARN, or the deployment's.
    pub(crate) region: Option<RegionName>,
    /// Condition keys and their values.
    pub(crate) context: Vec<(String, String)>,
}

impl Explain {
    /// The question, in a deployment whose Region is `home`.
    pub(super) fn question(&self, home: &RegionName) -> Question {
        Question {
            principal: self.principal.clone(),
            action: self.action.clone(),
            resource: self.resource.clone(),
            account: self.account_id.clone(),
            region: self.region.clone(),
            home: home.clone(),
            context: self.context.clone(),
        }
    }
}

/// An account in a list.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccountRow {
    /// Its number.
    pub(crate) account_id: AccountId,
    /// When it was created, in ISO 8601.
    pub(crate) created: String,
}

impl From<AccountSummary> for AccountRow {
    fn from(account: AccountSummary) -> Self {
        Self {
            account_id: account.account_id,
            created: Timestamp::to_iso(account.created),
        }
    }
}

/// An answer that went well, as a line. `result` is JSON.
pub(super) fn ok_line(result: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut line = Zeroizing::new(Vec::with_capacity(result.len() + 16));
    line.extend_from_slice(br#"{"ok":"#);
    line.extend_from_slice(result);
    line.extend_from_slice(b"}\n");
    line
}

/// An answer that says why there is none, as a line.
pub(super) fn error_line(text: &str) -> Zeroizing<Vec<u8>> {
    let mut line = serde_json::to_vec(&Failure { error: text }).unwrap_or_default();
    line.push(b'\n');
    Zeroizing::new(line)
}

/// A new account as JSON, with its secret.
pub(super) fn new_account(account: &NewAccount) -> Zeroizing<Vec<u8>> {
    let fields = [("AccountId", account.account_id.as_str())];
    credentials(&fields, &account.access_key_id, &account.secret_access_key)
}

/// A new administrator as JSON, with its secret, and where the profile is or why it is not.
pub(super) fn new_administrator(
    new: &NewAdministrator,
    profile: Option<(&'static str, &str)>,
) -> Zeroizing<Vec<u8>> {
    let mut fields = vec![
        ("AccountId", new.account_id.as_str()),
        ("UserName", &new.user_name),
        ("Arn", &new.arn),
    ];
    fields.extend(profile);
    credentials(&fields, &new.access_key_id, &new.secret_access_key)
}

/// An account to which access was restored as JSON, with its secret and what was removed.
pub(super) fn restored(restored: &Restored) -> Zeroizing<Vec<u8>> {
    let account = &restored.account;
    let mut fields = vec![("AccountId", account.account_id.as_str())];
    if let Some(removed) = &restored.removed {
        fields.push(("Secret", &removed.secret));
        fields.push(("ResourcePolicy", &removed.text));
    }
    credentials(&fields, &account.access_key_id, &account.secret_access_key)
}

/// An object of `fields` and an access key.
///
/// SECURITY: written by hand, because a secret has no `Serialize`; the room is taken beforehand, so
/// that no growing leaves a copy behind.
fn credentials(
    fields: &[(&str, &str)],
    access_key_id: &str,
    secret: &Plaintext,
) -> Zeroizing<Vec<u8>> {
    let secret = secret.expose();
    let own = [("AccessKeyId", access_key_id)];
    let public: Vec<u8> = fields
        .iter()
        .chain(&own)
        .flat_map(|(name, value)| {
            let value = serde_json::to_vec(value).unwrap_or_default();
            [b"\"", name.as_bytes(), b"\":", &value, b","].concat()
        })
        .collect();
    let mut json = Zeroizing::new(Vec::with_capacity(64 + public.len() + 2 * secret.len()));
    json.push(b'{');
    json.extend_from_slice(&public);
    json.extend_from_slice(br#""SecretAccessKey":""#);
    for &byte in secret {
        if matches!(byte, b'"' | b'\\') {
            json.push(b'\\');
        }
        json.push(byte);
    }
    json.extend_from_slice(br#""}"#);
    json
}

#[derive(Serialize)]
struct Failure<'a> {
    error: &'a str,
}
