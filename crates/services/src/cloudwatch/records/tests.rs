use super::*;
use crate::cloudwatch::series::Series;
use crate::cloudwatch::statistics::{Aggregate, Statistic};
use crate::fixtures;
use crate::tags::Tags;
use base::{AccountId, RegionName, Timestamp};
use proptest::prelude::*;
use serde_json::json;

fn at() -> Timestamp {
    Timestamp::from_millis(1_768_478_400_123)
}

fn series() -> Series {
    let account = AccountId::parse("123456789012").unwrap();
    let region = RegionName::parse("eu-central-1").unwrap();
    let dimensions = vec![(String::from("d"), String::from("v"))];
    Series::new(&account, &region, "N", "M", dimensions)
}

fn metric() -> Metric {
    Metric {
        series: series(),
        last: at(),
    }
}

fn tally() -> Tally {
    Tally {
        account: series().account,
        region: series().region,
        metrics: 7,
    }
}

fn block() -> Block {
    let [minutes, ..] = TIERS;
    let mut block = Block::new(&series(), minutes, 1_768_478_400);
    block.add(3, 0, Aggregate::of(2.5, 2.0));
    block.add(1, 15, Aggregate::of(-1.0, 1.0));
    block
}

fn alarm() -> Alarm {
    let mut tags = Tags::default();
    let tag = (Some(String::from("team")), String::from("blue"));
    tags.set([tag].into_iter()).unwrap();
    Alarm {
        name: String::from("a"),
        description: Some(String::from("d")),
        updated: at(),
        actions_enabled: true,
        ok_actions: Vec::new(),
        alarm_actions: vec![String::from("arn:aws:sns:eu-central-1:123456789012:t")],
        insufficient_data_actions: Vec::new(),
        series: series(),
        statistic: Statistic::Sum,
        period: 300,
        unit: Some(String::from("Count")),
        evaluation_periods: 3,
        datapoints_to_alarm: Some(2),
        threshold: 1.5,
        comparison: Comparison::LessThan,
        missing: Some(Treatment::Ignore),
        tags,
    }
}

fn state() -> AlarmState {
    AlarmState {
        reason_data: Some(String::from("{}")),
        value: StateValue::Ok,
        ..AlarmState::of_new(&alarm(), at())
    }
}

fn item() -> HistoryItem {
    let kind = HistoryKind::StateUpdate;
    HistoryItem::of(
        &alarm(),
        at(),
        2,
        kind,
        String::from("s"),
        &json!({ "version": "1.0" }),
    )
}

#[test]
fn what_was_stored_is_read() {
    fixtures::assert_reads(1, &metric());
    fixtures::assert_reads(1, &tally());
    fixtures::assert_reads(1, &block());
    fixtures::assert_reads(1, &alarm());
    fixtures::assert_reads(1, &state());
    fixtures::assert_reads(1, &item());
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&metric());
    fixtures::write(&tally());
    fixtures::write(&block());
    fixtures::write(&alarm());
    fixtures::write(&state());
    fixtures::write(&item());
}

proptest! {
    #[test]
    fn a_block_holds_what_was_added_by_time_and_unit(
        added in prop::collection::vec((0_u16..60, 0_u8..3, -9_i32..9), 0..40),
    ) {
        let [minutes, ..] = TIERS;
        let mut block = Block::new(&series(), minutes, 3_600);
        let mut sums = std::collections::BTreeMap::new();

        for (offset, unit, value) in added {
            block.add(offset, unit, Aggregate::of(f64::from(value), 1.0));
            *sums.entry((3_600 + i64::from(offset) * 60, unit)).or_insert(0.0) += f64::from(value);
        }

        let held = block.buckets().map(|(second, bucket)| ((second, bucket.unit), bucket.values.sum));
        prop_assert_eq!(held.collect::<Vec<_>>(), sums.into_iter().collect::<Vec<_>>());
    }
}
