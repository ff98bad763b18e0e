"""SNS and EventBridge by boto3, against an HTTPS endpoint and a mail server that are really there.

Each answer is held against botocore's model.
"""

import json
import re
import ssl
import subprocess
import urllib.request
import uuid
from base64 import b64decode

import boto3
import botocore.config
import pytest
from answers import Recorder, operations_of
from botocore.exceptions import ClientError
from conftest import BINARY, Server
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import load_pem_x509_certificate
from receivers import Hook, MailServer, text_of, until

RECORDER = Recorder()


@pytest.fixture(scope="module")
def hook(tmp_path_factory):
    return Hook(tmp_path_factory.mktemp("hook"))


@pytest.fixture(scope="module")
def mail():
    return MailServer()


@pytest.fixture(scope="module")
def telling(tmp_path_factory, issuer, hook, mail):
    """A server that may send to the endpoint and to the mail server."""
    home = tmp_path_factory.mktemp("telling")
    settings = (
        f'[notifications]\nallow = ["{hook.url}/"]\nca_file = "{hook.ca}"\nmail = ["*@corp.example"]\n'
        f'[notifications.smtp]\nhost = "127.0.0.1"\nport = {mail.port}\ntls = "none"\nfrom = "sr@corp.example"\n'
    )
    server = Server(home / "data", home, issuer, settings)
    yield server
    assert server.stop() == 0


def made(telling, service):
    access, secret = telling.keys()
    client = boto3.client(
        service,
        region_name=telling.region,
        endpoint_url=telling.ready["endpoints"][0],
        verify=str(telling.data_dir / "tls/ca.pem"),
        aws_access_key_id=access,
        aws_secret_access_key=secret,
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )
    return RECORDER.watch(client) if service in ("sns", "events") else client


@pytest.fixture(scope="module")
def sns(telling):
    return made(telling, "sns")


@pytest.fixture(scope="module")
def rules(telling):
    return made(telling, "events")


@pytest.fixture
def topic(sns):
    return sns.create_topic(Name=f"t-{uuid.uuid4().hex}")["TopicArn"]


def fetched(telling, url):
    context = ssl.create_default_context(cafile=str(telling.data_dir / "tls/ca.pem"))
    with urllib.request.urlopen(url, context=context) as answer:
        return answer.read()


def subscribed(telling, sns, hook, topic, path):
    """A subscription that was confirmed by the link."""
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=hook.url + path, ReturnSubscriptionArn=True)
    asked = until(lambda: hook.bodies(path, "SubscriptionConfirmation"))[0]
    fetched(telling, asked["SubscribeURL"])
    return sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"]


def verify(message, certificate):
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None)
    key = load_pem_x509_certificate(certificate).public_key()
    key.verify(b64decode(message["Signature"]), signed.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_a_message_reaches_a_confirmed_endpoint_and_verifies(telling, sns, hook, topic):
    subscription = subscribed(telling, sns, hook, topic, "/in")

    sns.publish(TopicArn=topic, Subject="Look", Message="größer", MessageAttributes={
        "level": {"DataType": "String", "StringValue": "high"}, "raw": {"DataType": "Binary", "BinaryValue": b"\0"},
    })

    told = until(lambda: hook.bodies("/in"))[0]
    assert (told["Subject"], told["Message"], told["TopicArn"]) == ("Look", "größer", topic)
    assert told["MessageAttributes"]["raw"] == {"Type": "Binary", "Value": "AA=="}
    verify(told, fetched(telling, told["SigningCertURL"]))
    attributes = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    assert attributes["PendingConfirmation"] == "false"
    sns.set_subscription_attributes(
        SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue="true"
    )
    sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": '{"just":"this"}'}])
    until(lambda: [body for _, _, body in list(hook.posts) if body == '{"just":"this"}'])
    assert subscription in [one["SubscriptionArn"] for one in sns.list_subscriptions()["Subscriptions"]]
    sns.unsubscribe(SubscriptionArn=subscription)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_mail_is_confirmed_by_its_link_and_sent(telling, sns, mail, topic):
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@corp.example")
    asked = until(lambda: list(mail.mails))[0]
    fetched(telling, re.search(r"https://\S+", text_of(asked))[0])

    sns.publish(TopicArn=topic, Subject="Look", Message="hello\r\n.\r\nQUIT")

    told = until(lambda: mail.mails[1:])[0]
    assert (told["To"], told["From"], told["Subject"]) == ("ops@corp.example", "sr@corp.example", "Look")
    assert text_of(told).startswith("hello\r\n.\r\nQUIT\n")


def test_topics_have_attributes_and_tags(sns, topic):
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Ops")
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "team", "Value": "a"}])

    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "Ops"
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "team", "Value": "a"}]
    assert {"TopicArn": topic} in sns.list_topics()["Topics"]
    sns.untag_resource(ResourceArn=topic, TagKeys=["team"])
    sns.delete_topic(TopicArn=topic)
    with pytest.raises(ClientError) as refused:
        sns.publish(TopicArn=topic, Message="x")
    assert refused.value.response["Error"]["Code"] == "NotFound"


def test_a_signed_confirmation_works_too(sns, hook, topic):
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=hook.url + "/signed")
    asked = until(lambda: hook.bodies("/signed", "SubscriptionConfirmation"))[0]

    confirmed = sns.confirm_subscription(TopicArn=topic, Token=asked["Token"], AuthenticateOnUnsubscribe="true")

    assert confirmed["SubscriptionArn"].startswith(topic)


def test_an_endpoint_that_is_not_allowed_is_refused(sns, topic):
    for protocol, endpoint in [("https", "https://127.0.0.1:1/"), ("email", "ops@other.example")]:
        with pytest.raises(ClientError) as refused:
            sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
        assert refused.value.response["Error"]["Code"] == "InvalidParameter"


def test_a_dead_letter_is_shown_to_the_operator(telling, sns, hook, topic):
    subscribed(telling, sns, hook, topic, "/dead")
    hook.status = 404
    try:
        sns.publish(TopicArn=topic, Message="CANARY")

        shown = until(lambda: deliveries(telling)["Dead"])
    finally:
        hook.status = 200
    assert (shown[0]["Endpoint"], shown[0]["Why"]) == (hook.url + "/", "the endpoint answered 404")
    assert "CANARY" not in json.dumps(shown)


def deliveries(telling):
    command = [BINARY, "--json", "deliveries", "--data-dir", telling.data_dir]
    return json.loads(subprocess.run(command, check=True, capture_output=True, env={}).stdout)


def test_every_operation_of_rules(rules, sns, topic):
    pattern = json.dumps({"source": ["shop"]})
    arn = rules.put_rule(Name="ops", EventPattern=pattern, Tags=[{"Key": "a", "Value": "b"}])["RuleArn"]
    put = rules.put_targets(Rule="ops", Targets=[{"Id": "t", "Arn": topic, "InputPath": "$.detail"}])
    assert put["FailedEntryCount"] == 0
    assert rules.list_targets_by_rule(Rule="ops")["Targets"] == [{"Id": "t", "Arn": topic, "InputPath": "$.detail"}]
    assert rules.list_rule_names_by_target(TargetArn=topic)["RuleNames"] == ["ops"]
    rules.disable_rule(Name="ops")
    rules.enable_rule(Name="ops")
    assert rules.describe_rule(Name="ops")["State"] == "ENABLED"
    assert [rule["Name"] for rule in rules.list_rules(NamePrefix="ops")["Rules"]] == ["ops"]
    rules.tag_resource(ResourceARN=arn, Tags=[{"Key": "c", "Value": "d"}])
    rules.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert rules.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "c", "Value": "d"}]
    event = {name: "x" for name in ["id", "account", "source", "time", "region", "resources", "detail-type"]}
    assert rules.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is False
    entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    assert rules.put_events(Entries=[entry])["FailedEntryCount"] == 0
    rules.remove_targets(Rule="ops", Ids=["t"])
    rules.delete_rule(Name="ops")
    with pytest.raises(ClientError) as refused:
        rules.put_rule(Name="ops", EventPattern="{")
    assert refused.value.response["Error"]["Code"] == "InvalidEventPatternException"


def test_a_deleted_secret_reaches_the_endpoint_through_a_rule(telling, rules, sns, hook, topic):
    subscribed(telling, sns, hook, topic, "/deleted")
    rule = rules.put_rule(Name="deleted", EventPattern=json.dumps({
        "source": ["aws.secretsmanager"], "detail": {"eventName": ["DeleteSecret"]},
    }))["RuleArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish",
            "Resource": topic, "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }],
    }))
    rules.put_targets(Rule="deleted", Targets=[{"Id": "t", "Arn": topic}])
    secrets = made(telling, "secretsmanager")
    secrets.create_secret(Name="gone", SecretString="CANARY")

    secrets.delete_secret(SecretId="gone")

    told = until(lambda: hook.bodies("/deleted"))[0]
    event = json.loads(told["Message"])
    assert event["detail"]["requestParameters"]["secretId"] == "gone"
    assert "CANARY" not in told["Message"]


def test_connections_and_api_destinations_of_boto3_work(rules, hook):
    parameters = {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "CANARY"}}
    made = rules.create_connection(Name="hook", AuthorizationType="API_KEY", AuthParameters=parameters)
    url = f"{hook.url}/api"
    arn = rules.create_api_destination(
        Name="hook", ConnectionArn=made["ConnectionArn"], InvocationEndpoint=url, HttpMethod="POST",
    )["ApiDestinationArn"]

    rules.update_connection(Name="hook", Description="a hook")
    rules.update_api_destination(Name="hook", HttpMethod="PUT")
    connection = rules.describe_connection(Name="hook")
    destination = rules.describe_api_destination(Name="hook")

    assert (connection["Description"], connection["AuthorizationType"]) == ("a hook", "API_KEY")
    assert "CANARY" not in str(connection)
    assert (destination["ApiDestinationArn"], destination["HttpMethod"]) == (arn, "PUT")
    assert [one["Name"] for one in rules.list_connections()["Connections"]] == ["hook"]
    assert [one["Name"] for one in rules.list_api_destinations()["ApiDestinations"]] == ["hook"]
    rules.deauthorize_connection(Name="hook")
    rules.delete_api_destination(Name="hook")
    rules.delete_connection(Name="hook")
    assert rules.list_connections()["Connections"] == []


def test_every_operation_was_carried_out():
    for service in ("sns", "events"):
        assert RECORDER.done[service] == operations_of(service)
