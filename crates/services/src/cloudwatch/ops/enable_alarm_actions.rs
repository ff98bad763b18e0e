//! `EnableAlarmActions`: has alarms tell of what happens.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EnableAlarmActions.html>

use super::switching::switch;
use crate::authorize::Action;
use crate::cloudwatch::error::Error;
use crate::cloudwatch::shapes::ALARMS;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct EnableAlarmActions;

wire::input! {
    /// What `EnableAlarmActions` takes.
    pub(crate) struct Input {
        names: Vec<String> = required audited "AlarmNames" ALARMS,
    }
}

impl Operation for EnableAlarmActions {
    const NAME: &'static str = "EnableAlarmActions";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        switch(
            cx,
            Action("cloudwatch:EnableAlarmActions"),
            &input.names,
            true,
        )
        .await
    }
}
