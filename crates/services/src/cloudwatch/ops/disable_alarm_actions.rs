//! `DisableAlarmActions`: has alarms tell of nothing any more.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html>

use super::switching::switch;
use crate::authorize::Action;
use crate::cloudwatch::error::Error;
use crate::cloudwatch::shapes::ALARMS;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DisableAlarmActions;

wire::input! {
    /// What `DisableAlarmActions` takes.
    pub(crate) struct Input {
        names: Vec<String> = required audited "AlarmNames" ALARMS,
    }
}

impl Operation for DisableAlarmActions {
    const NAME: &'static str = "DisableAlarmActions";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        switch(
            cx,
            Action("cloudwatch:DisableAlarmActions"),
            &input.names,
            false,
        )
        .await
    }
}
