"""CloudTrail by boto3 and by the AWS CLI: every operation, each answer held against AWS's own model, and a trail
whose files and digests are read back from a directory.
"""

import datetime
import gzip
import hashlib
import json
import os
import re
import socket
import subprocess
import time
import uuid

import boto3
import botocore.config
import pytest
from answers import Recorder, operations_of
from botocore.exceptions import ClientError
from conftest import Server
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

BUCKET = "audit-archive"
FAR_BUCKET = "far-archive"
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("cloudtrail")


@pytest.fixture(scope="module")
def s3_port():
    """A port of loopback that is free."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def store(home, server, s3_port):
    """The URL of an S3-compatible store, in which the account's root has the same keys as here."""
    program = os.environ.get("STRONGROOM_S3S")
    if not program:
        assert not os.environ.get("STRONGROOM_NEEDS_S3S")
        pytest.skip("s3s-fs is not installed")
    (home / "store" / FAR_BUCKET).mkdir(parents=True)
    key, secret = server.keys()
    command = [program, "--host", "127.0.0.1", "--port", str(s3_port), "--access-key", key, "--secret-key", secret]
    process = subprocess.Popen([*command, home / "store"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield f"http://127.0.0.1:{s3_port}"
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def server(home, issuer, s3_port):
    """A server with two buckets for its account, whose trails deliver every second."""
    first = Server(home / "data", home, issuer)
    account = first.account
    assert first.stop() == 0
    settings = (
        "[trails]\ndelivery_seconds = 1\ndigest_seconds = 3\n"
        f'[[trail_buckets]]\nname = "{BUCKET}"\ndirectory = "{home}/archive"\naccounts = ["{account}"]\n'
        f'[[trail_buckets]]\nname = "{FAR_BUCKET}"\naccounts = ["{account}"]\n'
        f's3 = {{ endpoint = "http://127.0.0.1:{s3_port}", bucket = "{FAR_BUCKET}", region = "us-east-1", '
        f'credentials_file = "{home}/data/aws/credentials" }}\n'
    )
    server = Server(home / "data", home, issuer, settings)
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def recorder():
    return Recorder()


@pytest.fixture(scope="module")
def make(server, recorder):
    """Makes clients of the account's root."""
    key, secret = server.keys()

    def make(service):
        client = boto3.Session().client(
            service,
            region_name=server.region,
            endpoint_url=server.ready["endpoints"][0],
            verify=str(server.data_dir / "tls/ca.pem"),
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=botocore.config.Config(retries={"total_max_attempts": 1}),
        )
        return recorder.watch(client) if service == "cloudtrail" else client

    return make


@pytest.fixture(scope="module")
def trails(make):
    return make("cloudtrail")


@pytest.fixture(scope="module")
def secrets(make):
    return make("secretsmanager")


@pytest.fixture
def trail(trails):
    """The name of a trail that has a bucket only."""
    name = f"trail-{uuid.uuid4().hex[:12]}"
    trails.create_trail(Name=name, S3BucketName=BUCKET)
    yield name
    trails.delete_trail(Name=name)


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def until(look):
    """What `look` gives, once that is something."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (seen := look()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)
    return seen


def by(key, value):
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def test_an_event_is_found_by_every_attribute(trails, secrets, server):
    name = f"lookup/{uuid.uuid4().hex}"
    arn = secrets.create_secret(Name=name, SecretString="x")["ARN"]

    [event] = until(lambda: trails.lookup_events(**by("ResourceName", name))["Events"])

    record = json.loads(event["CloudTrailEvent"])
    assert (record["eventName"], record["recipientAccountId"]) == ("CreateSecret", server.account)
    assert "chain" not in record
    assert (event["Username"], event["ReadOnly"]) == ("root", "false")
    for key, value in [
        ("EventId", event["EventId"]),
        ("EventName", "CreateSecret"),
        ("EventSource", "secretsmanager.amazonaws.com"),
        ("ReadOnly", "false"),
        ("Username", "root"),
        ("AccessKeyId", event["AccessKeyId"]),
        ("ResourceName", arn),
        ("ResourceType", "AWS::SecretsManager::Secret"),
    ]:
        assert event in trails.lookup_events(**by(key, value))["Events"], key


def test_pages_and_times_bound_what_is_found(trails, secrets):
    name = f"pages/{uuid.uuid4().hex}"
    secrets.create_secret(Name=name, SecretString="x")
    for n in range(4):
        secrets.put_secret_value(SecretId=name, SecretString=str(n))
    until(lambda: len(trails.lookup_events(**by("ResourceName", name))["Events"]) == 5)

    paginator = trails.get_paginator("lookup_events")
    pages = list(paginator.paginate(**by("ResourceName", name), PaginationConfig={"PageSize": 2}))
    now = datetime.datetime.now(datetime.UTC)
    hour = datetime.timedelta(hours=1)
    within = trails.lookup_events(StartTime=now - hour, EndTime=now + hour, **by("ResourceName", name))
    before = trails.lookup_events(StartTime=now - 2 * hour, EndTime=now - hour, **by("ResourceName", name))

    assert [len(page["Events"]) for page in pages] == [2, 2, 1]
    assert pages[-1]["Events"][-1]["EventName"] == "CreateSecret"
    assert (len(within["Events"]), len(before["Events"])) == (5, 0)


def test_what_makes_no_sense_is_refused(trails):
    now = datetime.datetime.now(datetime.UTC)
    later = now + datetime.timedelta(seconds=5)
    assert refusal(trails.lookup_events, NextToken="x")[0] == "InvalidNextTokenException"
    assert refusal(trails.lookup_events, StartTime=later, EndTime=now)[0] == "InvalidTimeRangeException"
    assert refusal(trails.lookup_events, MaxResults=51)[0] == "InvalidMaxResultsException"
    assert refusal(trails.lookup_events, **by("ReadOnly", "x"))[0] == "InvalidLookupAttributesException"
    assert refusal(trails.get_trail, Name="nothing")[0] == "TrailNotFoundException"
    assert refusal(trails.create_trail, Name="a", S3BucketName=BUCKET)[0] == "InvalidTrailNameException"
    other = refusal(trails.create_trail, Name="abc", S3BucketName="somebody-elses")
    assert other == ("S3BucketDoesNotExistException", "S3 bucket somebody-elses does not exist!")


def test_the_life_of_a_trail(trails, trail, server):
    arn = f"arn:aws:cloudtrail:{server.region}:{server.account}:trail/{trail}"
    changed = trails.update_trail(Name=trail, S3KeyPrefix="a/b", IsMultiRegionTrail=True)
    shown = trails.get_trail(Name=arn)["Trail"]
    assert (shown["S3KeyPrefix"], shown["HomeRegion"]) == (changed["S3KeyPrefix"], server.region)
    assert shown in trails.describe_trails(trailNameList=[trail])["trailList"]
    assert arn in [one["TrailARN"] for one in trails.get_paginator("list_trails").paginate().build_full_result()["Trails"]]

    trails.add_tags(ResourceId=arn, TagsList=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    trails.remove_tags(ResourceId=arn, TagsList=[{"Key": "b"}])
    listed = trails.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert listed == [{"ResourceId": arn, "TagsList": [{"Key": "a", "Value": "1"}]}]

    selectors = [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    trails.put_event_selectors(TrailName=trail, EventSelectors=selectors)
    assert trails.get_event_selectors(TrailName=trail)["EventSelectors"][0]["ReadWriteType"] == "WriteOnly"

    trails.start_logging(Name=trail)
    assert trails.get_trail_status(Name=trail)["IsLogging"]
    trails.stop_logging(Name=trail)
    assert not trails.get_trail_status(Name=trail)["IsLogging"]


def test_files_and_digests_are_delivered_and_verify(trails, trail, secrets, home, server):
    trails.update_trail(Name=trail, EnableLogFileValidation=True)
    trails.start_logging(Name=trail)
    name = f"delivered/{uuid.uuid4().hex}"
    secrets.create_secret(Name=name, SecretString="canary-of-the-trail")
    root = home / "archive/AWSLogs" / server.account

    def records():
        files = sorted((root / "CloudTrail" / server.region).rglob("*.json.gz"))
        return [record for path in files for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]]

    def of_secret():
        return [one for one in records() if (one["requestParameters"] or {}).get("name") == name]

    [record] = until(of_secret)
    assert record["eventName"] == "CreateSecret"
    assert b"canary-of-the-trail" not in json.dumps(records()).encode()
    digests = until(lambda: sorted((root / "CloudTrail-Digest").rglob("*.json.gz")))
    digest = json.loads(inflated := gzip.decompress(digests[0].read_bytes()))
    for file in digest["logFiles"]:
        content = gzip.decompress((home / "archive" / file["s3Object"]).read_bytes())
        assert hashlib.sha256(content).hexdigest() == file["hashValue"]
    [key] = trails.list_public_keys()["PublicKeyList"]
    assert key["Fingerprint"] == digest["digestPublicKeyFingerprint"]
    metadata = json.loads(digests[0].with_name(digests[0].name + ".metadata.json").read_text())
    # As the AWS CLI makes it.
    signed = "{}\n{}/{}\n{}\n{}".format(
        digest["digestEndTime"],
        digest["digestS3Bucket"],
        digest["digestS3Object"],
        hashlib.sha256(inflated).hexdigest(),
        digest["previousDigestSignature"] or "null",
    )
    public = serialization.load_der_public_key(pkcs1_in_spki(key["Value"]))
    public.verify(bytes.fromhex(metadata["signature"]), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert until(lambda: trails.get_trail_status(Name=trail).get("LatestDigestDeliveryTime"))


def pkcs1_in_spki(der):
    """A key as PKCS #1 has it, in the wrapping that the library reads."""
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    bits = b"\x03" + length(len(der) + 1) + b"\x00" + der
    body = algorithm + bits
    return b"\x30" + length(len(body)) + body


def length(size):
    return b"\x82" + size.to_bytes(2)


def test_the_cli_looks_events_up(secrets, server):
    name = f"cli/{uuid.uuid4().hex}"
    secrets.create_secret(Name=name, SecretString="x")
    command = ["aws", "cloudtrail", "lookup-events", "--lookup-attributes", f"AttributeKey=ResourceName,AttributeValue={name}"]

    def look():
        run = subprocess.run(command, env=environment(server), capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)["Events"]

    [event] = until(look)
    assert event["EventName"] == "CreateSecret"


def test_the_cli_validates_what_was_delivered(trails, secrets, server, store):
    name = f"trail-{uuid.uuid4().hex[:12]}"
    arn = trails.create_trail(Name=name, S3BucketName=FAR_BUCKET, EnableLogFileValidation=True)["TrailARN"]
    begin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    trails.start_logging(Name=name)
    for _ in range(2):
        secrets.create_secret(Name=f"validated/{uuid.uuid4().hex}", SecretString="x")
        before = trails.get_trail_status(Name=name).get("LatestDigestDeliveryTime")
        until(lambda: trails.get_trail_status(Name=name).get("LatestDigestDeliveryTime") != before)
    trails.stop_logging(Name=name)
    command = ["aws", "cloudtrail", "validate-logs", "--verbose", "--trail-arn", arn, "--start-time", begin.isoformat()]
    variables = {**environment(server), "AWS_ENDPOINT_URL_S3": store}

    run = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)
    trails.delete_trail(Name=name)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "INVALID" not in run.stdout, run.stdout
    assert run.stdout.count("Digest file\t") >= 2, run.stdout
    of_files = re.search(r"(\d+)/(\d+) log files valid", run.stdout)
    assert of_files and int(of_files[1]) == int(of_files[2]) >= 2, run.stdout


def environment(server):
    return {**server.environment, "PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}


def test_every_operation_was_carried_out(recorder):
    """Last: what the tests above did."""
    assert recorder.done["cloudtrail"] == operations_of("cloudtrail")
