//! Change sets that other services make for their callers.

use super::EVENT_SOURCE;
use super::error::Error;
use super::model::{ChangeSet, Definition, Execution, Stack, Status, Step, arn};
use super::records::{MOST_CHANGE_SETS, MOST_STACKS};
use super::resources;
use super::shapes::is_name;
use super::template::Template;
use crate::audit::{self, Facts, Outcome};
use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::ports::{NotProposed, PortFuture, Proposal, Proposed, Stacks};
use crate::tx::Tx;
use base::{AwsError as _, CommonError, random_uuid};
use serde_json::json;
use serde_json::value::to_raw_value;
use store::Versioned;

/// CloudFormation, as other services see it.
pub(crate) struct CloudFormation;

impl Stacks for CloudFormation {
    fn propose<'a>(
        &'a self,
        cx: &'a Cx<'a>,
        tx: &'a mut Tx<'_>,
        proposal: Proposal<'a>,
    ) -> PortFuture<'a, Proposed, NotProposed> {
        Box::pin(propose(cx, tx, proposal))
    }
}

/// Authorizes as CreateChangeSet, and notes its event with those of the request.
async fn propose(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    proposal: Proposal<'_>,
) -> Result<Proposed, NotProposed> {
    let request_id = random_uuid(cx.entropy());
    let parameters = to_raw_value(&json!({
        "stackName": proposal.stack,
        "changeSetName": proposal.change_set,
        "changeSetType": "CREATE",
        "capabilities": proposal.capabilities,
    }));
    let parameters = parameters.ok();
    let facts = Facts {
        event_source: EVENT_SOURCE,
        event_name: "CreateChangeSet",
        read_only: false,
        request_id: &request_id,
        request_parameters: parameters.as_deref(),
        ..cx.facts.made_by(proposal.by)
    };
    let inner = Cx {
        app: cx.app,
        service: &super::SERVICE,
        principal: cx.principal,
        region: cx.region,
        facts: &facts,
        within: cx.within,
    };
    let done = create(&inner, tx, proposal).await;
    let line = told(cx, &facts, &done);
    cx.facts.downstream.lock().push(line);
    match done {
        Ok((proposed, _)) => Ok(proposed),
        Err(Error::Common(error)) => Err(error.into()),
        Err(error) => Err(NotProposed::Invalid(error.to_string())),
    }
}

/// The event of the call.
fn told(cx: &Cx<'_>, facts: &Facts<'_>, done: &Result<(Proposed, Permit), Error>) -> Vec<u8> {
    let text;
    let outcome = match done {
        Ok((proposed, permit)) => Outcome {
            resource: Some(&proposed.stack),
            ..Outcome::permitted(permit)
        },
        Err(error) => {
            text = error.client_message();
            Outcome {
                error: Some((error.code(), &text)),
                decision: error.decided(),
                ..Outcome::default()
            }
        }
    };
    audit::api_call(facts, &random_uuid(cx.entropy()), outcome)
}

async fn create(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    proposal: Proposal<'_>,
) -> Result<(Proposed, Permit), Error> {
    let query = Stack::called(cx.account(), cx.region, proposal.stack);
    let found = tx.query::<Stack>(&query).await?.into_iter().next();
    let permit = authorize(cx, found.as_ref(), &proposal)?;

    let definition = define(&proposal)?;
    let stack = match found {
        Some(found) => awaiting(&found.record)?,
        None => {
            let stack = reviewed(cx, &proposal)?;
            let counter = Stack::counter(&stack.account, &stack.region);
            tx.count(&permit, &counter, 1, Some(MOST_STACKS));
            tx.insert(&permit, stack.clone());
            stack
        }
    };
    let others = tx.query::<ChangeSet>(&ChangeSet::of_stack(&stack)).await?;
    if others.len() >= MOST_CHANGE_SETS {
        let text = format!("ChangeSet limit exceeded for stack {}", stack.name);
        return Err(Error::Validation(text));
    }
    let drawn = || format!("a{}", random_uuid(cx.entropy()));
    let name = proposal.change_set.map_or_else(drawn, str::to_owned);
    if !is_name(&name) || name.len() > LONGEST_NAME {
        return Err(Error::Validation(format!(
            "`{name}` is no name of a change set"
        )));
    }
    if others.iter().any(|other| other.record.name == name) {
        return Err(Error::Validation(format!(
            "ChangeSet {name} cannot be created due to a mismatch with existing attribute Template"
        )));
    }
    let change_set = ChangeSet {
        account: cx.account().clone(),
        region: cx.region.clone(),
        id: random_uuid(cx.entropy()),
        name,
        stack_name: stack.name.clone(),
        stack_id: stack.id.clone(),
        created: cx.now(),
        description: proposal.description.map(str::to_owned),
        execution: Execution::Available,
        definition,
    };
    let proposed = Proposed {
        change_set: change_set.arn(),
        stack: stack.arn(),
    };
    tx.insert(&permit, change_set);
    Ok((proposed, permit))
}

fn authorize(
    cx: &Cx<'_>,
    found: Option<&Versioned<Stack>>,
    proposal: &Proposal<'_>,
) -> Result<Permit, CommonError> {
    let new = || {
        let rest = format!("stack/{}/*", proposal.stack);
        arn(cx.account(), cx.region, &rest)
    };
    let named = found.map_or_else(new, |stack| stack.record.arn());
    let resource = Resource::named(cx.account(), named);
    let resource = resource.tagged(found.map(|stack| &stack.record.definition.tags));
    let keys = Keys::none()
        .opt_text("cloudformation:changesetname", proposal.change_set)
        .tags(proposal.tags.iter());
    cx.authorize_with(Action("cloudformation:CreateChangeSet"), resource, &keys)
}

/// What the stack is to be.
fn define(proposal: &Proposal<'_>) -> Result<Definition, Error> {
    let text = proposal.template.to_string();
    let template = Template::parse(&text).map_err(Error::Validation)?;
    let parameters = template.fill(&proposal.parameters);
    let mut missing: Vec<&str> = Vec::new();
    for declared in &template.resources {
        let kind = resources::find(&declared.kind).ok_or_else(|| {
            Error::Validation(format!(
                "Template format error: Unrecognized resource types: [{}]",
                declared.kind
            ))
        })?;
        let mut given = declared.properties.as_object().into_iter().flatten();
        if let Some((name, _)) = given.find(|(name, _)| !kind.properties().contains(&name.as_str()))
        {
            let text = format!("Encountered unsupported property {name}");
            return Err(Error::Validation(text));
        }
        let needed = kind.capability(&declared.properties);
        missing.extend(needed.filter(|it| !is_acknowledged(it, &proposal.capabilities)));
    }
    if !missing.is_empty() {
        missing.sort_unstable();
        missing.dedup();
        return Err(Error::Validation(format!(
            "Required capabilities [{}] were not provided.",
            missing.join(", ")
        )));
    }
    Ok(Definition {
        template: text,
        parameters: parameters.map_err(Error::Validation)?,
        capabilities: known(&proposal.capabilities),
        notification_arns: proposal.notification_arns.clone(),
        tags: proposal.tags.clone(),
    })
}

/// Those capabilities that are CloudFormation's own.
fn known(given: &[String]) -> Vec<String> {
    let own = [
        "CAPABILITY_AUTO_EXPAND",
        "CAPABILITY_IAM",
        "CAPABILITY_NAMED_IAM",
    ];
    let is_own = |one: &&String| own.contains(&one.as_str());
    given.iter().filter(is_own).cloned().collect()
}

/// Who acknowledges named roles acknowledges all.
fn is_acknowledged(needed: &str, given: &[String]) -> bool {
    given.iter().any(|given| {
        given == needed || (needed == "CAPABILITY_IAM" && given == "CAPABILITY_NAMED_IAM")
    })
}

/// The stack that is there, as long as nothing was made of it.
///
/// COMPAT: there are no updates of stacks yet.
fn awaiting(stack: &Stack) -> Result<Stack, Error> {
    match stack.status {
        Status::ReviewInProgress => Ok(stack.clone()),
        _ => Err(Error::Validation(format!(
            "Stack [{}] exists already, and updating a stack is not supported by this server yet.",
            stack.name
        ))),
    }
}

fn reviewed(cx: &Cx<'_>, proposal: &Proposal<'_>) -> Result<Stack, Error> {
    let name = proposal.stack;
    if !is_name(name) || name.len() > LONGEST_NAME {
        return Err(Error::Validation(format!(
            "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )));
    }
    let step = Step {
        now: cx.now(),
        entropy: cx.entropy(),
        token: None,
    };
    let mut stack = Stack {
        account: cx.account().clone(),
        region: cx.region.clone(),
        name: name.to_owned(),
        id: random_uuid(cx.entropy()),
        status: Status::ReviewInProgress,
        reason: None,
        created: cx.now(),
        updated: None,
        deleted: None,
        change_set: None,
        definition: Definition {
            tags: proposal.tags.clone(),
            ..Definition::default()
        },
        resources: Vec::new(),
        outputs: Vec::new(),
        events: Vec::new(),
    };
    stack.becomes(&step, Status::ReviewInProgress, Some("User Initiated"));
    Ok(stack)
}

const LONGEST_NAME: usize = 128;
