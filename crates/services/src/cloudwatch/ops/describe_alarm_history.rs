//! `DescribeAlarmHistory`: what happened to alarms in the last 30 days.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html>

use crate::authorize::{Action, Resource};
use crate::cloudwatch::alarm_id::arn;
use crate::cloudwatch::error::Error;
use crate::cloudwatch::records::HistoryItem;
use crate::cloudwatch::shapes::{
    ALARM, CONTRIBUTOR, HISTORY_TYPE, MOMENT, RECORDS, SCAN_BY, TEXT, TYPES,
};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use base::Timestamp;
use std::sync::Arc;
use store::Value;
use wire::tree::{self, Fields};

pub(crate) struct DescribeAlarmHistory;

wire::input! {
    /// What `DescribeAlarmHistory` takes.
    pub(crate) struct Input {
        name: Option<String> = audited "AlarmName" ALARM,
        contributor: Option<String> = audited "AlarmContributorId" CONTRIBUTOR,
        types: Option<Vec<String>> = audited "AlarmTypes" TYPES,
        kind: Option<String> = audited "HistoryItemType" HISTORY_TYPE,
        start: Option<Timestamp> = audited "StartDate" MOMENT,
        end: Option<Timestamp> = audited "EndDate" MOMENT,
        most: Option<i64> = audited "MaxRecords" RECORDS,
        next_token: Option<String> = "NextToken" TEXT,
        scan_by: Option<String> = audited "ScanBy" SCAN_BY,
    }
}

pub(crate) struct Output {
    items: Vec<Arc<HistoryItem>>,
    next: Option<String>,
}

impl Operation for DescribeAlarmHistory {
    const NAME: &'static str = "DescribeAlarmHistory";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let name = input.name.as_deref();
        let named = arn(cx.account(), cx.region, name.unwrap_or("*"));
        let resource = Resource::named(cx.account(), named);
        let permit = cx.authorize(Action("cloudwatch:DescribeAlarmHistory"), resource)?;

        let is_ascending = input.scan_by.as_deref() == Some("TimestampAscending");
        let question = [
            name.unwrap_or_default(),
            if is_ascending { "+" } else { "-" },
        ];
        let listing = Listing {
            operation: Self::NAME,
            question: &question.map(str::as_bytes),
        };
        let size = input.most.and_then(|most| usize::try_from(most).ok());
        let size = size.unwrap_or(USUAL_PAGE);
        let mut query = HistoryItem::of_alarms(cx.account(), cx.region, name, size + 1);
        if !is_ascending {
            query = query.descending();
        }
        if let Some(token) = &input.next_token {
            let (at, alarm, number): (i64, String, i64) = listing.cursor(cx, token)?;
            query = query.after(match name {
                Some(_) => vec![Value::Int(at), Value::Int(number)],
                None => vec![Value::Int(at), Value::from(&alarm), Value::Int(number)],
            });
        }
        let mut tx = cx.begin();
        let found = tx.query::<HistoryItem>(&query).await?;
        let mut items: Vec<_> = found.into_iter().map(|found| found.record).collect();
        let has_more = items.len() > size;
        items.truncate(size);
        let last = items.last().filter(|_| has_more);
        let place =
            |last: &Arc<HistoryItem>| (last.at.as_millis(), last.alarm.clone(), last.number);
        let next = last
            .map(|last| listing.token(cx, &place(last)))
            .transpose()?;
        // A page with conditions may be short.
        items.retain(|item| input.admits(item));
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { items, next }))
    }
}

impl Input {
    fn admits(&self, item: &HistoryItem) -> bool {
        let types = self.types.as_deref().unwrap_or_default();
        self.contributor.is_none()
            && self
                .kind
                .as_ref()
                .is_none_or(|kind| kind == item.kind.name())
            && self.start.is_none_or(|start| item.at >= start)
            && self.end.is_none_or(|end| item.at <= end)
            && (types.is_empty() || types.iter().any(|kind| kind == "MetricAlarm"))
    }
}

impl tree::Output for Output {
    fn fields(&self) -> Fields {
        let items = self.items.iter().map(|item| {
            Fields::default()
                .with("AlarmName", &item.alarm)
                .with("AlarmType", "MetricAlarm")
                .with("Timestamp", item.at)
                .with("HistoryItemType", item.kind.name())
                .with("HistorySummary", &item.summary)
                .with("HistoryData", &item.data)
        });
        Fields::default()
            .with_list("AlarmHistoryItems", items)
            .with_some("NextToken", self.next.as_ref())
    }
}

const USUAL_PAGE: usize = 50;
