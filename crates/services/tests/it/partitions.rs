//! Regions of another partition: the ARNs of what is in them say so, in answers and for policies.

use serde_json::{Value, json};
use testkit::{Caller, Harness, Reply};

const REGION: &str = "us-gov-west-1";
const TOPIC: &str = "arn:aws-us-gov:sns:us-gov-west-1:123456789012:t";

async fn put_target(h: &Harness, caller: &Caller, arn: &str) -> Reply {
    let target = json!({ "Rule": "r", "Targets": [{ "Id": "1", "Arn": arn }] });
    h.rules_as(caller, "PutTargets", target).await
}

async fn a_rule(h: &Harness, caller: &Caller) -> Value {
    let pattern = json!({ "source": ["aws.secretsmanager"] }).to_string();
    let rule = json!({ "Name": "r", "EventPattern": pattern });
    h.rules_as(caller, "PutRule", rule).await.ok()
}

#[tokio::test]
async fn a_topic_an_alarm_and_a_rule_have_the_partition_of_their_region() {
    let h = Harness::new().await;
    let caller = h.root.in_region(REGION);
    let alarm = |topic: &str| {
        json!({
            "AlarmName": "a", "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [topic],
        })
    };
    let foreign = TOPIC.replace("aws-us-gov", "aws");

    let topic = h.sns_as(&caller, "CreateTopic", &[("Name", "t")]).await;
    let topics = h.sns_as(&caller, "ListTopics", &[]).await;
    let rule = a_rule(&h, &caller).await;
    let alarmed = h
        .cloudwatch_as(&caller, "PutMetricAlarm", alarm(TOPIC))
        .await;
    let targeted = put_target(&h, &caller, TOPIC).await;
    let not_alarmed = h
        .cloudwatch_as(&caller, "PutMetricAlarm", alarm(&foreign))
        .await;
    let not_targeted = put_target(&h, &caller, &foreign).await;

    assert_eq!(
        topic.xml_ok()["CreateTopicResult"]["TopicArn"],
        json!(TOPIC)
    );
    assert_eq!(
        topics.xml_ok()["ListTopicsResult"]["Topics"][0]["TopicArn"],
        json!(TOPIC)
    );
    assert_eq!(
        rule["RuleArn"],
        "arn:aws-us-gov:events:us-gov-west-1:123456789012:rule/r"
    );
    assert_eq!((alarmed.status, targeted.status), (200, 200));
    assert_eq!((not_alarmed.status, not_targeted.status), (400, 400));
}

#[tokio::test]
async fn who_has_a_rule_write_to_a_log_group_has_to_be_allowed_in_its_partition() {
    let h = Harness::new().await;
    let group = "arn:aws-us-gov:logs:us-gov-west-1:123456789012:log-group:/g";
    let policy = |partition: &str| {
        let logs = format!("arn:{partition}:logs:*:123456789012:log-group:/g:*");
        json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "events:*", "Resource": "*" },
            { "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": logs },
        ]})
    };
    let ana = h.a_user("ana", Some(&policy("aws-us-gov"))).await;
    let bob = h.a_user("bob", Some(&policy("aws"))).await;
    a_rule(&h, &h.root.in_region(REGION)).await;

    let allowed = put_target(&h, &ana.in_region(REGION), group).await;
    let refused = put_target(&h, &bob.in_region(REGION), group).await;

    assert_eq!(allowed.status, 200, "{}", allowed.text);
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}
