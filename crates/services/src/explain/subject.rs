//! What a question is about: a secret with its policy and tags, a role that is to be assumed, or
//! an ARN as it is.

use super::ExplainError;
use crate::authorize::Resource;
use crate::context::Keys;
use crate::document::AnyDocument;
use crate::identity::Principal;
use crate::identity::model::Role;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::names::SecretId;
use crate::secretsmanager::resource_policy::{self, ResourcePolicy};
use crate::sts::target::TRUST_POLICY;
use crate::tags::Tags;
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
    /// A secret of another Region than the one that is asked, existing or not.
    Elsewhere(RegionName),
}

/// The policy that a resource brings.
pub(super) struct OwnPolicy<'a> {
    pub(super) name: &'static str,
    pub(super) document: &'a dyn AnyDocument,
}

impl Subject {
    /// Looks up what `resource` means for `action` that is asked of `region`. A secret that is
    /// only named is one of `account` in that Region.
    ///
    /// # Errors
    /// When it is no ARN and the action is none on secrets; a failure of the store.
    pub(super) async fn find(
        tx: &mut Tx<'_>,
        resource: &str,
        action: &str,
        account: &AccountId,
        region: &RegionName,
    ) -> Result<Self, ExplainError> {
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
                    found: Found::Elsewhere(id.region),
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

    /// The same, as requests see it.
    ///
    /// COMPAT: nobody may do anything with a secret of another Region than the request's.
    pub(super) fn owner_here(&self) -> Option<&AccountId> {
        match self.found {
            Found::Elsewhere(_) => None,
            Found::Nothing | Found::Secret { .. } | Found::Role(_) => Some(&self.owner),
        }
    }

    /// The secret, if it is one that exists.
    pub(super) fn existing_secret(&self) -> Option<&Secret> {
        match &self.found {
            Found::Secret { secret, .. } => Some(secret),
            Found::Nothing | Found::Role(_) | Found::Elsewhere(_) => None,
        }
    }

    /// As policies match it.
    pub(super) fn matched(&self) -> &str {
        self.name.as_deref().unwrap_or("*")
    }

    /// The policy that it brings.
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
            Found::Nothing | Found::Elsewhere(_) => None,
        }
    }

    /// How its policy and those of the caller go together.
    pub(super) fn rule(&self) -> Rule {
        match self.found {
            Found::Role(_) => Rule::ResourceRequired,
            Found::Nothing | Found::Secret { .. } | Found::Elsewhere(_) => Rule::Union,
        }
    }

    /// Whether all its tags are known.
    pub(super) fn has_known_tags(&self) -> bool {
        !matches!(self.found, Found::Nothing | Found::Elsewhere(_))
    }

    /// As authorization sees it, its policy apart.
    pub(super) fn resource(&self) -> Resource<'_> {
        let tags: Option<&Tags> = match &self.found {
            Found::Secret { secret, .. } => secret.tags.as_ref(),
            Found::Role(role) => Some(&role.tags),
            Found::Nothing | Found::Elsewhere(_) => None,
        };
        Resource {
            owner: self.owner_here(),
            name: self.name.clone(),
            tags,
            ..Resource::default()
        }
    }

    /// The condition keys that it brings to every request. `secretsmanager:SecretId` is none of
    /// them: it is what a caller writes for the secret, its name or an ARN.
    pub(super) fn keys(&self) -> Keys<'_> {
        let keys = Keys::none();
        match self.existing_secret() {
            Some(secret) => keys
                .text("secretsmanager:secretprimaryregion", secret.region.as_str())
                .opt_text(
                    "secretsmanager:resource/allowrotationlambdaarn",
                    secret.rotation_function(),
                ),
            None => keys,
        }
    }

    /// What stands in the way of `principal` beside policies, or instead of them. `is_allowed` by
    /// those.
    pub(super) fn obstacle(
        &self,
        principal: &Principal,
        action: &str,
        is_allowed: bool,
    ) -> Option<String> {
        match &self.found {
            Found::Elsewhere(region) => Some(format!(
                "the secret is one of {region}, and requests to another Region are refused, \
                 whatever policies say"
            )),
            _ if is_allowed && self.is_locked_to(principal, action) => {
                Some(DEFAULT_KEY_NOTE.to_owned())
            }
            _ if is_allowed => self.key_beside(action).map(|key| {
                format!(
                    "the value is encrypted under the key `{key}`, whose policy and grants have to \
                     allow its use as well; they were not asked"
                )
            }),
            Found::Nothing | Found::Secret { .. } | Found::Role(_) => None,
        }
    }

    /// The customer's key that the caller has to be allowed to use for `action` as well. Its policy
    /// and grants are not known to explanations.
    pub(super) fn key_beside(&self, action: &str) -> Option<&str> {
        let secret = self.existing_secret()?;
        let key = secret.key.customer_key.as_deref();
        key.filter(|_| uses_key(action))
    }

    /// Whether `action` needs a key that does not serve `principal`, whatever policies say.
    ///
    /// COMPAT: the default key of an account serves its own account only, so that secrets under
    /// it cannot be shared (behaviour reference §8.4).
    pub(super) fn is_locked_to(&self, principal: &Principal, action: &str) -> bool {
        let under_default = self
            .existing_secret()
            .is_some_and(|secret| secret.key.customer_key.is_none());
        uses_key(action) && under_default && *principal.account() != self.owner
    }
}

fn starts_with(text: &str, prefix: &str) -> bool {
    let start = text.get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// How the actions on secrets begin.
pub(super) const SECRETS_MANAGER: &str = "secretsmanager:";
/// Whether `action` encrypts or decrypts a value.
fn uses_key(action: &str) -> bool {
    ["GetSecretValue", "PutSecretValue"]
        .iter()
        .any(|name| action.eq_ignore_ascii_case(&format!("secretsmanager:{name}")))
}

pub(super) const DEFAULT_KEY_NOTE: &str = "the value is encrypted under the key \
    `aws/secretsmanager`, which serves its own account only, so the operation is refused";
