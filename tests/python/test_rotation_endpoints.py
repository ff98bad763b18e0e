"""Rotations that are done elsewhere: by an operator's endpoint, and by functions that run elsewhere.

The endpoints are told the documented things, verify who asks, and are servers of these tests.
"""

import copy
import datetime
import json
import secrets
import socket
import subprocess
import threading
import time

import boto3
import botocore.config
import pytest
from conftest import BINARY, Server
from endpoints import Endpoint, Refused
from policies import document

KEY, SECRET = "AKIDOFTHEOPERATOR", "of the operator's endpoint"
LAMBDA_TRUST = document(
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
)
STEPS = ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage", "GetRandomPassword"]
STEPS_MAY = {"Effect": "Allow", "Action": [f"secretsmanager:{name}" for name in STEPS], "Resource": "*"}
ROTATION = ["createSecret", "setSecret", "testSecret", "finishSecret"]


def until(what):
    """Waits until something is so. Gives it."""
    deadline = time.monotonic() + 60
    while not (found := what()):
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
    return found


class Site:
    """A server that may ask these endpoints, and its clients."""

    def __init__(self, home, issuer, rotating, invoked, closed):
        self.home = home
        sections = [
            ("rotators.http", f"{rotating.url}/rotate", "key"),
            ("rotators.http", f"{rotating.url}/with-another-key", "other"),
            ("rotators.http", f"http://127.0.0.1:{closed}/", "key"),
            ("functions.remote", f"{invoked.url}/2015-03-31/functions/", "key"),
        ]
        for name, secret in (("key", SECRET), ("other", "not of the endpoint")):
            (home / name).touch(0o600)
            (home / name).write_text(f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {secret}\n")
        listed = "".join(
            f'[[{section}]]\nurl = "{url}"\nregion = "eu-west-1"\ncredentials_file = "{home / key}"\n'
            for section, url, key in sections
        )
        self.server = Server(home / "data", home, issuer, listed)

    def client(self, service, key=None, secret=None):
        if key is None:
            key, secret = self.server.keys()
        return boto3.client(
            service,
            endpoint_url=self.server.ready["endpoints"][0],
            region_name=self.server.region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            verify=str(self.home / "data/tls/ca.pem"),
            config=botocore.config.Config(retries={"total_max_attempts": 1}),
        )

    def function(self, image, timeout=20, **variables):
        """A function with a role, which Secrets Manager may call. Gives its ARN."""
        name, iam, functions = f"f-{secrets.token_hex(6)}", self.client("iam"), self.client("lambda")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=LAMBDA_TRUST)["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="rotation", PolicyDocument=document(STEPS_MAY))
        made = functions.create_function(
            FunctionName=name, Role=role, Timeout=timeout, PackageType="Image", Code={"ImageUri": image},
            Environment={"Variables": variables},
        )  # fmt: skip
        functions.add_permission(
            FunctionName=name, StatementId="s", Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com", SourceAccount=self.server.account,
        )  # fmt: skip
        return made["FunctionArn"]

    def secret(self, value):
        return self.client("secretsmanager").create_secret(
            Name=f"s-{secrets.token_hex(6)}", SecretString=json.dumps(value)
        )["ARN"]

    def stages(self, secret):
        versions = self.client("secretsmanager").describe_secret(SecretId=secret)["VersionIdsToStages"]
        return {label: version for version, labels in versions.items() for label in labels}

    def value(self, secret, stage="AWSCURRENT"):
        answer = self.client("secretsmanager").get_secret_value(SecretId=secret, VersionStage=stage)
        return json.loads(answer["SecretString"])

    def rotate(self, secret, function):
        """Rotates, and waits for the end. Gives what is shown of the run."""
        token = self.client("secretsmanager").rotate_secret(SecretId=secret, RotationLambdaARN=function)["VersionId"]

        def ended():
            run = self.shown(secret)["Runs"][0]
            return run if run["VersionId"] == token and "Ended" in run else None

        return until(ended)

    def shown(self, secret):
        words = [BINARY, "rotation", "show", secret, "--data-dir", self.home / "data", "--json"]
        return json.loads(subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout)

    def failures(self, secret):
        return [
            event
            for event in self.server.events()
            if event["eventName"] == "RotationFailed" and secret in json.dumps(event)
        ]


class Target:
    """Something with a password that an operator's endpoint can change."""

    def __init__(self):
        self.password = "first#1"
        self.keys = {"K1": "first-key"}

    def answer(self, path, asked):
        return getattr(self, path.split("/")[2].replace("-", "_"))(asked)

    def draws(self, asked):
        """Leaves it to the server to draw the password."""
        return self.step(asked, (204, {}, b""))

    def makes(self, asked):
        """Makes the new value itself."""
        return self.step(asked, (200, {}, {"SecretString": json.dumps({"user": "app", "password": "made#1"})}))

    def step(self, asked, created):
        step = asked["Step"]
        if step == "createSecret":
            return created
        if step == "setSecret":
            current, pending = (json.loads(asked[name])["password"] for name in ("Current", "Pending"))
            if self.password not in (current, pending):
                return 409, {}, b""
            self.password = pending
        if step == "testSecret" and json.loads(asked["Pending"])["password"] != self.password:
            return 409, {}, b""
        return 204, {}, b""

    def keys_of_a_user(self, asked):
        """One user, two API keys."""
        if asked["Step"] == "createSecret":
            kept = asked["KeepAPIKeyId"]
            self.keys = {id: key for id, key in self.keys.items() if id == kept}
            new = f"K{secrets.token_hex(4)}"
            self.keys[new] = secrets.token_hex(16)
            return 200, {}, {"APIKey": self.keys[new], "APIKeyId": new}
        works = self.keys.get(asked["APIKeyId"]) == asked["APIKey"]
        return (204 if works else 409), {}, b""

    def breaks(self, asked):
        return 500, {}, b"hunter2 is what I know"

    def hangs(self, asked):
        time.sleep(20)
        return 204, {}, b""

    def babbles(self, asked):
        return 200, {}, b"<html>hunter2</html>"

    def moves(self, asked):
        return 307, {"Location": "/rotate/draws"}, b""


@pytest.fixture(scope="module")
def target():
    return Target()


@pytest.fixture(scope="module")
def rotating(target):
    endpoint = Endpoint(KEY, SECRET, "eu-west-1", "execute-api", target.answer)
    yield endpoint
    endpoint.stop()


@pytest.fixture(scope="module")
def invoked():
    endpoint = Endpoint(KEY, SECRET, "eu-west-1", "lambda", lambda path, asked: (500, {}, b""))
    yield endpoint
    endpoint.stop()


@pytest.fixture(scope="module")
def closed():
    """A port at which nobody listens, and nobody else does meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory, issuer, rotating, invoked, closed):
    site = Site(tmp_path_factory.mktemp("site"), issuer, rotating, invoked, closed)
    yield site
    assert site.server.stop() == 0


@pytest.mark.parametrize("way", ["draws", "makes"])
def test_an_endpoint_that_verifies_who_asks_rotates_the_password_it_holds(site, rotating, target, way):
    target.password = "first#1"
    function = site.function("builtin:StrongroomHTTPRotation", ROTATION_URL=f"{rotating.url}/rotate/{way}")
    secret = site.secret({"user": "app", "password": "first#1"})
    before, seen = site.stages(secret)["AWSCURRENT"], len(rotating.heard)

    run = site.rotate(secret, function)

    assert (run["Outcome"], run["Attempts"]) == ("succeeded", 1)
    stages = site.stages(secret)
    assert (stages["AWSCURRENT"], stages["AWSPREVIOUS"]) == (run["VersionId"], before)
    value = site.value(secret)
    assert value == {"user": "app", "password": target.password}
    assert (target.password == "made#1") == (way == "makes")
    assert target.password != "first#1"
    asked = rotating.asked()[seen:]
    assert [one["Step"] for one in asked] == ROTATION
    told = {(one["SecretId"], one["ClientRequestToken"]) for one in asked}
    assert told == {(secret, run["VersionId"])}
    assert [sorted(set(one) - {"Step", "SecretId", "ClientRequestToken"}) for one in asked] == [
        ["Current"], ["Current", "Pending"], ["Pending"], [],
    ]  # fmt: skip
    assert rotating.refusals == []
    log = json.dumps(site.shown(secret)) + (site.home / "stderr.log").read_text()
    assert target.password not in log


def test_what_the_server_signed_is_good_for_that_request_host_and_time_only(site, rotating, target):
    target.password = "first#1"
    function = site.function("builtin:http", ROTATION_URL=f"{rotating.url}/rotate/draws")
    site.rotate(site.secret({"password": "first#1"}), function)
    heard, verifier = rotating.heard[-1], rotating.verifier
    now = datetime.datetime.now(datetime.UTC)

    def changed(**changes):
        other = copy.deepcopy(heard)
        for name, value in changes.items():
            setattr(other, name, value)
        return other

    verifier.verify(heard, now)

    elsewhere = copy.copy(verifier)
    elsewhere.host = "127.0.0.1:1"
    for refusing, request, at, why in [
        (verifier, heard, now + datetime.timedelta(minutes=6), "expired"),
        (verifier, changed(body=heard.body.replace(b"Step", b"step")), now, "another signature"),
        (verifier, changed(path="/rotate/makes"), now, "another signature"),
        (verifier, changed(headers={**heard.headers, "host": "127.0.0.1:1"}), now, "another host"),
        (elsewhere, heard, now, "another host"),
        (elsewhere, changed(headers={**heard.headers, "host": "127.0.0.1:1"}), now, "another signature"),
        (verifier, changed(headers={**heard.headers, "authorization": "Basic x"}), now, "no signature"),
    ]:
        with pytest.raises(Refused, match=why):
            refusing.verify(request, at)


FAILURES = {
    "breaks": ("EndpointError", "the rotation endpoint answered 500 to createSecret"),
    "hangs": ("Sandbox.Timedout", "Task timed out after 2.00 seconds"),
    "babbles": (
        "EndpointError",
        "the rotation endpoint's answer to createSecret is malformed: it is not a JSON object",
    ),
    "moves": ("EndpointError", "the rotation endpoint answered 307 to createSecret"),
    "down": ("EndpointError", "the rotation endpoint cannot be reached: cannot connect"),
    "another-key": ("EndpointError", "the rotation endpoint answered 403 to createSecret"),
    "not-listed": (
        "EndpointError",
        "the rotation endpoint cannot be reached: the URL is not among those that the operator listed",
    ),
}


@pytest.mark.parametrize("way", FAILURES)
def test_an_endpoint_that_does_not_do_it_is_told_of_and_changes_nothing(site, rotating, target, closed, way):
    target.password = "first#1"
    url = {
        "down": f"http://127.0.0.1:{closed}/rotate",
        "another-key": f"{rotating.url}/with-another-key/draws",
        "not-listed": f"{rotating.url}/other/draws",
    }.get(way, f"{rotating.url}/rotate/{way}")
    function = site.function("builtin:http", timeout=2, ROTATION_URL=url)
    secret = site.secret({"user": "app", "password": "first#1"})
    before, seen = site.stages(secret)["AWSCURRENT"], len(rotating.heard)
    kind, message = FAILURES[way]

    run = site.rotate(secret, function)

    assert (run["Outcome"], run["Attempts"]) == ("failed", 2)
    for call in run["Calls"]:
        assert (call["Step"], call["ErrorType"]) == ("createSecret", kind)
        assert message in call["ErrorMessage"]
    (failure,) = site.failures(secret)
    assert f"Error when executing lambda {function} during createSecret step" in json.dumps(failure)
    assert site.stages(secret)["AWSCURRENT"] == before
    assert site.value(secret) == {"user": "app", "password": "first#1"}
    assert target.password == "first#1"
    heard = rotating.heard[seen:]
    assert len(heard) == (0 if way in ("down", "not-listed") else 2)
    # A redirect is not followed.
    assert {one.path for one in heard} <= {url.removeprefix(rotating.url)}
    assert rotating.refusals == (["another signature"] * 2 if way == "another-key" else [])
    rotating.refusals.clear()
    assert "hunter2" not in json.dumps(site.shown(secret))


def test_a_user_has_two_api_keys_of_which_the_one_before_works_until_the_next_rotation(site, rotating, target):
    function = site.function("builtin:StrongroomAPIKeyRotation", ROTATION_URL=f"{rotating.url}/rotate/keys-of-a-user")
    secret = site.secret({"UserName": "app", "APIKey": "first-key", "APIKeyId": "K1", "Endpoint": "kept"})
    values = [site.value(secret)]

    for _ in range(3):
        run = site.rotate(secret, function)
        values.append(site.value(secret))

        assert (run["Outcome"], run["Attempts"]) == ("succeeded", 1)
        assert site.value(secret, "AWSPREVIOUS") == values[-2]
        assert target.keys == {value["APIKeyId"]: value["APIKey"] for value in values[-2:]}

    assert len({value["APIKeyId"] for value in values}) == 4
    assert {(value["UserName"], value["Endpoint"]) for value in values} == {("app", "kept")}


class Elsewhere:
    """A function elsewhere, with an access key of its own to the server."""

    def __init__(self, site):
        iam, name = site.client("iam"), f"elsewhere-{secrets.token_hex(4)}"
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="rotation", PolicyDocument=document(STEPS_MAY))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        self.client = site.client("secretsmanager", key["AccessKeyId"], key["SecretAccessKey"])
        self.password, self.events = "first#1", []

    def answer(self, path, event):
        self.events.append((path, event))
        try:
            getattr(self, event["Step"])(event["SecretId"], event["ClientRequestToken"], event["RotationToken"])
        except Exception as error:
            failure = {"errorType": type(error).__name__, "errorMessage": f"hunter2 {error}"}
            return 200, {"x-amz-function-error": "Unhandled", "x-amzn-requestid": "there-1"}, failure
        return 200, {"x-amzn-requestid": "there-1"}, b"null"

    def createSecret(self, arn, token, rotation_token):
        password = self.client.get_random_password(ExcludePunctuation=True)["RandomPassword"]
        self.client.put_secret_value(
            SecretId=arn, ClientRequestToken=token, RotationToken=rotation_token, VersionStages=["AWSPENDING"],
            SecretString=json.dumps({"password": password}),
        )  # fmt: skip

    def setSecret(self, arn, token, _):
        self.password = self.pending(arn, token)

    def testSecret(self, arn, token, _):
        assert self.password == self.pending(arn, token)

    def finishSecret(self, arn, token, _):
        stages = self.client.describe_secret(SecretId=arn)["VersionIdsToStages"]
        (now,) = [version for version, labels in stages.items() if "AWSCURRENT" in labels]
        self.client.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=now
        )

    def pending(self, arn, token):
        value = self.client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
        return json.loads(value["SecretString"])["password"]


PATH = "/2015-03-31/functions/rotator/invocations"


def test_a_function_elsewhere_rotates_with_a_key_of_its_own(site, invoked):
    elsewhere = Elsewhere(site)
    invoked.answer = elsewhere.answer
    function = site.function(f"{invoked.url}{PATH}")
    secret = site.secret({"password": "first#1"})
    before = site.stages(secret)["AWSCURRENT"]

    run = site.rotate(secret, function)

    assert (run["Outcome"], run["Attempts"]) == ("succeeded", 1)
    stages = site.stages(secret)
    assert (stages["AWSCURRENT"], stages["AWSPREVIOUS"]) == (run["VersionId"], before)
    assert site.value(secret) == {"password": elsewhere.password}
    assert elsewhere.password != "first#1"
    assert [event["Step"] for _, event in elsewhere.events] == ROTATION
    assert {path for path, _ in elsewhere.events} == {PATH}
    assert invoked.refusals == []
    sent = [name for heard in invoked.heard for name in heard.headers]
    assert "x-amz-security-token" not in sent


def test_a_function_elsewhere_that_fails_or_is_late_is_told_of_and_changes_nothing(site, invoked):
    elsewhere = Elsewhere(site)
    let_go = threading.Event()

    def late(path, event):
        let_go.wait(20)
        return 200, {}, b"null"

    def fails(path, event):
        return elsewhere.answer(path, {**event, "Step": "unknown"})

    for answer, kind, message in [
        (fails, "AttributeError", "the function failed; why is in its own log, under request id there-1"),
        (late, "Sandbox.Timedout", "Task timed out after 2.00 seconds"),
        (lambda *_: (503, {}, b"hunter2"), "NotStarted", "the function cannot be called: status 503"),
        (lambda *_: (307, {"Location": PATH}, b""), "NotStarted", "the function cannot be called: status 307"),
    ]:
        invoked.answer = answer
        function = site.function(f"{invoked.url}{PATH}", timeout=2)
        secret = site.secret({"password": "first#1"})
        before = site.stages(secret)["AWSCURRENT"]

        run = site.rotate(secret, function)

        assert run["Outcome"] == "failed", kind
        assert {call["ErrorType"] for call in run["Calls"]} == {kind}
        assert message in run["Calls"][0]["ErrorMessage"]
        assert site.stages(secret)["AWSCURRENT"] == before
        assert site.value(secret) == {"password": "first#1"}
        assert "hunter2" not in json.dumps(site.shown(secret))
    let_go.set()
