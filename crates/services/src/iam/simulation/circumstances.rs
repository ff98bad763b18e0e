//! Who asks in a simulation, and what conditions may know.

use super::input::ContextEntry;
use crate::iam::error::Error;
use crate::identity::model::{Role, User};
use crate::identity::{IamArn, IamKind, session_arn};
use crate::tags::Tags;
use base::{AccountId, Timestamp};
use policy::{Caller, Context, Identity, Values};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The caller of the simulated requests, and their condition keys.
pub(crate) struct Circumstances<'a> {
    account: AccountId,
    caller: SimulatedCaller,
    now: Timestamp,
    /// By key in lower case.
    given: BTreeMap<String, &'a ContextEntry>,
}

/// Whose requests are simulated.
pub(crate) enum SimulatedCaller {
    /// Nobody in particular: no key follows from it.
    Anyone,
    /// A user whom the caller names, and of whom nothing more is known.
    Named {
        arn: String,
        name: String,
    },
    User(Arc<User>),
    /// A session of the role.
    Role(Arc<Role>),
}

impl SimulatedCaller {
    /// The user whose ARN is given as `CallerArn`, and the account.
    ///
    /// # Errors
    /// [`Error::CallerNotAUser`] when it is the ARN of no user.
    pub(crate) fn named(arn: &str) -> Result<(AccountId, Self), Error> {
        let invalid = || Error::CallerNotAUser(arn.to_owned());
        let parsed = IamArn::parse(arn).filter(|parsed| parsed.kind == IamKind::User);
        let parsed = parsed.ok_or_else(invalid)?;
        let account = parsed.account().ok_or_else(invalid)?;
        let caller = Self::Named {
            arn: arn.to_owned(),
            name: parsed.name.to_owned(),
        };
        Ok((account, caller))
    }
}

impl<'a> Circumstances<'a> {
    /// Requests of `caller`, with what `entries` say. A key given twice has the later values.
    pub(crate) fn new(
        account: AccountId,
        caller: SimulatedCaller,
        now: Timestamp,
        entries: &'a [ContextEntry],
    ) -> Self {
        let given = entries
            .iter()
            .filter_map(|entry| Some((entry.key()?, entry)));
        Self {
            account,
            caller,
            now,
            given: given.collect(),
        }
    }

    /// The account of the caller.
    pub(crate) fn account(&self) -> &AccountId {
        &self.account
    }

    /// The caller as the engine sees it.
    pub(super) fn with_caller<T>(&self, then: impl FnOnce(Caller<'_>) -> T) -> T {
        let account = self.account.as_str();
        let user = |arn, id| Caller {
            account,
            identity: Identity::User { arn, id },
        };
        match &self.caller {
            SimulatedCaller::Anyone => then(user("", "")),
            SimulatedCaller::Named { arn, .. } => then(user(arn, "")),
            SimulatedCaller::User(one) => then(user(&one.arn(), &one.id)),
            SimulatedCaller::Role(role) => {
                let identity = Identity::Session {
                    session_arn: &session_arn(&role.account, &role.name, SESSION),
                    role_arn: &role.arn(),
                    role_id: &role.id,
                };
                then(Caller { account, identity })
            }
        }
    }

    /// A key that follows from the moment or the caller.
    fn known(&self, key: &str) -> Option<Cow<'_, str>> {
        match key {
            "aws:currenttime" => return Some(self.now.to_iso().into()),
            "aws:epochtime" => return Some((self.now.as_millis() / 1_000).to_string().into()),
            "aws:principalaccount" if !matches!(self.caller, SimulatedCaller::Anyone) => {
                return Some(self.account.as_str().into());
            }
            _ => {}
        }
        match &self.caller {
            SimulatedCaller::Anyone => None,
            SimulatedCaller::Named { arn, name } => match key {
                "aws:principalarn" => Some(arn.into()),
                "aws:principaltype" => Some("User".into()),
                "aws:username" => Some(name.into()),
                _ => None,
            },
            SimulatedCaller::User(user) => match key {
                "aws:principalarn" => Some(user.arn().into()),
                "aws:principaltype" => Some("User".into()),
                "aws:userid" => Some((&user.id).into()),
                "aws:username" => Some((&user.name).into()),
                _ => principal_tag(&user.tags, key),
            },
            SimulatedCaller::Role(role) => match key {
                "aws:principalarn" => Some(role.arn().into()),
                "aws:principaltype" => Some("AssumedRole".into()),
                _ => principal_tag(&role.tags, key),
            },
        }
    }
}

impl Context for Circumstances<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let Some(entry) = self.given.get(key) else {
            return self.known(key).map(Values::One);
        };
        match entry.values() {
            [] => None,
            [value] if !entry.is_list() => Some(Values::One(value.into())),
            values => Some(Values::Many(values.iter().map(Cow::from).collect())),
        }
    }
}

fn principal_tag<'t>(tags: &'t Tags, key: &str) -> Option<Cow<'t, str>> {
    let key = key.strip_prefix("aws:principaltag/")?;
    tags.value_of(key).map(Cow::Borrowed)
}

/// The session that a role is simulated in.
const SESSION: &str = "simulation";
