//! What a caller named, and perhaps the key behind it; and whether the caller may.

use super::aliases::Alias;
use super::blob::Blob;
use super::encryption_context;
use super::error::Error;
use super::grants::{self, Grant};
use super::key_id::{KeyId, Means};
use super::key_policy::TITLE;
use super::model::{AWS_KMS, ENCRYPT_DECRYPT, KmsKey, Manager, SYMMETRIC_DEFAULT, State};
use crate::authorize::{Action, Permit, Refused, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::ports::{EncryptionContext, Meaning};
use crate::tx::Tx;
use base::{AccountId, CommonError};
use policy::{Named, Rule};
use store::{Record, Versioned};

/// The key that a `KeyId` means, whether or not it exists.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`], so that refusal comes first.
pub(crate) struct Target {
    id: KeyId,
    found: Option<Versioned<KmsKey>>,
    /// Whether the operation is there for callers of this account.
    is_within_reach: bool,
}

impl Target {
    /// For operations that use a key: any way to name it, of whatever account.
    ///
    /// # Errors
    /// [`Error::InvalidKeyId`], [`Error::OtherRegion`]; a failure of the store.
    pub(crate) async fn to_use(cx: &Cx<'_>, tx: &mut Tx<'_>, sent: &str) -> Result<Self, Error> {
        Self::find(tx, KeyId::parse(sent, cx.account(), cx.region)?).await
    }

    /// For operations that take no alias: a key id or a key ARN, of whatever account.
    ///
    /// # Errors
    /// As [`Target::to_use`], also for an alias.
    pub(crate) async fn by_key(cx: &Cx<'_>, tx: &mut Tx<'_>, sent: &str) -> Result<Self, Error> {
        let id = KeyId::parse(sent, cx.account(), cx.region)?;
        if id.alias().is_some() {
            return Err(Error::InvalidKeyId(sent.to_owned()));
        }
        Self::find(tx, id).await
    }

    /// For operations that manage a key: as [`Target::by_key`], of the caller's own account. A key of
    /// another is refused, whatever its policy says.
    ///
    /// # Errors
    /// As [`Target::by_key`].
    pub(crate) async fn to_manage(cx: &Cx<'_>, tx: &mut Tx<'_>, sent: &str) -> Result<Self, Error> {
        let mut target = Self::by_key(cx, tx, sent).await?;
        target.is_within_reach = target.id.account == *cx.account();
        Ok(target)
    }

    /// The key that a ciphertext names, of whatever account.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn of_blob(cx: &Cx<'_>, tx: &mut Tx<'_>, blob: &Blob) -> Result<Self, Error> {
        let id = KeyId {
            account: blob.account.clone(),
            region: blob.region.clone(),
            means: Means::Key(blob.key_id.clone()),
        };
        let mut target = Self::find(tx, id).await?;
        target.is_within_reach = blob.region == *cx.region;
        Ok(target)
    }

    /// The key that `id` means.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn find(tx: &mut Tx<'_>, id: KeyId) -> Result<Self, Error> {
        let key_id = match &id.means {
            Means::Key(key_id) => Some(key_id.clone()),
            Means::Alias(name) => {
                let alias = Alias::key_of(&id.account, &id.region, name);
                let alias = tx.get::<Alias>(&alias).await?;
                alias.map(|alias| alias.record.key_id.clone())
            }
        };
        let found = match key_id {
            Some(key_id) => {
                let key = KmsKey::key_of(&id.account, &id.region, &key_id);
                tx.get::<KmsKey>(&key).await?
            }
            None => None,
        };
        if let Some(key) = &found {
            // SECURITY: a policy that cannot be read may be a Deny.
            key.record.policy.policy()?;
        }
        Ok(Self {
            id,
            found,
            is_within_reach: true,
        })
    }

    /// The key that `id` was found to mean before.
    ///
    /// # Errors
    /// As [`Target::find`].
    pub(crate) async fn known(
        tx: &mut Tx<'_>,
        id: KeyId,
        meaning: &Meaning,
    ) -> Result<Self, Error> {
        let target = match meaning {
            Meaning::Unknown => return Self::find(tx, id).await,
            Meaning::Nothing => Self {
                id,
                found: None,
                is_within_reach: true,
            },
            Meaning::Key(arn) => {
                let key = KeyId::parse(arn, &id.account, &id.region)?;
                Self {
                    id,
                    ..Self::find(tx, key).await?
                }
            }
        };
        Ok(target)
    }

    /// As authorization sees it: the ARN of the key if there is one, else of what was named.
    ///
    /// SECURITY: refusals tell callers of other accounts only what they sent: neither whether an alias
    /// is there nor which key it means.
    ///
    /// COMPAT: who may by IAM alone is told that there is no such key; the policy of a key that
    /// exists has the last word.
    pub(crate) fn resource(&self, caller: &AccountId) -> Resource<'_> {
        let mut resource = match &self.found {
            Some(found) => of_key(&found.record),
            None => Resource::named(&self.id.account, self.id.arn()),
        };
        if self.id.account != *caller {
            resource = resource.called(self.id.arn());
        }
        resource.owner = resource.owner.filter(|_| self.is_within_reach);
        resource
    }

    /// The condition keys that every operation on a key brings.
    pub(crate) fn keys<'a>(&'a self, cx: &Cx<'a>) -> Keys<'a> {
        let keys = match &self.found {
            Some(found) => keys_of_key(cx, &found.record),
            None => of_caller(cx),
        };
        keys.opt_text("kms:requestalias", self.id.alias())
    }

    /// Asks whether the caller may do `action` to the key. `keys` are those of [`Target::keys`] and
    /// of the operation.
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words; a failure of the store.
    pub(crate) async fn permit(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        action: Action,
        keys: &Keys<'_>,
    ) -> Result<Permit, CommonError> {
        Ok(self.ask(cx, tx, action, keys, None).await??)
    }

    /// The same question about a use of the key in an encryption context.
    ///
    /// # Errors
    /// As [`Target::permit`].
    pub(crate) async fn permit_use(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        action: Action,
        context: EncryptionContext<'_>,
    ) -> Result<Permit, CommonError> {
        let keys = encryption_context::keys(self.keys(cx), context);
        Ok(self.ask(cx, tx, action, &keys, Some(context)).await??)
    }

    /// The same question, in which of the grants that name the caller those count that `holds`.
    ///
    /// # Errors
    /// As [`Target::permit`].
    pub(crate) async fn permit_when(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        action: Action,
        keys: &Keys<'_>,
        holds: impl Fn(&Grant) -> bool + Send,
    ) -> Result<Permit, CommonError> {
        Ok(self.ask_when(cx, tx, action, keys, holds).await??)
    }

    async fn ask_when(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        action: Action,
        keys: &Keys<'_>,
        holds: impl Fn(&Grant) -> bool + Send,
    ) -> Result<Result<Permit, Refused>, CommonError> {
        let mut granted = match &self.found {
            Some(found) => grants::naming(tx, &found.record, cx.principal).await?,
            None => Vec::new(),
        };
        granted.retain(|grant| holds(grant));
        let titles: Vec<String> = granted.iter().map(|grant| grant.title()).collect();
        let mut named = Vec::with_capacity(granted.len());
        for (grant, name) in granted.iter().zip(&titles) {
            let policy = grant.document.policy()?;
            named.push(Named { name, policy });
        }
        self.ask_by(cx, action, keys, &named)
    }

    /// The same question, with these grants and no other.
    ///
    /// # Errors
    /// As [`Target::permit`].
    pub(crate) fn permit_by(
        &self,
        cx: &Cx<'_>,
        action: Action,
        keys: &Keys<'_>,
        granted: &[Named<'_>],
    ) -> Result<Permit, CommonError> {
        Ok(self.ask_by(cx, action, keys, granted)??)
    }

    fn ask_by(
        &self,
        cx: &Cx<'_>,
        action: Action,
        keys: &Keys<'_>,
        granted: &[Named<'_>],
    ) -> Result<Result<Permit, Refused>, CommonError> {
        let resource = Resource {
            grants: granted,
            ..self.resource(cx.account())
        };
        cx.ask(action, resource, keys)
    }

    /// The grant `id` on the key, if there is one: of use for deciding who may, and to be told to
    /// nobody else.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn grant(
        &self,
        tx: &mut Tx<'_>,
        id: &str,
    ) -> Result<Option<Versioned<Grant>>, CommonError> {
        match &self.found {
            Some(found) => Ok(tx.get::<Grant>(&Grant::key_of(&found.record, id)).await?),
            None => Ok(None),
        }
    }

    /// The question of [`Target::permit_use`] with `keys` of the operation's own, for whom a refusal
    /// may not be the end. Without a context, that of [`Target::permit`].
    ///
    /// # Errors
    /// A failure of ours.
    pub(crate) async fn ask(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        action: Action,
        keys: &Keys<'_>,
        context: Option<EncryptionContext<'_>>,
    ) -> Result<Result<Permit, Refused>, CommonError> {
        let holds = |grant: &Grant| grant.is_for(action.0, context);
        self.ask_when(cx, tx, action, keys, holds).await
    }

    /// The ARN of the key, for conditions. `None` when there is no such key.
    pub(crate) fn arn(&self) -> Option<String> {
        self.found.as_ref().map(|found| found.record.arn())
    }

    /// The key, in whatever state: for deciding who may, and for nobody else.
    pub(crate) fn key(&self) -> Option<&KmsKey> {
        self.found.as_ref().map(|found| &*found.record)
    }

    /// The same, named by the ARN of the key where there is one.
    pub(crate) fn by_itself(mut self) -> Self {
        if let Some(found) = &self.found {
            self.id.means = Means::Key(found.record.id.clone());
        }
        self
    }

    /// The key, if it is that of a service: whose it is, is known by nobody's leave.
    pub(crate) fn managed(&self) -> Option<&Versioned<KmsKey>> {
        let found = self.found.as_ref();
        found.filter(|found| found.record.manager == Manager::Aws)
    }

    /// Whether both are one key that exists.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        let [one, other] = [self, other].map(|target| target.found.as_ref());
        one.zip(other)
            .is_some_and(|(one, other)| one.record.key() == other.record.key())
    }

    /// What was named.
    pub(crate) fn id(&self) -> &KeyId {
        &self.id
    }

    /// The key, in whatever state.
    ///
    /// # Errors
    /// [`Error::KeyNotFound`], [`Error::AliasNotFound`].
    pub(crate) fn existing(&self, _: &Permit) -> Result<&Versioned<KmsKey>, Error> {
        self.found.as_ref().ok_or_else(|| match &self.id.means {
            Means::Key(_) => Error::KeyNotFound(self.id.arn()),
            Means::Alias(_) => Error::AliasNotFound(self.id.arn()),
        })
    }

    /// The key, unless it is going to be deleted.
    ///
    /// # Errors
    /// As [`Target::existing`]; [`Error::PendingDeletion`].
    pub(crate) fn lasting(&self, permit: &Permit) -> Result<&Versioned<KmsKey>, Error> {
        let found = self.existing(permit)?;
        match found.record.state {
            State::Enabled | State::Disabled => Ok(found),
            State::PendingDeletion { .. } => Err(Error::PendingDeletion(found.record.arn())),
        }
    }

    /// The key, if it can be used.
    ///
    /// # Errors
    /// As [`Target::lasting`]; [`Error::Disabled`].
    pub(crate) fn enabled(&self, permit: &Permit) -> Result<&Versioned<KmsKey>, Error> {
        let found = self.lasting(permit)?;
        match found.record.state {
            State::Enabled => Ok(found),
            State::Disabled | State::PendingDeletion { .. } => {
                Err(Error::Disabled(found.record.arn()))
            }
        }
    }
}

/// A key as authorization sees it.
pub(crate) fn of_key(key: &KmsKey) -> Resource<'_> {
    let policy = key.policy.policy().ok();
    Resource {
        policy: policy.map(|policy| Named {
            name: TITLE,
            policy,
        }),
        rule: Rule::ResourceRequired,
        ..Resource::named(&key.account, key.arn()).tagged(Some(&key.tags))
    }
}

/// The condition keys about the key itself, and those of [`of_caller`].
pub(crate) fn keys_of_key<'a>(cx: &Cx<'a>, key: &'a KmsKey) -> Keys<'a> {
    let aliases = Some(&key.aliases).filter(|aliases| !aliases.is_empty());
    of_caller(cx)
        .text("kms:keyspec", SYMMETRIC_DEFAULT)
        .text("kms:customermasterkeyspec", SYMMETRIC_DEFAULT)
        .text("kms:keyusage", ENCRYPT_DECRYPT)
        .text("kms:customermasterkeyusage", ENCRYPT_DECRYPT)
        .text("kms:keyorigin", AWS_KMS)
        .text("kms:multiregion", "false")
        .texts(
            "kms:resourcealiases",
            aliases.map(|names| names.iter().map(String::as_str)),
        )
}

/// The condition keys that every operation brings, whether or not it is about a key.
pub(crate) fn of_caller<'a>(cx: &Cx<'a>) -> Keys<'a> {
    let via = cx.facts.via.and_then(|service| service.split('.').next());
    Keys::none()
        .text("kms:calleraccount", cx.account().as_str())
        .opt_text(
            "kms:viaservice",
            via.map(|service| format!("{service}.{}.amazonaws.com", cx.region)),
        )
}
