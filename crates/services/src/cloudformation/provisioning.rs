//! Making what a stack consists of, and removing it.
//!
//! INVARIANT: all the calls are one transaction, which is the stack's own too. When one of them is refused
//! nothing was made or removed, and what is committed instead is a stack that tells why.
//!
//! SECURITY: each call is the caller's own, with the caller's permissions at this moment. A stack has no
//! rights, and neither has who proposed it.

use super::EVENT_SOURCE;
use super::error::Error;
use super::model::{Stack, StackResource, Status, Step};
use super::resources::{self, Call, Place};
use super::template::{Declared, Scope, Template};
use crate::cx::Cx;
use crate::ports::{NotProvisioned, ProvisionCall, RefusedCall};
use crate::tx::{Tx, Within};
use base::{CommonError, Entropy, random_below, random_uuid};
use serde_json::Value;
use std::collections::BTreeSet;

/// A transaction in which everything was done that is to be done; it is to be committed with the stack as
/// it became.
pub(super) struct Done<'a> {
    pub(super) tx: Tx<'a>,
    pub(super) stack: Stack,
}

/// Makes the resources of `stack`, which is as it was proposed, in `tx`. When that fails the transaction is
/// another one, in which nothing was done.
///
/// # Errors
/// A failure of ours.
pub(super) async fn make<'a>(
    cx: &Cx<'a>,
    tx: Tx<'a>,
    mut stack: Stack,
    step: &Step<'_>,
) -> Result<Done<'a>, Error> {
    stack.becomes(step, Status::CreateInProgress, Some("User Initiated"));
    let template = Template::parse(&stack.definition.template).map_err(CommonError::internal)?;
    let within = Within::lending(tx);
    let mut scope = scope_of(&stack);
    let mut made: Vec<StackResource> = Vec::new();
    for declared in &template.resources {
        let resource = describe(&stack, step, declared, &scope)?;
        stack.tell(step, &resource);
        match make_one(cx, &within, &stack, &resource, &mut scope).await {
            Ok(()) => {
                let resource = resource.in_status(step, Status::CreateComplete, None);
                stack.tell(step, &resource);
                made.push(resource);
            }
            Err(Failure::Because(reason)) => {
                give_up(&mut stack, step, made, &resource, &reason);
                return Ok(Done {
                    tx: cx.begin(),
                    stack,
                });
            }
            Err(Failure::Common(error)) => return Err(error.into()),
        }
    }
    stack.resources = made;
    stack.outputs = template.outputs(&scope).map_err(CommonError::internal)?;
    stack.becomes(step, Status::CreateComplete, None);
    let tx = conclude(cx, within)?;
    Ok(Done { tx, stack })
}

/// Removes the resources of `stack` but those in `retained`.
///
/// # Errors
/// A failure of ours.
pub(super) async fn remove<'a>(
    cx: &Cx<'a>,
    tx: Tx<'a>,
    mut stack: Stack,
    step: &Step<'_>,
    retained: &[String],
) -> Result<Done<'a>, Error> {
    stack.becomes(step, Status::DeleteInProgress, Some("User Initiated"));
    let calls = removals(&stack, retained)?;
    let mut tx = Some(tx);
    let mut gone = Gone::default();
    loop {
        let within = Within::lending(tx.take().unwrap_or_else(|| cx.begin()));
        match remove_all(cx, &within, &calls, &mut gone).await {
            Ok(()) => {
                cx.facts.downstream.lock().append(&mut gone.lines);
                let tx = conclude(cx, within)?;
                are_removed(&mut stack, step, retained);
                return Ok(Done { tx, stack });
            }
            Err(Stopped::AlreadyGone) => {}
            Err(Stopped::Failed { resource, reason }) => {
                cannot_be_removed(&mut stack, step, &resource, &reason);
                let tx = cx.begin();
                return Ok(Done { tx, stack });
            }
            Err(Stopped::Common(error)) => return Err(error.into()),
        }
    }
}

/// Why a resource was not made.
enum Failure {
    Because(String),
    Common(CommonError),
}

/// The transaction that was lent, with the events of the calls noted with those of the request.
fn conclude<'a>(cx: &Cx<'a>, within: Within) -> Result<Tx<'a>, CommonError> {
    let whole = within.into_tx(&cx.app.ledger);
    let lost = || CommonError::internal("a call that succeeded did not end its part");
    let (tx, lines) = whole.ok_or_else(lost)?;
    cx.facts.downstream.lock().extend(lines);
    Ok(tx)
}

/// What every name in the template means, but for the resources.
fn scope_of(stack: &Stack) -> Scope {
    let own = [
        ("AWS::AccountId", stack.account.to_string()),
        ("AWS::Partition", stack.region.partition().to_owned()),
        ("AWS::Region", stack.region.to_string()),
        ("AWS::StackId", stack.arn()),
        ("AWS::StackName", stack.name.clone()),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let mut scope = Scope::default();
    scope.names.extend(own);
    let given = stack.definition.parameters.iter().cloned();
    scope.names.extend(given);
    scope
}

/// The resource that is to be made.
fn describe(
    stack: &Stack,
    step: &Step<'_>,
    declared: &Declared,
    scope: &Scope,
) -> Result<StackResource, CommonError> {
    let properties = scope.resolve(&declared.properties);
    let properties = properties.map_err(CommonError::internal)?;
    let drawn = drawn_name(step.entropy, &stack.name, &declared.logical_id);
    let kind = resources::find(&declared.kind);
    let kind = kind.ok_or_else(|| CommonError::internal("a resource of no kind was proposed"))?;
    Ok(StackResource {
        logical_id: declared.logical_id.clone(),
        physical_id: kind.physical_id(&properties, drawn),
        kind: declared.kind.clone(),
        properties: properties.to_string(),
        status: Status::CreateInProgress,
        reason: None,
        at: step.now,
    })
}

async fn make_one(
    cx: &Cx<'_>,
    within: &Within,
    stack: &Stack,
    resource: &StackResource,
    scope: &mut Scope,
) -> Result<(), Failure> {
    let plan = plan_of(stack, resource)?;
    for call in &plan.make {
        match perform(cx, within, call).await {
            Ok(()) => {}
            Err(NotProvisioned::Common(error)) => return Err(Failure::Common(error)),
            Err(NotProvisioned::Refused(refused)) => {
                let reason = handler_message(cx, call, &refused);
                cx.facts.downstream.lock().push(refused.line);
                return Err(Failure::Because(reason));
            }
        }
    }
    let name = &resource.logical_id;
    scope
        .names
        .insert(name.clone(), resource.physical_id.clone());
    for (attribute, value) in plan.attributes {
        let place = (name.clone(), attribute.to_owned());
        scope.attributes.insert(place, value);
    }
    Ok(())
}

fn plan_of(stack: &Stack, resource: &StackResource) -> Result<resources::Plan, Failure> {
    let properties: Value = serde_json::from_str(&resource.properties)
        .map_err(|error| Failure::Common(CommonError::internal(error)))?;
    let kind = resources::find(&resource.kind);
    let unknown = || Failure::Common(CommonError::internal("a resource of no kind is stored"));
    let place = Place {
        account: &stack.account,
        region: &stack.region,
        physical_id: &resource.physical_id,
    };
    let planned = kind.ok_or_else(unknown)?.plan(&place, &properties);
    planned.map_err(|invalid| Failure::Because(invalid.to_string()))
}

async fn perform(cx: &Cx<'_>, within: &Within, call: &Call) -> Result<(), NotProvisioned> {
    let call = ProvisionCall {
        cx,
        within,
        by: EVENT_SOURCE,
        service: call.service,
        operation: call.operation,
        parameters: &call.parameters,
    };
    cx.app.provision.perform(call).await
}

/// Brings `stack` to the end of a creation that failed: nothing was made.
fn give_up(
    stack: &mut Stack,
    step: &Step<'_>,
    made: Vec<StackResource>,
    failed: &StackResource,
    reason: &str,
) {
    let name = &failed.logical_id;
    let failed = failed.in_status(step, Status::CreateFailed, Some(reason));
    stack.tell(step, &failed);
    let summary = format!(
        "The following resource(s) failed to create: [{name}]. Rollback requested by user."
    );
    stack.becomes(step, Status::RollbackInProgress, Some(&summary));
    let undone = made
        .iter()
        .map(|resource| resource.in_status(step, Status::DeleteComplete, None));
    let undone: Vec<StackResource> = undone.collect();
    undone
        .iter()
        .rev()
        .for_each(|resource| stack.tell(step, resource));
    stack.resources = undone;
    stack.resources.push(failed);
    stack.becomes(step, Status::RollbackComplete, None);
}

/// A call that removes something of a resource.
struct Removal {
    resource: String,
    call: Call,
}

/// The calls that remove what there is, the last made first.
fn removals(stack: &Stack, retained: &[String]) -> Result<Vec<Removal>, CommonError> {
    let mut calls = Vec::new();
    for resource in stack.resources.iter().rev() {
        if !is_there(resource) || retained.contains(&resource.logical_id) {
            continue;
        }
        let plan = match plan_of(stack, resource) {
            Ok(plan) => plan,
            Err(Failure::Common(error)) => return Err(error),
            Err(Failure::Because(reason)) => return Err(CommonError::internal(reason)),
        };
        calls.extend(plan.remove.into_iter().map(|call| Removal {
            resource: resource.logical_id.clone(),
            call,
        }));
    }
    Ok(calls)
}

fn is_there(resource: &StackResource) -> bool {
    matches!(
        resource.status,
        Status::CreateComplete | Status::DeleteFailed
    )
}

/// The calls that found nothing to remove, by their places, and their events.
#[derive(Default)]
struct Gone {
    places: BTreeSet<usize>,
    lines: Vec<Vec<u8>>,
}

/// Why not everything was removed.
enum Stopped {
    /// Something was gone already. It is noted; the rest is to be begun anew.
    AlreadyGone,
    Failed {
        resource: String,
        reason: String,
    },
    Common(CommonError),
}

async fn remove_all(
    cx: &Cx<'_>,
    within: &Within,
    calls: &[Removal],
    gone: &mut Gone,
) -> Result<(), Stopped> {
    for (place, removal) in calls.iter().enumerate() {
        if gone.places.contains(&place) {
            continue;
        }
        match perform(cx, within, &removal.call).await {
            Ok(()) => {}
            Err(NotProvisioned::Common(error)) => return Err(Stopped::Common(error)),
            Err(NotProvisioned::Refused(refused)) if refused.status == NOT_FOUND => {
                gone.places.insert(place);
                gone.lines.push(refused.line);
                return Err(Stopped::AlreadyGone);
            }
            Err(NotProvisioned::Refused(refused)) => {
                let reason = handler_message(cx, &removal.call, &refused);
                let mut downstream = cx.facts.downstream.lock();
                downstream.append(&mut gone.lines);
                downstream.push(refused.line);
                return Err(Stopped::Failed {
                    resource: removal.resource.clone(),
                    reason,
                });
            }
        }
    }
    Ok(())
}

fn are_removed(stack: &mut Stack, step: &Step<'_>, retained: &[String]) {
    let mut resources = std::mem::take(&mut stack.resources);
    for resource in resources.iter_mut().rev().filter(|it| is_there(it)) {
        let status = if retained.contains(&resource.logical_id) {
            Status::DeleteSkipped
        } else {
            Status::DeleteComplete
        };
        *resource = resource.in_status(step, status, None);
        stack.tell(step, resource);
    }
    stack.resources = resources;
    stack.deleted = Some(step.now);
    stack.becomes(step, Status::DeleteComplete, None);
}

fn cannot_be_removed(stack: &mut Stack, step: &Step<'_>, failed: &str, reason: &str) {
    let mut resources = std::mem::take(&mut stack.resources);
    let culprit = resources.iter_mut().find(|it| it.logical_id == failed);
    if let Some(resource) = culprit {
        *resource = resource.in_status(step, Status::DeleteFailed, Some(reason));
        stack.tell(step, resource);
    }
    stack.resources = resources;
    let summary = format!("The following resource(s) failed to delete: [{failed}]. ");
    stack.becomes(step, Status::DeleteFailed, Some(&summary));
}

/// What CloudFormation says of a call that was refused.
fn handler_message(cx: &Cx<'_>, call: &Call, refused: &RefusedCall) -> String {
    let service = match call.service {
        "iam" => "Iam",
        _ => "Lambda",
    };
    let code = match (refused.status, refused.code.as_str()) {
        (_, "AccessDenied" | "AccessDeniedException") => "AccessDenied",
        (_, "EntityAlreadyExists" | "ResourceConflictException") => "AlreadyExists",
        (_, "LimitExceeded" | "CodeStorageExceededException") => "ServiceLimitExceeded",
        (NOT_FOUND, _) => "NotFound",
        (400..500, _) => "InvalidRequest",
        _ => "GeneralServiceException",
    };
    format!(
        "Resource handler returned message: \"{} (Service: {service}, Status Code: {}, Request ID: \
         {})\" (RequestToken: {}, HandlerErrorCode: {code})",
        refused.message,
        refused.status,
        refused.request_id,
        random_uuid(cx.entropy())
    )
}

/// A name that nothing has yet: those of stack and resource, cut short, and twelve characters by chance.
pub(super) fn drawn_name(entropy: &dyn Entropy, stack: &str, resource: &str) -> String {
    let stack: String = stack.chars().take(LONGEST_PART).collect();
    let resource: String = resource.chars().take(LONGEST_PART).collect();
    let drawn = std::iter::repeat_with(|| {
        let digit = random_below(entropy, 36);
        char::from_digit(digit, 36)
            .unwrap_or('0')
            .to_ascii_uppercase()
    });
    let drawn: String = drawn.take(12).collect();
    format!("{stack}-{resource}-{drawn}")
}

/// What leaves names of two parts within the 64 characters of a role or a function.
const LONGEST_PART: usize = 24;
const NOT_FOUND: u16 = 404;
