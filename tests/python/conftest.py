"""One server for all tests, started from the built binary on free ports of loopback.

`STRONGROOM_BINARY` names the binary; without that it is the debug build. Each test uses names of
its own, so that tests do not meet.
"""

import configparser
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import uuid

import boto3
import botocore.config
import jwt
import pytest
from answers import Recorder
from cryptography.hazmat.primitives.asymmetric import rsa

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("STRONGROOM_BINARY", ROOT / "target/debug/strongroom"))

# What the caller's shell says about AWS or proxies is not for these tests.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)
# No question to the metadata service of a cloud that we are not in.
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"


class Issuer:
    """An OpenID Connect issuer such as a Kubernetes cluster has. The server knows its keys by file."""

    url = "https://oidc.example.test/cluster-1"

    def __init__(self, home):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        self.jwks = home / "jwks.json"
        self.jwks.write_text(json.dumps({"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]}))

    def token(self, subject):
        """A service account's token, good for ten minutes."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": ["sts.amazonaws.com"], "sub": subject, "iat": now, "exp": now + 600}
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"})


class Server:
    """The running server and what it wrote for its clients."""

    def __init__(self, data_dir, logs_dir, issuer, rotation="", flags=()):
        assert BINARY.is_file(), f"{BINARY} is not built: cargo build -p strongroom-server"
        self.data_dir = data_dir
        # Functions of a server that is root's are nobody's, who cannot enter pytest's directories.
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="strongroom-functions-"))
        self.scratch.chmod(0o755)
        config = logs_dir / "strongroom.toml"
        config.write_text(
            f'[functions]\nenabled = true\nscratch_dir = "{self.scratch}"\n'
            f"[rotation]\nretry_seconds = 1\nmost_retry_seconds = 1\nattempts = 2\n{rotation}"
            # Tests call as often as they can.
            "[quotas]\nthrottling = false\n"
            f'[[oidc]]\nissuer = "{issuer.url}"\njwks_file = "{issuer.jwks}"\n'
        )
        with open(logs_dir / "stderr.log", "wb") as stderr:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--config", config, "--data-dir", data_dir, "--listen", "127.0.0.1:0", *flags],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={},
            )
        line = self.process.stdout.readline()
        assert line, (logs_dir / "stderr.log").read_text()
        self.ready = json.loads(line)
        self.account = self.ready["account"]
        self.region = self.ready["region"]

    @property
    def environment(self):
        """What an AWS client needs to know, and nothing else."""
        return {
            "AWS_CONFIG_FILE": str(self.data_dir / "aws/config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.data_dir / "aws/credentials"),
        }

    def keys(self):
        """The root keys of the account: id and secret."""
        file = configparser.RawConfigParser()
        file.read(self.data_dir / "aws/credentials")
        default = file["default"]
        return default["aws_access_key_id"], default["aws_secret_access_key"]

    def events(self):
        """The audit log so far."""
        segments = sorted((self.data_dir / "audit").glob("*.log"))
        return [json.loads(line) for path in segments for line in path.read_text().splitlines()]

    def kill(self):
        """Ends the server as a loss of power would, but for what is in the system's buffers."""
        self.process.kill()
        self.process.communicate()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def stop(self):
        """Stops the server in order. Gives its exit code."""
        self.process.terminate()
        try:
            self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        shutil.rmtree(self.scratch, ignore_errors=True)
        return self.process.returncode


@pytest.fixture(scope="session")
def issuer(tmp_path_factory):
    """The issuer whose tokens the server takes."""
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="session")
def server(tmp_path_factory, issuer):
    """The server. It must end well when it is told to."""
    home = tmp_path_factory.mktemp("strongroom")
    server = Server(home / "data", home, issuer)
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="session")
def session(server):
    """A boto3 session configured by nothing but the files of the data directory."""
    os.environ.update(server.environment)
    return boto3.Session()


@pytest.fixture(scope="session")
def client(session):
    """Secrets Manager, without retries that would hide a failure."""
    return session.client("secretsmanager", config=botocore.config.Config(retries={"total_max_attempts": 1}))


@pytest.fixture(scope="session")
def recorder():
    """Checks the answers of IAM, KMS and STS that recorded clients get."""
    return Recorder()


@pytest.fixture(scope="session")
def recorded(session, recorder):
    """Makes clients whose answers are checked: of the account's root, or of the holder of keys."""

    def make(service, keys=None):
        keys = keys or {}
        client = session.client(
            service,
            aws_access_key_id=keys.get("AccessKeyId"),
            aws_secret_access_key=keys.get("SecretAccessKey"),
            aws_session_token=keys.get("SessionToken"),
            config=botocore.config.Config(retries={"total_max_attempts": 1}),
        )
        return recorder.watch(client)

    return make


@pytest.fixture(scope="session")
def root(recorded):
    """IAM as the account's root, with checked answers."""
    return recorded("iam")


@pytest.fixture(scope="session")
def kms(recorded):
    """KMS as the account's root, with checked answers."""
    return recorded("kms")


@pytest.fixture
def key(kms):
    """The ARN of a new key that delegates to its account."""
    return kms.create_key()["KeyMetadata"]["Arn"]


@pytest.fixture(scope="session")
def provider(root, issuer):
    """The ARN of the provider by which roles may trust the issuer."""
    made = root.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["sts.amazonaws.com"])
    return made["OpenIDConnectProviderArn"]


@pytest.fixture
def whole_module(request):
    """Skips a test that is about what all tests of its module did, unless they all run."""
    tests = {name for name in vars(request.module) if name.startswith("test_")}
    if not tests <= {item.originalname for item in request.session.items if item.path == request.path}:
        pytest.skip("needs the tests before it")


@pytest.fixture
def name():
    """A name for a secret that no other test uses."""
    return f"tests/{uuid.uuid4()}"


@pytest.fixture
def cli(server, tmp_path):
    """Runs the AWS CLI in a directory of its own. Gives the finished process."""
    program = pathlib.Path(sys.executable).parent / "aws"
    environment = {
        **server.environment,
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "AWS_EC2_METADATA_DISABLED": "true",
    }

    def run(*words):
        return subprocess.run(
            [program, *words],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


@pytest.fixture
def secretsmanager(cli):
    """Runs `aws secretsmanager` with success. Gives what it prints, read as JSON."""

    def run(*words):
        finished = cli("secretsmanager", *words)
        assert (finished.returncode, finished.stderr) == (0, "")
        return json.loads(finished.stdout) if finished.stdout.strip() else None

    return run
