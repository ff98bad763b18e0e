//! `DeleteLogStream`: removes a log stream with its lines.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::records::{LogChunk, LogStream, LogUsage};
use crate::logs::shapes::{GROUP, STREAM};
use crate::operation::Operation;
use crate::tx::Reply;
use store::Record as _;

pub(crate) struct DeleteLogStream;

wire::input! {
    /// What `DeleteLogStream` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
        stream: String = required audited "logStreamName" STREAM,
    }
}

impl Operation for DeleteLogStream {
    const NAME: &'static str = "DeleteLogStream";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let action = Action("logs:DeleteLogStream");
        let permit = target.permit(cx, action, Some(&input.stream))?;

        let stream = target.stream(&permit, &mut tx, &input.stream).await?;
        let group = target.existing(&permit)?;
        loop {
            let query = LogChunk::of_stream(&stream, PAGE);
            let page = tx.query::<LogChunk>(&query).await?;
            for chunk in &page {
                tx.delete::<LogChunk>(&permit, &chunk.record.key(), chunk.rev);
            }
            if page.len() < PAGE {
                break;
            }
        }
        let key = stream.key();
        if let Some(found) = tx.get::<LogStream>(&key).await? {
            tx.delete::<LogStream>(&permit, &key, found.rev);
        }
        let key = LogUsage::key_of(group);
        if let Some(found) = tx.get::<LogUsage>(&key).await? {
            let mut usage = LogUsage::clone(&found.record);
            usage.bytes = usage.bytes.saturating_sub(stream.bytes);
            tx.update(&permit, usage, found.rev);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}

const PAGE: usize = 500;
