//! `DeleteMetricFilter`: has lines counted no more.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteMetricFilter.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::records::MetricFilter;
use crate::logs::shapes::{FILTER_NAME, GROUP};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeleteMetricFilter;

wire::input! {
    /// What `DeleteMetricFilter` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
        name: String = required audited "filterName" FILTER_NAME,
    }
}

impl Operation for DeleteMetricFilter {
    const NAME: &'static str = "DeleteMetricFilter";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let permit = target.permit(cx, Action("logs:DeleteMetricFilter"), None)?;

        let key = MetricFilter::key_of(target.existing(&permit)?, &input.name);
        let found = tx.get::<MetricFilter>(&key).await?;
        let found = found.ok_or(Error::FilterNotFound)?;
        tx.delete::<MetricFilter>(&permit, &key, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
