//! `DescribeAlarms`: the alarms of an account in a Region, by name.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>

use crate::authorize::{Action, Resource};
use crate::cloudwatch::alarm_id::arn;
use crate::cloudwatch::alarm_view::{Shown, metric_alarm, with_state};
use crate::cloudwatch::error::Error;
use crate::cloudwatch::records::{Alarm, StateValue};
use crate::cloudwatch::shapes::{ACTION, ALARM, ALARMS, RECORDS, STATE, TEXT, TYPES};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use std::sync::Arc;
use store::{Query, Value};
use wire::tree::{self, Fields};

pub(crate) struct DescribeAlarms;

wire::input! {
    /// What `DescribeAlarms` takes.
    pub(crate) struct Input {
        names: Option<Vec<String>> = audited "AlarmNames" ALARMS,
        prefix: Option<String> = audited "AlarmNamePrefix" ALARM,
        types: Option<Vec<String>> = audited "AlarmTypes" TYPES,
        children: Option<String> = audited "ChildrenOfAlarmName" ALARM,
        parents: Option<String> = audited "ParentsOfAlarmName" ALARM,
        state: Option<String> = audited "StateValue" STATE,
        action: Option<String> = audited "ActionPrefix" ACTION,
        most: Option<i64> = audited "MaxRecords" RECORDS,
        next_token: Option<String> = "NextToken" TEXT,
    }
}

pub(crate) struct Output {
    alarms: Vec<Shown>,
    next: Option<String>,
}

impl Operation for DescribeAlarms {
    const NAME: &'static str = "DescribeAlarms";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::named(cx.account(), arn(cx.account(), cx.region, "*"));
        let permit = cx.authorize(Action("cloudwatch:DescribeAlarms"), resource)?;

        if input.names.is_some() && input.prefix.is_some() {
            return Err(Error::InvalidCombination(NAMES_AND_PREFIX.to_owned()));
        }
        if input.children.is_some() || input.parents.is_some() {
            return Err(Error::unsupported("A composite alarm"));
        }
        let mut tx = cx.begin();
        let (found, next) = match &input.names {
            Some(names) if !names.is_empty() => (named(cx, &mut tx, names).await?, None),
            _ => input.page(cx, &mut tx).await?,
        };
        let mut alarms = Vec::with_capacity(found.len());
        for alarm in found {
            let shown = with_state(&mut tx, alarm).await?;
            alarms.extend(shown.filter(|shown| input.admits(shown)));
        }
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { alarms, next }))
    }
}

async fn named(cx: &Cx<'_>, tx: &mut Tx<'_>, names: &[String]) -> Result<Vec<Arc<Alarm>>, Error> {
    let mut found = Vec::new();
    for name in names {
        let key = Alarm::key_of(cx.account(), cx.region, name);
        found.extend(tx.get::<Alarm>(&key).await?.map(|found| found.record));
    }
    Ok(found)
}

impl Input {
    async fn page(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
    ) -> Result<(Vec<Arc<Alarm>>, Option<String>), Error> {
        let prefix = self.prefix.as_deref().unwrap_or_default();
        let listing = Listing {
            operation: DescribeAlarms::NAME,
            question: &[prefix.as_bytes()],
        };
        let size = self.most.and_then(|most| usize::try_from(most).ok());
        let size = size.unwrap_or(USUAL_PAGE);
        let mut query = Query::primary(size + 1)
            .equal(cx.account())
            .equal(cx.region)
            .starting_with(prefix);
        if let Some(token) = &self.next_token {
            let after: String = listing.cursor(cx, token)?;
            query = query.after(vec![Value::from(&after)]);
        }
        let found = tx.query::<Alarm>(&query).await?;
        let mut alarms: Vec<_> = found.into_iter().map(|found| found.record).collect();
        let has_more = alarms.len() > size;
        alarms.truncate(size);
        let last = alarms.last().filter(|_| has_more);
        let next = last.map(|last| listing.token(cx, &last.name)).transpose()?;
        Ok((alarms, next))
    }

    /// A page with conditions may be short.
    fn admits(&self, (alarm, state): &Shown) -> bool {
        let wanted = self.state.as_deref().and_then(StateValue::parse);
        let lists = [
            &alarm.ok_actions,
            &alarm.alarm_actions,
            &alarm.insufficient_data_actions,
        ];
        let has_action = |prefix: &String| {
            let mut actions = lists.iter().flat_map(|list| list.iter());
            actions.any(|action| action.starts_with(prefix))
        };
        let types = self.types.as_deref().unwrap_or_default();
        wanted.is_none_or(|wanted| wanted == state.value)
            && self.action.as_ref().is_none_or(has_action)
            && (types.is_empty() || types.iter().any(|kind| kind == "MetricAlarm"))
    }
}

impl tree::Output for Output {
    fn fields(&self) -> Fields {
        Fields::default()
            .with_list("CompositeAlarms", Vec::<Fields>::new())
            .with_list("MetricAlarms", self.alarms.iter().map(metric_alarm))
            .with_some("NextToken", self.next.as_ref())
    }
}

const USUAL_PAGE: usize = 50;
const NAMES_AND_PREFIX: &str = "AlarmNames and AlarmNamePrefix are mutually exclusive.";
