//! `GetTrailStatus`: whether a trail logs, and how its deliveries went.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html>

use crate::authorize::Action;
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::records::{Delivery, LogDelivery, Told};
use crate::cloudtrail::shapes::TRAIL;
use crate::cloudtrail::target::Target;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use base::Timestamp;
use std::sync::Arc;
use store::Record as _;
use wire::json;

pub(crate) struct GetTrailStatus;

wire::input! {
    /// What `GetTrailStatus` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" TRAIL,
    }
}

pub(crate) struct Output {
    trail: Arc<Trail>,
    files: Told,
    notifications: Told,
    digests: Told,
    logs: Told,
}

impl Operation for GetTrailStatus {
    const NAME: &'static str = "GetTrailStatus";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.name).await?;
        let permit = target.permit(cx, Action("cloudtrail:GetTrailStatus"))?;

        let trail = Arc::clone(&target.existing_by_arn(&permit)?.record);
        let delivery = tx.get::<Delivery>(&trail.key()).await?;
        let delivery = delivery.map(|found| found.record);
        let logs = tx.get::<LogDelivery>(&trail.key()).await?;
        let told = |of: fn(&Delivery) -> &Told| delivery.as_deref().map(of).cloned();
        let output = Output {
            files: told(|delivery| &delivery.files).unwrap_or_default(),
            notifications: told(|delivery| &delivery.notifications).unwrap_or_default(),
            digests: told(|delivery| &delivery.digests).unwrap_or_default(),
            logs: logs
                .map(|found| found.record.told.clone())
                .unwrap_or_default(),
            trail,
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        let (started, stopped) = (self.trail.started, self.trail.stopped);
        let (files, told) = (&self.files, &self.notifications);
        object.boolean("IsLogging", self.trail.is_logging());
        object.opt_text("LatestDeliveryError", files.error.as_deref());
        object.opt_text("LatestNotificationError", told.error.as_deref());
        object.opt_timestamp("LatestDeliveryTime", files.succeeded);
        object.opt_timestamp("LatestNotificationTime", told.succeeded);
        object.opt_timestamp("StartLoggingTime", started);
        object.opt_timestamp("StopLoggingTime", stopped);
        object.opt_text(
            "LatestCloudWatchLogsDeliveryError",
            self.logs.error.as_deref(),
        );
        object.opt_timestamp("LatestCloudWatchLogsDeliveryTime", self.logs.succeeded);
        object.opt_timestamp("LatestDigestDeliveryTime", self.digests.succeeded);
        object.opt_text("LatestDigestDeliveryError", self.digests.error.as_deref());
        // COMPAT: the fields below are texts, empty where there is nothing to tell.
        object.text("LatestDeliveryAttemptTime", &iso(files.attempted));
        object.text("LatestNotificationAttemptTime", &iso(told.attempted));
        object.text("LatestNotificationAttemptSucceeded", &iso(told.succeeded));
        object.text("LatestDeliveryAttemptSucceeded", &iso(files.succeeded));
        object.text("TimeLoggingStarted", &iso(started));
        object.text("TimeLoggingStopped", &iso(stopped));
    }
}

fn iso(moment: Option<Timestamp>) -> String {
    moment.map(Timestamp::to_iso).unwrap_or_default()
}
