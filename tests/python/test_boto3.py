"""boto3, unchanged: every operation that the server has, errors and what surrounds an answer."""

import datetime
import uuid

import botocore.exceptions
import pytest


def a_secret(client, name, value="one"):
    return client.create_secret(Name=name, SecretString=value)


def test_a_secret_lives_its_life(client, name):
    created = a_secret(client, name)
    arn, first = created["ARN"], created["VersionId"]

    put = client.put_secret_value(SecretId=arn, SecretString="two")
    updated = client.update_secret(SecretId=name, SecretString="three", Description="changed")
    described = client.describe_secret(SecretId=name)
    versions = client.list_secret_version_ids(SecretId=name, IncludeDeprecated=True)["Versions"]
    deprecated = client.get_secret_value(SecretId=name, VersionId=first)

    assert put["VersionStages"] == ["AWSCURRENT"]
    assert (updated["ARN"], updated["Name"]) == (arn, name)
    assert described["VersionIdsToStages"] == {
        updated["VersionId"]: ["AWSCURRENT"],
        put["VersionId"]: ["AWSPREVIOUS"],
    }
    assert described["Description"] == "changed"
    assert {version["VersionId"]: version.get("VersionStages") for version in versions} == {
        updated["VersionId"]: ["AWSCURRENT"],
        put["VersionId"]: ["AWSPREVIOUS"],
        first: None,
    }
    assert deprecated["SecretString"] == "one"
    assert "VersionStages" not in deprecated


def test_labels_move(client, name):
    old = a_secret(client, name)["VersionId"]
    new = client.put_secret_value(SecretId=name, SecretString="two", VersionStages=["BLUE"])["VersionId"]

    moved = client.update_secret_version_stage(
        SecretId=name, VersionStage="AWSCURRENT", RemoveFromVersionId=old, MoveToVersionId=new
    )
    stages = client.describe_secret(SecretId=name)["VersionIdsToStages"]

    assert moved["Name"] == name
    assert {version: set(labels) for version, labels in stages.items()} == {
        new: {"AWSCURRENT", "BLUE"},
        old: {"AWSPREVIOUS"},
    }


def test_a_deletion_is_taken_back(client, name):
    a_secret(client, name)

    deleted = client.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    with pytest.raises(client.exceptions.InvalidRequestException) as refused:
        client.get_secret_value(SecretId=name)
    restored = client.restore_secret(SecretId=name)

    assert deleted["DeletionDate"] > datetime.datetime.now(datetime.timezone.utc)
    assert refused.value.response["Error"]["Message"] == (
        "You can't perform this operation on the secret because it was marked for deletion."
    )
    assert restored["Name"] == name
    assert client.get_secret_value(SecretId=name)["SecretString"] == "one"


def test_tags_are_set_and_removed(client, name):
    client.create_secret(Name=name, Tags=[{"Key": "team", "Value": "one"}])

    client.tag_resource(SecretId=name, Tags=[{"Key": "team", "Value": "two"}, {"Key": "x", "Value": ""}])
    tagged = client.describe_secret(SecretId=name)["Tags"]
    client.untag_resource(SecretId=name, TagKeys=["team"])
    untagged = client.describe_secret(SecretId=name)["Tags"]

    assert tagged == [{"Key": "team", "Value": "two"}, {"Key": "x", "Value": ""}]
    assert untagged == [{"Key": "x", "Value": ""}]


def test_a_batch_names_what_it_could_not_get(client, name):
    a_secret(client, name)

    batch = client.batch_get_secret_value(SecretIdList=[name, f"{name}/none"])

    assert [(value["Name"], value["SecretString"]) for value in batch["SecretValues"]] == [(name, "one")]
    assert batch["Errors"] == [
        {
            "SecretId": f"{name}/none",
            "ErrorCode": "ResourceNotFoundException",
            "Message": "Secrets Manager can't find the specified secret.",
        }
    ]


def test_pages_give_everything_once(client, name):
    names = [f"{name}/{number}" for number in range(7)]
    for one in names:
        a_secret(client, one)
    filters = [{"Key": "name", "Values": [f"{name}/"]}]
    puts = [client.put_secret_value(SecretId=names[0], SecretString=str(n)) for n in range(4)]

    lists = client.get_paginator("list_secrets").paginate(Filters=filters, PaginationConfig={"PageSize": 3})
    listed = [[secret["Name"] for secret in page["SecretList"]] for page in lists]
    read = [
        [value["Name"] for value in page["SecretValues"]]
        for page in pages(client.batch_get_secret_value, Filters=filters, MaxResults=3)
    ]
    ids = [
        [version["VersionId"] for version in page["Versions"]]
        for page in pages(
            client.list_secret_version_ids, SecretId=names[0], IncludeDeprecated=True, MaxResults=2
        )
    ]

    assert all(len(page) <= 3 for page in listed + read)
    assert sorted(sum(listed, [])) == sorted(sum(read, [])) == names
    assert all(len(page) <= 2 for page in ids)
    assert len(sum(ids, [])) == 5
    assert {put["VersionId"] for put in puts} < set(sum(ids, []))


def pages(call, **arguments):
    """The pages of an operation for which boto3 has no paginator."""
    page = call(**arguments)
    yield page
    while "NextToken" in page:
        page = call(**arguments, NextToken=page["NextToken"])
        yield page


def test_passwords_follow_their_rules(client):
    password = client.get_random_password(
        PasswordLength=100, ExcludeNumbers=True, ExcludePunctuation=True, ExcludeCharacters="abc"
    )["RandomPassword"]

    assert len(password) == 100
    assert password.isalpha() and password.isascii()
    assert not set(password) & set("abc")


@pytest.mark.parametrize(
    "value",
    ["ünïcödé ☃ 𝕊", '{"json": [1, 2, {"a": "\\u0000"}]}', "line\nline\ttab\x01", "x" * 65536, "é" * 32768],
    ids=["unicode", "json", "control", "long", "long in bytes"],
)
def test_texts_come_back_as_they_went(client, name, value):
    a_secret(client, name, value)

    answer = client.get_secret_value(SecretId=name)

    assert answer["SecretString"] == value
    assert "SecretBinary" not in answer


@pytest.mark.parametrize("value", [bytes(range(256)), b"\0", b"\xff" * 65536], ids=["all", "one", "long"])
def test_bytes_come_back_as_they_went(client, name, value):
    client.create_secret(Name=name, SecretBinary=value)

    answer = client.get_secret_value(SecretId=name)

    assert answer["SecretBinary"] == value
    assert "SecretString" not in answer


def test_a_value_over_the_limit_is_refused_without_being_repeated(client, name):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        a_secret(client, name, "canary" * 11_000)

    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert "canary" not in error["Message"]


def test_dates_are_dates(client, name):
    before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(milliseconds=1)
    a_secret(client, name)
    client.get_secret_value(SecretId=name)
    after = datetime.datetime.now(datetime.timezone.utc)

    described = client.describe_secret(SecretId=name)

    assert before <= described["CreatedDate"] <= described["LastChangedDate"] <= after
    accessed = described["LastAccessedDate"].astimezone(datetime.timezone.utc)
    assert accessed.timetz() == datetime.time(tzinfo=datetime.timezone.utc)
    assert accessed.date() in (before.date(), after.date())


def test_an_answer_has_a_request_id_that_the_audit_log_knows(server, client, name):
    answer = a_secret(client, name)

    metadata = answer["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 200
    assert metadata["RetryAttempts"] == 0
    assert metadata["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.1"
    events = [event for event in server.events() if event["requestID"] == metadata["RequestId"]]
    assert [(event["eventName"], event["requestParameters"]["name"]) for event in events] == [
        ("CreateSecret", name)
    ]


def test_a_token_makes_a_call_safe_to_repeat(client, name):
    token = str(uuid.uuid4())
    call = {"Name": name, "SecretString": "one", "ClientRequestToken": token}

    first, second = client.create_secret(**call), client.create_secret(**call)
    with pytest.raises(client.exceptions.ResourceExistsException):
        client.create_secret(**{**call, "SecretString": "two"})

    assert (first["ARN"], first["VersionId"]) == (second["ARN"], token)


def test_errors_are_classes_of_their_own(client, name):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as missing:
        client.get_secret_value(SecretId=name)
    a_secret(client, name)
    with pytest.raises(client.exceptions.ResourceExistsException):
        a_secret(client, name)
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.delete_secret(SecretId=name, RecoveryWindowInDays=3)
    with pytest.raises(client.exceptions.InvalidRequestException):
        client.put_secret_value(SecretId=name)
    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.list_secrets(NextToken="made up")

    assert missing.value.response["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": "Secrets Manager can't find the specified secret.",
    }
    assert missing.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_wrong_keys_are_refused(server, session, client):
    key_id, secret = server.keys()

    def code(**keys):
        wrong = session.client("secretsmanager", **keys)
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            wrong.list_secrets()
        return refused.value.response["Error"]["Code"]

    assert (
        code(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key=secret)
        == "UnrecognizedClientException"
    )
    assert code(aws_access_key_id=key_id, aws_secret_access_key="x" * 40) == "InvalidSignatureException"


def test_regions_are_apart(session, client, name):
    a_secret(client, name)
    elsewhere = session.client("secretsmanager", region_name="eu-central-1")

    with pytest.raises(elsewhere.exceptions.ResourceNotFoundException):
        elsewhere.get_secret_value(SecretId=name)
    created = elsewhere.create_secret(Name=name, SecretString="there")

    assert ":eu-central-1:" in created["ARN"]
    assert client.get_secret_value(SecretId=name)["SecretString"] == "one"


def test_the_caller_is_the_root_of_the_account(server, session):
    caller = session.client("sts").get_caller_identity()

    assert (caller["Account"], caller["UserId"]) == (server.account, server.account)
    assert caller["Arn"] == f"arn:aws:iam::{server.account}:root"


@pytest.mark.parametrize("size", [1_500_000, 3_000_000, 10 << 20])
def test_a_body_that_is_far_too_large_gets_an_answer(client, name, size):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        client.create_secret(Name=name, SecretString="x" * size)

    assert refused.value.response["Error"]["Code"] == "RequestEntityTooLargeException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert client.list_secrets(Filters=[{"Key": "name", "Values": [name]}])["SecretList"] == []
