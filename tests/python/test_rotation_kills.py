"""A rotation survives the death of the server at every point that its audit log shows."""

import contextlib
import json
import subprocess
import threading
import time
import uuid

import boto3
import botocore.config
import botocore.exceptions
import pytest
from conftest import BINARY, Server
from databases import MariaDb

# A server that died is soon taken for dead.
ROTATION = "lease_seconds = 1\n"
# Whatever a rotation of these few calls may have in its log, and more.
MOST_LINES = 120


class Killed:
    """A server that is killed and started again on what it left."""

    def __init__(self, home, issuer):
        self.home, self.issuer = home, issuer
        self.start()

    def start(self):
        self.server = Server(self.home / "data", self.home, self.issuer, ROTATION)
        key, secret = self.server.keys()
        self.client = boto3.client(
            "secretsmanager",
            endpoint_url=self.server.ready["endpoints"][0],
            region_name=self.server.region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            verify=str(self.home / "data/tls/ca.pem"),
            config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=30),
        )

    def lines(self):
        """How many lines the audit log has."""
        return (self.home / "data/audit/audit.log").read_bytes().count(b"\n")

    def rotate_until(self, secret, token, lines, function):
        """Begins a rotation and kills the server when the log has that many more lines.

        Gives whether it was killed, or the rotation was done before that.
        """
        limit = self.lines() + lines
        request = threading.Thread(target=self.rotate, args=(secret, token, function))
        request.start()
        deadline = time.monotonic() + 60
        try:
            while self.lines() < limit:
                if self.is_over(token):
                    return False
                assert time.monotonic() < deadline, "the rotation neither goes on nor ends"
            self.server.kill()
            return True
        finally:
            request.join()

    def rotate(self, secret, token, function):
        # The answer may be lost with the server.
        with contextlib.suppress(botocore.exceptions.HTTPClientError, botocore.exceptions.ConnectionError):
            self.client.rotate_secret(
                SecretId=secret, ClientRequestToken=token, RotationLambdaARN=function
            )

    def is_over(self, token):
        """Whether the log has the end of the rotation, among its last lines."""
        log = (self.home / "data/audit/audit.log").read_text().splitlines()[-50:]
        of_rotation = [line for line in log if f"-{token}" in line]
        assert not any(name in line for line in of_rotation for name in ("RotationFailed", "RotationAbandoned"))
        return any("RotationSucceeded" in line for line in of_rotation)

    def wait_for_the_end(self, token):
        deadline = time.monotonic() + 60
        while not self.is_over(token):
            assert time.monotonic() < deadline, "the rotation does not end by itself"
            time.sleep(0.02)

    def stages(self, secret):
        return self.client.describe_secret(SecretId=secret)["VersionIdsToStages"]

    def current(self, secret):
        return json.loads(self.client.get_secret_value(SecretId=secret)["SecretString"])


@pytest.fixture(scope="module")
def database():
    database = MariaDb()
    yield database
    database.stop()


@pytest.fixture
def killed(tmp_path, issuer):
    killed = Killed(tmp_path, issuer)
    yield killed
    assert killed.server.stop() == 0


def enable(killed, template):
    """Deploys a rotator. Gives the ARN of its function."""
    words = [BINARY, "rotator", "enable", template, "--data-dir", killed.home / "data", "--json"]
    made = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(made.stdout)["FunctionArn"]


def test_a_rotation_killed_at_any_line_of_its_log_ends_with_a_credential_that_works(killed, database):
    database.create_user("app", "first#1")
    credential = {
        "engine": "mariadb", "host": "127.0.0.1", "port": database.port, "username": "app", "password": "first#1",
        "ssl": False,
    }  # fmt: skip
    secret = killed.client.create_secret(Name="app", SecretString=json.dumps(credential))["ARN"]
    function = enable(killed, "mariadb-single-user")

    passwords = ["first#1"]
    for lines in range(1, MOST_LINES):
        token = str(uuid.uuid4())
        was_killed = killed.rotate_until(secret, token, lines, function)
        if was_killed:
            killed.start()
        killed.wait_for_the_end(token)

        stages = killed.stages(secret)
        login = killed.current(secret)
        passwords.append(login["password"])
        assert [id for id, labels in stages.items() if "AWSCURRENT" in labels] == [token], lines
        assert [id for id, labels in stages.items() if "AWSPENDING" in labels] in ([], [token]), lines
        assert database.takes("app", login["password"]), lines
        if not was_killed:
            break

    assert not was_killed
    assert len(set(passwords)) == len(passwords) == lines + 1
    # Each of the four steps has a call of the function, and calls of it.
    assert lines > 12
    assert not any(database.takes("app", old) for old in passwords[:-1])
