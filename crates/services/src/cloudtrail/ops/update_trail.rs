//! `UpdateTrail`: other settings of a trail.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html>
//!
//! What is left out stays; an empty text takes away.

use super::create_trail::{MOST_TRAILS, MUST_BE_GLOBAL, counter_of_all_regions, too_many};
use crate::authorize::{Action, Permit};
use crate::cloudtrail::delivery::delivered;
use crate::cloudtrail::destinations::{check_own_bucket, log_destination, topic};
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::names::check_prefix;
use crate::cloudtrail::shapes::{BOOLEAN, TEXT, TRAIL};
use crate::cloudtrail::target::Target;
use crate::cloudtrail::view::Settings;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use std::sync::Arc;

pub(crate) struct UpdateTrail;

wire::input! {
    /// What `UpdateTrail` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" TRAIL,
        bucket: Option<String> = audited "S3BucketName" TEXT,
        prefix: Option<String> = audited "S3KeyPrefix" TEXT,
        topic: Option<String> = audited "SnsTopicName" TEXT,
        global: Option<bool> = audited "IncludeGlobalServiceEvents" BOOLEAN,
        multi_region: Option<bool> = audited "IsMultiRegionTrail" BOOLEAN,
        validation: Option<bool> = audited "EnableLogFileValidation" BOOLEAN,
        log_group: Option<String> = audited "CloudWatchLogsLogGroupArn" TEXT,
        log_role: Option<String> = audited "CloudWatchLogsRoleArn" TEXT,
        kms_key: Option<String> = audited "KmsKeyId" TEXT,
        organization: Option<bool> = audited "IsOrganizationTrail" BOOLEAN,
        recursive: Option<bool> = audited "RecursiveLogging" BOOLEAN,
    }
}

impl Operation for UpdateTrail {
    const NAME: &'static str = "UpdateTrail";
    type Input = Input;
    type Output = Settings;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Settings>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.name).await?;
        let permit = target.permit(cx, Action("cloudtrail:UpdateTrail"))?;

        let found = target.to_change(cx, &permit)?;
        let mut trail = Trail::clone(&found.record);
        input.change(&mut trail)?;
        input.deliver(cx, &mut tx, &permit, &mut trail).await?;
        let delivered = delivered(cx.app, &mut tx, &trail).await?;
        trail.turn(cx.now(), delivered)?;
        let counter = counter_of_all_regions(&trail.account);
        match (found.record.is_multi_region, trail.is_multi_region) {
            (false, true) => tx.count(&permit, &counter, 1, Some(MOST_TRAILS)),
            (true, false) => tx.count(&permit, &counter, -1, None),
            _ => {}
        }
        let output = Settings(Arc::new(trail.clone()));
        tx.update(&permit, trail, found.rev);
        let event = cx.event(&permit).responding(output.elements());
        let recorded = tx.commit(event).await;
        let recorded = recorded.map_err(|error| too_many(error, &output.0))?;

        Ok(recorded.reply(output))
    }
}

impl Input {
    fn change(&self, trail: &mut Trail) -> Result<(), Error> {
        if self.kms_key.as_ref().is_some_and(|key| !key.is_empty()) {
            return Err(Error::Unsupported("KmsKeyId"));
        }
        if self.organization == Some(true) {
            return Err(Error::OrganizationsNotInUse);
        }
        trail.is_multi_region = self.multi_region.unwrap_or(trail.is_multi_region);
        trail.has_global_events = self.global.unwrap_or(trail.has_global_events);
        trail.is_validated = self.validation.unwrap_or(trail.is_validated);
        if trail.is_multi_region && !trail.has_global_events {
            return Err(Error::InvalidCombination(MUST_BE_GLOBAL.to_owned()));
        }
        match self.prefix.as_deref() {
            None => {}
            Some("") => trail.prefix = None,
            Some(prefix) => {
                check_prefix(prefix)?;
                trail.prefix = Some(prefix.to_owned());
            }
        }
        Ok(())
    }

    /// Checks what the trail is to deliver to from now on, and notes it.
    async fn deliver(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        permit: &Permit,
        trail: &mut Trail,
    ) -> Result<(), Error> {
        if let Some(bucket) = &self.bucket {
            check_own_bucket(cx.app, &trail.account, bucket)?;
            trail.bucket.clone_from(bucket);
        }
        if self.log_group.is_some() || self.log_role.is_some() {
            let before = trail.logs.clone();
            let (group, role) = before.map(|logs| (logs.group_arn, logs.role_arn)).unzip();
            let named = (
                self.log_group.as_deref().or(group.as_deref()),
                self.log_role.as_deref().or(role.as_deref()),
            );
            trail.logs = log_destination(cx, tx, permit, trail, named).await?;
        }
        if let Some(named) = &self.topic {
            trail.topic = topic(cx, permit, trail, named).await?;
        }
        Ok(())
    }
}
