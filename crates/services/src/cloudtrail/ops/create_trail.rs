//! `CreateTrail`: a trail, which does not log yet.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>

use crate::authorize::{Action, Permit};
use crate::cloudtrail::destinations::{check_own_bucket, log_destination, topic};
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::names::{check_name, check_prefix};
use crate::cloudtrail::selectors::Selectors;
use crate::cloudtrail::shapes::{BOOLEAN, TAGS, TEXT, TRAIL};
use crate::cloudtrail::tagging::{self, Tag};
use crate::cloudtrail::target::Target;
use crate::cloudtrail::view::Settings;
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tags::Tags;
use crate::tx::{CommitError, Reply, Tx};
use base::{AccountId, RegionName, random_uuid};
use std::sync::Arc;

pub(crate) struct CreateTrail;

wire::input! {
    /// What `CreateTrail` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" TRAIL,
        bucket: String = required audited "S3BucketName" TEXT,
        prefix: Option<String> = audited "S3KeyPrefix" TEXT,
        topic: Option<String> = audited "SnsTopicName" TEXT,
        global: Option<bool> = audited "IncludeGlobalServiceEvents" BOOLEAN,
        multi_region: Option<bool> = audited "IsMultiRegionTrail" BOOLEAN,
        validation: Option<bool> = audited "EnableLogFileValidation" BOOLEAN,
        log_group: Option<String> = audited "CloudWatchLogsLogGroupArn" TEXT,
        log_role: Option<String> = audited "CloudWatchLogsRoleArn" TEXT,
        kms_key: Option<String> = audited "KmsKeyId" TEXT,
        organization: Option<bool> = audited "IsOrganizationTrail" BOOLEAN,
        tags: Option<Vec<Tag>> = audited "TagsList" TAGS,
        recursive: Option<bool> = audited "RecursiveLogging" BOOLEAN,
    }
}

impl Operation for CreateTrail {
    const NAME: &'static str = "CreateTrail";
    type Input = Input;
    type Output = Settings;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Settings>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.name).await?;
        let permit = authorize(cx, &target, input)?;

        let mut trail = input.trail(cx)?;
        input.deliver(cx, &mut tx, &permit, &mut trail).await?;
        if target.is_taken(&permit) {
            return Err(Error::TrailExists(trail.name, trail.account.to_string()));
        }
        let counter = counter(&trail.account, &trail.region);
        tx.count(&permit, &counter, 1, Some(MOST_TRAILS));
        if trail.is_multi_region {
            let counter = counter_of_all_regions(&trail.account);
            tx.count(&permit, &counter, 1, Some(MOST_TRAILS));
        }
        let output = Settings(Arc::new(trail.clone()));
        tx.insert(&permit, trail);
        let event = cx.event(&permit).responding(output.elements());
        let recorded = tx.commit(event).await;
        let recorded = recorded.map_err(|error| too_many(error, &output.0))?;

        Ok(recorded.reply(output))
    }
}

/// COMPAT: tags need a permission of their own.
fn authorize(cx: &Cx<'_>, target: &Target, input: &Input) -> Result<Permit, Error> {
    let keys = || {
        let tags = input.tags.as_ref();
        Keys::none().opt_tags(tags.map(|tags| tags.iter().map(Tag::shown)))
    };
    let permit = target.permit_with(cx, Action("cloudtrail:CreateTrail"), keys())?;
    if input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        target.permit_with(cx, Action("cloudtrail:AddTags"), keys())?;
    }
    Ok(permit)
}

/// The counter of the trails of an account that have their home in a Region.
pub(super) fn counter(account: &AccountId, region: &RegionName) -> String {
    format!("cloudtrail/trails/{account}/{region}")
}

/// The counter of the trails of an account that are of all Regions, wherever they have their home.
pub(super) fn counter_of_all_regions(account: &AccountId) -> String {
    format!("cloudtrail/multi-region-trails/{account}")
}

/// What it means that `trail` could not be counted.
pub(super) fn too_many(error: CommitError, trail: &Trail) -> Error {
    match error {
        CommitError::LimitReached => Error::TooManyTrails(
            trail.account.to_string(),
            MOST_TRAILS,
            trail.region.to_string(),
        ),
        other => other.into(),
    }
}

impl Input {
    /// The trail that is described, without the services that it delivers to.
    fn trail(&self, cx: &Cx<'_>) -> Result<Trail, Error> {
        check_name(&self.name)?;
        if self.kms_key.as_ref().is_some_and(|key| !key.is_empty()) {
            return Err(Error::Unsupported("KmsKeyId"));
        }
        if self.organization == Some(true) {
            return Err(Error::OrganizationsNotInUse);
        }
        let is_multi_region = self.multi_region == Some(true);
        if is_multi_region && self.global == Some(false) {
            return Err(Error::InvalidCombination(MUST_BE_GLOBAL.to_owned()));
        }
        let prefix = self.prefix.clone().filter(|prefix| !prefix.is_empty());
        prefix.as_deref().map_or(Ok(()), check_prefix)?;
        let mut tags = Tags::default();
        tagging::set(&mut tags, self.tags.as_deref().unwrap_or_default())?;
        Ok(Trail {
            account: cx.account().clone(),
            region: cx.region.clone(),
            name: self.name.clone(),
            id: random_uuid(cx.entropy()),
            created: cx.now(),
            bucket: self.bucket.clone(),
            prefix,
            topic: None,
            has_global_events: self.global.unwrap_or(true),
            is_multi_region,
            is_validated: self.validation == Some(true),
            logs: None,
            selectors: Selectors::default(),
            started: None,
            stopped: None,
            spans: Vec::new(),
            tags,
        })
    }

    /// Checks what the trail is to deliver to, and notes it.
    async fn deliver(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        permit: &Permit,
        trail: &mut Trail,
    ) -> Result<(), Error> {
        check_own_bucket(cx.app, &trail.account, &self.bucket)?;
        let named = (self.log_group.as_deref(), self.log_role.as_deref());
        trail.logs = log_destination(cx, tx, permit, trail, named).await?;
        let named = self.topic.as_deref().unwrap_or_default();
        trail.topic = topic(cx, permit, trail, named).await?;
        Ok(())
    }
}

/// AWS's quota in a Region: of those that have their home there, and of those of all Regions.
pub(super) const MOST_TRAILS: i64 = 5;
pub(super) const MUST_BE_GLOBAL: &str = "Multi-Region trail must include global service events.";
