//! The events of rotations (behaviour reference §13.2).

use super::run::RunKind;
use crate::audit::ServiceEvent;
use crate::secretsmanager::EVENT_SOURCE;
use crate::secretsmanager::model::Secret;
use base::{Entropy, Timestamp, random_uuid};
use serde_json::json;

/// What happened to a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happened<'a> {
    Started,
    Succeeded,
    /// With the `errorMessage`.
    Failed(&'a str),
    Abandoned,
}

/// The line of the event that tells what happened to the run of `kind` that makes the version
/// `token` of `secret`.
pub(crate) fn line(
    entropy: &dyn Entropy,
    secret: &Secret,
    token: &str,
    kind: RunKind,
    happened: Happened<'_>,
    now: Timestamp,
) -> Vec<u8> {
    let arn = secret.arn();
    let event = ServiceEvent {
        event_source: EVENT_SOURCE,
        event_name: name(kind, happened),
        region: secret.region.as_str(),
        account: secret.account.as_str(),
        now,
        request_id: &format!("Rotation-{arn}-{token}"),
        response_elements: None,
        additional: json!({ "SecretId": arn }),
    };
    let id = random_uuid(entropy);
    match happened {
        Happened::Failed(message) => event.to_failure_line(&id, message),
        _ => event.to_line(&id),
    }
}

fn name(kind: RunKind, happened: Happened<'_>) -> &'static str {
    match (kind, happened) {
        (RunKind::Rotation, Happened::Started) => "RotationStarted",
        (RunKind::Rotation, Happened::Succeeded) => "RotationSucceeded",
        (RunKind::Rotation, Happened::Failed(_)) => "RotationFailed",
        (RunKind::Rotation, Happened::Abandoned) => "RotationAbandoned",
        (RunKind::Test, Happened::Started) => "TestRotationStarted",
        (RunKind::Test, Happened::Succeeded) => "TestRotationSucceeded",
        // COMPAT: AWS has no event of a test that was abandoned.
        (RunKind::Test, Happened::Failed(_) | Happened::Abandoned) => "TestRotationFailed",
    }
}
