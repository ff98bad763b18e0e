//! An alarm that a caller named, and perhaps the alarm behind it.

use super::error::Error;
use super::records::{Alarm, AlarmState};
use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName};
use store::Versioned;

/// The alarm that a name means, whether or not it exists.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`], so that refusal comes first.
pub(super) struct Target {
    arn: String,
    account: AccountId,
    found: Option<Versioned<Alarm>>,
}

impl Target {
    /// Looks up the alarm called `name` of the caller's account and Region.
    pub(super) async fn find(cx: &Cx<'_>, tx: &mut Tx<'_>, name: &str) -> Result<Self, Error> {
        let key = Alarm::key_of(cx.account(), cx.region, name);
        Ok(Self {
            arn: arn(cx.account(), cx.region, name),
            account: cx.account().clone(),
            found: tx.get::<Alarm>(&key).await?,
        })
    }

    /// Looks up the alarm whose tags are meant.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for an ARN of something else.
    pub(super) async fn tagged(cx: &Cx<'_>, tx: &mut Tx<'_>, sent: &str) -> Result<Self, Error> {
        let own = arn(cx.account(), cx.region, "");
        match sent.strip_prefix(&own) {
            Some(name) if !name.is_empty() => Self::find(cx, tx, name).await,
            // COMPAT: alarms of other accounts are for nobody here.
            _ => Ok(Self {
                arn: sent.to_owned(),
                account: cx.account().clone(),
                found: None,
            }),
        }
    }

    /// Asks whether the caller may do `action` to the alarm.
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words.
    pub(super) fn permit(
        &self,
        cx: &Cx<'_>,
        action: Action,
        keys: &Keys<'_>,
    ) -> Result<Permit, CommonError> {
        let tags = self.found.as_ref().map(|found| &found.record.tags);
        let resource = Resource::named(&self.account, self.arn.clone()).tagged(tags);
        cx.authorize_with(action, resource, keys)
    }

    /// The alarm, if there is one.
    pub(super) fn found(&self, _: &Permit) -> Option<&Versioned<Alarm>> {
        self.found.as_ref()
    }

    /// How the alarm stands.
    ///
    /// # Errors
    /// A failure of the store, which always has a state for an alarm.
    pub(super) async fn state(
        &self,
        _: &Permit,
        tx: &mut Tx<'_>,
        alarm: &Alarm,
    ) -> Result<Versioned<AlarmState>, Error> {
        let series = &alarm.series;
        let key = AlarmState::key_of(&series.account, &series.region, &alarm.name);
        let found = tx.get::<AlarmState>(&key).await?;
        Ok(found.ok_or_else(|| CommonError::internal("an alarm without a state"))?)
    }
}

/// The ARN of an alarm; without a name, what all of them begin with.
pub(super) fn arn(account: &AccountId, region: &RegionName, name: &str) -> String {
    super::records::arn(account, region, name)
}

/// What counts the alarms of an account in a Region.
pub(super) fn alarms_counter(account: &AccountId, region: &RegionName) -> String {
    format!("cloudwatch:alarms:{account}:{region}")
}
