//! `CreateLogGroup`: makes a log group.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::{Target, groups_counter};
use crate::logs::records::LogGroup;
use crate::logs::shapes::{BOOLEAN, CLASS, GROUP, KMS_KEY, TAGS};
use crate::logs::tagging;
use crate::operation::Operation;
use crate::tags::Tags;
use crate::tx::Reply;
use std::collections::BTreeMap;

pub(crate) struct CreateLogGroup;

wire::input! {
    /// What `CreateLogGroup` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
        kms_key: Option<String> = audited "kmsKeyId" KMS_KEY,
        tags: Option<BTreeMap<String, String>> = audited "tags" TAGS,
        class: Option<String> = audited "logGroupClass" CLASS,
        is_protected: Option<bool> = audited "deletionProtectionEnabled" BOOLEAN,
    }
}

impl Operation for CreateLogGroup {
    const NAME: &'static str = "CreateLogGroup";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let keys = Keys::none().opt_tags(input.tags.as_ref().map(tagging::pairs));
        let permit = target.permit_with(cx, Action("logs:CreateLogGroup"), &keys)?;

        input.check()?;
        if target.is_taken(&permit) {
            return Err(Error::GroupExists);
        }
        let mut tags = Tags::default();
        if let Some(given) = &input.tags {
            tagging::set(&mut tags, given)?;
        }
        let group = LogGroup {
            account: cx.account().clone(),
            region: cx.region.clone(),
            name: input.group.clone(),
            created: cx.now(),
            bytes: 0,
            retention_days: None,
            tags,
            most_bytes: MOST_BYTES,
        };
        let counter = groups_counter(cx.account(), cx.region);
        tx.count(&permit, &counter, 1, Some(MOST_GROUPS));
        tx.insert(&permit, group);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}

impl Input {
    fn check(&self) -> Result<(), Error> {
        if self.kms_key.is_some() {
            return Err(Error::unsupported("A key of one's own"));
        }
        if self
            .class
            .as_deref()
            .is_some_and(|class| class != "STANDARD")
        {
            return Err(Error::unsupported("A class other than STANDARD"));
        }
        if self.is_protected == Some(true) {
            return Err(Error::unsupported("Deletion protection"));
        }
        Ok(())
    }
}

/// 64 MiB.
const MOST_BYTES: u64 = 64 << 20;
const MOST_GROUPS: i64 = 10_000;
