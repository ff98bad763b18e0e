//! The AWS services, and the path of a request to them.
//!
//! [`App::call`] takes a request through protocol, signature and dispatch to one operation. Each
//! service is a module; each operation is one file with four beats: find, authorize, act in a
//! transaction, commit with its audit event. A service reaches another only through [`ports`].

mod app;
mod audit;
mod authorize;
mod cloudformation;
mod context;
mod cx;
mod deliveries;
mod document;
mod endpoint;
mod events;
mod explain;
#[cfg(test)]
mod fixtures;
mod follow;
mod gateway;
mod iam;
mod identity;
mod kms;
pub mod lambda;
mod logs;
mod operation;
mod paging;
pub mod ports;
pub mod regions;
pub mod secretsmanager;
mod serverlessrepo;
mod service;
mod service_call;
mod sns;
mod stored;
mod sts;
mod tags;
mod tx;
mod witness;

pub use app::{
    App, Limits, NewAdministrator, NewRotator, Operator, OperatorError, Outside, RemovedPolicy,
    Restored, Rotator, Settings, TickError,
};
pub use audit::{AppendFuture, AuditEntry, AuditError, AuditSink};
pub use authorize::{Action, Permit, Resource};
pub use cx::Cx;
pub use deliveries::{DeliveryCounts, ShownDeadLetter, ShownDeliveries, ShownDelivery};
pub use endpoint::PrivateEndpoint;
pub use explain::{Access, ExplainError, Explanation, Matched, Question};
pub use gateway::{Request, Unavailable, Unread, largest_body, operations, services, unavailable};
pub use identity::{AccountError, AccountSummary, NewAccount, Principal};
pub use kms::jobs::ResealedKeys;
pub use operation::OperationInfo;
pub use policy::Problems as PolicyProblems;
pub use witness::{InPlay, NotAllKnown, Watch, Witness};

/// The kinds of records that the services store.
pub static KINDS: &[&store::Kind] = &[
    &cloudformation::records::CHANGE_SET,
    &cloudformation::records::STACK,
    &deliveries::DEAD_LETTER,
    &deliveries::DELIVERY,
    &events::records::PUT_EVENT,
    &events::records::RULE,
    &follow::CURSOR,
    &identity::model::ACCESS_KEY,
    &identity::model::ACCOUNT,
    &identity::model::ATTACHMENT,
    &identity::model::GROUP,
    &identity::model::LAST_USED,
    &identity::model::MANAGED_POLICY,
    &identity::model::MEMBERSHIP,
    &identity::model::OIDC_PROVIDER,
    &identity::model::ROLE,
    &identity::model::USER,
    &kms::records::ALIAS,
    &kms::records::DUE,
    &kms::records::GRANT,
    &kms::records::KEY,
    &lambda::records::CODE,
    &lambda::records::FUNCTION,
    &lambda::records::QUEUED_EVENT,
    &lambda::records::RUN_LOG,
    &logs::records::GROUP,
    &logs::records::STREAM,
    &secretsmanager::records::SECRET,
    &secretsmanager::resource_policy::RESOURCE_POLICY,
    &secretsmanager::rotation::record::ROTATIONS,
    &secretsmanager::records::VALUE,
    &sns::records::SIGNING_KEY,
    &sns::records::SUBSCRIPTION,
    &sns::records::TOPIC,
];
