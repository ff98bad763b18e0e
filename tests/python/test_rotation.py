"""Rotation with real clients and real databases: the password changes, and nobody is locked out."""

import io
import json
import pathlib
import socket
import subprocess
import threading
import time
import zipfile

import boto3
import botocore
import botocore.config
import pytest
from conftest import BINARY, Server
from databases import MariaDb, Postgres
from policies import document

LAMBDA_TRUST = document(
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
)
# What the guide's policy of a rotation function allows.
STEPS = [
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
]


def until(what, seconds=90):
    """Waits until something is so. Gives it."""
    deadline = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.fixture(scope="module", params=[MariaDb, Postgres], ids=["mariadb", "postgresql"])
def database(request):
    database = request.param()
    yield database
    database.stop()


@pytest.fixture(scope="module")
def functions(session):
    return session.client("lambda", config=botocore.config.Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def make_function(root, functions, server):
    """Makes a function with a role of its own, which Secrets Manager may call."""

    def make(name, statements=None, **code):
        arn = f"arn:aws:lambda:{server.region}:{server.account}:function:{name}"
        if statements is None:
            own = {"StringEquals": {"secretsmanager:resource/AllowRotationLambdaArn": arn}}
            statements = [
                {"Effect": "Allow", "Action": STEPS, "Resource": "*", "Condition": own},
                {"Effect": "Allow", "Action": "secretsmanager:GetRandomPassword", "Resource": "*"},
            ]
        role = root.create_role(RoleName=name, AssumeRolePolicyDocument=LAMBDA_TRUST)["Role"]["Arn"]
        root.attach_role_policy(
            RoleName=name, PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
        )
        if statements:
            root.put_role_policy(RoleName=name, PolicyName="rotation", PolicyDocument=document(*statements))
        created = functions.create_function(FunctionName=name, Role=role, Timeout=30, **code)
        functions.add_permission(
            FunctionName=name,
            StatementId="secretsmanager",
            Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
            SourceAccount=server.account,
        )
        assert created["FunctionArn"] == arn
        return arn

    return make


@pytest.fixture
def rotator(make_function, unique):
    """Makes a function of a template that is built in."""

    def make(template, more=()):
        arn = make_function(unique(), **builtin(template))
        return arn

    return make


@pytest.fixture
def unique(request):
    counter = iter(range(100))
    stem = f"{request.node.name[:20].strip('[]')}-{time.time_ns()}".replace("[", "-")
    return lambda: f"{stem}-{next(counter)}"


def builtin(template):
    return {"PackageType": "Image", "Code": {"ImageUri": f"builtin:{template}"}}


def credential(database, user, password, **more):
    return json.dumps({
        "engine": database.engine, "host": "127.0.0.1", "port": database.port, "username": user,
        "password": password, "ssl": False, **more,
    })  # fmt: skip


def current(client, secret):
    return json.loads(client.get_secret_value(SecretId=secret)["SecretString"])


def rotated_since(client, secret, before):
    def is_done():
        described = client.describe_secret(SecretId=secret)
        stages = described["VersionIdsToStages"]
        (now,) = [version for version, labels in stages.items() if "AWSCURRENT" in labels]
        return now if now != before and described.get("LastRotatedDate") else None

    return until(is_done)


def current_version(client, secret):
    stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
    (version,) = [version for version, labels in stages.items() if "AWSCURRENT" in labels]
    return version


def test_a_user_gets_a_new_password(client, database, rotator, name, unique):
    user = f"app{time.time_ns()}"
    database.create_user(user, "first#1")
    client.create_secret(Name=name, SecretString=credential(database, user, "first#1"))
    before = current_version(client, name)

    function = rotator(f"{database.template}SingleUser")
    client.rotate_secret(SecretId=name, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 7})
    rotated_since(client, name, before)

    new = current(client, name)
    assert new["username"] == user
    assert new["password"] != "first#1"
    assert database.takes(user, new["password"])
    assert not database.takes(user, "first#1")
    previous = client.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
    assert json.loads(previous["SecretString"])["password"] == "first#1"
    described = client.describe_secret(SecretId=name)
    assert described["RotationEnabled"] is True
    assert described["RotationLambdaARN"] == function
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 7}
    assert described["NextRotationDate"] > described["LastRotatedDate"]


def test_an_application_never_fails_to_log_in_while_two_users_alternate(client, database, make_function, root, name, unique):
    master, user = f"{name}/master", f"web{time.time_ns()}"
    database.create_user(user, "first#1")
    master_arn = client.create_secret(Name=master, SecretString=credential(database, *database.master))["ARN"]
    client.create_secret(Name=name, SecretString=credential(database, user, "first#1", masterarn=master_arn))
    function_name = unique()
    function = make_function(function_name, **builtin(f"{database.template}MultiUser"))
    of_master = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": master_arn}
    root.put_role_policy(RoleName=function_name, PolicyName="master", PolicyDocument=document(of_master))
    refused, logins, ended = [], 0, threading.Event()
    # Which rotation made which version, and how many have begun.
    rotations = {current_version(client, name): 0}
    begun = 0

    def application():
        nonlocal logins
        while not ended.is_set():
            read = client.get_secret_value(SecretId=name)
            login = json.loads(read["SecretString"])
            # The next rotation changes the other user, and only the one after it this user: whoever
            # sleeps through two is not promised anything.
            is_taken = database.takes(login["username"], login["password"])
            if not is_taken and begun < rotations.get(read["VersionId"], begun) + 2:
                refused.append(login["username"])
            logins += 1

    thread = threading.Thread(target=application)
    thread.start()
    try:
        users = set()
        for begun in range(1, 51):
            before = current_version(client, name)
            made = client.rotate_secret(SecretId=name, RotationLambdaARN=function)["VersionId"]
            rotations[made] = begun
            rotated_since(client, name, before)
            users.add(current(client, name)["username"])
    finally:
        ended.set()
        thread.join()

    assert refused == []
    assert logins > 50
    assert users == {user, f"{user}_clone"}


def test_the_wrong_master_and_a_database_that_is_down_change_nothing(client, database, make_function, root, name, unique, server):
    user = f"low{time.time_ns()}"
    database.create_user(user, "first#1")
    master_arn = client.create_secret(
        Name=f"{name}/master", SecretString=credential(database, database.master[0], "wrong")
    )["ARN"]
    client.create_secret(Name=name, SecretString=credential(database, user, "first#1", masterarn=master_arn))
    gone = json.dumps({**json.loads(credential(database, user, "first#1")), "port": 1})
    client.create_secret(Name=f"{name}/gone", SecretString=gone)
    before = current_version(client, name), current_version(client, f"{name}/gone")

    function_name = unique()
    function = make_function(function_name, **builtin(f"{database.template}MultiUser"))
    of_master = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": master_arn}
    root.put_role_policy(RoleName=function_name, PolicyName="master", PolicyDocument=document(of_master))
    client.rotate_secret(SecretId=name, RotationLambdaARN=function)
    alone = make_function(unique(), **builtin(f"{database.template}SingleUser"))
    client.rotate_secret(SecretId=f"{name}/gone", RotationLambdaARN=alone)

    def failed(secret):
        arn = client.describe_secret(SecretId=secret)["ARN"]
        names = [event for event in server.events() if arn in json.dumps(event)]
        return [event for event in names if event["eventName"] == "RotationFailed"]

    for secret, function in [(name, function), (f"{name}/gone", alone)]:
        (event, *_) = until(lambda secret=secret: failed(secret))
        assert f"Error when executing lambda {function} during setSecret step" in json.dumps(event)
    assert (current_version(client, name), current_version(client, f"{name}/gone")) == before
    assert database.takes(user, "first#1")


# A function as AWS's template for anything is: it knows no database.
OWN = '''
import boto3, json, os

def handler(event, context):
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    client = boto3.client("secretsmanager", endpoint_url=os.environ["SECRETS_MANAGER_ENDPOINT"])
    described = client.describe_secret(SecretId=arn)
    if not described["RotationEnabled"]:
        raise ValueError(f"Secret {arn} is not enabled for rotation")
    versions = described["VersionIdsToStages"]
    if token not in versions:
        raise ValueError(f"Secret version {token} has no stage for rotation of secret {arn}.")
    if "AWSCURRENT" in versions[token]:
        return
    if "AWSPENDING" not in versions[token]:
        raise ValueError(f"Secret version {token} not set as AWSPENDING for rotation of secret {arn}.")
    if step == "createSecret":
        client.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")
        try:
            client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
        except client.exceptions.ResourceNotFoundException:
            password = client.get_random_password(ExcludeCharacters="/@\\"'\\\\\\\\")["RandomPassword"]
            print("made", password)
            client.put_secret_value(
                SecretId=arn, ClientRequestToken=token, SecretString=password, VersionStages=["AWSPENDING"]
            )
    elif step == "finishSecret":
        (now,) = [version for version, stages in versions.items() if "AWSCURRENT" in stages]
        client.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=now
        )
'''


# What boto3 needs for one service, since the host's Python has none of it.
MODULES = ["boto3", "botocore", "dateutil", "jmespath", "s3transfer", "urllib3", "six.py"]
DATA = ["endpoints.json", "partitions.json", "sdk-default-configuration.json", "_retry.json", "secretsmanager"]


def python(source):
    """The code of a function in Python, with boto3."""
    packed = io.BytesIO()
    site = pathlib.Path(botocore.__file__).parents[1]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lambda_function.py", source)
        for module in MODULES:
            for file in [site / module, *(site / module).rglob("*")]:
                name = file.relative_to(site)
                is_data = name.parts[:2] == ("botocore", "data") and len(name.parts) > 2
                wanted = not is_data or name.parts[2] in DATA
                if wanted and file.is_file() and file.suffix in (".py", ".json", ".gz", ".pem"):
                    archive.write(file, name)
    return {"Runtime": "python3.9", "Handler": "lambda_function.handler", "Code": {"ZipFile": packed.getvalue()}}


def messages(session, function):
    name = function.rsplit(":", 1)[1]
    logs = session.client("logs")
    try:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in events]


def test_a_function_of_ones_own_rotates_with_the_guides_permissions_and_its_log_has_no_value(
    client, make_function, name, unique, session
):
    function = make_function(unique(), **python(OWN))
    client.create_secret(Name=name, SecretString="first")
    before = current_version(client, name)

    client.rotate_secret(SecretId=name, RotationLambdaARN=function)
    rotated_since(client, name, before)

    value = client.get_secret_value(SecretId=name)["SecretString"]
    assert value != "first"
    assert len(value) == 32
    logged = until(lambda: [line for line in messages(session, function) if line.startswith("made ")])
    assert not any(value in line for line in messages(session, function))
    assert logged


def test_a_function_without_permissions_fails_and_its_log_says_why(client, make_function, name, unique, session, server):
    function = make_function(unique(), statements=[], **python(OWN))
    client.create_secret(Name=name, SecretString="first")
    before = current_version(client, name)

    client.rotate_secret(SecretId=name, RotationLambdaARN=function)

    denied = until(lambda: [line for line in messages(session, function) if "AccessDeniedException" in line])
    assert "secretsmanager:DescribeSecret" in denied[0]
    assert current_version(client, name) == before
    assert client.get_secret_value(SecretId=name)["SecretString"] == "first"


def test_a_rotation_can_be_watched(client, server, make_function, name, unique):
    function = make_function(unique(), **python(OWN))
    arn = client.create_secret(Name=name, SecretString="first")["ARN"]
    before = current_version(client, name)
    client.rotate_secret(SecretId=name, RotationLambdaARN=function)
    rotated_since(client, name, before)

    shown = subprocess.run(
        [BINARY, "rotation", "show", arn, "--data-dir", server.data_dir, "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    shown = json.loads(shown.stdout)
    text = json.dumps(shown)
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        assert step in text


def check(server, secret):
    words = [BINARY, "rotation", "check", secret, "--data-dir", server.data_dir, "--json"]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


def test_a_credential_can_be_checked_and_that_changes_nothing(client, database, rotator, name, server):
    user = f"chk{time.time_ns()}"
    database.create_user(user, "first#1")
    arn = client.create_secret(Name=name, SecretString=credential(database, user, "first#1"))["ARN"]
    before = current_version(client, name)
    function = rotator(f"{database.template}SingleUser")
    client.rotate_secret(SecretId=name, RotationLambdaARN=function)
    rotated_since(client, name, before)
    described = client.describe_secret(SecretId=name)
    rotated = current(client, name)
    seen = len(server.events())

    good = check(server, arn)
    events = server.events()[seen:]
    told = subprocess.run(
        [BINARY, "rotation", "check", arn, "--data-dir", server.data_dir], capture_output=True, text=True, check=True
    )
    client.put_secret_value(SecretId=name, SecretString=credential(database, user, "wrong#1"))
    with_wrong = client.describe_secret(SecretId=name)["VersionIdsToStages"]
    bad = check(server, arn)

    assert good.returncode == 0, good.stderr
    answer = json.loads(good.stdout)
    assert (answer["ARN"], answer["RotationLambdaARN"], answer["Works"]) == (arn, function, True)
    assert any("checkSecret: Successfully signed into" in line for line in answer["Log"])
    assert "the current value works" in told.stdout
    names = [event["eventName"] for event in events if arn in json.dumps(event)]
    assert {"CheckRotation", "GetSecretValue"} <= set(names)
    assert not {"PutSecretValue", "UpdateSecretVersionStage", "RotationStarted"} & set(names)
    (read,) = [event for event in events if event["eventName"] == "GetSecretValue" and arn in json.dumps(event)]
    assert read["userIdentity"]["type"] == "AssumedRole"
    assert "Invoke" in {event["eventName"] for event in events}
    assert bad.returncode == 1
    answer = json.loads(bad.stdout)
    assert (answer["Works"], answer["ErrorType"]) == (False, "ValueError")
    assert answer["ErrorMessage"] == f"Unable to log into database with current secret of secret arn {arn}"
    for finished in (good, bad, told):
        assert not any(value in finished.stdout + finished.stderr for value in (rotated["password"], "wrong#1"))
    assert with_wrong == client.describe_secret(SecretId=name)["VersionIdsToStages"]
    assert described["LastRotatedDate"] == client.describe_secret(SecretId=name)["LastRotatedDate"]
    assert database.takes(user, rotated["password"])


def test_a_credential_can_be_checked_whatever_rotates_it(client, database, make_function, name, server, unique):
    user = f"own{time.time_ns()}"
    database.create_user(user, "first#1")
    arn = client.create_secret(Name=name, SecretString=credential(database, user, "first#1"))["ARN"]
    seen = len(server.events())

    unrotated = check(server, arn)
    read = [event for event in server.events()[seen:] if arn in json.dumps(event)]
    function = make_function(unique(), **python(OWN))
    client.rotate_secret(
        SecretId=name, RotationLambdaARN=function, RotateImmediately=False,
        RotationRules={"AutomaticallyAfterDays": 7},
    )  # fmt: skip
    until(lambda: [event for event in server.events() if event["eventName"] == "TestRotationSucceeded" and arn in json.dumps(event)])
    seen = len(server.events())
    foreign = check(server, arn)
    after = [event["eventName"] for event in server.events()[seen:] if arn in json.dumps(event)]
    stages = client.describe_secret(SecretId=name)["VersionIdsToStages"]
    client.put_secret_value(SecretId=name, SecretString=credential(database, user, "wrong#1"))
    wrong = check(server, arn)

    for finished in (unrotated, foreign):
        assert finished.returncode == 0, finished.stderr
        answer = json.loads(finished.stdout)
        assert (answer["ARN"], answer["RotationLambdaARN"], answer["Works"]) == (arn, None, True)
        (line,) = answer["Log"]
        assert "checkSecret: Successfully signed into" in line
    names = ["CheckRotation", "GetSecretValue", "Decrypt"]
    assert [event["eventName"] for event in read] == names
    assert read[1]["userIdentity"]["type"] == "Root"
    # A function that is not built in is not asked.
    assert after == names
    assert len(stages) == 1
    assert wrong.returncode == 1
    answer = json.loads(wrong.stdout)
    assert (answer["Works"], answer["ErrorType"]) == (False, "ValueError")
    assert answer["ErrorMessage"] == f"Unable to log into database with current secret of secret arn {arn}"
    for finished in (unrotated, foreign, wrong):
        assert not any(value in finished.stdout + finished.stderr for value in ("first#1", "wrong#1"))
    assert database.takes(user, "first#1")


def test_what_is_no_credential_cannot_be_checked(client, server, name):
    arn = client.create_secret(Name=name, SecretString="first")["ARN"]
    db2 = {"engine": "db2", "host": "127.0.0.1", "username": "app", "password": "first#1"}
    client.create_secret(Name=f"{name}/db2", SecretString=json.dumps(db2))
    client.create_secret(Name=f"{name}/gone", SecretString=json.dumps({**db2, "engine": "mysql", "port": 1}))

    text, other, gone, missing = (
        check(server, id) for id in (arn, f"{name}/db2", f"{name}/gone", "not/there")
    )

    assert [finished.returncode for finished in (text, other, gone, missing)] == [1, 1, 1, 1]
    why = "cannot be checked: its value is no JSON object with an `engine` that is one of `postgres`, "
    assert f"the secret `{arn}` {why}" in text.stderr
    assert why in other.stderr
    answer = json.loads(gone.stdout)
    assert (answer["Works"], answer["ErrorType"]) == (False, "DatabaseError")
    assert "the database cannot be reached" in answer["ErrorMessage"]
    assert f"the account `{server.account}` has no secret `not/there`" in missing.stderr


def test_a_check_connects_only_where_a_rotation_may(tmp_path, issuer):
    server = Server(tmp_path / "data", tmp_path, issuer, '[rotators]\nallowed_hosts = ["db.example:5432"]\n')
    key, secret = server.keys()
    client = boto3.client(
        "secretsmanager", endpoint_url=server.ready["endpoints"][0], region_name=server.region,
        aws_access_key_id=key, aws_secret_access_key=secret, verify=str(tmp_path / "data/tls/ca.pem"),
    )  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        value = {"engine": "postgres", "host": "127.0.0.1", "port": port, "username": "app", "password": "first#1"}
        client.create_secret(Name="app", SecretString=json.dumps(value))

        refused = check(server, "app")

        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert refused.returncode == 1
    answer = json.loads(refused.stdout)
    assert (answer["Works"], answer["ErrorType"]) == (False, "DatabaseError")
    assert answer["ErrorMessage"] == f"connections to `127.0.0.1` port {port} are not permitted"
    assert server.stop() == 0
