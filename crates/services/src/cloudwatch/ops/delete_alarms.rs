//! `DeleteAlarms`: removes alarms.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html>

use crate::authorize::Action;
use crate::cloudwatch::alarm_id::{Target, alarms_counter};
use crate::cloudwatch::error::Error;
use crate::cloudwatch::records::{Alarm, AlarmState};
use crate::cloudwatch::shapes::ALARMS;
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use store::Record as _;

pub(crate) struct DeleteAlarms;

wire::input! {
    /// What `DeleteAlarms` takes.
    pub(crate) struct Input {
        names: Vec<String> = required audited "AlarmNames" ALARMS,
    }
}

impl Operation for DeleteAlarms {
    const NAME: &'static str = "DeleteAlarms";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let mut permits = Vec::new();
        for name in &input.names {
            let target = Target::find(cx, &mut tx, name).await?;
            let permit = target.permit(cx, Action("cloudwatch:DeleteAlarms"), &Keys::none())?;
            permits.push((target, permit));
        }
        let Some((_, first)) = permits.first() else {
            return Err(Error::MissingParameter("AlarmNames"));
        };
        let mut removed = Vec::new();
        for (target, permit) in &permits {
            // COMPAT: names that mean nothing are passed over.
            let Some(found) = target.found(permit) else {
                continue;
            };
            let key = found.record.key();
            if removed.contains(&key) {
                continue;
            }
            let state = target.state(permit, &mut tx, &found.record).await?;
            tx.delete::<AlarmState>(permit, &key, state.rev);
            tx.delete::<Alarm>(permit, &key, found.rev);
            let counter = alarms_counter(cx.account(), cx.region);
            tx.count(permit, &counter, -1, None);
            removed.push(key);
        }
        let recorded = tx.commit(cx.event(first)).await?;

        Ok(recorded.reply(()))
    }
}
