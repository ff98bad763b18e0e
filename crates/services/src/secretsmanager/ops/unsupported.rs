//! Operations of the API that a later release brings. Each answers a clear error, after the
//! signature was verified, and never a fake success.

use crate::cx::Cx;
use crate::gateway::Refusal;
use crate::secretsmanager::error::Error;
use wire::{Body, Structure};

/// The table entry of an operation that is not there yet.
macro_rules! unsupported {
    (reads $name:literal) => {
        unsupported!($name, true)
    };
    (writes $name:literal) => {
        unsupported!($name, false)
    };
    ($name:literal, $read_only:literal) => {
        $crate::operation::Entry {
            info: $crate::operation::OperationInfo {
                name: $name,
                read_only: $read_only,
                input: &$crate::secretsmanager::ops::unsupported::ANY,
            },
            run: |cx, _| Box::pin($crate::secretsmanager::ops::unsupported::refuse(cx, $name)),
        }
    };
}

pub(super) use unsupported;

/// Takes any JSON object.
pub(super) static ANY: Structure = Structure::new(&[]);

/// The refusal.
pub(super) async fn refuse(_: &Cx<'_>, operation: &'static str) -> Result<Body, Refusal> {
    Err(Refusal::of(&Error::NotSupported(operation)))
}
