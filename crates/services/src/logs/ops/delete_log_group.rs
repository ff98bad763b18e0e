//! `DeleteLogGroup`: removes a log group with all that is in it.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::{Target, groups_counter};
use crate::logs::records::{LogChunk, LogGroup, LogStream, LogUsage, MetricFilter};
use crate::logs::shapes::GROUP;
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use store::{Query, Record};

pub(crate) struct DeleteLogGroup;

wire::input! {
    /// What `DeleteLogGroup` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
    }
}

impl Operation for DeleteLogGroup {
    const NAME: &'static str = "DeleteLogGroup";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let permit = target.permit(cx, Action("logs:DeleteLogGroup"), None)?;

        let found = target.versioned(&permit)?;
        let group = found.record.as_ref();
        delete_all::<LogChunk>(&permit, &mut tx, |limit| LogChunk::of_group(group, limit)).await?;
        delete_all::<LogStream>(&permit, &mut tx, |limit| LogStream::of_group(group, limit))
            .await?;
        let filters = |limit| MetricFilter::of_group(group, limit);
        delete_all::<MetricFilter>(&permit, &mut tx, filters).await?;
        let key = LogUsage::key_of(group);
        if let Some(usage) = tx.get::<LogUsage>(&key).await? {
            tx.delete::<LogUsage>(&permit, &key, usage.rev);
        }
        tx.delete::<LogGroup>(&permit, &group.key(), found.rev);
        let counter = groups_counter(cx.account(), cx.region);
        tx.count(&permit, &counter, -1, None);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}

/// Removes what the query finds: what a page removed the next one does not see.
async fn delete_all<R: Record>(
    permit: &Permit,
    tx: &mut Tx<'_>,
    of_group: impl Fn(usize) -> Query,
) -> Result<(), Error> {
    loop {
        let page = tx.query::<R>(&of_group(PAGE)).await?;
        for one in &page {
            tx.delete::<R>(permit, &one.record.key(), one.rev);
        }
        if page.len() < PAGE {
            return Ok(());
        }
    }
}

const PAGE: usize = 500;
