//! `PutRetentionPolicy`: how long the lines of a group are kept.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::records::LogGroup;
use crate::logs::shapes::{DAYS, GROUP};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct PutRetentionPolicy;

wire::input! {
    /// What `PutRetentionPolicy` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
        days: i64 = required audited "retentionInDays" DAYS,
    }
}

impl Operation for PutRetentionPolicy {
    const NAME: &'static str = "PutRetentionPolicy";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let permit = target.permit(cx, Action("logs:PutRetentionPolicy"), None)?;

        if !ADMITTED.contains(&input.days) {
            return Err(Error::InvalidParameter(NOT_ADMITTED.to_owned()));
        }
        let found = target.versioned(&permit)?;
        let mut group = LogGroup::clone(&found.record);
        group.retention_days = Some(input.days);
        tx.update(&permit, group, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}

const ADMITTED: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557,
    2_922, 3_288, 3_653,
];
const NOT_ADMITTED: &str = "1 validation error detected: Value at 'retentionInDays' failed to satisfy constraint: \
     Member must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, \
     731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]";
