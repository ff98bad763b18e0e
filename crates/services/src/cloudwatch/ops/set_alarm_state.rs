//! `SetAlarmState`: puts an alarm into a state until it is judged again.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html>

use crate::authorize::Action;
use crate::cloudwatch::alarm_id::Target;
use crate::cloudwatch::error::Error;
use crate::cloudwatch::records::{AlarmState, StateValue};
use crate::cloudwatch::shapes::{ALARM, REASON, REASON_DATA, STATE};
use crate::cloudwatch::transition::{Change, change};
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use base::{CommonError, Timestamp};

pub(crate) struct SetAlarmState;

wire::input! {
    /// What `SetAlarmState` takes.
    pub(crate) struct Input {
        name: String = required audited "AlarmName" ALARM,
        state: String = required audited "StateValue" STATE,
        reason: String = required audited "StateReason" REASON,
        reason_data: Option<String> = audited "StateReasonData" REASON_DATA,
    }
}

impl Operation for SetAlarmState {
    const NAME: &'static str = "SetAlarmState";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.name).await?;
        let permit = target.permit(cx, Action("cloudwatch:SetAlarmState"), &Keys::none())?;

        let found = target.found(&permit);
        let alarm = found.ok_or_else(|| Error::AlarmNotFound(String::from("Unknown")))?;
        let new = input.change()?;
        let stored = target.state(&permit, &mut tx, &alarm.record).await?;
        let mut state = AlarmState::clone(&stored.record);
        let mut lent = tx.lend();
        if new.value != state.value {
            change(
                cx.app,
                &permit,
                lent.derive(),
                &alarm.record,
                &mut state,
                new,
            )
            .await?;
        }
        // It is judged again with the next minute.
        let minute = cx.now().as_millis().div_euclid(60_000) + 1;
        state.due = Some(Timestamp::from_millis(minute.saturating_mul(60_000)));
        lent.derive().update(&permit, state, stored.rev);
        let recorded = lent.into_tx().commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}

impl Input {
    fn change(&self) -> Result<Change, Error> {
        if let Some(data) = &self.reason_data {
            let read = serde_json::from_str::<serde::de::IgnoredAny>(data);
            read.map_err(|_| Error::InvalidFormat("StateReasonData was not valid JSON"))?;
        }
        let value = StateValue::parse(&self.state);
        Ok(Change {
            value: value
                .ok_or_else(|| CommonError::internal("a state that validation let pass"))?,
            reason: self.reason.clone(),
            reason_data: self.reason_data.clone(),
        })
    }
}
