//! CloudWatch, API version 2010-08-01: metrics and alarms.
//!
//! Rules of the service:
//! - a metric is kept by the minute, by five minutes and by the hour, each for its own time; what comes is
//!   added to all three in the transaction that brings it (`storing.rs`), so that nothing is rolled up later;
//! - an alarm is judged by a pure function of the data that there is (`evaluation.rs`): soon after new data,
//!   and at each minute for as long as data can change it (`jobs/`);
//! - a change of state, its history and what it tells topics are one transaction (`transition.rs`);
//! - it is asked in awsQuery, awsJson 1.0 and rpc-v2-cbor, by the same table;
//! - one account's alarms and questions keep nobody else's waiting: what one call or round looks at is
//!   bounded, and others have turns meanwhile.

mod alarm_id;
mod alarm_view;
mod error;
mod evaluation;
pub(crate) mod jobs;
mod judging;
mod notification;
mod ops;
mod reading;
mod reason;
pub(crate) mod records;
mod series;
mod shapes;
mod statistics;
mod storing;
mod transition;

pub(crate) use storing::Storing;

use crate::service::{Protocol, Service, Several};

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "monitoring",
    event_source: "monitoring.amazonaws.com",
    protocol: Protocol::Several(&Several {
        target: "GraniteServiceVersion20100801",
        model: "com.amazonaws.cloudwatch",
        version: "2010-08-01",
        namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
        renamed: error::RENAMED,
        compressed: &["PutMetricData"],
    }),
    only_region: None,
    common: error::COMMON,
    operations: ops::OPERATIONS,
};
