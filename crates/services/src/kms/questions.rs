//! Keys as those see them who ask about requests that nobody has made.
//!
//! Rules kept here: what a key brings to a decision is what it brings to requests, by [`Target`], and
//! the grants are those that [`grants::naming`] finds for requests; what only a request tells, its
//! encryption context first of all, may be open; whether a key is there and what state it is in is no
//! question of leave, and is told beside it.

pub(crate) use super::key_action::{KeyAction, Takes};
pub(crate) use super::key_id::KeyId;
pub(crate) use super::known_context::{KnownContext, given_context, is_of_context};

use super::aliases::Alias;
use super::blob::Blob;
use super::encryption_context;
use super::error::Error;
use super::grants::{self, Grant};
use super::key_id::Means;
use super::known_context::{Admission, PAIR};
use super::managed_key::ALIASES;
use super::model::State;
use super::target::{self, Target};
use crate::authorize::Resource;
use crate::context::Keys;
use crate::cx::Cx;
use crate::document::ResourceDocument;
use crate::identity::Principal;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName};
use policy::Policy;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A key that an action is to be done to, whether or not it is there.
pub(crate) struct AskedKey {
    target: Target,
    action: KeyAction,
    context: KnownContext,
}

/// A grant that names a principal, or may.
pub(crate) struct Granted {
    grant: Arc<Grant>,
    is_retiring: bool,
    /// What it hangs on whether the grant counts. Nothing: it does.
    pub(crate) hangs_on: Vec<String>,
}

impl AskedKey {
    /// The key that `id` means.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn find(
        tx: &mut Tx<'_>,
        id: KeyId,
        action: KeyAction,
        context: KnownContext,
    ) -> Result<Self, CommonError> {
        Ok(Self {
            target: Target::find(tx, id).await.map_err(ours)?,
            action,
            context,
        })
    }

    /// The same key, named by itself: an alias is only one of the names that requests may use.
    pub(crate) fn by_itself(self) -> Self {
        Self {
            target: self.target.by_itself(),
            ..self
        }
    }

    /// What is to be done.
    pub(crate) fn action(&self) -> &KeyAction {
        &self.action
    }

    /// The account whose key it is.
    pub(crate) fn owner(&self) -> &AccountId {
        &self.target.id().account
    }

    /// The ARN of the key, or of what was named if there is none.
    pub(crate) fn name(&self) -> String {
        self.target.arn().unwrap_or_else(|| self.target.id().arn())
    }

    /// Whether there is one.
    pub(crate) fn exists(&self) -> bool {
        self.target.key().is_some()
    }

    /// Whether it is the key of a service.
    pub(crate) fn is_managed(&self) -> bool {
        self.target.managed().is_some()
    }

    /// As authorization sees it, its grants apart.
    ///
    /// COMPAT: as [`Target::to_manage`] has it, a key of another account is not there to be managed.
    pub(crate) fn resource(&self, caller: &AccountId) -> Resource<'_> {
        let mut resource = self.target.resource(caller);
        let is_own_only = matches!(self.action.takes(), Takes::OwnKey | Takes::Alias);
        resource.owner = resource
            .owner
            .filter(|owner| !is_own_only || *owner == caller);
        resource
    }

    /// The condition keys that every request brings. Open values of the context are empty.
    pub(crate) fn keys<'a>(&'a self, cx: &Cx<'a>) -> Keys<'a> {
        let keys = self.target.keys(cx);
        if self.action.takes() != Takes::Use {
            return keys;
        }
        let pairs: Vec<(&str, &str)> = match &self.context {
            KnownContext::Open => Vec::new(),
            KnownContext::Pairs(pairs) => {
                let value = |value: &'a Option<String>| value.as_deref().unwrap_or_default();
                let pairs = pairs.iter();
                pairs
                    .map(|(name, one)| (name.as_str(), value(one)))
                    .collect()
            }
        };
        encryption_context::keys(keys, &pairs)
    }

    /// Whether its requests have an encryption context.
    pub(crate) fn takes_context(&self) -> bool {
        self.action.takes() == Takes::Use && self.context != KnownContext::Open
    }

    /// Whether only a request could tell the value of the condition key `key`, in lower case, for a
    /// reason that lies in this key.
    pub(crate) fn is_open(&self, key: &str) -> bool {
        match key.strip_prefix(PAIR) {
            Some(name) => match &self.context {
                KnownContext::Open => self.action.has_context(),
                KnownContext::Pairs(pairs) => {
                    let mut open = pairs.iter().filter(|(_, value)| value.is_none());
                    open.any(|(one, _)| one.eq_ignore_ascii_case(name))
                }
            },
            None if key == "kms:requestalias" => {
                let takes_alias = matches!(self.action.takes(), Takes::Use | Takes::AnyName);
                let is_by_key = self.target.id().alias().is_none();
                takes_alias
                    && is_by_key
                    && self.target.key().is_some_and(|key| !key.aliases.is_empty())
            }
            None => {
                key == "kms:encryptioncontextkeys"
                    && self.context == KnownContext::Open
                    && self.action.has_context()
            }
        }
    }

    /// Whether no request brings the condition key `key`, in lower case, if its value is not known.
    pub(crate) fn is_surely_absent(&self, key: &str) -> bool {
        let is_of_context = key.starts_with(PAIR) || key == "kms:encryptioncontextkeys";
        (is_of_context || key == "kms:requestalias") && !self.is_open(key)
    }

    /// The grants on the key that name `principal` and are for the action, or may be.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn granted(
        &self,
        tx: &mut Tx<'_>,
        principal: &Principal,
    ) -> Result<Vec<Granted>, CommonError> {
        let Some(key) = self.target.key() else {
            return Ok(Vec::new());
        };
        let grants = grants::naming(tx, key, principal).await?;
        let own = grants.into_iter().filter_map(|grant| self.counted(grant));
        let mut granted: Vec<Granted> = own.collect();
        if self.action.operation() == RETIRE && key.has_grants {
            let retirable = grants::retirable_on(tx, key, principal).await?;
            granted.extend(retirable.into_iter().map(|grant| Granted {
                grant,
                is_retiring: true,
                hangs_on: vec![RETIRED.to_owned()],
            }));
        }
        Ok(granted)
    }

    fn counted(&self, grant: Arc<Grant>) -> Option<Granted> {
        if !grant.is_for(self.action.name(), None) {
            return None;
        }
        let hangs_on = match self.action.operation() {
            // A grantee passes on what it has and no more, so it is a question of what is passed on.
            "CreateGrant" => {
                let mut keys = vec![String::from("kms:GrantOperations")];
                keys.extend(grant.constraints.keys());
                keys
            }
            RETIRE => vec![RETIRED.to_owned()],
            _ if self.action.takes() == Takes::Use => {
                match grant.constraints.judge(&self.context) {
                    Admission::Surely => Vec::new(),
                    Admission::Perhaps => grant.constraints.keys(),
                    Admission::Never => return None,
                }
            }
            _ => Vec::new(),
        };
        Some(Granted {
            grant,
            is_retiring: false,
            hangs_on,
        })
    }

    /// The principals whom grants on the key name, and where it matters those that may retire them.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn grantees(&self, tx: &mut Tx<'_>) -> Result<BTreeSet<String>, CommonError> {
        let mut names = BTreeSet::new();
        if let Some(key) = self.target.key().filter(|key| key.has_grants) {
            let retires = self.action.operation() == RETIRE;
            tx.every::<Grant>(grants::on(key, 0), |grant| {
                names.insert(grant.grantee.clone());
                let retiring = grant.retiring.as_ref().filter(|_| retires);
                names.extend(retiring.map(|one| one.arn.clone()));
            })
            .await?;
        }
        Ok(names)
    }

    /// The policy of the key.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn policy(&self) -> Result<Option<&Policy>, CommonError> {
        let document: Option<&ResourceDocument> = self.target.key().map(|key| &key.policy);
        document.map(ResourceDocument::policy).transpose()
    }

    /// What stands in the way of who may: the key, as it is.
    pub(crate) fn obstacle(&self) -> Option<String> {
        let name = self.name();
        let takes_alias = matches!(self.action.takes(), Takes::Use | Takes::AnyName);
        let Some(key) = self.target.key() else {
            return Some(format!("there is no `{name}`, so the call fails"));
        };
        if self.target.id().alias().is_some() && !takes_alias {
            return Some(format!(
                "`{}` takes no alias, so the call fails unless it names `{name}`",
                self.action.name()
            ));
        }
        let is_in_the_way = match key.state {
            State::Enabled => false,
            State::Disabled => self.action.needs_enabled(),
            State::PendingDeletion { .. } => self.action.needs_lasting(),
        };
        is_in_the_way.then(|| {
            let state = key.state.name();
            format!("the key `{name}` is {state}, so the call fails")
        })
    }
}

impl Granted {
    /// What audit events and explanations call it.
    pub(crate) fn title(&self) -> String {
        self.grant.title()
    }

    /// Whom it lets in, in the form of a resource's policy.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn policy(&self) -> Result<&Policy, CommonError> {
        let retiring = self.grant.retiring.as_ref().filter(|_| self.is_retiring);
        let document = retiring.map_or(&self.grant.document, |one| &one.document);
        document.policy()
    }
}

/// What the name of a key means to a caller of `account` in `region`.
///
/// # Errors
/// [`NotAKey`].
pub(crate) fn key_id(
    sent: &str,
    account: &AccountId,
    region: &RegionName,
) -> Result<KeyId, NotAKey> {
    KeyId::parse(sent, account, region).map_err(|error| match error {
        Error::OtherRegion(region) => NotAKey::OfRegion(region),
        _ => NotAKey::Unclear,
    })
}

/// Why a text names no key here.
#[derive(Debug)]
pub(crate) enum NotAKey {
    /// It is the ARN of one of this Region.
    OfRegion(String),
    /// It is the name of none.
    Unclear,
}

/// The key that the alias `id` means, if it is one and is there.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn aliased(tx: &mut Tx<'_>, id: &KeyId) -> Result<Option<KeyId>, CommonError> {
    let Some(name) = id.alias() else {
        return Ok(None);
    };
    let alias = Alias::key_of(&id.account, &id.region, name);
    let found = tx.get::<Alias>(&alias).await?;
    Ok(found.map(|alias| KeyId {
        means: Means::Key(alias.record.key_id.clone()),
        ..id.clone()
    }))
}

/// The key under which `wrapped` was encrypted. `None` when that cannot be read.
pub(crate) fn wrapping_key(wrapped: &[u8]) -> Option<KeyId> {
    let blob = Blob::parse(wrapped)?;
    Some(KeyId {
        account: blob.account,
        region: blob.region,
        means: Means::Key(blob.key_id),
    })
}

/// The name of the key of `service`, such as `secretsmanager`, of an account and Region.
pub(crate) fn managed(service: &str, account: &AccountId, region: &RegionName) -> KeyId {
    KeyId {
        account: account.clone(),
        region: region.clone(),
        means: Means::Alias(format!("{ALIASES}{service}")),
    }
}

/// The condition keys of requests that are about no key.
pub(crate) fn keys_of_caller<'a>(cx: &Cx<'a>) -> Keys<'a> {
    target::of_caller(cx)
}

fn ours(error: Error) -> CommonError {
    match error {
        Error::Common(error) => error,
        other => CommonError::internal(other),
    }
}

const RETIRE: &str = "RetireGrant";
/// No condition key tells it.
const RETIRED: &str = "the grant that is retired";
