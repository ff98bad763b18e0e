//! `DeleteRetentionPolicy`: has lines kept for as long as there is room for them.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::records::LogGroup;
use crate::logs::shapes::GROUP;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeleteRetentionPolicy;

wire::input! {
    /// What `DeleteRetentionPolicy` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
    }
}

impl Operation for DeleteRetentionPolicy {
    const NAME: &'static str = "DeleteRetentionPolicy";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let permit = target.permit(cx, Action("logs:DeleteRetentionPolicy"), None)?;

        let found = target.versioned(&permit)?;
        let mut group = LogGroup::clone(&found.record);
        group.retention_days = None;
        tx.update(&permit, group, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
