//! KMS, API version 2014-11-01, and behind the [`DataKeys`] port the keys of other services.
//!
//! Rules of the service:
//! - a request names a key by id, ARN, alias or alias ARN; refusal comes before "not found";
//! - the key policy decides: what it does not delegate to the account, IAM cannot allow
//!   (`target.rs`); a grant lets in whom it names (`grants.rs`);
//! - material never leaves: it is sealed by the root key and opened to work only (`crypto.rs`);
//! - a ciphertext names its key and opens in its encryption context only (`blob.rs`);
//! - a key that is not enabled does nothing, and one that was deleted takes what it encrypted along
//!   (`jobs/`).
//!
//! [`DataKeys`]: crate::ports::DataKeys

mod alias_target;
mod aliases;
mod blob;
mod crypto;
mod data_keys;
mod dues;
mod encryption_context;
pub(crate) mod error;
mod grant_delegation;
mod grant_principals;
mod grant_request;
mod grant_tokens;
mod grant_view;
mod grants;
pub(crate) mod jobs;
mod key_action;
mod key_id;
mod key_policy;
mod known_context;
mod managed_key;
pub(crate) mod model;
mod ops;
mod own_use;
mod page;
pub(crate) mod questions;
pub(crate) mod records;
mod reseal;
mod rotation;
mod shapes;
mod sources;
mod states;
mod tagging;
mod target;
mod uses;
mod via;

pub(crate) use data_keys::{Kms, is_only_bound};
pub(crate) use error::Error;

use crate::service::{Protocol, Service};
use wire::json::MessageKey;

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "kms",
    event_source: EVENT_SOURCE,
    protocol: Protocol::Json {
        target_prefix: "TrentService.",
        message_key: MessageKey::Lower,
        invalid_input: "ValidationException",
    },
    only_region: None,
    common: error::COMMON,
    operations: ops::OPERATIONS,
};

/// The counter of an account's own keys in a Region, those pending deletion included.
fn keys_counter(account: &base::AccountId, region: &base::RegionName) -> String {
    format!("kms/keys/{account}/{region}")
}

/// The service's name in audit events.
pub(crate) const EVENT_SOURCE: &str = "kms.amazonaws.com";
