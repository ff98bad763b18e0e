//! Keys as those see them who ask about requests that nobody has made.
//!
//! Rules kept here: what a key brings to a decision is what it brings to requests, by [`Target`], and
//! the grants are those that [`grants::naming`] finds for requests; what only a request tells, its
//! encryption context first of all, may be open; whether a key is there and what state it is in is no
//! question of leave, and is told beside it.

use super::aliases::Alias;
use super::blob::Blob;
use super::encryption_context;
use super::error::Error;
use super::grants::{self, Constraints, Grant};
pub(crate) use super::key_id::KeyId;
use super::key_id::Means;
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
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An action of KMS, and how its requests name a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyAction {
    /// In AWS's spelling where it is one of AWS's.
    name: String,
    takes: Takes,
}

/// What requests for an action are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// No key in particular.
    Nothing,
    /// A key, to encrypt or decrypt in an encryption context; by whatever name.
    Use,
    /// A key, by whatever name.
    AnyName,
    /// A key of whatever account, but by no alias.
    Key,
    /// The same of the caller's own account.
    OwnKey,
    /// An alias and a key, both of the caller's own account.
    Alias,
}

impl KeyAction {
    /// What `action` is to KMS, if it is one of its actions.
    pub(crate) fn of(action: &str) -> Option<Self> {
        let (service, operation) = action.split_once(':')?;
        if !service.eq_ignore_ascii_case("kms") {
            return None;
        }
        let known = TAKEN.iter().find_map(|(takes, operations)| {
            let mut names = operations.iter();
            let name = names.find(|name| name.eq_ignore_ascii_case(operation))?;
            Some((*name, *takes))
        });
        let (name, takes) = known.unwrap_or((operation, Takes::AnyName));
        Some(Self {
            name: format!("kms:{name}"),
            takes,
        })
    }

    /// Such as `kms:Decrypt`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What its requests are about.
    pub(crate) fn takes(&self) -> Takes {
        self.takes
    }

    /// Whether other services do it in their callers' names.
    pub(crate) fn is_done_by_services(&self) -> bool {
        BY_SERVICES.contains(&self.operation())
    }

    /// Whether requests bring an encryption context, or constraints that name one.
    pub(crate) fn has_context(&self) -> bool {
        self.takes == Takes::Use || self.operation() == "CreateGrant"
    }

    fn operation(&self) -> &str {
        self.name.strip_prefix("kms:").unwrap_or(&self.name)
    }
}

/// What is known of the encryption context of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KnownContext {
    /// Nothing.
    Open,
    /// The names of its pairs, and the values but where they are open.
    Pairs(Vec<(String, Option<String>)>),
}

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
        let is_own_only = matches!(self.action.takes, Takes::OwnKey | Takes::Alias);
        resource.owner = resource
            .owner
            .filter(|owner| !is_own_only || *owner == caller);
        resource
    }

    /// The condition keys that every request brings. Open values of the context are empty.
    pub(crate) fn keys<'a>(&'a self, cx: &Cx<'a>) -> Keys<'a> {
        let keys = self.target.keys(cx);
        if self.action.takes != Takes::Use {
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
        self.action.takes == Takes::Use && self.context != KnownContext::Open
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
                let takes_alias = matches!(self.action.takes, Takes::Use | Takes::AnyName);
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
            _ if self.action.takes == Takes::Use => match grant.constraints.judge(&self.context) {
                Admission::Surely => Vec::new(),
                Admission::Perhaps => grant.constraints.keys(),
                Admission::Never => return None,
            },
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
        let operation = self.action.operation();
        let takes_alias = matches!(self.action.takes, Takes::Use | Takes::AnyName);
        let Some(key) = self.target.key() else {
            return Some(format!("there is no `{name}`, so the call fails"));
        };
        if self.target.id().alias().is_some() && !takes_alias {
            return Some(format!(
                "`{}` takes no alias, so the call fails unless it names `{name}`",
                self.action.name
            ));
        }
        let needs_enabled = self.action.takes == Takes::Use || NEED_ENABLED.contains(&operation);
        let needs_lasting = needs_enabled || NEED_LASTING.contains(&operation);
        let is_in_the_way = match key.state {
            State::Enabled => false,
            State::Disabled => needs_enabled,
            State::PendingDeletion { .. } => needs_lasting,
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

/// Whether constraints admit a context of which not everything is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Admission {
    Never,
    Perhaps,
    Surely,
}

impl Constraints {
    /// [`Constraints::admit`] for what is known of a context.
    fn judge(&self, context: &KnownContext) -> Admission {
        let KnownContext::Pairs(pairs) = context else {
            return if self.is_empty() {
                Admission::Surely
            } else {
                Admission::Perhaps
            };
        };
        let has =
            |(name, value): (&String, &String)| match pairs.iter().find(|(one, _)| one == name) {
                Some((_, Some(known))) if known == value => Admission::Surely,
                Some((_, None)) => Admission::Perhaps,
                Some((_, Some(_))) | None => Admission::Never,
            };
        let all = |wanted: &BTreeMap<String, String>| {
            let admissions = wanted.iter().map(has);
            admissions.min().unwrap_or(Admission::Surely)
        };
        let equals = self.equals.as_ref().map_or(Admission::Surely, |wanted| {
            if wanted.len() == pairs.len() {
                all(wanted)
            } else {
                Admission::Never
            }
        });
        let subset = self.subset.as_ref().map_or(Admission::Surely, all);
        equals.min(subset)
    }

    /// The condition keys that tell whether they admit a context.
    fn keys(&self) -> Vec<String> {
        let equals = self
            .equals
            .iter()
            .map(|_| String::from("kms:EncryptionContextKeys"));
        let names = self
            .equals
            .iter()
            .chain(&self.subset)
            .flat_map(BTreeMap::keys);
        let names: BTreeSet<&String> = names.collect();
        let pairs = names
            .into_iter()
            .map(|name| format!("kms:EncryptionContext:{name}"));
        equals.chain(pairs).collect()
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

/// What is known of the encryption context by condition keys that a question gives: a pair that is
/// given is one of a context that is given as a whole, and `kms:EncryptionContextKeys` without a value
/// stands for none.
pub(crate) fn given_context(given: &[(String, String)]) -> KnownContext {
    let prefix = |key: &str| {
        key.get(..PAIR.len())
            .is_some_and(|one| one.eq_ignore_ascii_case(PAIR))
    };
    let pairs = given.iter().filter(|(key, _)| prefix(key));
    let pairs: Vec<(String, Option<String>)> = pairs
        .filter_map(|(key, value)| Some((key.get(PAIR.len()..)?.to_owned(), Some(value.clone()))))
        .collect();
    let is_none = |(key, value): &(String, String)| {
        key.eq_ignore_ascii_case("kms:EncryptionContextKeys") && value.is_empty()
    };
    if pairs.is_empty() && !given.iter().any(is_none) {
        return KnownContext::Open;
    }
    KnownContext::Pairs(pairs)
}

/// Whether a condition key, in lower case, is one of those that [`given_context`] takes.
pub(crate) fn is_of_context(key: &str) -> bool {
    key.starts_with(PAIR) || key == "kms:encryptioncontextkeys"
}

fn ours(error: Error) -> CommonError {
    match error {
        Error::Common(error) => error,
        other => CommonError::internal(other),
    }
}

const PAIR: &str = "kms:encryptioncontext:";
const RETIRE: &str = "RetireGrant";
/// No condition key tells it.
const RETIRED: &str = "the grant that is retired";
/// What services do to the key of a customer, or to their own.
const BY_SERVICES: &[&str] = &["Decrypt", "Encrypt", "GenerateDataKey"];
/// Beside the uses of a key.
const NEED_ENABLED: &[&str] = &[
    "CreateGrant",
    "DisableKeyRotation",
    "EnableKeyRotation",
    "RotateKeyOnDemand",
];
const NEED_LASTING: &[&str] = &[
    "CreateAlias",
    "DisableKey",
    "EnableKey",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
];
/// As the operations look their keys up. Others than these are refused, or not there yet.
const TAKEN: &[(Takes, &[&str])] = &[
    (
        Takes::Nothing,
        &[
            "CreateKey",
            "GenerateRandom",
            "ListAliases",
            "ListKeys",
            "ListRetirableGrants",
        ],
    ),
    (
        Takes::Use,
        &[
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
        ],
    ),
    (Takes::AnyName, &["DescribeKey"]),
    (
        Takes::Key,
        &[
            "CreateGrant",
            "GetKeyRotationStatus",
            "ListGrants",
            "RetireGrant",
            "RevokeGrant",
        ],
    ),
    (Takes::Alias, &["CreateAlias", "DeleteAlias", "UpdateAlias"]),
    (
        Takes::OwnKey,
        &[
            "CancelKeyDeletion",
            "DisableKey",
            "DisableKeyRotation",
            "EnableKey",
            "EnableKeyRotation",
            "GetKeyPolicy",
            "ListKeyPolicies",
            "ListKeyRotations",
            "ListResourceTags",
            "PutKeyPolicy",
            "RotateKeyOnDemand",
            "ScheduleKeyDeletion",
            "TagResource",
            "UntagResource",
            "UpdateKeyDescription",
        ],
    ),
];

#[cfg(test)]
mod tests;
