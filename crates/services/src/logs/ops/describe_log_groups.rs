//! `DescribeLogGroups`: the log groups of an account in a Region, by name.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::filtering::MOST_FILTERS;
use crate::logs::group_id::{group_arn, stream_arn};
use crate::logs::records::{LogGroup, LogUsage, MetricFilter};
use crate::logs::shapes::{
    ACCOUNTS, BOOLEAN, CLASS, DESCRIBED, GROUP, GROUP_PATTERN, IDENTIFIERS_LIST, TOKEN,
};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use std::sync::Arc;
use store::{Query, Value};
use wire::json;

pub(crate) struct DescribeLogGroups;

wire::input! {
    /// What `DescribeLogGroups` takes.
    pub(crate) struct Input {
        accounts: Option<Vec<String>> = audited "accountIdentifiers" ACCOUNTS,
        prefix: Option<String> = audited "logGroupNamePrefix" GROUP,
        pattern: Option<String> = audited "logGroupNamePattern" GROUP_PATTERN,
        next_token: Option<String> = "nextToken" TOKEN,
        limit: Option<i64> = audited "limit" DESCRIBED,
        linked: Option<bool> = audited "includeLinkedAccounts" BOOLEAN,
        class: Option<String> = audited "logGroupClass" CLASS,
        identifiers: Option<Vec<String>> = audited "logGroupIdentifiers" IDENTIFIERS_LIST,
    }
}

pub(crate) struct Output {
    groups: Vec<Described>,
    next: Option<String>,
}

struct Described {
    group: Arc<LogGroup>,
    bytes: u64,
    filters: usize,
}

impl Described {
    async fn of(tx: &mut Tx<'_>, group: Arc<LogGroup>) -> Result<Self, Error> {
        let usage = tx.get::<LogUsage>(&LogUsage::key_of(&group)).await?;
        let filters = MetricFilter::of_group(&group, MOST_FILTERS);
        Ok(Self {
            bytes: usage.map_or(group.bytes, |usage| usage.record.bytes),
            filters: tx.query::<MetricFilter>(&filters).await?.len(),
            group,
        })
    }
}

impl Operation for DescribeLogGroups {
    const NAME: &'static str = "DescribeLogGroups";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let arn = stream_arn(cx.account(), cx.region, "", "");
        let resource = Resource::named(cx.account(), arn);
        let permit = cx.authorize(Action("logs:DescribeLogGroups"), resource)?;
        input.check()?;

        let mut tx = cx.begin();
        let (prefix, pattern) = (input.prefix.as_deref(), input.pattern.as_deref());
        let question = [prefix.unwrap_or_default(), pattern.unwrap_or_default()];
        let listing = Listing {
            operation: Self::NAME,
            question: &question.map(str::as_bytes),
        };
        let size = input.limit.and_then(|limit| usize::try_from(limit).ok());
        let size = size.unwrap_or(LARGEST_PAGE);
        let mut query = Query::primary(size + 1)
            .equal(cx.account())
            .equal(cx.region)
            .starting_with(prefix.unwrap_or_default());
        if let Some(token) = &input.next_token {
            let after: String = listing.cursor(cx, token)?;
            query = query.after(vec![Value::from(&after)]);
        }
        let found = tx.query::<LogGroup>(&query).await?;
        let mut groups: Vec<_> = found.into_iter().map(|found| found.record).collect();
        let has_more = groups.len() > size;
        groups.truncate(size);
        let last = groups.last().filter(|_| has_more);
        let next = last.map(|last| listing.token(cx, &last.name)).transpose()?;
        // A page with a pattern may be short.
        groups.retain(|group| pattern.is_none_or(|part| group.name.contains(part)));
        if input
            .class
            .as_deref()
            .is_some_and(|class| class != STANDARD)
        {
            groups.clear();
        }
        let mut described = Vec::with_capacity(groups.len());
        for group in groups {
            described.push(Described::of(&mut tx, group).await?);
        }
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output {
            groups: described,
            next,
        }))
    }
}

impl Input {
    fn check(&self) -> Result<(), Error> {
        if self.prefix.is_some() && self.pattern.is_some() {
            return Err(Error::InvalidParameter(PREFIX_AND_PATTERN.to_owned()));
        }
        if self.accounts.is_some() || self.linked == Some(true) {
            return Err(Error::unsupported("includeLinkedAccounts"));
        }
        if self.identifiers.is_some() {
            return Err(Error::unsupported("logGroupIdentifiers"));
        }
        Ok(())
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("logGroups", &self.groups, |described, entry| {
            let group = &described.group;
            let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            let arn = group_arn(&group.account, &group.region, &group.name);
            entry.text("logGroupName", &group.name);
            entry.integer("creationTime", group.created.as_millis());
            entry.opt_integer("retentionInDays", group.retention_days);
            entry.integer("metricFilterCount", number(described.filters as u64));
            entry.text("arn", &format!("{arn}:*"));
            entry.integer("storedBytes", number(described.bytes));
            entry.text("logGroupClass", STANDARD);
            entry.text("logGroupArn", &arn);
        });
        object.opt_text("nextToken", self.next.as_deref());
    }
}

const LARGEST_PAGE: usize = 50;
const STANDARD: &str = "STANDARD";
const PREFIX_AND_PATTERN: &str =
    "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
