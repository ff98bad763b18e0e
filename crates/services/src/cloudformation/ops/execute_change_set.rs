//! `ExecuteChangeSet`: makes what a change set says.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html>
//!
//! COMPAT: the answer comes when the stack is made. That it could not be made is told by the stack, as on
//! AWS, and not by this answer.

use crate::authorize::{Action, Permit};
use crate::cloudformation::error::Error;
use crate::cloudformation::model::{ChangeSet, Execution, Stack, Status, Step};
use crate::cloudformation::provisioning::{self, Done};
use crate::cloudformation::shapes::{BOOLEAN, CHANGE_SET, STACK, TOKEN};
use crate::cloudformation::target::ChangeSetTarget;
use crate::cloudformation::view::Nothing;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use store::{Record as _, Versioned};

pub(crate) struct ExecuteChangeSet;

wire::input! {
    /// What `ExecuteChangeSet` takes.
    pub(crate) struct Input {
        change_set: String = required audited "ChangeSetName" CHANGE_SET,
        stack: Option<String> = audited "StackName" STACK,
        token: Option<String> = audited "ClientRequestToken" TOKEN,
        disable_rollback: Option<bool> = audited "DisableRollback" BOOLEAN,
        retain_except_on_create: Option<bool> = audited "RetainExceptOnCreate" BOOLEAN,
    }
}

impl Operation for ExecuteChangeSet {
    const NAME: &'static str = "ExecuteChangeSet";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let mut tx = cx.begin();
        let (name, stack) = (input.change_set.as_str(), input.stack.as_deref());
        let target = ChangeSetTarget::find(cx, &mut tx, name, stack).await?;
        let permit = target.permit(cx, Action("cloudformation:ExecuteChangeSet"))?;

        let (change_set, found) = target.existing(&permit)?;
        check(&change_set.record)?;
        if input.disable_rollback == Some(true) {
            return Err(Error::Unsupported("DisableRollback"));
        }
        let step = Step {
            now: cx.now(),
            entropy: cx.entropy(),
            token: input.token.as_deref(),
        };
        let stack = Stack {
            change_set: Some(change_set.record.arn()),
            definition: change_set.record.definition.clone(),
            updated: Some(cx.now()),
            ..Stack::clone(&found.record)
        };
        let done = provisioning::make(cx, tx, stack, &step).await?;
        let arn = found.record.arn();
        let tx = conclude(&permit, done, change_set, found).await?;
        let recorded = tx.commit(cx.event(&permit).about(&arn)).await?;

        Ok(recorded.reply(Nothing))
    }
}

fn check(change_set: &ChangeSet) -> Result<(), Error> {
    match change_set.execution {
        Execution::Available => Ok(()),
        Execution::Complete | Execution::Failed => Err(Error::ChangeSetNotExecutable {
            arn: change_set.arn(),
            status: change_set.execution.name(),
        }),
    }
}

/// Writes down what became of the stack. Its other change sets are of a stack that is no more.
async fn conclude<'a>(
    permit: &Permit,
    done: Done<'a>,
    executed: &Versioned<ChangeSet>,
    found: &Versioned<Stack>,
) -> Result<Tx<'a>, Error> {
    let Done { mut tx, stack } = done;
    let all = tx.query::<ChangeSet>(&ChangeSet::of_stack(&stack)).await?;
    for other in all {
        if other.record.id != executed.record.id {
            tx.delete::<ChangeSet>(permit, &other.record.key(), other.rev);
        }
    }
    let execution = match stack.status {
        Status::CreateComplete => Execution::Complete,
        _ => Execution::Failed,
    };
    let change_set = ChangeSet {
        execution,
        ..ChangeSet::clone(&executed.record)
    };
    tx.update(permit, change_set, executed.rev);
    tx.update(permit, stack, found.rev);
    Ok(tx)
}
