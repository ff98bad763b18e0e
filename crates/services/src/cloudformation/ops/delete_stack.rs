//! `DeleteStack`: removes what a stack consists of.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html>
//!
//! COMPAT: when one resource cannot be removed none is; on AWS those before it are gone.

use crate::authorize::{Action, Permit};
use crate::cloudformation::error::Error;
use crate::cloudformation::model::{ChangeSet, Stack, Status, Step};
use crate::cloudformation::provisioning::{self, Done};
use crate::cloudformation::shapes::{DELETION_MODE, ROLE, TEXT, TEXTS, TOKEN};
use crate::cloudformation::target::Target;
use crate::cloudformation::view;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use store::{Record as _, Versioned};

pub(crate) struct DeleteStack;

wire::input! {
    /// What `DeleteStack` takes.
    pub(crate) struct Input {
        stack: String = required audited "StackName" TEXT,
        retained: Option<Vec<String>> = audited "RetainResources" TEXTS,
        role: Option<String> = audited "RoleARN" ROLE,
        token: Option<String> = audited "ClientRequestToken" TOKEN,
        mode: Option<String> = audited "DeletionMode" DELETION_MODE,
    }
}

impl Operation for DeleteStack {
    const NAME: &'static str = "DeleteStack";
    type Input = Input;
    type Output = view::Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<view::Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.stack).await?;
        let permit = target.permit(cx, Action("cloudformation:DeleteStack"))?;

        input.check()?;
        // A stack that is gone, or never was, is deleted.
        let found = target.found(&permit).filter(|it| it.record.is_live());
        let tx = match found {
            Some(found) => {
                input.check_retained(&found.record)?;
                let step = Step {
                    now: cx.now(),
                    entropy: cx.entropy(),
                    token: input.token.as_deref(),
                };
                let retained = input.retained.as_deref().unwrap_or_default();
                let stack = Stack::clone(&found.record);
                let done = provisioning::remove(cx, tx, stack, &step, retained).await?;
                conclude(&permit, done, found).await?
            }
            None => tx,
        };
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(view::Done))
    }
}

impl Input {
    /// COMPAT: a stack is removed with the permissions of who removes it, and as a whole.
    fn check(&self) -> Result<(), Error> {
        if self.role.is_some() {
            return Err(Error::Unsupported("RoleARN"));
        }
        if self.mode.as_deref() == Some("FORCE_DELETE_STACK") {
            return Err(Error::Unsupported("DeletionMode FORCE_DELETE_STACK"));
        }
        Ok(())
    }

    fn check_retained(&self, stack: &Stack) -> Result<(), Error> {
        let retains = self.retained.as_ref().is_some_and(|it| !it.is_empty());
        if retains && stack.status != Status::DeleteFailed {
            return Err(Error::Validation(format!(
                "Invalid operation on stack [{}]. Retaining resources on delete operation is \
                 allowed only when the stack is in DELETE_FAILED state.",
                stack.arn()
            )));
        }
        Ok(())
    }
}

/// Writes down what became of the stack; with it go its change sets.
async fn conclude<'a>(
    permit: &Permit,
    done: Done<'a>,
    found: &Versioned<Stack>,
) -> Result<Tx<'a>, Error> {
    let Done { mut tx, stack } = done;
    if !stack.is_live() {
        let all = tx.query::<ChangeSet>(&ChangeSet::of_stack(&stack)).await?;
        for one in all {
            tx.delete::<ChangeSet>(permit, &one.record.key(), one.rev);
        }
        let counter = Stack::counter(&stack.account, &stack.region);
        tx.count(permit, &counter, -1, None);
    }
    tx.update(permit, stack, found.rev);
    Ok(tx)
}
