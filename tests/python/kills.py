"""A server that is killed in the middle of rotations."""

import contextlib
import json
import subprocess
import threading
import time

import boto3
import botocore.config
import botocore.exceptions
from conftest import BINARY, Server

# A server that died is soon taken for dead.
ROTATION = "lease_seconds = 1\n"


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
        return self.log().count(b"\n")

    def log(self):
        """All segments of the audit log."""
        segments = sorted((self.home / "data/audit").glob("*.log"))
        return b"".join(path.read_bytes() for path in segments)

    def rotate_until(self, secret, token, lines, function):
        """Begins a rotation and kills the server when the log has that many more lines.

        Gives whether it was killed, or the rotation was done before that.
        """
        limit = self.lines() + lines
        return self.rotate_while(secret, token, function, lambda: self.lines() < limit)

    def rotate_while(self, secret, token, function, goes_on):
        """Begins a rotation and kills the server when it goes on no longer."""
        request = threading.Thread(target=self.rotate, args=(secret, token, function))
        request.start()
        deadline = time.monotonic() + 60
        try:
            while goes_on():
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
        log = self.log().decode().splitlines()[-50:]
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
        return self.value(secret, "AWSCURRENT")

    def previous(self, secret):
        return self.value(secret, "AWSPREVIOUS")

    def value(self, secret, stage):
        return json.loads(self.client.get_secret_value(SecretId=secret, VersionStage=stage)["SecretString"])


def enable(killed, template, *more):
    """Deploys a rotator. Gives the ARN of its function."""
    words = [BINARY, "rotator", "enable", template, *more, "--data-dir", killed.home / "data", "--json"]
    made = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(made.stdout)["FunctionArn"]
