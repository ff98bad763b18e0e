//! Everything that has to be allowed for the answer to one question to be yes.
//!
//! Beside the action itself this is the use of a key where a secret's value is read or written, and
//! leave for the key where an alias is to be changed. A value is wrapped under one key or several,
//! any of which opens it, and the versions of a secret may lie under different keys.

use super::ExplainError;
use super::part::Part;
use super::subject::{Sought, Subject, same};
use crate::identity::Principal;
use crate::kms::questions::{self, AskedKey, KeyAction, KeyId, KnownContext};
use crate::secretsmanager::EVENT_SOURCE;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::records::SecretValue;
use crate::secretsmanager::versions::AWSCURRENT;
use crate::tx::Tx;
use base::CommonError;

/// What has to be allowed.
pub(super) struct Matter {
    pub(super) main: Part,
    /// One for each thing that a request may be about; the first is what it is about if it does not
    /// say. None: nothing else has to be allowed.
    pub(super) ways: Vec<Way>,
}

/// Parts of which one has to be allowed beside the action itself.
pub(super) struct Way {
    pub(super) parts: Vec<Part>,
}

impl Matter {
    /// What `sought` is about.
    ///
    /// # Errors
    /// As [`Subject::find`].
    pub(super) async fn find(tx: &mut Tx<'_>, sought: &Sought<'_>) -> Result<Self, ExplainError> {
        let main = Part::by_itself(sought.action, Subject::find(tx, sought).await?);
        Self::of(tx, main, sought.given).await
    }

    /// What `main` needs, with the condition keys that a question gives.
    ///
    /// # Errors
    /// A failure of the store.
    pub(super) async fn of(
        tx: &mut Tx<'_>,
        main: Part,
        given: &[(String, String)],
    ) -> Result<Self, ExplainError> {
        let mut ways = match main.subject.existing_secret() {
            Some(secret) if same(&main.action, READ) => reading(tx, secret, given).await?,
            Some(secret) if same(&main.action, WRITE) => writing(tx, secret).await?,
            _ => Vec::new(),
        };
        if let Some(key) = main.subject.aliased()
            && let Some(action) = KeyAction::of(&main.action)
        {
            let key = AskedKey::find(tx, key.clone(), action, KnownContext::Open).await?;
            let part = Part::by_itself(&main.action, Subject::of_key(key));
            ways.push(Way { parts: vec![part] });
        }
        Ok(Self { main, ways })
    }

    /// Whether every key that it needs is closed to `principal`.
    pub(super) fn is_locked_to(&self, principal: &Principal) -> bool {
        let closed = |way: &Way| way.parts.iter().all(|part| part.is_closed_to(principal));
        let default = |secret: &Secret| {
            secret.key.customer_key.is_none() && *principal.account() != secret.account
        };
        let needs_key = [READ, WRITE]
            .iter()
            .any(|name| same(&self.main.action, name));
        if self.ways.is_empty() {
            return needs_key && self.main.subject.existing_secret().is_some_and(default);
        }
        self.ways.iter().all(closed)
    }
}

/// The keys under which the versions of `secret` are: first those of the version that is meant.
async fn reading(
    tx: &mut Tx<'_>,
    secret: &Secret,
    given: &[(String, String)],
) -> Result<Vec<Way>, ExplainError> {
    let of = |name: &str| {
        let mut pairs = given
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        pairs.next().map(|(_, value)| value.as_str())
    };
    let (id, stage) = (of(VERSION_ID), of("secretsmanager:VersionStage"));
    let holder = secret.versions.holder(stage.unwrap_or(AWSCURRENT));
    let meant = id.or(holder.map(|version| version.id.as_str()));
    let mut first = Vec::new();
    let mut others: Vec<Wrapped> = Vec::new();
    tx.every::<SecretValue>(secret.versions_by_age(0), |value| {
        let wrapped = Wrapped::of(&value);
        if meant == Some(&value.version_id) {
            first.push(wrapped);
        } else if id.or(stage).is_none() {
            match others.iter_mut().find(|other| other.keys == wrapped.keys) {
                Some(other) => other.version = None,
                None => others.push(wrapped),
            }
        }
    })
    .await?;
    let mut ways = Vec::new();
    for wrapped in first.iter().chain(&others) {
        ways.push(wrapped.way(tx, secret).await?);
    }
    // Of a secret without a value nothing can be read, but what would have to be allowed is known.
    if ways.is_empty() {
        ways.push(chosen(tx, secret, "kms:Decrypt").await?);
    }
    ways.retain(|way| !way.parts.is_empty());
    Ok(ways)
}

/// The key under which a new version of `secret` is put.
async fn writing(tx: &mut Tx<'_>, secret: &Secret) -> Result<Vec<Way>, ExplainError> {
    let mut ways = vec![chosen(tx, secret, "kms:GenerateDataKey").await?];
    ways.retain(|way| !way.parts.is_empty());
    Ok(ways)
}

/// The key that `secret` has now, for a version of which nothing is known.
async fn chosen(tx: &mut Tx<'_>, secret: &Secret, action: &str) -> Result<Way, ExplainError> {
    let (account, region) = (&secret.account, &secret.region);
    let id = match &secret.key.customer_key {
        Some(named) => questions::key_id(named, account, region).ok(),
        None => Some(questions::managed(SERVICE, account, region)),
    };
    let mut parts = Vec::new();
    if let Some(id) = id {
        let is_managed = secret.key.customer_key.is_none();
        let part = used(tx, id, action, context(secret, None)).await?;
        // The key of a service is made when it is first needed.
        let is_there = part.subject.key().is_some_and(AskedKey::exists);
        parts.extend(Some(part).filter(|_| is_there || !is_managed));
    }
    Ok(Way { parts })
}

/// A use of the key `id` in the name of whoever asks for the secret.
async fn used(
    tx: &mut Tx<'_>,
    id: KeyId,
    action: &str,
    context: KnownContext,
) -> Result<Part, ExplainError> {
    let action = KeyAction::of(action).ok_or_else(|| CommonError::internal("no action of KMS"))?;
    let name = action.name().to_owned();
    let key = AskedKey::find(tx, id, action, context).await?;
    Ok(Part {
        action: name,
        subject: Subject::of_key(key),
        via: Some(EVENT_SOURCE),
    })
}

/// A version, or several under the same keys, and the keys.
struct Wrapped {
    /// `None`: there are several.
    version: Option<String>,
    keys: Vec<KeyId>,
}

impl Wrapped {
    fn of(value: &SecretValue) -> Self {
        let wrapped = value.wrapped_keys.iter();
        let keys = wrapped.filter_map(|one| questions::wrapping_key(&one.blob));
        Self {
            version: Some(value.version_id.clone()),
            keys: keys.collect(),
        }
    }

    async fn way(&self, tx: &mut Tx<'_>, secret: &Secret) -> Result<Way, ExplainError> {
        let mut parts = Vec::with_capacity(self.keys.len());
        for id in &self.keys {
            let context = context(secret, self.version.clone());
            parts.push(used(tx, id.clone(), "kms:Decrypt", context).await?);
        }
        Ok(Way { parts })
    }
}

/// What the data key of a version is bound to, as `values.rs` has it.
fn context(secret: &Secret, version: Option<String>) -> KnownContext {
    KnownContext::Pairs(vec![
        (String::from("SecretARN"), Some(secret.arn())),
        (String::from("SecretVersionId"), version),
    ])
}

/// Reads a value.
const READ: &str = "secretsmanager:GetSecretValue";
/// Writes a value.
const WRITE: &str = "secretsmanager:PutSecretValue";
/// What tells which version is read.
pub(super) const VERSION_ID: &str = "secretsmanager:VersionId";
const SERVICE: &str = "secretsmanager";
