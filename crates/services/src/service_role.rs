//! Roles that services assume by themselves: whether they trust the service, and what they may.

use crate::authorize::{self, Action, Permit, Resource};
use crate::context::Keys;
use crate::identity::model::Role;
use crate::identity::{IamArn, IamKind, Principal, Session, SessionSubject, of_session};
use crate::service_call::{Called, ServiceCall};
use crate::tags::Tags;
use crate::tx::Tx;
use base::{CommonError, RegionName, Timestamp};
use policy::{Named, Rule};
use std::sync::Arc;

/// The role with this ARN.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn find(tx: &mut Tx<'_>, arn: &str) -> Result<Option<Arc<Role>>, CommonError> {
    let Some(name) = IamArn::parse(arn).filter(|parsed| parsed.kind == IamKind::Role) else {
        return Ok(None);
    };
    let Some(account) = name.account() else {
        return Ok(None);
    };
    let found = tx.get::<Role>(&Role::key_of(&account, name.name)).await?;
    let found = found.map(|found| found.record);
    Ok(found.filter(|role| role.arn() == arn))
}

/// Leave for `service` to assume `role`, if the role trusts it. `keys` say for which resource.
///
/// # Errors
/// When the trust policy cannot be read.
pub(crate) fn is_assumable(
    service: &'static str,
    role: &Role,
    keys: &Keys<'_>,
    region: &RegionName,
    now: Timestamp,
) -> Result<Option<Permit>, CommonError> {
    let call = ServiceCall::new("");
    let facts = call.facts(Called {
        by: service,
        role: None,
        event_source: "sts.amazonaws.com",
        event_name: "AssumeRole",
        region,
        now,
        parameters: None,
    });
    let resource = Resource {
        policy: Some(Named {
            name: "trust policy",
            policy: role.trust.policy()?,
        }),
        rule: Rule::ResourceRequired,
        tags: Some(&role.tags),
        ..Resource::named(&role.account, role.arn())
    };
    let action = Action("sts:AssumeRole");
    match authorize::service_may(service, &facts, action, &resource, keys) {
        Ok(permit) => Ok(Some(permit)),
        Err(CommonError::AccessDenied(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The role as a service assumes it, in a session of this name.
///
/// # Errors
/// When the store fails, or a policy of the role cannot be found.
pub(crate) async fn assumed(
    tx: &mut Tx<'_>,
    role: &Role,
    session: &str,
    now: Timestamp,
) -> Result<Option<Principal>, CommonError> {
    let session = Session {
        account: role.account.clone(),
        access_key_id: String::new(),
        subject: SessionSubject::Role {
            name: role.name.clone(),
            id: role.id.clone(),
        },
        name: Some(session.to_owned()),
        issued: now,
        expires: now.plus_seconds(SESSION_SECONDS),
        policy: None,
        policy_arns: Vec::new(),
        tags: Tags::default(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        federated_provider: None,
        claims: Vec::new(),
    };
    of_session(tx, Arc::new(session)).await
}

/// Whether a role that `service` assumed may do `action` to the resource `arn` of its account.
///
/// # Errors
/// When a policy of the role cannot be read.
pub(crate) fn may(
    service: &'static str,
    principal: &Principal,
    action: Action,
    arn: String,
    region: &RegionName,
    now: Timestamp,
) -> Result<bool, CommonError> {
    let call = ServiceCall::new("");
    let facts = call.facts(Called {
        by: service,
        role: Some((principal, "")),
        event_source: service,
        event_name: "",
        region,
        now,
        parameters: None,
    });
    let resource = Resource::named(principal.account(), arn);
    authorize::allows(principal, &facts, action, &resource, &Keys::none())
}

const SESSION_SECONDS: i64 = 3_600;
