"""CloudWatch and the metric filters of CloudWatch Logs by boto3, in each protocol that a client may choose.

The answers are read by botocore with AWS's own model, which knows no member that the model does not have.
"""

import datetime
import json
import uuid

import boto3
import botocore.config
import botocore.session
import pytest
from calls import answer, refusal

PROTOCOLS = ["smithy-rpc-v2-cbor", "json", "query"]
PATTERN = '{ $.eventName = "GetSecretValue" && $.errorMessage = "*secret because it was marked for deletion*" }'


def speaking(protocol):
    """CloudWatch over one protocol; over what botocore chooses for `None`."""
    core = botocore.session.get_session()
    loader = core.get_component("data_loader")
    load = loader.load_service_model

    def forced(service, kind, *which, **named):
        model = load(service, kind, *which, **named)
        if protocol and service == "cloudwatch" and kind == "service-2":
            model = {**model, "metadata": {**model["metadata"], "protocol": protocol, "protocols": [protocol]}}
        return model

    loader.load_service_model = forced
    config = botocore.config.Config(retries={"total_max_attempts": 1})
    return boto3.Session(botocore_session=core).client("cloudwatch", config=config)


@pytest.fixture(params=[None, *PROTOCOLS])
def cloudwatch(request, session):
    return speaking(request.param)


@pytest.fixture
def namespace():
    """A namespace that no other test uses."""
    return f"N/{uuid.uuid4().hex}"


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def test_each_protocol_is_spoken(session):
    spoken = [speaking(protocol).meta.service_model.resolved_protocol for protocol in [*PROTOCOLS, None]]
    assert spoken == [*PROTOCOLS, "json"]


def test_data_comes_back(cloudwatch, namespace):
    dimensions = [{"Name": "größe", "Value": "<&>"}]
    metric = {"Namespace": namespace, "MetricName": "M", "Dimensions": dimensions}
    begin = now().replace(second=0, microsecond=0)
    data = [
        {"MetricName": "M", "Dimensions": dimensions, "Value": 1.5, "Unit": "Count", "Timestamp": begin},
        {"MetricName": "M", "Dimensions": dimensions, "Values": [2.0, 4.0], "Counts": [2.0, 1.0], "Unit": "Count",
         "Timestamp": begin},
    ]
    assert answer(cloudwatch.put_metric_data, Namespace=namespace, MetricData=data) == {}
    time = {"StartTime": begin, "EndTime": begin + datetime.timedelta(minutes=5)}
    statistics = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"]
    got = answer(cloudwatch.get_metric_statistics, **metric, **time, Period=60, Statistics=statistics)
    point = {"Timestamp": begin, "SampleCount": 4.0, "Sum": 9.5, "Average": 2.375, "Minimum": 1.5, "Maximum": 4.0}
    assert got == {"Label": "M", "Datapoints": [{**point, "Unit": "Count"}]}
    query = {"Id": "q", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    got = answer(cloudwatch.get_metric_data, MetricDataQueries=[query], **time)
    assert got["MetricDataResults"] == [
        {"Id": "q", "Label": "M", "Timestamps": [begin], "Values": [9.5], "StatusCode": "Complete"}
    ]
    assert answer(cloudwatch.list_metrics, Namespace=namespace)["Metrics"] == [metric]


def test_a_thousand_data_come_compressed(cloudwatch, namespace):
    encodings = []

    def look(request, **_):
        encodings.append(request.headers.get("Content-Encoding"))

    cloudwatch.meta.events.register("before-send.cloudwatch.PutMetricData", look)
    begin = now().replace(second=0, microsecond=0)
    data = [{"MetricName": "M", "Value": float(number), "Timestamp": begin} for number in range(1_000)]
    assert answer(cloudwatch.put_metric_data, Namespace=namespace, MetricData=data) == {}
    assert encodings in (["gzip"], [b"gzip"])
    time = {"StartTime": begin, "EndTime": begin + datetime.timedelta(minutes=1)}
    got = answer(
        cloudwatch.get_metric_statistics, Namespace=namespace, MetricName="M", **time, Period=60,
        Statistics=["SampleCount", "Sum"],
    )
    assert got["Datapoints"] == [{"Timestamp": begin, "SampleCount": 1_000.0, "Sum": 499_500.0, "Unit": "None"}]


def test_the_life_of_an_alarm(cloudwatch, namespace):
    name = f"größer <{uuid.uuid4().hex}>"
    settings = {
        "AlarmName": name, "AlarmDescription": "ä\n&", "Namespace": namespace, "MetricName": "M",
        "Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 1, "Threshold": 0.5,
        "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "ignore", "ActionsEnabled": False,
    }
    assert answer(cloudwatch.put_metric_alarm, **settings, Tags=[{"Key": "k", "Value": "v"}]) == {}
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert settings.items() <= alarm.items() and alarm["StateValue"] == "INSUFFICIENT_DATA"
    assert abs(now() - alarm["StateUpdatedTimestamp"]) < datetime.timedelta(minutes=5)
    arn = alarm["AlarmArn"]
    assert answer(cloudwatch.set_alarm_state, AlarmName=name, StateValue="OK", StateReason="r") == {}
    assert answer(cloudwatch.enable_alarm_actions, AlarmNames=[name]) == {}
    assert answer(cloudwatch.disable_alarm_actions, AlarmNames=[name]) == {}
    assert answer(cloudwatch.tag_resource, ResourceARN=arn, Tags=[{"Key": "l", "Value": ""}]) == {}
    assert answer(cloudwatch.untag_resource, ResourceARN=arn, TagKeys=["k"]) == {}
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "l", "Value": ""}]
    [found] = cloudwatch.describe_alarms_for_metric(Namespace=namespace, MetricName="M")["MetricAlarms"]
    assert (found["StateValue"], found["StateReason"]) == ("OK", "r")
    history = cloudwatch.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert [item["HistoryItemType"] for item in history] == ["StateUpdate", "ConfigurationUpdate"]
    assert json.loads(history[0]["HistoryData"])["newState"]["stateValue"] == "OK"
    assert answer(cloudwatch.delete_alarms, AlarmNames=[name]) == {}
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_errors_are_told_apart(cloudwatch, namespace):
    wanted = {"AlarmName": "none", "StateValue": "OK", "StateReason": ""}
    assert refusal(cloudwatch.set_alarm_state, **wanted) == "ResourceNotFound"
    datum = [{"MetricName": "M", "Value": 1.0, "Values": [1.0]}]
    code = refusal(cloudwatch.put_metric_data, Namespace=namespace, MetricData=datum)
    assert code == "InvalidParameterCombination"
    with pytest.raises(cloudwatch.exceptions.ResourceNotFound):
        cloudwatch.set_alarm_state(**wanted)


def test_lines_of_a_group_raise_an_alarm(cloudwatch, namespace, session):
    logs, group = session.client("logs"), f"trail/{uuid.uuid4().hex}"
    assert answer(logs.create_log_group, logGroupName=group, tags={"k": "v"}) == {}
    assert answer(logs.create_log_stream, logGroupName=group, logStreamName="s") == {}
    counted = {"metricName": "Attempts", "metricNamespace": namespace, "metricValue": "1"}
    which = {"logGroupName": group, "filterName": "f", "filterPattern": PATTERN}
    assert answer(logs.put_metric_filter, **which, metricTransformations=[counted]) == {}
    [described] = logs.describe_metric_filters(logGroupName=group)["metricFilters"]
    assert which.items() <= described.items() and described["metricTransformations"] == [counted]
    name = f"a-{uuid.uuid4().hex}"
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace=namespace, MetricName="Attempts", Statistic="Sum", Period=300, Threshold=1.0,
        EvaluationPeriods=1, ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    text = "You can't perform this operation on the secret because it was marked for deletion."
    line = json.dumps({"eventName": "GetSecretValue", "errorMessage": text})
    events = [{"timestamp": int(now().timestamp() * 1000), "message": line}]
    put = answer(logs.put_log_events, logGroupName=group, logStreamName="s", logEvents=events)
    assert put.keys() == {"nextSequenceToken"}
    waiting = cloudwatch.get_waiter("alarm_exists")
    waiting.wait(AlarmNames=[name], StateValue="ALARM", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    found = logs.filter_log_events(logGroupName=group, filterPattern=PATTERN)["events"]
    assert [event["message"] for event in found] == [line]
    tested = logs.test_metric_filter(filterPattern=PATTERN, logEventMessages=[line, "x"])["matches"]
    assert [match["eventNumber"] for match in tested] == [1]
    assert answer(logs.delete_log_group, logGroupName=group) == {}
