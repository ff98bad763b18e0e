//! `CreateLogStream`: makes a log stream without lines.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::records::LogStream;
use crate::logs::shapes::{GROUP, STREAM};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct CreateLogStream;

wire::input! {
    /// What `CreateLogStream` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
        stream: String = required audited "logStreamName" STREAM,
    }
}

impl Operation for CreateLogStream {
    const NAME: &'static str = "CreateLogStream";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let action = Action("logs:CreateLogStream");
        let permit = target.permit(cx, action, Some(&input.stream))?;

        let group = target.existing(&permit)?;
        match target.stream(&permit, &mut tx, &input.stream).await {
            Err(Error::StreamNotFound) => {}
            Ok(_) => return Err(Error::StreamExists),
            Err(error) => return Err(error),
        }
        tx.insert(&permit, LogStream::new(group, &input.stream, cx.now()));
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
