//! The [`DataKeys`] port: how other services use keys in their callers' names.
//!
//! - Every call is decided as the same call to the KMS API would be, as the caller, with the service
//!   it comes by (`kms:ViaService`); and leaves an event of its own, answered or refused, with the
//!   event of the request (`via.rs`).
//! - The managed key of a service is for callers of its own account.
//! - COMPAT: what only bounds a caller (a permissions boundary, a session policy) does not keep it
//!   from the managed key of a service that it may use: AWS documents that key as one that needs no
//!   leave. A denial does.

use super::blob::Blob;
use super::crypto::Crypto;
use super::encryption_context;
use super::error::Error;
use super::key_id::KeyId;
use super::managed_key;
use super::model::{KmsKey, Manager, SYMMETRIC_DEFAULT};
use super::target::{self, Target};
use super::via::{Done, Parameters, Via};
use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::ports::{
    DataKey, DataKeyCall, DataKeyError, DataKeys, EncryptionContext, KeyChoice, OwnUse, PortFuture,
    WrappedDataKey,
};
use base::{CommonError, Entropy, Plaintext, Sealer};
use policy::Kind;
use std::sync::Arc;
use store::Versioned;

/// KMS.
pub(crate) struct Kms {
    crypto: Crypto,
    /// A managed key is KMS's own: whoever is the first to need it has no part in its making.
    own: Permit,
}

impl Kms {
    pub(crate) fn new(entropy: Arc<dyn Entropy>, root: Arc<dyn Sealer>, own: Permit) -> Self {
        Self {
            crypto: Crypto::new(entropy, root),
            own,
        }
    }

    /// The cipher.
    pub(crate) fn crypto(&self) -> &Crypto {
        &self.crypto
    }

    /// KMS's own leave.
    pub(super) fn own(&self) -> &Permit {
        &self.own
    }

    async fn generate_key(
        &self,
        call: DataKeyCall<'_>,
        choice: &KeyChoice,
        context: EncryptionContext<'_>,
    ) -> Result<DataKey, DataKeyError> {
        let parameters = Parameters {
            key_id: Some(choice.name(call)),
            key_spec: Some("AES_256"),
            ..Parameters::of(context)
        };
        let plaintext = self.crypto.random(DATA_KEY_BYTES);
        let wrapping = Wrapping {
            choice,
            action: Action("kms:GenerateDataKey"),
            context,
            plaintext: &plaintext,
        };
        let via = Via::new(call, "GenerateDataKey", &parameters);
        let wrapped = self.wrap(call, &via, wrapping).await?;
        Ok(DataKey { plaintext, wrapped })
    }

    async fn wrap_key(
        &self,
        call: DataKeyCall<'_>,
        choice: &KeyChoice,
        context: EncryptionContext<'_>,
        plaintext: &Plaintext,
    ) -> Result<WrappedDataKey, DataKeyError> {
        let parameters = Parameters {
            key_id: Some(choice.name(call)),
            encryption_algorithm: Some(SYMMETRIC_DEFAULT),
            ..Parameters::of(context)
        };
        let wrapping = Wrapping {
            choice,
            action: Action("kms:Encrypt"),
            context,
            plaintext,
        };
        let via = Via::new(call, "Encrypt", &parameters);
        self.wrap(call, &via, wrapping).await
    }

    async fn wrap(
        &self,
        call: DataKeyCall<'_>,
        via: &Via<'_>,
        wrapping: Wrapping<'_>,
    ) -> Result<WrappedDataKey, DataKeyError> {
        let facts = via.facts();
        let cx = via.cx(&facts);
        let done = match &wrapping.choice.customer_key {
            Some(named) => self.wrap_chosen(&cx, call, named, wrapping).await,
            None => {
                of_own_account(call)?;
                self.wrap_managed(&cx, call, wrapping).await
            }
        };
        via.conclude(done)
    }

    async fn wrap_managed(
        &self,
        cx: &Cx<'_>,
        call: DataKeyCall<'_>,
        wrapping: Wrapping<'_>,
    ) -> Result<Done<WrappedDataKey>, Error> {
        let key = managed_key::obtain(cx, &self.own, &self.crypto, call).await?;
        let permit = permit_managed(cx, &key, wrapping.action, wrapping.context)?;
        let crypto = &self.crypto;
        let encrypted = crypto.encrypt(&self.own, &key, wrapping.context, wrapping.plaintext)?;
        let wrapped = WrappedDataKey {
            key: KeyChoice::default(),
            blob: encrypted.blob,
        };
        Ok(done(wrapped, &key.record, permit))
    }

    async fn wrap_chosen(
        &self,
        cx: &Cx<'_>,
        call: DataKeyCall<'_>,
        named: &str,
        wrapping: Wrapping<'_>,
    ) -> Result<Done<WrappedDataKey>, Error> {
        let mut tx = cx.begin();
        let id = KeyId::parse(named, call.account, call.region)?;
        let target = Target::known(&mut tx, id, &wrapping.choice.meaning).await?;
        let (action, context) = (wrapping.action, wrapping.context);
        let permit = target.permit_use(cx, &mut tx, action, context).await?;
        let key = target.enabled(&permit)?;
        // SECURITY: a managed key is for its own account's resources, and never chosen by name.
        if key.record.manager == Manager::Aws {
            return Err(Error::KeyNotFound(key.record.arn()));
        }
        let encrypted = self
            .crypto
            .encrypt(&permit, key, context, wrapping.plaintext)?;
        let wrapped = WrappedDataKey {
            key: KeyChoice {
                customer_key: Some(key.record.arn()),
                ..KeyChoice::default()
            },
            blob: encrypted.blob,
        };
        Ok(done(wrapped, &key.record, Some(permit)))
    }

    async fn unwrap_key(
        &self,
        call: DataKeyCall<'_>,
        wrapped: &[u8],
        context: EncryptionContext<'_>,
    ) -> Result<Plaintext, DataKeyError> {
        let blob = Blob::parse(wrapped).ok_or(DataKeyError::NotDecryptable)?;
        // SECURITY: a key is used in its own Region only.
        if blob.region != *call.region {
            return Err(DataKeyError::NotDecryptable);
        }
        let parameters = Parameters {
            encryption_algorithm: Some(SYMMETRIC_DEFAULT),
            ..Parameters::of(context)
        };
        let via = Via::new(call, "Decrypt", &parameters);
        let facts = via.facts();
        let cx = via.cx(&facts);
        let mut tx = cx.begin();
        let found = Target::of_blob(&cx, &mut tx, &blob).await;
        let target = match found {
            Ok(target) => target,
            Err(error) => return via.conclude(Err(error)),
        };
        let is_managed = target.managed().is_some();
        if is_managed {
            of_own_account(call)?;
            // SECURITY: and the managed key of an account for that account's resources.
            if blob.account != *call.account {
                return Err(DataKeyError::NotDecryptable);
            }
        }
        let action = Action("kms:Decrypt");
        let done = async {
            let (key, permit) = match target.managed() {
                Some(key) => (key, permit_managed(&cx, key, action, context)?),
                None => {
                    let permit = target.permit_use(&cx, &mut tx, action, context).await?;
                    (target.enabled(&permit)?, Some(permit))
                }
            };
            let by = permit.as_ref().unwrap_or(&self.own);
            let decrypted = self.crypto.decrypt(by, key, context, &blob)?;
            Ok(done(decrypted.plaintext, &key.record, permit))
        };
        via.conclude(done.await)
    }
}

/// What is to be encrypted, under which key, and by what leave.
#[derive(Clone, Copy)]
struct Wrapping<'a> {
    choice: &'a KeyChoice,
    action: Action,
    context: EncryptionContext<'a>,
    plaintext: &'a Plaintext,
}

impl KeyChoice {
    /// As the event of a call names it.
    fn name<'a>(&'a self, call: DataKeyCall<'a>) -> &'a str {
        self.customer_key.as_deref().unwrap_or(call.managed_alias)
    }
}

fn done<T>(output: T, key: &KmsKey, permit: Option<Permit>) -> Done<T> {
    Done {
        output,
        arn: key.arn(),
        account: key.account.clone(),
        permit,
    }
}

/// The key that `named` chooses.
async fn choose(call: DataKeyCall<'_>, named: Option<&str>) -> Result<KeyChoice, DataKeyError> {
    let named = named.unwrap_or_default();
    if means_default(call, named).await? {
        of_own_account(call)?;
        return Ok(KeyChoice::default());
    }
    Ok(KeyChoice {
        customer_key: Some(named.to_owned()),
        ..KeyChoice::default()
    })
}

/// COMPAT: the ARN of a key that does not exist stays what it is; nobody gets to use that key.
async fn arn_of(
    call: DataKeyCall<'_>,
    named: &str,
    context: EncryptionContext<'_>,
) -> Result<Option<String>, DataKeyError> {
    if named.starts_with("arn:") && named.contains(":key/") {
        return Ok(Some(named.to_owned()));
    }
    if means_default(call, named).await? {
        let key = managed_key::known(call.cx, call).await?;
        return Ok(key.map(|key| key.record.arn()));
    }
    let Ok(id) = KeyId::parse(named, call.account, call.region) else {
        return Ok(None);
    };
    if ![call.account, call.cx.account()].contains(&&id.account) {
        return arn_of_foreign(call, named, id, context).await.map(Some);
    }
    let mut tx = call.cx.begin();
    let found = Target::find(&mut tx, id).await;
    match found {
        Ok(target) => Ok(target.arn()),
        Err(Error::Common(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// The ARN of the key behind an alias of a third account.
///
/// SECURITY: what such an alias means is nobody's to find out by conditions but who may use the key.
/// Without an answer the request is refused: else a denial for that key would be passed by.
async fn arn_of_foreign(
    call: DataKeyCall<'_>,
    named: &str,
    id: KeyId,
    context: EncryptionContext<'_>,
) -> Result<String, DataKeyError> {
    let parameters = Parameters {
        key_id: Some(named),
        key_spec: Some("AES_256"),
        ..Parameters::of(context)
    };
    let via = Via::new(call, "GenerateDataKey", &parameters);
    let facts = via.facts();
    let cx = via.cx(&facts);
    let found = async {
        let mut tx = cx.begin();
        let target = Target::find(&mut tx, id).await?;
        let action = Action("kms:GenerateDataKey");
        let permit = target.permit_use(&cx, &mut tx, action, context).await?;
        Ok(target.existing(&permit)?.record.arn())
    };
    match found.await {
        Ok(arn) => Ok(arn),
        // The event of a call that was refused; one that succeeds is made, and told of, later.
        Err(error) => via.conclude(Err(error)),
    }
}

/// Whether `named` is the managed key: by nothing, its alias, its id, or the ARN of either.
async fn means_default(call: DataKeyCall<'_>, named: &str) -> Result<bool, DataKeyError> {
    let partition = call.region.partition();
    let prefix = format!("arn:{partition}:kms:{}:{}:", call.region, call.account);
    let local = named.strip_prefix(&prefix).unwrap_or(named);
    if local.is_empty() || local == call.managed_alias {
        return Ok(true);
    }
    let known = managed_key::known(call.cx, call).await?;
    let id = local.strip_prefix("key/").unwrap_or(local);
    Ok(known.is_some_and(|key| key.record.id == id))
}

/// Leave for the managed key of a service. `None` for who is only bounded.
fn permit_managed(
    cx: &Cx<'_>,
    key: &Versioned<KmsKey>,
    action: Action,
    context: EncryptionContext<'_>,
) -> Result<Option<Permit>, Error> {
    let keys = encryption_context::keys(target::keys_of_key(cx, &key.record), context);
    match cx.ask(action, target::of_key(&key.record), &keys)? {
        Ok(permit) => Ok(Some(permit)),
        Err(refused) if is_only_bound(refused.is_explicit, refused.kind) => Ok(None),
        Err(refused) => Err(CommonError::from(refused).into()),
    }
}

/// Whether a decision refused for nothing but what bounds the caller.
pub(crate) fn is_only_bound(is_explicit: bool, kind: Option<Kind>) -> bool {
    !is_explicit && matches!(kind, Some(Kind::Boundary | Kind::Session))
}

/// SECURITY: an AWS managed key serves callers of its own account only.
fn of_own_account(call: DataKeyCall<'_>) -> Result<(), DataKeyError> {
    if call.cx.account() == call.account {
        Ok(())
    } else {
        Err(DataKeyError::ForeignCaller)
    }
}

impl DataKeys for Kms {
    fn choose<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        named: Option<&'a str>,
    ) -> PortFuture<'a, KeyChoice> {
        Box::pin(choose(call, named))
    }

    fn arn<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        named: &'a str,
        context: EncryptionContext<'a>,
    ) -> PortFuture<'a, Option<String>> {
        Box::pin(arn_of(call, named, context))
    }

    fn generate<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        key: &'a KeyChoice,
        context: EncryptionContext<'a>,
    ) -> PortFuture<'a, DataKey> {
        Box::pin(self.generate_key(call, key, context))
    }

    fn encrypt<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        key: &'a KeyChoice,
        context: EncryptionContext<'a>,
        plaintext: &'a Plaintext,
    ) -> PortFuture<'a, WrappedDataKey> {
        Box::pin(self.wrap_key(call, key, context, plaintext))
    }

    fn decrypt<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        wrapped: &'a [u8],
        context: EncryptionContext<'a>,
    ) -> PortFuture<'a, Plaintext> {
        Box::pin(self.unwrap_key(call, wrapped, context))
    }

    fn open<'a>(
        &'a self,
        own: OwnUse<'a>,
        wrapped: &'a [u8],
        context: EncryptionContext<'a>,
    ) -> PortFuture<'a, Plaintext> {
        Box::pin(self.open_key(own, wrapped, context))
    }
}

const DATA_KEY_BYTES: usize = 32;
