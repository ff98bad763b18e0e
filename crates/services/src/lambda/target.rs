//! What a caller named, and perhaps the function behind it.

use super::error::Error;
use super::function_id::FunctionId;
use super::model::Function;
use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::tx::Tx;
use base::CommonError;
use policy::Named;
use store::Versioned;

/// The function that a name means, whether or not it exists.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`], so that refusal comes first.
///
/// COMPAT: there is one version, so what is asked for as `$LATEST` is authorized as the function
/// itself: two names of one thing must not have two answers.
pub(crate) struct Target {
    id: FunctionId,
    found: Option<Versioned<Function>>,
}

impl Target {
    /// Looks up the function that the caller of `cx` names.
    ///
    /// # Errors
    /// As [`FunctionId::parse`]; a failure of the store.
    pub(crate) async fn named(
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        sent: &str,
        qualifier: Option<&str>,
    ) -> Result<Self, Error> {
        let id = FunctionId::parse(sent, qualifier, cx.account(), cx.region)?;
        Ok(Self::find(tx, id).await?)
    }

    /// Looks up the function that an ARN names, whose tags are meant.
    ///
    /// COMPAT: other things that have tags are not here, nor are versions.
    ///
    /// # Errors
    /// As [`Target::named`]; [`Error::InvalidParameter`] for an ARN of something else.
    pub(crate) async fn tagged(cx: &Cx<'_>, tx: &mut Tx<'_>, arn: &str) -> Result<Self, Error> {
        match FunctionId::of_arn(arn) {
            Some(id) if id.qualifier.is_none() => Self::named(cx, tx, arn, None).await,
            Some(_) => Err(Error::InvalidParameter(TAGS_OF_A_VERSION.to_owned())),
            None => Err(Error::unsupported("A resource other than a function")),
        }
    }

    /// Looks up the function that `id` means.
    ///
    /// # Errors
    /// A failure of the store, or a policy that cannot be read.
    pub(crate) async fn find(tx: &mut Tx<'_>, id: FunctionId) -> Result<Self, CommonError> {
        let key = Function::key_of(&id.account, &id.region, &id.name);
        let found = tx.get::<Function>(&key).await?;
        if let Some(policy) = found
            .as_ref()
            .and_then(|found| found.record.policy.as_ref())
        {
            // SECURITY: a policy that cannot be read may be a Deny.
            policy.policy()?;
        }
        Ok(Self { id, found })
    }

    /// Which function is meant.
    pub(crate) fn id(&self) -> &FunctionId {
        &self.id
    }

    /// As authorization sees it.
    pub(crate) fn resource(&self) -> Resource<'_> {
        let function = self.found.as_ref().map(|found| found.record.as_ref());
        let policy = function.and_then(|function| function.policy.as_ref()?.policy().ok());
        Resource {
            policy: policy.map(|policy| Named {
                name: POLICY,
                policy,
            }),
            tags: function.map(|function| &function.tags),
            ..Resource::named(&self.id.account, self.id.arn())
        }
    }

    /// Asks whether the caller may do `action` to the function.
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words.
    pub(crate) fn permit(&self, cx: &Cx<'_>, action: Action) -> Result<Permit, CommonError> {
        self.permit_with(cx, action, Keys::none())
    }

    /// The same question, with the condition keys that the operation brings.
    ///
    /// # Errors
    /// As [`Target::permit`].
    pub(crate) fn permit_with(
        &self,
        cx: &Cx<'_>,
        action: Action,
        keys: Keys<'_>,
    ) -> Result<Permit, CommonError> {
        let keys = keys.text("lambda:functionarn", self.id.arn());
        cx.authorize_with(action, self.resource(), &keys)
    }

    /// The function.
    ///
    /// # Errors
    /// [`Error::FunctionNotFound`], also for a version that there is not.
    pub(crate) fn existing(&self, _: &Permit) -> Result<&Versioned<Function>, Error> {
        let found = self.found.as_ref().filter(|_| self.id.is_latest());
        found.ok_or_else(|| Error::FunctionNotFound(self.id.qualified_arn()))
    }

    /// Whether there is a function that has the name.
    pub(crate) fn is_taken(&self, _: &Permit) -> bool {
        self.found.is_some()
    }
}

/// Refuses who saw another revision of `function`.
///
/// # Errors
/// [`Error::RevisionMismatch`].
pub(crate) fn check_revision(function: &Function, seen: Option<&str>) -> Result<(), Error> {
    match seen {
        Some(seen) if seen != function.revision_id => Err(Error::RevisionMismatch),
        _ => Ok(()),
    }
}

const TAGS_OF_A_VERSION: &str = "Tags on function aliases and versions are not supported. Please specify either a function ARN.";

/// What audit events and explanations call the function's own policy.
pub(crate) const POLICY: &str = "function policy";
