//! What a question is about: a secret with its policy and tags, a role that is to be assumed, a key
//! with its policy and grants, or an ARN as it is.

use super::ExplainError;
use crate::authorize::Resource;
use crate::context::Keys;
use crate::cx::Cx;
use crate::document::AnyDocument;
use crate::identity::Principal;
use crate::identity::model::Role;
use crate::kms::questions::{
    self, AskedKey, Granted, KeyAction, KeyId, KnownContext, NotAKey, Takes,
};
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::names::SecretId;
use crate::secretsmanager::resource_policy::{self, ResourcePolicy};
use crate::sts::target::TRUST_POLICY;
use crate::tx::Tx;
use base::{AccountId, Arn, CommonError, RegionName};
use policy::Rule;
use std::sync::Arc;

/// A resource.
pub(super) struct Subject {
    owner: AccountId,
    /// `None`: the action is done to nothing in particular.
    name: Option<String>,
    found: Found,
}

/// What is known of it.
enum Found {
    Nothing,
    Secret {
        secret: Arc<Secret>,
        policy: Option<Arc<ResourcePolicy>>,
    },
    /// A role that is to be assumed.
    Role(Arc<Role>),
    /// A key, existing or not.
    Key(Box<AskedKey>),
    /// An alias that is to be made, changed or deleted, with the key that it means; or no resource of
    /// KMS in particular.
    OfKms(Option<KeyId>),
    /// A secret or key of another Region than the one that is asked, existing or not.
    Elsewhere(String),
}

/// What a question names.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) resource: &'a str,
    pub(super) action: &'a str,
    /// Whose it is if it is only named.
    pub(super) account: &'a AccountId,
    /// The Region that is asked.
    pub(super) region: &'a RegionName,
    /// Condition keys with their values.
    pub(super) given: &'a [(String, String)],
}

/// The policy that a resource brings.
pub(super) struct OwnPolicy<'a> {
    pub(super) name: &'static str,
    pub(super) document: &'a dyn AnyDocument,
}

impl Subject {
    /// Looks up what is sought.
    ///
    /// # Errors
    /// When it is no ARN and the action is none on secrets or keys, or no key and the action is one
    /// on keys; a failure of the store.
    pub(super) async fn find(tx: &mut Tx<'_>, sought: &Sought<'_>) -> Result<Self, ExplainError> {
        let Sought {
            resource,
            action,
            account,
            region,
            ..
        } = *sought;
        if let Some(action) = KeyAction::of(action) {
            return Self::of_kms(tx, sought, action).await;
        }
        if resource == "*" {
            return Ok(Self::nothing(account, None));
        }
        let unclear = || ExplainError::NotAResource(resource.to_owned());
        let parsed = Arn::parse(resource).ok();
        let is_name = parsed.is_none() && starts_with(action, SECRETS_MANAGER);
        let is_secret = parsed
            .as_ref()
            .is_some_and(|arn| arn.service == "secretsmanager");
        if is_name || is_secret {
            let id = SecretId::parse(resource, account, region).map_err(|_| unclear())?;
            if id.region != *region && starts_with(action, SECRETS_MANAGER) {
                return Ok(Self {
                    owner: id.account,
                    name: Some(id.sent),
                    found: Found::Elsewhere(id.region.to_string()),
                });
            }
            return Self::secret(tx, &id).await;
        }
        let arn = parsed.ok_or_else(unclear)?;
        // Some ARNs name no account: those of a bucket, for one.
        let owner = AccountId::parse(&arn.account).unwrap_or_else(|_| account.clone());
        if arn.service == "iam" && starts_with(action, "sts:assumerole") {
            let name = arn.resource.rsplit('/').next().unwrap_or_default();
            let role = tx.get::<Role>(&Role::key_of(&owner, name)).await?;
            if let Some(role) = role.filter(|role| role.record.arn() == resource) {
                return Ok(Self {
                    owner,
                    name: Some(resource.to_owned()),
                    found: Found::Role(role.record),
                });
            }
        }
        Ok(Self::nothing(&owner, Some(resource)))
    }

    async fn of_kms(
        tx: &mut Tx<'_>,
        sought: &Sought<'_>,
        action: KeyAction,
    ) -> Result<Self, ExplainError> {
        let Sought {
            resource,
            account,
            region,
            given,
            ..
        } = *sought;
        if action.takes() == Takes::Nothing {
            return Ok(Self {
                found: Found::OfKms(None),
                ..Self::nothing(account, None)
            });
        }
        let id = match questions::key_id(resource, account, region) {
            Ok(id) => id,
            Err(NotAKey::OfRegion(there)) => {
                let arn = Arn::parse(resource).ok();
                let owner = arn.and_then(|arn| AccountId::parse(&arn.account).ok());
                return Ok(Self {
                    owner: owner.unwrap_or_else(|| account.clone()),
                    name: Some(resource.to_owned()),
                    found: Found::Elsewhere(there),
                });
            }
            Err(NotAKey::Unclear) => return Err(ExplainError::NotAKey(resource.to_owned())),
        };
        if action.takes() == Takes::Alias && id.alias().is_some() {
            return Ok(Self {
                owner: id.account.clone(),
                name: Some(id.arn()),
                found: Found::OfKms(questions::aliased(tx, &id).await?),
            });
        }
        let context = if action.has_context() {
            questions::given_context(given)
        } else {
            KnownContext::Open
        };
        let key = AskedKey::find(tx, id, action, context).await?;
        Ok(Self::of_key(key))
    }

    /// The key `key`.
    pub(super) fn of_key(key: AskedKey) -> Self {
        Self {
            owner: key.owner().clone(),
            name: Some(key.name()),
            found: Found::Key(Box::new(key)),
        }
    }

    /// The same, if it is a key, named by nothing but its own ARN.
    pub(super) fn by_itself(self) -> Self {
        match self.found {
            Found::Key(key) => Self::of_key(key.by_itself()),
            found => Self { found, ..self },
        }
    }

    async fn secret(tx: &mut Tx<'_>, id: &SecretId) -> Result<Self, ExplainError> {
        let key = Secret::key_of(&id.account, &id.region, &id.name);
        let found = tx.get::<Secret>(&key).await?.map(|found| found.record);
        let meant = |secret: &Arc<Secret>| match &id.suffix {
            Some(suffix) => secret.suffix == *suffix,
            None => true,
        };
        let Some(secret) = found.filter(meant) else {
            return Ok(Self::nothing(&id.account, Some(&id.sent)));
        };
        let policy = if secret.has_resource_policy {
            let key = ResourcePolicy::key_of(&secret);
            let policy = tx.get::<ResourcePolicy>(&key).await?;
            // SECURITY: a policy that should be there and is not may have been a Deny.
            let missing = || CommonError::internal("a secret's resource policy is missing");
            Some(policy.ok_or_else(missing)?.record)
        } else {
            None
        };
        Ok(Self {
            owner: id.account.clone(),
            name: Some(secret.arn()),
            found: Found::Secret { secret, policy },
        })
    }

    fn nothing(owner: &AccountId, name: Option<&str>) -> Self {
        Self {
            owner: owner.clone(),
            name: name.map(str::to_owned),
            found: Found::Nothing,
        }
    }

    /// The account that owns it.
    pub(super) fn owner(&self) -> &AccountId {
        &self.owner
    }

    /// Whether it is a secret, key or alias that exists.
    pub(super) fn is_there(&self) -> bool {
        match &self.found {
            Found::Secret { .. } => true,
            Found::Key(key) => key.exists(),
            Found::OfKms(key) => key.is_some(),
            Found::Nothing | Found::Role(_) | Found::Elsewhere(_) => false,
        }
    }

    /// The secret, if it is one that exists.
    pub(super) fn existing_secret(&self) -> Option<&Secret> {
        match &self.found {
            Found::Secret { secret, .. } => Some(secret),
            Found::Nothing
            | Found::Role(_)
            | Found::Key(_)
            | Found::OfKms(_)
            | Found::Elsewhere(_) => None,
        }
    }

    /// The key, whether or not it exists.
    pub(super) fn key(&self) -> Option<&AskedKey> {
        match &self.found {
            Found::Key(key) => Some(key),
            Found::Nothing
            | Found::Secret { .. }
            | Found::Role(_)
            | Found::OfKms(_)
            | Found::Elsewhere(_) => None,
        }
    }

    /// The key that an alias means which is to be changed or deleted.
    pub(super) fn aliased(&self) -> Option<&KeyId> {
        match &self.found {
            Found::OfKms(key) => key.as_ref(),
            Found::Nothing
            | Found::Secret { .. }
            | Found::Role(_)
            | Found::Key(_)
            | Found::Elsewhere(_) => None,
        }
    }

    /// The grants on it that name `principal`.
    ///
    /// # Errors
    /// A failure of the store.
    pub(super) async fn granted(
        &self,
        tx: &mut Tx<'_>,
        principal: &Principal,
    ) -> Result<Vec<Granted>, CommonError> {
        match self.key() {
            Some(key) => key.granted(tx, principal).await,
            None => Ok(Vec::new()),
        }
    }

    /// The policy that it brings, unless it is a key.
    pub(super) fn own_policy(&self) -> Option<OwnPolicy<'_>> {
        match &self.found {
            Found::Secret { policy, .. } => policy.as_ref().map(|policy| OwnPolicy {
                name: resource_policy::TITLE,
                document: &policy.document,
            }),
            Found::Role(role) => Some(OwnPolicy {
                name: TRUST_POLICY,
                document: &role.trust,
            }),
            Found::Nothing | Found::Key(_) | Found::OfKms(_) | Found::Elsewhere(_) => None,
        }
    }

    /// Whether all its tags are known.
    pub(super) fn has_known_tags(&self) -> bool {
        match &self.found {
            Found::Secret { .. } | Found::Role(_) => true,
            Found::Key(key) => key.exists(),
            Found::Nothing | Found::OfKms(_) | Found::Elsewhere(_) => false,
        }
    }

    /// As authorization sees it when `caller` asks, all policies apart but that of a key.
    ///
    /// COMPAT: nobody may do anything with a secret of another Region than the request's; aliases are
    /// for their own account to change.
    pub(super) fn resource(&self, caller: &AccountId) -> Resource<'_> {
        let own = Some(&self.owner);
        let (owner, tags) = match &self.found {
            Found::Key(key) => return key.resource(caller),
            Found::Secret { secret, .. } => (own, secret.tags.as_ref()),
            Found::Role(role) => (own, Some(&role.tags)),
            Found::Nothing => (own, None),
            Found::OfKms(_) => (own.filter(|owner| *owner == caller), None),
            Found::Elsewhere(_) => (None, None),
        };
        let rule = if matches!(self.found, Found::Role(_)) {
            Rule::ResourceRequired
        } else {
            Rule::Union
        };
        Resource {
            owner,
            name: self.name.clone(),
            rule,
            tags,
            ..Resource::default()
        }
    }

    /// The condition keys that it brings to every request. `secretsmanager:SecretId` is none of
    /// them: it is what a caller writes for the secret, its name or an ARN.
    pub(super) fn keys<'a>(&'a self, cx: &Cx<'a>) -> Keys<'a> {
        match &self.found {
            Found::Secret { secret, .. } => Keys::none()
                .text("secretsmanager:secretprimaryregion", secret.region.as_str())
                .opt_text(
                    "secretsmanager:resource/allowrotationlambdaarn",
                    secret.rotation_function(),
                ),
            Found::Key(key) => key.keys(cx),
            Found::OfKms(_) => questions::keys_of_caller(cx),
            Found::Nothing | Found::Role(_) | Found::Elsewhere(_) => Keys::none(),
        }
    }

    /// What stands in the way beside policies, or instead of them. `is_allowed` by those.
    pub(super) fn obstacle(&self, action: &str, is_allowed: bool) -> Option<String> {
        match &self.found {
            Found::Elsewhere(region) => Some(if starts_with(action, SECRETS_MANAGER) {
                format!(
                    "the secret is one of {region}, and requests to another Region are refused, \
                     whatever policies say"
                )
            } else {
                format!("the key is one of {region}, and requests to another Region do not find it")
            }),
            Found::Key(key) if is_allowed => key.obstacle(),
            Found::OfKms(_) if is_allowed && NEW_KEY.iter().any(|one| same(one, action)) => {
                Some(NEW_KEY_NOTE.to_owned())
            }
            Found::Nothing
            | Found::Secret { .. }
            | Found::Role(_)
            | Found::Key(_)
            | Found::OfKms(_) => None,
        }
    }
}

fn starts_with(text: &str, prefix: &str) -> bool {
    let start = text.get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Whether both name one action.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// How the actions on secrets begin.
pub(super) const SECRETS_MANAGER: &str = "secretsmanager:";
/// Actions on an alias that is to mean a key which the question does not name.
const NEW_KEY: [&str; 2] = ["kms:CreateAlias", "kms:UpdateAlias"];
const NEW_KEY_NOTE: &str = "the same has to be allowed for the key that the alias is to mean";
pub(super) const DEFAULT_KEY_NOTE: &str = "the value is encrypted under the key \
    `aws/secretsmanager`, which serves its own account only, so the operation is refused";
