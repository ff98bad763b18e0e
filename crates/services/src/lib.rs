//! The AWS services, and the path of a request to them.
//!
//! [`App::call`] takes a request through protocol, signature and dispatch to one operation. Each
//! service is a module; each operation is one file with four beats: find, authorize, act in a
//! transaction, commit with its audit event. A service reaches another only through [`ports`].

mod app;
mod audit;
mod authorize;
mod cx;
#[cfg(test)]
mod fixtures;
mod gateway;
mod iam;
mod kms;
mod operation;
pub mod ports;
mod principal;
pub mod regions;
pub mod secretsmanager;
mod sts;
mod tx;

pub use app::{App, Limits, Outside, Settings};
pub use audit::{AppendFuture, AuditEntry, AuditError, AuditSink};
pub use authorize::{Action, Permit, Resource};
pub use cx::Cx;
pub use gateway::{Request, Unread, operations};
pub use iam::{AccountError, AccountSummary, NewAccount};
pub use operation::OperationInfo;
pub use principal::Principal;

/// The kinds of records that the services store.
pub static KINDS: &[&store::Kind] = &[
    &iam::records::ACCOUNT,
    &iam::records::ACCESS_KEY,
    &kms::records::ALIAS,
    &kms::records::KEY,
    &secretsmanager::records::SECRET,
    &secretsmanager::records::VALUE,
];
