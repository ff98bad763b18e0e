//! What a caller named, and perhaps the stack or change set behind it.

use super::error::Error;
use super::model::{ChangeSet, Stack, arn};
use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::tx::Tx;
use base::{AccountId, CommonError};
use store::Versioned;

/// The stack that a name or an ARN means, whether or not it exists.
///
/// INVARIANT: "does not exist" is told only to holders of a [`Permit`], so that refusal comes first.
pub(super) struct Target {
    account: AccountId,
    /// Whether it is the caller's account that the ARN names.
    is_own: bool,
    arn: String,
    found: Option<Versioned<Stack>>,
}

impl Target {
    /// Looks up the stack that the caller of `cx` names.
    ///
    /// # Errors
    /// A failure of the store.
    pub(super) async fn find(cx: &Cx<'_>, tx: &mut Tx<'_>, sent: &str) -> Result<Self, Error> {
        let account = cx.account();
        if !sent.starts_with("arn:") {
            let query = Stack::called(account, cx.region, sent);
            let found = tx.query::<Stack>(&query).await?.into_iter().next();
            let unknown = || arn(account, cx.region, &format!("stack/{sent}/*"));
            return Ok(Self {
                account: account.clone(),
                is_own: true,
                arn: found.as_ref().map_or_else(unknown, |it| it.record.arn()),
                found,
            });
        }
        let prefix = arn(account, cx.region, "stack/");
        let place = sent.strip_prefix(&prefix);
        let found = match place.and_then(|place| place.split_once('/')) {
            Some((name, id)) => {
                let key = Stack::key_of(account, cx.region, name, id);
                tx.get::<Stack>(&key).await?
            }
            None => None,
        };
        Ok(Self {
            account: account.clone(),
            is_own: sent.split(':').nth(4) == Some(account.as_str()),
            arn: sent.to_owned(),
            found,
        })
    }

    /// The same stack, where leave for every stack is needed: the caller did not say which one.
    ///
    /// SECURITY: a refusal tells nothing of the stack that was found.
    pub(super) fn among_all(self, cx: &Cx<'_>) -> Self {
        Self {
            arn: arn(cx.account(), cx.region, "stack/*/*"),
            ..self
        }
    }

    /// Asks whether the caller may do `action` to the stack.
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words.
    pub(super) fn permit(&self, cx: &Cx<'_>, action: Action) -> Result<Permit, CommonError> {
        self.permit_with(cx, action, &Keys::none())
    }

    /// The same question, with the condition keys that the operation brings.
    ///
    /// # Errors
    /// As [`Target::permit`].
    pub(super) fn permit_with(
        &self,
        cx: &Cx<'_>,
        action: Action,
        keys: &Keys<'_>,
    ) -> Result<Permit, CommonError> {
        let mut resource = Resource::named(&self.account, self.arn.clone());
        // Stacks of other accounts are for nobody here.
        resource.owner = resource.owner.filter(|_| self.is_own);
        let tags = self.found.as_ref().map(|it| &it.record.definition.tags);
        cx.authorize_with(action, resource.tagged(tags), keys)
    }

    /// The stack.
    ///
    /// # Errors
    /// [`Error::StackNotFound`] with the text of `words`.
    pub(super) fn existing(
        &self,
        _: &Permit,
        words: impl FnOnce() -> String,
    ) -> Result<&Versioned<Stack>, Error> {
        let found = self.found.as_ref();
        found.ok_or_else(|| Error::StackNotFound(words()))
    }

    /// The stack, if it is there.
    pub(super) fn found(&self, _: &Permit) -> Option<&Versioned<Stack>> {
        self.found.as_ref()
    }
}

/// The words of most operations for a stack that is not there.
pub(super) fn with_id(sent: &str) -> impl FnOnce() -> String + '_ {
    move || format!("Stack with id {sent} does not exist")
}

/// The words of the others.
pub(super) fn in_brackets(sent: &str) -> impl FnOnce() -> String + '_ {
    move || format!("Stack [{sent}] does not exist")
}

/// The change set that a request names, whether or not it exists, and its stack.
pub(super) struct ChangeSetTarget {
    sent: String,
    stack: Target,
    found: Option<Versioned<ChangeSet>>,
}

impl ChangeSetTarget {
    /// Looks up the change set called `sent`: its ARN, or its name and its stack.
    ///
    /// # Errors
    /// [`Error::StackNotNamed`]; a failure of the store.
    pub(super) async fn find(
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        sent: &str,
        stack: Option<&str>,
    ) -> Result<Self, Error> {
        let found = if sent.starts_with("arn:") {
            by_arn(cx, tx, sent).await?
        } else {
            let stack = stack.ok_or(Error::StackNotNamed)?;
            let target = Target::find(cx, tx, stack).await?;
            let found = match &target.found {
                Some(stack) => {
                    let all = ChangeSet::of_stack(&stack.record);
                    let all = tx.query::<ChangeSet>(&all).await?;
                    all.into_iter().find(|one| one.record.name == sent)
                }
                None => None,
            };
            return Ok(Self {
                sent: sent.to_owned(),
                stack: target,
                found,
            });
        };
        let named = found.as_ref().map(|it| it.record.stack_arn());
        let unknown = || arn(cx.account(), cx.region, "stack/*/*");
        let target = Target::find(cx, tx, &named.unwrap_or_else(unknown)).await?;
        let is_meant = |it: &Versioned<ChangeSet>| {
            stack.is_none_or(|stack| stack == it.record.stack_name || stack == target.arn)
        };
        Ok(Self {
            sent: sent.to_owned(),
            found: found.filter(is_meant),
            stack: target,
        })
    }

    /// Asks whether the caller may do `action` to the stack by this change set.
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words.
    pub(super) fn permit(&self, cx: &Cx<'_>, action: Action) -> Result<Permit, CommonError> {
        let found = self.found.as_ref().map(|it| it.record.name.as_str());
        let name = found.unwrap_or(&self.sent);
        let keys = Keys::none().text("cloudformation:changesetname", name);
        self.stack.permit_with(cx, action, &keys)
    }

    /// The change set and its stack.
    ///
    /// # Errors
    /// [`Error::ChangeSetNotFound`].
    pub(super) fn existing(
        &self,
        permit: &Permit,
    ) -> Result<(&Versioned<ChangeSet>, &Versioned<Stack>), Error> {
        let both = self.found.as_ref().zip(self.stack.found(permit));
        both.ok_or_else(|| Error::ChangeSetNotFound(self.sent.clone()))
    }

    /// The change set, if it is there.
    pub(super) fn found(&self, _: &Permit) -> Option<&Versioned<ChangeSet>> {
        self.found.as_ref()
    }
}

async fn by_arn(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    sent: &str,
) -> Result<Option<Versioned<ChangeSet>>, Error> {
    let prefix = arn(cx.account(), cx.region, "changeSet/");
    let place = sent.strip_prefix(&prefix);
    let Some((name, id)) = place.and_then(|place| place.split_once('/')) else {
        return Ok(None);
    };
    let key = ChangeSet::key_of(cx.account(), cx.region, id);
    let found = tx.get::<ChangeSet>(&key).await?;
    Ok(found.filter(|it| it.record.name == name))
}
