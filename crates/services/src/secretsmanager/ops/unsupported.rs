//! Operations of the API that a later release brings. Each answers a clear error, after the
//! signature was verified, and never a fake success.

use crate::authorize::{Action, Resource};
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
                signed: true,
                input: &$crate::secretsmanager::ops::unsupported::ANY,
            },
            run: $crate::operation::Run::Signed(|cx, _| {
                const ACTION: $crate::authorize::Action =
                    $crate::authorize::Action(concat!("secretsmanager:", $name));
                Box::pin($crate::secretsmanager::ops::unsupported::refuse(
                    cx, ACTION, $name,
                ))
            }),
        }
    };
}

pub(super) use unsupported;

/// Takes any JSON object.
pub(super) static ANY: Structure = Structure::new(&[]);

/// The refusal. Whoever may not use the operation is told that instead.
pub(super) async fn refuse(
    cx: &Cx<'_>,
    action: Action,
    operation: &'static str,
) -> Result<Body, Refusal> {
    let refusal = match cx.authorize(action, Resource::none(cx.account())) {
        Ok(_) => Error::NotSupported(operation),
        Err(error) => error.into(),
    };
    Err(Refusal::of(&refusal))
}
