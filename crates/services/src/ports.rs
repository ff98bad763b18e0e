//! How one service reaches another.

mod alarms;
mod api_destinations;
mod buckets;
mod executor;
mod functions;
mod history;
mod logs;
mod messenger;
mod provision;
mod stacks;
mod stream;

pub(crate) use self::alarms::{
    Aggregate, AppendedLog, LogGroups, MetricDatum, Metrics, Publisher, TopicMessage, Topics,
};
pub(crate) use self::api_destinations::{ApiDestinations, Composed, Invoked};
pub use self::buckets::{BucketObject, Buckets, NotPut};
pub use self::executor::{
    Api, ApiError, ApiFuture, Code, Executed, Execution, ExecutionFuture, Executor, Executors,
    FunctionConfiguration, Interpreter, LogLine, LoginFuture, LoginTrial, NotExecuted, Package,
    RoleCredentials, TriedLogin,
};
pub use self::functions::{
    FunctionFailure, Functions, FunctionsError, Invocation, Invoker, LogLines,
};
pub(crate) use self::functions::{NOWHERE, TIMED_OUT};

pub use self::history::{EventHistory, HistoryPage, NotLookedUp};
pub use self::logs::{LogStreams, PutLog};
pub use self::messenger::{Mail, Messenger, Nobody, NotSent, Post, PostKind, SendFuture};
pub(crate) use self::provision::{NotProvisioned, Provision, ProvisionCall, RefusedCall};
pub(crate) use self::stacks::{NotProposed, Proposal, Proposed, Stacks};
pub use self::stream::{EventStream, StreamedEvent};

use crate::app::App;
use crate::cx::Cx;
use base::{AccountId, CommonError, Decided, Plaintext, RegionName};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// KMS as other services use it: data keys under a customer's or an account's default key.
///
/// Each call is made as a caller, in a Region, with an encryption context, as a call to the KMS
/// API would be.
pub trait DataKeys: Send + Sync {
    /// Which key `named` means. `None` and the AWS managed key's own names mean that key; any other
    /// is chosen without being looked at.
    ///
    /// # Errors
    /// [`DataKeyError::ForeignCaller`] for the AWS managed key of another account than the caller's.
    fn choose<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        named: Option<&'a str>,
    ) -> PortFuture<'a, KeyChoice>;

    /// The ARN of the key that `named` means, for conditions. `None` when there is no such key.
    ///
    /// What an alias of an account means that is neither the caller's nor the resource's is told to
    /// whom that account lets make data keys in `context`.
    ///
    /// # Errors
    /// [`DataKeyError::Denied`] for who is not to know what an alias means; a failure of ours.
    fn arn<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        named: &'a str,
        context: EncryptionContext<'a>,
    ) -> PortFuture<'a, Option<String>>;

    /// A new AES-256 key, in the clear and wrapped under `key`.
    ///
    /// # Errors
    /// [`DataKeyError`]: why KMS refused.
    fn generate<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        key: &'a KeyChoice,
        context: EncryptionContext<'a>,
    ) -> PortFuture<'a, DataKey>;

    /// Wraps a data key that was unwrapped under one more key.
    ///
    /// # Errors
    /// [`DataKeyError`]: why KMS refused.
    fn encrypt<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        key: &'a KeyChoice,
        context: EncryptionContext<'a>,
        plaintext: &'a Plaintext,
    ) -> PortFuture<'a, WrappedDataKey>;

    /// Unwraps what [`DataKeys::generate`] or [`DataKeys::encrypt`] wrapped under an equal context.
    ///
    /// # Errors
    /// [`DataKeyError`]: why KMS refused; [`DataKeyError::NotDecryptable`] for what is none of its.
    fn decrypt<'a>(
        &'a self,
        call: DataKeyCall<'a>,
        wrapped: &'a [u8],
        context: EncryptionContext<'a>,
    ) -> PortFuture<'a, Plaintext>;

    /// Unwraps a data key for the server itself.
    ///
    /// SECURITY: no caller is asked about, and no event is left. So neither the key nor what it opens
    /// may go to anybody: it is for finding a value in a text that is not to show it. The state of the
    /// KMS key counts as ever.
    ///
    /// # Errors
    /// As [`DataKeys::decrypt`], but that nobody is refused.
    fn open<'a>(
        &'a self,
        own: OwnUse<'a>,
        wrapped: &'a [u8],
        context: EncryptionContext<'a>,
    ) -> PortFuture<'a, Plaintext>;
}

/// For whose resource the server unwraps a data key in its own name.
#[derive(Clone, Copy)]
pub struct OwnUse<'a> {
    /// The services.
    pub app: &'a App,
    /// The account that owns the resource.
    pub account: &'a AccountId,
    /// The Region.
    pub region: &'a RegionName,
}

/// What the calls of a port return.
pub type PortFuture<'a, T, E = DataKeyError> =
    Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// As whom, and for whose resource, a KMS call is made.
#[derive(Clone, Copy)]
pub struct DataKeyCall<'a> {
    /// The request that the calling service answers: its caller is KMS's.
    pub cx: &'a Cx<'a>,
    /// The account that owns the resource to be encrypted; its default key is meant.
    pub account: &'a AccountId,
    /// The Region.
    pub region: &'a RegionName,
    /// The calling service, such as `secretsmanager.amazonaws.com`.
    pub service: &'static str,
    /// The alias of the calling service's AWS managed key, such as `alias/aws/secretsmanager`.
    pub managed_alias: &'static str,
}

/// The key under which something is encrypted: the service's AWS managed key of the account and
/// Region (such as `aws/secretsmanager`, made at its first use), or a customer's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyChoice {
    /// What names the customer's key: as it was chosen, or its ARN where it was used. `None`: the AWS
    /// managed key.
    pub customer_key: Option<String>,
    /// What that was found to mean, where this request found out: it is not looked up twice.
    #[serde(skip)]
    pub meaning: Meaning,
}

impl KeyChoice {
    /// Leaves the name only, as it is to be recorded: what it means is for one request to know, and
    /// records are kept in memory as they are written.
    pub(crate) fn forget_meaning(&mut self) {
        self.meaning = Meaning::Unknown;
    }
}

/// What a name of a key means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Meaning {
    /// Nobody looked.
    #[default]
    Unknown,
    /// No key.
    Nothing,
    /// The key with this ARN.
    Key(String),
}

impl From<Option<String>> for Meaning {
    fn from(arn: Option<String>) -> Self {
        arn.map_or(Self::Nothing, Self::Key)
    }
}

/// Names and values that a ciphertext is bound to, in the order in which they are bound.
pub type EncryptionContext<'a> = &'a [(&'a str, &'a str)];

/// A data key.
pub struct DataKey {
    /// The key itself, 32 bytes: use it and drop it.
    pub plaintext: Plaintext,
    /// The key as it is stored.
    pub wrapped: WrappedDataKey,
}

/// A data key as one KMS key wrapped it.
pub struct WrappedDataKey {
    /// The KMS key; a customer's by its ARN.
    pub key: KeyChoice,
    /// The ciphertext, which names the KMS key too.
    pub blob: Vec<u8>,
}

/// Why KMS refused. The texts are those of KMS as an SDK shows them.
#[derive(Debug, thiserror::Error)]
pub enum DataKeyError {
    /// The caller may not use the key; what decided that.
    #[error("Access to KMS is not allowed")]
    Denied(Option<Box<Decided>>),
    /// An AWS managed key serves callers of its own account only.
    #[error("an AWS managed key cannot be used from another account")]
    ForeignCaller,
    /// There is no such key.
    #[error("{0}")]
    NoSuchKey(String),
    /// The bytes are no wrapped key of this account and Region.
    #[error("the ciphertext is not valid in this encryption context")]
    NotDecryptable,
    /// The key cannot do it: it is disabled, pending deletion, or did not wrap this.
    #[error("{0}")]
    Refused(String),
    /// Something of ours failed.
    #[error(transparent)]
    Common(#[from] CommonError),
}

/// Where the signing keys of OpenID Connect issuers come from: the network, or a file.
///
/// SECURITY: knows the issuers that the operator named and asks no other, whatever a caller of the
/// API names: else a caller could make the server send requests to where it likes.
pub trait IssuerKeys: Send + Sync {
    /// The JSON Web Key Set of `issuer`, its URL exactly as in the `iss` claim.
    ///
    /// `fresh`: the caller met a key id that it does not know, so a remembered set will not do. It
    /// is for the caller to ask so seldom.
    ///
    /// Give the same allocation again while the set is the same: it is parsed once.
    ///
    /// # Errors
    /// [`IssuerKeysError`].
    fn key_set<'a>(&'a self, issuer: &'a str, fresh: bool) -> KeySetFuture<'a>;
}

/// What [`IssuerKeys`] returns.
pub type KeySetFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Arc<[u8]>, IssuerKeysError>> + Send + 'a>>;

/// Why there is no key set.
#[derive(Debug, thiserror::Error)]
pub enum IssuerKeysError {
    /// The operator did not name this issuer.
    #[error("the issuer is not in the configuration")]
    Unknown,
    /// The keys could not be had. The text is for the operator.
    #[error("the issuer's keys cannot be had: {0}")]
    Unreachable(String),
}
