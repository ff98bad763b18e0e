//! Accounts, the identities inside them, and what proves that a caller is one of them.
//!
//! What IAM administers, STS lends out and every request is judged by. No service of its own:
//! `iam` and `sts` are the services over it.

pub(crate) mod accounts;
pub(crate) mod aws_managed;
mod credentials;
mod iam_arn;
pub(crate) mod known_principals;
pub(crate) mod model;
mod principal;
mod principals;
mod service_principals;
mod sessions;
mod shown_document;
mod uses;
mod web_identity;

pub use accounts::{AccountError, AccountSummary, NewAccount};
pub(crate) use credentials::{Credentials, draw_access_key, draw_unique_id, of_session};
pub(crate) use iam_arn::{IamArn, IamKind};
pub use principal::Principal;
pub(crate) use principal::{Identity, Managed, Source};
pub(crate) use principals::{resolve_managed, role_session, root, session_arn, user};
pub(crate) use sessions::{Session, SessionSubject, SessionToken, Sessions};
pub(crate) use shown_document::shown;
pub(crate) use uses::Uses;
pub(crate) use web_identity::{Vouched, WebIdentity};
