//! The services together: from a line of a log to the message of an alarm.

use super::App;
use crate::authorize::Permit;
use crate::fixtures::World;
use crate::gateway::AsOperator;
use crate::ports::{AppendedLog, PortFuture, Publisher, TopicMessage, Topics};
use crate::tx::Deriving;
use crate::work::Work;
use base::{AccountId, CommonError, RegionName, Timestamp};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use testkit::FakeClock;

/// Notes what is published.
#[derive(Default)]
struct Noted(Mutex<Vec<(String, String, Value)>>);

impl Topics for Noted {
    fn publish<'a>(
        &'a self,
        _: &'a App,
        _: &'a Permit,
        _: &'a mut Deriving<'_>,
        message: TopicMessage<'a>,
    ) -> PortFuture<'a, bool, CommonError> {
        assert_eq!(message.by, "cloudwatch.amazonaws.com");
        assert_eq!(message.source_account.as_str(), ACCOUNT);
        assert_eq!(message.source_arn, ALARM_ARN);
        let text = serde_json::from_str(message.message).unwrap();
        let subject = message.subject.unwrap_or_default().to_owned();
        self.0
            .lock()
            .push((message.topic_arn.to_owned(), subject, text));
        Box::pin(async { Ok(true) })
    }

    fn publisher(&self) -> Box<dyn Publisher> {
        Box::new(NoRules)
    }
}

/// What rules publish with, of which there are none.
struct NoRules;

impl Publisher for NoRules {
    fn publish<'a>(
        &'a mut self,
        _: &'a App,
        _: &'a Permit,
        _: &'a mut Deriving<'_>,
        message: TopicMessage<'a>,
        _: &'a mut Work,
    ) -> PortFuture<'a, bool, CommonError> {
        panic!("a rule told {}", message.topic_arn)
    }
}

/// The guide's section on monitoring deleted secrets, set up.
struct Stage {
    app: App,
    clock: Arc<FakeClock>,
    told: Arc<Noted>,
    account: AccountId,
    region: RegionName,
}

impl Stage {
    async fn new() -> Self {
        let clock = Arc::new(FakeClock::at(Timestamp::from_millis(1_768_478_400_000)));
        let told = Arc::new(Noted::default());
        let mut app = World::new().app;
        app.clock = clock.clone();
        app.topics = told.clone();
        let stage = Self {
            app,
            clock,
            told,
            account: AccountId::parse(ACCOUNT).unwrap(),
            region: RegionName::parse("us-east-1").unwrap(),
        };
        let group = json!({ "logGroupName": GROUP });
        stage.call("logs", "CreateLogGroup", group).await;
        let filter = json!({
            "logGroupName": GROUP, "filterName": "attempts",
            "filterPattern": "{ $.eventName = \"GetSecretValue\" && $.errorMessage = \"*secret because it was marked for deletion*\" }",
            "metricTransformations": [{
                "metricName": "AttemptsToAccessDeletedSecrets",
                "metricNamespace": "CloudTrailLogMetrics", "metricValue": "1",
            }],
        });
        stage.call("logs", "PutMetricFilter", filter).await;
        let alarm = json!({
            "AlarmName": "AttemptsToAccessDeletedSecretsAlarm", "Namespace": "CloudTrailLogMetrics",
            "MetricName": "AttemptsToAccessDeletedSecrets", "Statistic": "Sum", "Period": 300,
            "EvaluationPeriods": 1, "Threshold": 1.0, "TreatMissingData": "notBreaching",
            "ComparisonOperator": "GreaterThanOrEqualToThreshold", "AlarmActions": [TOPIC],
        });
        stage.call("monitoring", "PutMetricAlarm", alarm).await;
        stage.app.judge_alarms().await.unwrap();
        stage
    }

    async fn call(&self, service: &str, operation: &str, parameters: Value) {
        let caller = AsOperator {
            account: &self.account,
            region: &self.region,
            request_id: "r",
        };
        let done = self
            .app
            .call_as_operator(&caller, service, operation, &parameters)
            .await;
        assert!(done.is_ok(), "{operation}: {:?}", done.err());
    }

    /// Appends an event to the group, as CloudTrail does, and judges alarms. Gives whether there is a
    /// group.
    async fn event(&self, group: &str, message: &str) -> bool {
        let own = Permit::of_tests();
        let mut tx = self.app.ledger.derive();
        let appended = AppendedLog {
            account: &self.account,
            region: &self.region,
            group,
            stream: "123456789012_CloudTrail_us-east-1",
            events: &[(
                self.app.clock.now(),
                json!({
                    "eventName": "GetSecretValue", "errorMessage": message,
                })
                .to_string(),
            )],
        };
        let appended = self
            .app
            .log_groups
            .append(&self.app, &own, &mut tx, appended);
        let is_there = appended.await.unwrap();
        tx.commit().await.unwrap();
        self.app.judge_alarms().await.unwrap();
        is_there
    }

    fn told(&self) -> Vec<(String, String, Value)> {
        std::mem::take(&mut self.told.0.lock())
    }
}

#[tokio::test]
async fn an_attempt_to_read_a_deleted_secret_reaches_the_topic_at_once() {
    let stage = Stage::new().await;

    stage
        .event(GROUP, "Secrets Manager can't find the specified secret.")
        .await;
    let before = stage.told();
    stage.event(GROUP, MARKED).await;
    let after = stage.told();
    stage.event(GROUP, MARKED).await;
    let again = stage.told();

    assert_eq!((before.len(), again.len()), (0, 0));
    let [(topic, subject, message)] = after.try_into().unwrap();
    assert_eq!(topic, TOPIC);
    let expected = "ALARM: \"AttemptsToAccessDeletedSecretsAlarm\" in US East (N. Virginia)";
    assert_eq!(subject, expected);
    assert_eq!(
        message,
        json!({
            "AlarmName": "AttemptsToAccessDeletedSecretsAlarm",
            "AlarmDescription": null,
            "AWSAccountId": ACCOUNT,
            "AlarmConfigurationUpdatedTimestamp": "2026-01-15T12:00:00.000+0000",
            "NewStateValue": "ALARM",
            "NewStateReason": "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (15/01/26 \
                11:56:00)] was greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK \
                -> ALARM transition).",
            "StateChangeTime": "2026-01-15T12:00:00.000+0000",
            "Region": "US East (N. Virginia)",
            "AlarmArn": ALARM_ARN,
            "OldStateValue": "OK",
            "OKActions": [],
            "AlarmActions": [TOPIC],
            "InsufficientDataActions": [],
            "Trigger": {
                "MetricName": "AttemptsToAccessDeletedSecrets",
                "Namespace": "CloudTrailLogMetrics",
                "StatisticType": "Statistic",
                "Statistic": "SUM",
                "Unit": null,
                "Dimensions": [],
                "Period": 300,
                "EvaluationPeriods": 1,
                "DatapointsToAlarm": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "Threshold": 1.0,
                "TreatMissingData": "notBreaching",
                "EvaluateLowSampleCountPercentile": "",
            },
        })
    );
}

#[tokio::test]
async fn when_it_is_quiet_again_the_next_attempt_tells_again() {
    let stage = Stage::new().await;
    stage.event(GROUP, MARKED).await;
    let first = stage.told();

    for _ in 0..17 {
        stage.clock.advance_seconds(60);
        stage.app.judge_alarms().await.unwrap();
    }
    stage.event(GROUP, MARKED).await;
    let second = stage.told();

    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!(second[0].2["OldStateValue"], "OK");
}

#[tokio::test]
async fn lines_for_a_group_that_is_not_there_are_not_taken() {
    let stage = Stage::new().await;

    let is_there = stage.event("none", MARKED).await;

    assert!(!is_there);
    assert_eq!(stage.told().len(), 0);
}

const ACCOUNT: &str = "123456789012";
const GROUP: &str = "CloudTrail/MyCloudWatchLogGroup";
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:alarms";
const ALARM_ARN: &str =
    "arn:aws:cloudwatch:us-east-1:123456789012:alarm:AttemptsToAccessDeletedSecretsAlarm";
const MARKED: &str =
    "You can't perform this operation on the secret because it was marked for deletion.";
