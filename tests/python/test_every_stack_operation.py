"""Every operation of CloudFormation and of the application repository by boto3, and by the AWS CLI as the
user guide has it.

Answers in XML are held against AWS's own model of the service (see `answers.py`).
"""

import json
import re
import uuid

import botocore.config
import pytest
from calls import answer, error_of, refusal

GENERIC = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRotationTemplate"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"]


@pytest.fixture(scope="session")
def stacks(recorded):
    """CloudFormation as the account's root, with checked answers."""
    return recorded("cloudformation")


@pytest.fixture(scope="session")
def repository(session):
    return session.client("serverlessrepo", config=botocore.config.Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def stack_name():
    """A name for a stack that no other test uses."""
    return f"s{uuid.uuid4().hex}"


@pytest.fixture
def propose(repository, stack_name):
    """Proposes a stack of the generic template. Gives the answer."""

    def call(**more):
        parameters = {"endpoint": "https://localhost:8443", "functionName": stack_name}
        overrides = [{"Name": name, "Value": value} for name, value in parameters.items()]
        request = {
            "ApplicationId": GENERIC,
            "StackName": stack_name,
            "Capabilities": CAPABILITIES,
            "ParameterOverrides": overrides,
        }
        return answer(repository.create_cloud_formation_change_set, **{**request, **more})

    return call


def test_an_application_tells_its_parameters(repository):
    shown = repository.get_application(ApplicationId=GENERIC)

    assert shown["Name"] == "SecretsManagerRotationTemplate"
    assert shown["Version"]["RequiredCapabilities"] == CAPABILITIES
    required = [it["Name"] for it in shown["Version"]["ParameterDefinitions"] if "DefaultValue" not in it]
    assert required == ["endpoint", "functionName"]


def test_a_stack_lives_and_goes(session, stacks, propose, stack_name):
    functions = session.client("lambda")
    name = f"serverlessrepo-{stack_name}"

    proposed = propose()
    change_set = {"ChangeSetName": proposed["ChangeSetId"]}
    stacks.get_waiter("change_set_create_complete").wait(**change_set)
    shown = stacks.describe_change_set(**change_set)
    listed = stacks.list_change_sets(StackName=name)["Summaries"]
    assert proposed["ApplicationId"] == GENERIC
    assert proposed["SemanticVersion"] == "1.0.0"
    assert shown["StackName"] == name and shown["StackId"] == proposed["StackId"]
    assert len(shown["Changes"]) == 4
    assert [one["ChangeSetId"] for one in listed] == [proposed["ChangeSetId"]]

    assert answer(stacks.execute_change_set, **change_set) == {}
    stacks.get_waiter("stack_create_complete").wait(StackName=name)
    (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    (output,) = stack["Outputs"]
    function = functions.get_function(FunctionName=stack_name)["Configuration"]
    assert output["OutputValue"] == function["FunctionArn"]
    assert re.fullmatch(r"python3\.\d+", function["Runtime"])

    resources = stacks.describe_stack_resources(StackName=name)["StackResources"]
    kinds = sorted(one["ResourceType"] for one in resources)
    assert kinds == ["AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Lambda::Permission"]
    summaries = stacks.list_stack_resources(StackName=name)["StackResourceSummaries"]
    assert {one["PhysicalResourceId"] for one in summaries} == {one["PhysicalResourceId"] for one in resources}
    which = {"StackName": name, "LogicalResourceId": "SecretsManagerRotationTemplate"}
    detail = stacks.describe_stack_resource(**which)["StackResourceDetail"]
    assert detail["PhysicalResourceId"] == stack_name
    pages = stacks.get_paginator("describe_stack_events").paginate(StackName=name)
    events = pages.build_full_result()["StackEvents"]
    assert (events[0]["ResourceStatus"], events[0]["LogicalResourceId"]) == ("CREATE_COMPLETE", name)
    template = session.client("cloudformation").get_template(StackName=name)["TemplateBody"]
    assert template["Resources"]["LambdaPermission"]["Type"] == "AWS::Lambda::Permission"

    assert answer(stacks.delete_stack, StackName=name) == {}
    stacks.get_waiter("stack_delete_complete").wait(StackName=name)
    assert refusal(functions.get_function, FunctionName=stack_name) == "ResourceNotFoundException"
    error = error_of(stacks.describe_stacks, StackName=name)
    assert error["Code"] == "ValidationError"
    assert error["Message"] == f"Stack with id {name} does not exist"
    (gone,) = stacks.describe_stacks(StackName=proposed["StackId"])["Stacks"]
    assert gone["StackStatus"] == "DELETE_COMPLETE"
    pages = stacks.get_paginator("list_stacks").paginate(StackStatusFilter=["DELETE_COMPLETE"])
    assert proposed["StackId"] in {one["StackId"] for one in pages.build_full_result()["StackSummaries"]}


def test_a_change_set_that_is_deleted_cannot_be_executed(stacks, propose):
    change_set = {"ChangeSetName": propose()["ChangeSetId"]}

    assert answer(stacks.delete_change_set, **change_set) == {}

    assert refusal(stacks.execute_change_set, **change_set) == "ChangeSetNotFound"


def test_what_may_not_be_made_rolls_back(server, stacks, root, propose, stack_name, recorded):
    user = root.create_user(UserName=stack_name)["User"]["UserName"]
    policy = {"Statement": [{"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}]}
    root.put_user_policy(
        UserName=user, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", **policy})
    )
    keys = root.create_access_key(UserName=user)["AccessKey"]
    proposed = propose()

    recorded("cloudformation", keys).execute_change_set(ChangeSetName=proposed["ChangeSetId"])

    (stack,) = stacks.describe_stacks(StackName=proposed["StackId"])["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    events = stacks.describe_stack_events(StackName=proposed["StackId"])["StackEvents"]
    (failed,) = [event for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
    assert "is not authorized to perform: iam:CreateRole" in failed["ResourceStatusReason"]


def test_what_is_missing_is_said(repository, propose):
    error = error_of(propose, Capabilities=[])
    assert error["Code"] == "BadRequestException"
    required = "CAPABILITY_IAM, CAPABILITY_RESOURCE_POLICY"
    assert error["Message"] == f"Required capabilities [{required}] were not provided."
    assert refusal(propose, ApplicationId=GENERIC + "x") == "NotFoundException"


def test_templates_of_ones_own_are_refused(stacks, stack_name):
    request = {"StackName": stack_name, "TemplateBody": "{}"}
    for call in (stacks.create_stack, stacks.update_stack):
        assert "is not supported by this server yet." in error_of(call, **request)["Message"]
    error = error_of(stacks.create_change_set, **request, ChangeSetName="changes")
    assert error == {
        "Type": "Sender",
        "Code": "ValidationError",
        "Message": "CreateChangeSet is not supported by this server yet.",
    }


def test_the_tutorial_of_the_user_guide_works(cli, stack_name):
    def aws(*words):
        finished = cli(*words)
        assert (finished.returncode, finished.stderr) == (0, ""), words
        return json.loads(finished.stdout) if finished.stdout.strip() else None

    parameters = [
        {"Name": "endpoint", "Value": "https://secretsmanager.us-east-1.amazonaws.com"},
        {"Name": "functionName", "Value": stack_name},
    ]
    proposed = aws(
        "serverlessrepo", "create-cloud-formation-change-set",
        "--application-id", GENERIC,
        "--stack-name", stack_name,
        "--parameter-overrides", json.dumps(parameters),
        "--capabilities", *CAPABILITIES,
    )
    executed = aws("cloudformation", "execute-change-set", "--change-set-name", proposed["ChangeSetId"])
    aws("cloudformation", "wait", "stack-create-complete", "--stack-name", proposed["StackId"])
    functions = aws("lambda", "list-functions")["Functions"]
    added = aws(
        "lambda", "add-permission",
        "--function-name", stack_name,
        "--principal", "secretsmanager.amazonaws.com",
        "--action", "lambda:InvokeFunction",
        "--statement-id", "SecretsManagerAccess",
    )

    assert executed is None
    assert stack_name in {function["FunctionName"] for function in functions}
    assert json.loads(added["Statement"])["Sid"] == "SecretsManagerAccess"
    aws("cloudformation", "delete-stack", "--stack-name", proposed["StackId"])
    aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", proposed["StackId"])
