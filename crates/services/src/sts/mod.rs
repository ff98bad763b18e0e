//! STS, first form: who am I?

mod error;
mod ops;

use crate::cx::Cx;
use crate::gateway::Refusal;
use std::future::Future;
use std::pin::Pin;
use wire::Body;

pub(crate) use error::{COMMON, Error};

/// The service's name in a credential scope.
pub(crate) const SIGNING_NAME: &str = "sts";
/// The service's name in audit events.
pub(crate) const EVENT_SOURCE: &str = "sts.amazonaws.com";
/// The XML namespace of its answers.
pub(crate) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// An operation of STS.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) read_only: bool,
    pub(crate) run: for<'a> fn(&'a Cx<'a>) -> RunFuture<'a>,
}

type RunFuture<'a> = Pin<Box<dyn Future<Output = Result<Body, Refusal>> + Send + 'a>>;

/// The operation that `Action` names.
pub(crate) fn find(action: &str) -> Option<&'static Entry> {
    OPERATIONS.iter().find(|entry| entry.name == action)
}

static OPERATIONS: &[Entry] = &[Entry {
    name: "GetCallerIdentity",
    read_only: true,
    run: |cx| Box::pin(ops::get_caller_identity::run(cx)),
}];
