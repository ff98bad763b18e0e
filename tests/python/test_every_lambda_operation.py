"""Every operation of Lambda and of CloudWatch Logs by boto3, through the life of a function.

The server runs functions in processes. What they rotate is in `test_rotation.py`.
"""

import base64
import hashlib
import io
import json
import uuid
import zipfile

import botocore.config
import pytest
from answers import operations_of
from botocore.exceptions import ClientError
from policies import document

DONE = {"lambda": set(), "logs": set()}


def watched(session, service):
    """A client without retries that would hide a failure, whose successes are remembered."""
    client = session.client(service, config=botocore.config.Config(retries={"total_max_attempts": 1}))

    def look(http_response, model, **_):
        assert http_response.headers["x-amzn-requestid"]
        if http_response.status_code < 300:
            DONE[service].add(model.name)

    client.meta.events.register_last(f"after-call.{service}", look)
    return client


@pytest.fixture(scope="module")
def functions(session):
    return watched(session, "lambda")


@pytest.fixture(scope="module")
def logs(session):
    return watched(session, "logs")


@pytest.fixture(scope="module")
def role(root):
    """The ARN of a role that Lambda may assume."""
    name = f"op-{uuid.uuid4().hex}"
    trust = document({
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"
    })
    return root.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]


@pytest.fixture
def function(functions, role):
    """A new function, as CreateFunction answers it."""
    made = functions.create_function(
        FunctionName=f"op-{uuid.uuid4().hex}",
        Runtime="python3.9",
        Role=role,
        Handler="f.handler",
        Code={"ZipFile": zipped("def handler(event, context): return event")},
        Environment={"Variables": {"NAME": "größer"}},
        Tags={"team": "payments + co = @a"},
    )
    return answer(made)


def zipped(text):
    """A zip file with `text` in `f.py`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("f.py", text)
    return file.getvalue()


def answer(response):
    return {key: value for key, value in response.items() if key != "ResponseMetadata"}


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_the_life_of_a_function(functions, function, server, role):
    name, arn = function["FunctionName"], function["FunctionArn"]
    assert arn == f"arn:aws:lambda:{server.region}:{server.account}:function:{name}"
    assert (function["State"], function["Version"], function["Role"]) == ("Active", "$LATEST", role)
    assert function["Environment"] == {"Variables": {"NAME": "größer"}}

    for named in (name, arn, f"{arn}:$LATEST", f"{server.account}:function:{name}"):
        assert answer(functions.get_function_configuration(FunctionName=named)) == function
    shown = functions.get_function(FunctionName=arn)
    assert shown["Configuration"] == function
    assert shown["Tags"] == {"team": "payments + co = @a"}
    pages = functions.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 1})
    assert function in pages.build_full_result()["Functions"]

    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    updated = functions.update_function_configuration(FunctionName=arn, Timeout=60, RevisionId=function["RevisionId"])
    assert (updated["Timeout"], updated["Environment"]) == (60, function["Environment"])
    code = zipped("other")
    updated = functions.update_function_code(FunctionName=name, ZipFile=code)
    assert updated["CodeSha256"] == base64.b64encode(hashlib.sha256(code).digest()).decode()
    stale = refusal(functions.update_function_code, FunctionName=name, ZipFile=code, RevisionId=function["RevisionId"])
    assert stale[0] == "PreconditionFailedException"

    functions.delete_function(FunctionName=arn)
    gone = refusal(functions.get_function, FunctionName=name)
    assert gone == ("ResourceNotFoundException", f"Function not found: {arn}")


def test_a_large_zip_file_is_taken(functions, function):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("large", bytes(20 << 20))

    updated = functions.update_function_code(FunctionName=function["FunctionName"], ZipFile=file.getvalue())

    assert updated["CodeSize"] == len(file.getvalue())


def test_who_may_call(functions, function, server):
    name, arn = function["FunctionName"], function["FunctionArn"]
    given = functions.add_permission(
        FunctionName=name,
        StatementId="rotation",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        SourceAccount=server.account,
    )
    policy = json.loads(functions.get_policy(FunctionName=arn)["Policy"])
    assert policy["Statement"] == [json.loads(given["Statement"])]
    assert policy["Statement"][0]["Condition"] == {"StringEquals": {"AWS:SourceAccount": server.account}}

    functions.remove_permission(FunctionName=name, StatementId="rotation")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_policy(FunctionName=name)


def test_tags(functions, function):
    arn = function["FunctionArn"]

    functions.tag_resource(Resource=arn, Tags={"a b": "1", "Größe": ""})
    functions.untag_resource(Resource=arn, TagKeys=["a b", "none"])

    assert functions.list_tags(Resource=arn)["Tags"] == {"team": "payments + co = @a", "Größe": ""}


def test_calls(functions, function):
    name = function["FunctionName"]

    answered = functions.invoke(FunctionName=name, Payload=b'{"a": [1]}')
    assert (answered["StatusCode"], answered["ExecutedVersion"]) == (200, "$LATEST")
    assert json.loads(answered["Payload"].read()) == {"a": [1]}
    assert "FunctionError" not in answered
    assert functions.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
    assert functions.invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")["StatusCode"] == 202
    broken = refusal(functions.invoke, FunctionName=name, Payload=b"{")
    assert broken[0] == "InvalidRequestContentException"
    large = refusal(functions.invoke, FunctionName=name, Payload=b'"' + b"x" * 6_291_456 + b'"')
    assert large[0] == "RequestTooLargeException"


def test_logs_of_functions_that_did_not_run(logs):
    group = f"/aws/lambda/{uuid.uuid4().hex}"
    missing = ("ResourceNotFoundException", "The specified log group does not exist.")

    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
    assert refusal(logs.describe_log_streams, logGroupName=group) == missing
    assert refusal(logs.get_log_events, logGroupName=group, logStreamName="x") == missing
    assert refusal(logs.filter_log_events, logGroupName=group, filterPattern="ERROR") == missing


def test_the_audit_log_names_the_operations_as_aws_does(functions, function, server):
    id = functions.get_function(FunctionName=function["FunctionName"])["ResponseMetadata"]["RequestId"]

    (event,) = [event for event in server.events() if event["requestID"] == id]

    assert (event["eventSource"], event["eventName"]) == ("lambda.amazonaws.com", "GetFunction20150331v2")
    of_lambda = [event for event in server.events() if event["eventSource"] == "lambda.amazonaws.com"]
    assert "größer" not in json.dumps(of_lambda, ensure_ascii=False)


def test_every_operation_of_lambda_was_called(whole_module):
    assert operations_of("lambda") - DONE["lambda"] == {"Invoke"} - DONE["lambda"]
