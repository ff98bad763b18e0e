//! The role of a run: a session of it, as AssumeRole makes for Lambda.

use super::{Call, NotRun};
use crate::app::App;
use crate::audit::{self, Outcome};
use crate::authorize::Permit;
use crate::identity::model::Role;
use crate::identity::{Principal, Session, SessionSubject, draw_access_key, of_session};
use crate::lambda::EVENT_SOURCE;
use crate::lambda::role;
use crate::ports::RoleCredentials;
use crate::service_call::{Called, ServiceCall};
use crate::tags::Tags;
use base::{CommonError, Timestamp, random_uuid};
use serde_json::json;
use serde_json::value::to_raw_value;
use std::sync::Arc;

/// A role that Lambda has assumed.
pub(super) struct Assumed {
    pub(super) session: Arc<Session>,
    pub(super) principal: Principal,
}

/// Assumes the role of the function that is called, and records that.
///
/// # Errors
/// [`NotRun::RoleNotAssumable`] when the role is gone or does not trust Lambda; a failure of ours.
pub(super) async fn assume(
    app: &App,
    call: &Call<'_>,
) -> Result<(Assumed, RoleCredentials), NotRun> {
    let function = call.function;
    let now = app.clock.now();
    let mut tx = app.ledger.begin_reading();
    let role = role::find(&mut tx, &function.role).await?;
    let role = role.filter(|role| role.account == function.account);
    let role = role.ok_or(NotRun::RoleNotAssumable)?;
    let leave = role::is_assumable(&role, &function.region, now)?;
    let leave = leave.ok_or(NotRun::RoleNotAssumable)?;
    let (access_key_id, secret) = draw_access_key(app.entropy.as_ref(), "ASIA");
    let expires = now.plus_seconds(i64::from(function.timeout_seconds) + MARGIN);
    let session = Arc::new(session(&role, &function.name, access_key_id, now, expires));
    let token = app.credentials.sessions.issue(&session, secret)?;
    record(app, call, &role, &session, &leave).await?;
    let principal = of_session(&mut tx, Arc::clone(&session)).await?;
    let principal = principal.ok_or(NotRun::RoleNotAssumable)?;
    let credentials = RoleCredentials {
        access_key_id: session.access_key_id.clone(),
        secret_access_key: token.secret_access_key,
        session_token: token.token,
    };
    Ok((Assumed { session, principal }, credentials))
}

fn session(
    role: &Role,
    name: &str,
    access_key_id: String,
    now: Timestamp,
    expires: Timestamp,
) -> Session {
    Session {
        account: role.account.clone(),
        access_key_id,
        subject: SessionSubject::Role {
            name: role.name.clone(),
            id: role.id.clone(),
        },
        name: Some(name.to_owned()),
        issued: now,
        expires,
        policy: None,
        policy_arns: Vec::new(),
        tags: Tags::default(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        federated_provider: None,
        claims: Vec::new(),
    }
}

/// CloudTrail's event of an AssumeRole by a service.
async fn record(
    app: &App,
    call: &Call<'_>,
    role: &Role,
    session: &Session,
    leave: &Permit,
) -> Result<(), CommonError> {
    let name = session.name.as_deref();
    let parameters = json!({ "roleArn": role.arn(), "roleSessionName": name });
    let parameters = to_raw_value(&parameters).ok();
    let service = ServiceCall::new(call.request_id);
    let facts = service.facts(Called {
        by: EVENT_SOURCE,
        role: None,
        event_source: "sts.amazonaws.com",
        event_name: "AssumeRole",
        region: &call.function.region,
        now: session.issued,
        parameters: parameters.as_deref(),
    });
    let outcome = Outcome {
        response_elements: Some(json!({
            "credentials": {
                "accessKeyId": session.access_key_id,
                "expiration": session.expires.to_cloudtrail(),
            },
        })),
        ..Outcome::permitted(leave)
    };
    let line = audit::api_call(&facts, &random_uuid(app.entropy.as_ref()), outcome);
    let recorded = app.ledger.record(line, Vec::new()).await;
    recorded.map_err(CommonError::internal)
}

/// How many seconds the credentials outlast the timeout.
const MARGIN: i64 = 120;
