//! The AWS services, and the path of a request to them.
//!
//! [`App::call`] takes a request through protocol, signature and dispatch to one operation. Each
//! service is a module; each operation is one file with four beats: find, authorize, act in a
//! transaction, commit with its audit event. A service reaches another only through [`ports`].

mod app;
mod audit;
mod authorize;
mod blocking;
mod cloudformation;
mod cloudtrail;
mod cloudwatch;
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
mod metrics;
mod numbering;
mod operation;
mod paging;
pub mod ports;
mod quotas;
pub mod regions;
mod rsa_key;
pub mod secretsmanager;
mod serverlessrepo;
mod service;
mod service_call;
mod service_role;
mod sns;
mod stored;
mod sts;
mod tags;
mod throttle;
mod tx;
mod witness;
mod work;

pub use app::{
    App, DeliverySettings, DueWork, FollowerBehind, MOST_COUNTED, MOST_PLACES, NewAdministrator,
    NewRotator, Operator, OperatorError, Outside, RemovedPolicy, Restored, Rotator, SecretCount,
    Settings, TickError, TrailSettings,
};
pub use audit::{AppendFuture, AuditEntry, AuditError, AuditSink};
pub use authorize::{Action, Permit, Resource};
pub use cx::Cx;
pub use deliveries::{DeliveryCounts, ShownDeadLetter, ShownDeliveries, ShownDelivery};
pub use endpoint::PrivateEndpoint;
pub use explain::{Access, ExplainError, Explanation, Matched, Question};
pub use gateway::{
    Request, Unavailable, Unread, is_compressed, largest_body, operations, services, unavailable,
};
pub use identity::{AccountError, AccountSummary, NewAccount, Principal};
pub use kms::jobs::ResealedKeys;
pub use metrics::{Counts, Ended, LATENCIES, Observer, RequestCounts, SUCCESS};
pub use operation::OperationInfo;
pub use policy::Problems as PolicyProblems;
pub use quotas::{AccountQuotas, Limits, NoSuchOperation, Quotas, Rate, Rates};
pub use throttle::RateGroup;
pub use witness::{InPlay, NotAllKnown, Watch, Witness};

/// The kinds of records that the services store.
pub static KINDS: &[&store::Kind] = &[
    &cloudformation::records::CHANGE_SET,
    &cloudformation::records::STACK,
    &cloudtrail::records::DELIVERY,
    &cloudtrail::records::DIGEST_KEY,
    &cloudtrail::records::LOG_DELIVERY,
    &cloudtrail::records::TRAIL,
    &cloudwatch::records::ALARM,
    &cloudwatch::records::ALARM_STATE,
    &cloudwatch::records::BLOCK,
    &cloudwatch::records::HISTORY,
    &cloudwatch::records::METRIC,
    &cloudwatch::records::TALLY,
    &deliveries::DEAD_LETTER,
    &deliveries::DELIVERY,
    &events::records::API_DESTINATION,
    &events::records::CONNECTION,
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
    &logs::records::CHUNK,
    &logs::records::GROUP,
    &logs::records::METRIC_FILTER,
    &logs::records::STREAM,
    &logs::records::USAGE,
    &secretsmanager::access::LAST_ACCESS,
    &secretsmanager::jobs::COUNTED,
    &secretsmanager::records::SECRET,
    &secretsmanager::resource_policy::RESOURCE_POLICY,
    &secretsmanager::rotation::record::ROTATIONS,
    &secretsmanager::records::VALUE,
    &sns::records::ASKED,
    &sns::records::SIGNING_KEY,
    &sns::records::SUBSCRIPTION,
    &sns::records::TOPIC,
];
