//! How answers show stacks, their parts and their change sets.

use super::model::{ChangeSet, Definition, Stack, StackEvent, StackResource};
use super::template::Template;
use wire::xml::{self, Element};

/// The answer of operations that have nothing to tell, and say so in an element of their own.
pub(crate) struct Nothing;

impl xml::Output for Nothing {
    fn write(&self, _: &mut Element<'_>) {}
}

/// The answer of operations that have nothing to tell.
pub(crate) struct Done;

impl xml::Output for Done {
    const HAS_RESULT: bool = false;

    fn write(&self, _: &mut Element<'_>) {}
}

/// The members of a `Stack`.
pub(super) fn write_stack(element: &mut Element<'_>, stack: &Stack) {
    element.text("StackId", &stack.arn());
    element.text("StackName", &stack.name);
    element.opt_text("ChangeSetId", stack.change_set.as_deref());
    element.opt_text("Description", description(&stack.definition).as_deref());
    write_parameters(element, &stack.definition);
    element.timestamp("CreationTime", stack.created);
    element.opt_timestamp("DeletionTime", stack.deleted);
    element.opt_timestamp("LastUpdatedTime", stack.updated);
    element.element("RollbackConfiguration", |_| {});
    element.text("StackStatus", stack.status.name());
    element.opt_text("StackStatusReason", stack.reason.as_deref());
    element.boolean("DisableRollback", false);
    element.texts("NotificationARNs", &stack.definition.notification_arns);
    element.texts("Capabilities", &stack.definition.capabilities);
    if !stack.outputs.is_empty() {
        element.list("Outputs", &stack.outputs, |output, element| {
            element.text("OutputKey", &output.key);
            element.text("OutputValue", &output.value);
            element.opt_text("Description", output.description.as_deref());
        });
    }
    write_tags(element, &stack.definition);
    element.boolean("EnableTerminationProtection", false);
    write_drift(element, "StackDriftStatus");
}

/// The members of a `StackSummary`.
pub(super) fn write_summary(element: &mut Element<'_>, stack: &Stack) {
    element.text("StackId", &stack.arn());
    element.text("StackName", &stack.name);
    let description = description(&stack.definition);
    element.opt_text("TemplateDescription", description.as_deref());
    element.timestamp("CreationTime", stack.created);
    element.opt_timestamp("LastUpdatedTime", stack.updated);
    element.opt_timestamp("DeletionTime", stack.deleted);
    element.text("StackStatus", stack.status.name());
    element.opt_text("StackStatusReason", stack.reason.as_deref());
    write_drift(element, "StackDriftStatus");
}

/// The members that every form of a resource has. `moment`: what it calls the time.
pub(super) fn write_resource(element: &mut Element<'_>, resource: &StackResource, moment: &str) {
    element.text("LogicalResourceId", &resource.logical_id);
    element.text("PhysicalResourceId", &resource.physical_id);
    element.text("ResourceType", &resource.kind);
    element.timestamp(moment, resource.at);
    element.text("ResourceStatus", resource.status.name());
    element.opt_text("ResourceStatusReason", resource.reason.as_deref());
    write_drift(element, "StackResourceDriftStatus");
}

/// The members of a `StackEvent`.
pub(super) fn write_event(element: &mut Element<'_>, stack: &Stack, event: &StackEvent) {
    element.text("StackId", &stack.arn());
    element.text("EventId", &event.id);
    element.text("StackName", &stack.name);
    element.text("LogicalResourceId", &event.logical_id);
    element.text("PhysicalResourceId", &event.physical_id);
    element.text("ResourceType", &event.kind);
    element.timestamp("Timestamp", event.at);
    element.text("ResourceStatus", event.status.name());
    element.opt_text("ResourceStatusReason", event.reason.as_deref());
    element.opt_text("ResourceProperties", event.properties.as_deref());
    element.opt_text("ClientRequestToken", event.token.as_deref());
}

/// The members that a change set has wherever it is shown.
pub(super) fn write_change_set(element: &mut Element<'_>, change_set: &ChangeSet) {
    element.text("ChangeSetName", &change_set.name);
    element.text("ChangeSetId", &change_set.arn());
    element.text("StackId", &change_set.stack_arn());
    element.text("StackName", &change_set.stack_name);
    element.opt_text("Description", change_set.description.as_deref());
    element.timestamp("CreationTime", change_set.created);
    element.text("ExecutionStatus", change_set.execution.name());
    element.text("Status", "CREATE_COMPLETE");
    element.boolean("IncludeNestedStacks", false);
}

/// What a change set would do: add every resource of its template.
pub(super) fn write_changes(element: &mut Element<'_>, definition: &Definition) {
    let Ok(template) = Template::parse(&definition.template) else {
        return;
    };
    element.list("Changes", &template.resources, |declared, change| {
        change.text("Type", "Resource");
        change.element("ResourceChange", |resource| {
            resource.text("Action", "Add");
            resource.text("LogicalResourceId", &declared.logical_id);
            resource.text("ResourceType", &declared.kind);
            resource.texts("Scope", NO_TEXTS);
            resource.texts("Details", NO_TEXTS);
        });
    });
}

/// `Parameters`, unless there are none.
pub(super) fn write_parameters(element: &mut Element<'_>, definition: &Definition) {
    if definition.parameters.is_empty() {
        return;
    }
    let parameters = &definition.parameters;
    element.list("Parameters", parameters, |(name, value), element| {
        element.text("ParameterKey", name);
        element.text("ParameterValue", value);
    });
}

/// `Tags`.
pub(super) fn write_tags(element: &mut Element<'_>, definition: &Definition) {
    element.list("Tags", definition.tags.iter(), |(key, value), tag| {
        tag.text("Key", key);
        tag.text("Value", value);
    });
}

/// Nobody looks whether what was made is still as it was made.
fn write_drift(element: &mut Element<'_>, status: &str) {
    element.element("DriftInformation", |drift| {
        drift.text(status, "NOT_CHECKED")
    });
}

fn description(definition: &Definition) -> Option<String> {
    Template::parse(&definition.template).ok()?.description
}

const NO_TEXTS: [&str; 0] = [];
