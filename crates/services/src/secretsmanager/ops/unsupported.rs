//! Operations of the API that a later release brings. Each answers a clear error, after the
//! signature was verified, and never a fake success.

use crate::authorize::{Action, Permit, Resource};
use crate::cx::Cx;
use crate::gateway::Refusal;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::shapes::SECRET_ID;
use crate::secretsmanager::target::Target;
use base::CommonError;
use wire::Parsed;
use wire::rest::Answer;

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
                event_name: $name,
                http: None,
                read_only: $read_only,
                signed: true,
                input: <$crate::secretsmanager::ops::unsupported::Input as wire::Input>::SHAPE,
            },
            run: $crate::operation::Run::Signed(|cx, parsed| {
                const ACTION: $crate::authorize::Action =
                    $crate::authorize::Action(concat!("secretsmanager:", $name));
                Box::pin($crate::secretsmanager::ops::unsupported::refuse(
                    cx, ACTION, $name, parsed,
                ))
            }),
        }
    };
}

pub(super) use unsupported;

wire::input! {
    /// What they take, as far as it matters: any JSON object, and the secret that it names.
    pub(crate) struct Input {
        secret_id: Option<String> = audited "SecretId" SECRET_ID,
    }
}

/// The refusal. Whoever may not use the operation, on the secret if one is named, is told that
/// instead.
pub(super) async fn refuse(
    cx: &Cx<'_>,
    action: Action,
    operation: &'static str,
    parsed: Parsed,
) -> Result<Answer, Refusal> {
    let refusal = match permitted(cx, action, parsed).await {
        Ok(_) => Error::NotSupported(operation),
        Err(error) => error,
    };
    Err(Refusal::of(&refusal))
}

async fn permitted(cx: &Cx<'_>, action: Action, parsed: Parsed) -> Result<Permit, Error> {
    let input: Input = parsed.into_input().map_err(CommonError::internal)?;
    let Some(secret_id) = &input.secret_id else {
        return Ok(cx.authorize(action, Resource::none(cx.account()))?);
    };
    let target = Target::find(cx, &mut cx.begin(), secret_id).await?;
    Ok(cx.authorize_with(action, target.resource(), &target.keys())?)
}
