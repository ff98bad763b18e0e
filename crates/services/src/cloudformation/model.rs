//! Stacks and change sets.

use crate::tags::Tags;
use base::{AccountId, Entropy, RegionName, Timestamp, random_uuid};
use serde::{Deserialize, Serialize};

/// A stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stack {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) name: String,
    /// What tells it from a later stack of the same name.
    pub(crate) id: String,
    pub(crate) status: Status,
    pub(crate) reason: Option<String>,
    pub(crate) created: Timestamp,
    /// When it was last changed.
    pub(crate) updated: Option<Timestamp>,
    pub(crate) deleted: Option<Timestamp>,
    /// The ARN of the change set that made it.
    pub(crate) change_set: Option<String>,
    /// What it was made of. Empty until then.
    pub(crate) definition: Definition,
    pub(crate) resources: Vec<StackResource>,
    pub(crate) outputs: Vec<Output>,
    /// Oldest first.
    pub(crate) events: Vec<StackEvent>,
}

/// What a stack is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Definition {
    /// JSON.
    pub(crate) template: String,
    /// Every parameter of the template, with its value.
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) capabilities: Vec<String>,
    pub(crate) notification_arns: Vec<String>,
    pub(crate) tags: Tags,
}

/// What a stack consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StackResource {
    pub(crate) logical_id: String,
    pub(crate) physical_id: String,
    /// Such as `AWS::IAM::Role`.
    pub(crate) kind: String,
    /// Its properties, JSON, with nothing left to be resolved.
    pub(crate) properties: String,
    pub(crate) status: Status,
    pub(crate) reason: Option<String>,
    pub(crate) at: Timestamp,
}

/// What a stack tells of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Output {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) description: Option<String>,
}

/// What happened to a stack, or to a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StackEvent {
    pub(crate) id: String,
    pub(crate) logical_id: String,
    pub(crate) physical_id: String,
    pub(crate) kind: String,
    pub(crate) at: Timestamp,
    pub(crate) status: Status,
    pub(crate) reason: Option<String>,
    /// The properties of a part, JSON.
    pub(crate) properties: Option<String>,
    /// The token of the request that brought it about.
    pub(crate) token: Option<String>,
}

/// How far a stack, or a part of one, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    ReviewInProgress,
    CreateInProgress,
    CreateComplete,
    CreateFailed,
    RollbackInProgress,
    RollbackComplete,
    DeleteInProgress,
    DeleteComplete,
    DeleteFailed,
    DeleteSkipped,
}

/// What a stack is to become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChangeSet {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) stack_name: String,
    pub(crate) stack_id: String,
    pub(crate) created: Timestamp,
    pub(crate) description: Option<String>,
    pub(crate) execution: Execution,
    pub(crate) definition: Definition,
}

/// Whether a change set was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Execution {
    Available,
    Complete,
    Failed,
}

impl Stack {
    /// The stack's ARN.
    pub(crate) fn arn(&self) -> String {
        arn(
            &self.account,
            &self.region,
            &format!("stack/{}/{}", self.name, self.id),
        )
    }

    /// Whether its name means it.
    pub(crate) fn is_live(&self) -> bool {
        self.deleted.is_none()
    }

    /// Brings the stack itself to `status`, and tells of it.
    pub(crate) fn becomes(&mut self, step: &Step<'_>, status: Status, reason: Option<&str>) {
        self.status = status;
        self.reason = reason.map(str::to_owned);
        let event = StackEvent {
            id: random_uuid(step.entropy),
            logical_id: self.name.clone(),
            physical_id: self.arn(),
            kind: String::from("AWS::CloudFormation::Stack"),
            at: step.now,
            status,
            reason: reason.map(str::to_owned),
            properties: None,
            token: step.token.map(str::to_owned),
        };
        self.remember(event);
    }

    /// Tells that `resource` came to be as it is.
    pub(crate) fn tell(&mut self, step: &Step<'_>, resource: &StackResource) {
        let event = StackEvent {
            id: format!(
                "{}-{}-{}",
                resource.logical_id,
                resource.status.name(),
                random_uuid(step.entropy)
            ),
            logical_id: resource.logical_id.clone(),
            physical_id: resource.physical_id.clone(),
            kind: resource.kind.clone(),
            at: step.now,
            status: resource.status,
            reason: resource.reason.clone(),
            properties: Some(resource.properties.clone()),
            token: step.token.map(str::to_owned),
        };
        self.remember(event);
    }

    /// SECURITY: bounded, since a removal may be tried, and fail, again and again.
    fn remember(&mut self, event: StackEvent) {
        if self.events.len() >= MOST_EVENTS {
            self.events.remove(0);
        }
        self.events.push(event);
    }
}

/// What every event of one request has in common.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) now: Timestamp,
    pub(crate) entropy: &'a dyn Entropy,
    pub(crate) token: Option<&'a str>,
}

impl StackResource {
    /// The same resource, as it is now.
    pub(crate) fn in_status(&self, step: &Step<'_>, status: Status, reason: Option<&str>) -> Self {
        Self {
            status,
            reason: reason.map(str::to_owned),
            at: step.now,
            ..self.clone()
        }
    }
}

impl Status {
    /// As AWS writes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ReviewInProgress => "REVIEW_IN_PROGRESS",
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::CreateComplete => "CREATE_COMPLETE",
            Self::CreateFailed => "CREATE_FAILED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackComplete => "ROLLBACK_COMPLETE",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
            Self::DeleteComplete => "DELETE_COMPLETE",
            Self::DeleteFailed => "DELETE_FAILED",
            Self::DeleteSkipped => "DELETE_SKIPPED",
        }
    }
}

impl ChangeSet {
    /// The change set's ARN.
    pub(crate) fn arn(&self) -> String {
        let rest = format!("changeSet/{}/{}", self.name, self.id);
        arn(&self.account, &self.region, &rest)
    }

    /// The ARN of its stack.
    pub(crate) fn stack_arn(&self) -> String {
        let rest = format!("stack/{}/{}", self.stack_name, self.stack_id);
        arn(&self.account, &self.region, &rest)
    }
}

impl Execution {
    /// As AWS writes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::Complete => "EXECUTE_COMPLETE",
            Self::Failed => "EXECUTE_FAILED",
        }
    }
}

/// The ARN of something of CloudFormation's.
pub(crate) fn arn(account: &AccountId, region: &RegionName, rest: &str) -> String {
    format!(
        "arn:{}:cloudformation:{region}:{account}:{rest}",
        region.partition()
    )
}

/// The oldest events of a stack give way to new ones.
const MOST_EVENTS: usize = 500;
