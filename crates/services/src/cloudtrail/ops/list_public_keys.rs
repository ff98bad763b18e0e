//! `ListPublicKeys`: the keys that verify an account's digests.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html>
//!
//! COMPAT: an account has one key, which is made with its first digest and stays.

use crate::authorize::{Action, Resource};
use crate::cloudtrail::error::Error;
use crate::cloudtrail::records::DigestKey;
use crate::cloudtrail::shapes::{MOMENT, TEXT};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json;

pub(crate) struct ListPublicKeys;

wire::input! {
    /// What `ListPublicKeys` takes.
    pub(crate) struct Input {
        start: Option<i64> = audited "StartTime" MOMENT,
        end: Option<i64> = audited "EndTime" MOMENT,
        next_token: Option<String> = "NextToken" TEXT,
    }
}

pub(crate) struct Output(Option<Arc<DigestKey>>);

impl Operation for ListPublicKeys {
    const NAME: &'static str = "ListPublicKeys";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::none(cx.account());
        let permit = cx.authorize(Action("cloudtrail:ListPublicKeys"), resource)?;

        if input
            .start
            .zip(input.end)
            .is_some_and(|(start, end)| start > end)
        {
            return Err(Error::InvalidTimeRange);
        }
        if input.next_token.is_some() {
            return Err(Error::InvalidToken);
        }
        let mut tx = cx.begin();
        let found = tx
            .get::<DigestKey>(&DigestKey::key_of(cx.account()))
            .await?;
        let key = found.map(|found| found.record);
        let key = key.filter(|key| input.end.is_none_or(|end| key.created_seconds() <= end));
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(key)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("PublicKeyList", &self.0, |key, entry| {
            entry.bytes("Value", &key.public);
            entry.timestamp("ValidityStartTime", key.created);
            entry.timestamp("ValidityEndTime", key.created.plus_days(VALID_DAYS));
            entry.text("Fingerprint", &key.fingerprint);
        });
    }
}

/// A hundred years.
const VALID_DAYS: i64 = 36_525;
