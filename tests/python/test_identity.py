"""Identity and access with real clients: a user and a role with exactly one secret each."""

import datetime
import json
import os
import uuid

import boto3
import botocore.config
import botocore.exceptions
import pytest
from calls import error_of as refusal
from policies import document, may_read, trusting

ONCE = botocore.config.Config(retries={"total_max_attempts": 1})


@pytest.fixture
def iam(cli):
    """Runs `aws iam` with success. Gives what it prints, read as JSON."""

    def run(*words):
        finished = cli("iam", *words)
        assert (finished.returncode, finished.stderr) == (0, "")
        return json.loads(finished.stdout) if finished.stdout.strip() else None

    return run


@pytest.fixture
def two_secrets(client):
    """Two secrets that no other test uses."""
    made = [client.create_secret(Name=f"tests/{uuid.uuid4()}", SecretString=f"value-{n}") for n in range(2)]
    return [secret["ARN"] for secret in made]


def as_holder_of(session, keys, token=None):
    """Secrets Manager and STS as the holder of other keys."""
    given = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys.get("SessionToken"),
        "config": ONCE,
    }
    return session.client("secretsmanager", **given), session.client("sts", **given)


def test_a_user_made_by_the_cli_reads_its_one_secret_and_no_other(session, server, iam, two_secrets):
    mine, other = two_secrets
    name = f"app-{uuid.uuid4().hex}"
    user = iam("create-user", "--user-name", name)["User"]
    iam("put-user-policy", "--user-name", name, "--policy-name", "one", "--policy-document", may_read(mine))
    keys = iam("create-access-key", "--user-name", name)["AccessKey"]

    secrets, sts = as_holder_of(session, keys)

    assert secrets.get_secret_value(SecretId=mine)["SecretString"] == "value-0"
    assert sts.get_caller_identity()["Arn"] == user["Arn"]
    denied = refusal(secrets.get_secret_value, SecretId=other)
    assert denied["Code"] == "AccessDeniedException"
    assert denied["Message"] == (
        f"User: {user['Arn']} is not authorized to perform: secretsmanager:GetSecretValue on resource: "
        f"{other} because no identity-based policy allows the secretsmanager:GetSecretValue action"
    )
    assert refusal(secrets.list_secrets)["Code"] == "AccessDeniedException"


def test_a_role_made_by_the_cli_is_assumed_by_boto3_and_reads_one_secret(session, server, iam, two_secrets):
    mine, other = two_secrets
    name = f"app-{uuid.uuid4().hex}"
    user = iam("create-user", "--user-name", name)["User"]
    trust = trusting(user["Arn"])
    role = iam("create-role", "--role-name", name, "--assume-role-policy-document", trust)["Role"]
    iam("put-role-policy", "--role-name", name, "--policy-name", "one", "--policy-document", may_read(mine))
    keys = iam("create-access-key", "--user-name", name)["AccessKey"]
    _, sts = as_holder_of(session, keys)

    assumed = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="app-1", DurationSeconds=900)
    secrets, sts_in_role = as_holder_of(session, assumed["Credentials"])

    assert assumed["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{server.account}:assumed-role/{name}/app-1"
    left = assumed["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(seconds=800) < left <= datetime.timedelta(seconds=900)
    assert secrets.get_secret_value(SecretId=mine)["SecretString"] == "value-0"
    assert refusal(secrets.get_secret_value, SecretId=other)["Code"] == "AccessDeniedException"
    assert sts_in_role.get_caller_identity()["Arn"] == assumed["AssumedRoleUser"]["Arn"]

    # Revoking every session issued so far counts on the very next request.
    now = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    revoke = document(
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": {"aws:TokenIssueTime": now}}}
    )
    iam("put-role-policy", "--role-name", name, "--policy-name", "revoke", "--policy-document", revoke)
    denied = refusal(secrets.get_secret_value, SecretId=mine)
    assert denied["Message"].endswith("with an explicit deny in an identity-based policy")


def test_a_session_that_was_tampered_with_is_refused(session, iam, two_secrets):
    name = f"app-{uuid.uuid4().hex}"
    user = iam("create-user", "--user-name", name)["User"]
    trust = trusting(user["Arn"])
    role = iam("create-role", "--role-name", name, "--assume-role-policy-document", trust)["Role"]
    keys = iam("create-access-key", "--user-name", name)["AccessKey"]
    _, sts = as_holder_of(session, keys)
    lent = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="app")["Credentials"]
    middle = len(lent["SessionToken"]) // 2
    flipped = "A" if lent["SessionToken"][middle] != "A" else "B"
    token = lent["SessionToken"][:middle] + flipped + lent["SessionToken"][middle + 1 :]

    secrets, _ = as_holder_of(session, {**lent, "SessionToken": token})

    denied = refusal(secrets.get_secret_value, SecretId=two_secrets[0])
    assert denied["Code"] == "UnrecognizedClientException"


def test_a_pod_reads_its_secret_by_its_service_account_token(
    server, issuer, provider, iam, two_secrets, tmp_path, monkeypatch
):
    """As on Kubernetes: the SDK finds role and token in its environment and needs no keys."""
    mine, other = two_secrets
    name = f"pod-{uuid.uuid4().hex}"
    host = issuer.url.removeprefix("https://")
    trust = document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {f"{host}:sub": f"system:serviceaccount:apps:{name}", f"{host}:aud": "sts.amazonaws.com"}
            },
        }
    )
    role = iam("create-role", "--role-name", name, "--assume-role-policy-document", trust)["Role"]
    iam("put-role-policy", "--role-name", name, "--policy-name", "one", "--policy-document", may_read(mine))

    def pod(service_account):
        token = tmp_path / service_account
        token.write_text(issuer.token(f"system:serviceaccount:apps:{service_account}"))
        monkeypatch.setenv("AWS_ROLE_ARN", role["Arn"])
        monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(token))
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.ready["endpoints"][0])
        monkeypatch.setenv("AWS_CA_BUNDLE", str(server.data_dir / "tls/ca.pem"))
        monkeypatch.setenv("AWS_REGION", server.region)
        for file in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(file, os.devnull)
        return boto3.Session(region_name=server.region).client("secretsmanager", config=ONCE)

    right = pod(name)
    assert right.get_secret_value(SecretId=mine)["SecretString"] == "value-0"
    assert refusal(right.get_secret_value, SecretId=other)["Code"] == "AccessDeniedException"
    denied = refusal(pod("somebody-else").get_secret_value, SecretId=mine)
    assert denied["Code"] == "AccessDenied"
    assert denied["Message"] == "Not authorized to perform sts:AssumeRoleWithWebIdentity"


def test_a_disabled_key_and_a_detached_policy_count_at_once(session, iam, two_secrets):
    name = f"app-{uuid.uuid4().hex}"
    read = "arn:aws:iam::aws:policy/AWSSecretsManagerClientReadOnlyAccess"
    iam("create-user", "--user-name", name)
    iam("attach-user-policy", "--user-name", name, "--policy-arn", read)
    keys = iam("create-access-key", "--user-name", name)["AccessKey"]
    secrets, _ = as_holder_of(session, keys)
    assert secrets.get_secret_value(SecretId=two_secrets[0])["SecretString"] == "value-0"

    iam("detach-user-policy", "--user-name", name, "--policy-arn", read)
    detached = refusal(secrets.get_secret_value, SecretId=two_secrets[0])
    iam("attach-user-policy", "--user-name", name, "--policy-arn", read)
    assert secrets.get_secret_value(SecretId=two_secrets[0])["SecretString"] == "value-0"
    iam("update-access-key", "--user-name", name, "--access-key-id", keys["AccessKeyId"], "--status", "Inactive")
    disabled = refusal(secrets.get_secret_value, SecretId=two_secrets[0])

    assert detached["Code"] == "AccessDeniedException"
    assert disabled["Code"] == "UnrecognizedClientException"


def test_resource_policies_by_the_cli(server, client, secretsmanager, two_secrets):
    arn = two_secrets[0]
    policy = document(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "secretsmanager:DeleteSecret",
            "Resource": "*",
        }
    )
    public = document({"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"})

    put = secretsmanager("put-resource-policy", "--secret-id", arn, "--resource-policy", policy)
    got = secretsmanager("get-resource-policy", "--secret-id", arn)
    checked = secretsmanager("validate-resource-policy", "--resource-policy", public)
    denied = refusal(client.delete_secret, SecretId=arn)
    refused = refusal(client.put_resource_policy, SecretId=arn, ResourcePolicy=public, BlockPublicPolicy=True)
    secretsmanager("delete-resource-policy", "--secret-id", arn)
    after = secretsmanager("get-resource-policy", "--secret-id", arn)

    assert put["ARN"] == arn
    assert got["ResourcePolicy"] == policy
    assert checked["PolicyValidationPassed"] is False
    assert denied["Message"].endswith("with an explicit deny in a resource-based policy")
    assert refused["Code"] == "PublicPolicyException"
    assert "ResourcePolicy" not in after


def test_every_page_of_users_is_listed(iam):
    prefix = f"/p{uuid.uuid4().hex}/"
    names = [f"u{n}-{uuid.uuid4().hex}" for n in range(5)]
    for name in names:
        iam("create-user", "--user-name", name, "--path", prefix)

    listed = iam("list-users", "--path-prefix", prefix, "--page-size", "2")["Users"]

    assert sorted(user["UserName"] for user in listed) == sorted(names)


def test_the_cli_simulates_what_a_user_may(iam, two_secrets):
    mine, other = two_secrets
    name = f"app-{uuid.uuid4().hex}"
    user = iam("create-user", "--user-name", name)["User"]
    iam("put-user-policy", "--user-name", name, "--policy-name", "one", "--policy-document", may_read(mine))

    simulated = iam(
        "simulate-principal-policy",
        "--policy-source-arn", user["Arn"],
        "--action-names", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
        "--resource-arns", mine, other,
        "--page-size", "3",
    )["EvaluationResults"]

    decisions = {
        (one["EvalActionName"].partition(":")[2], one["EvalResourceName"]): one["EvalDecision"] for one in simulated
    }
    assert decisions == {
        ("GetSecretValue", mine): "allowed",
        ("GetSecretValue", other): "implicitDeny",
        ("PutSecretValue", mine): "implicitDeny",
        ("PutSecretValue", other): "implicitDeny",
    }
    (statement,) = simulated[0]["MatchedStatements"]
    assert statement["StartPosition"]["Line"] == statement["EndPosition"]["Line"] == 1


def test_the_cli_shows_the_account_in_full(iam, two_secrets):
    name = f"app-{uuid.uuid4().hex}"
    trust = document({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
    iam("create-group", "--group-name", name)
    iam("create-user", "--user-name", name, "--tags", "Key=team,Value=payments")
    iam("add-user-to-group", "--group-name", name, "--user-name", name)
    iam("create-role", "--role-name", name, "--assume-role-policy-document", trust)
    iam("put-role-policy", "--role-name", name, "--policy-name", "one", "--policy-document", may_read(two_secrets[0]))

    details = iam("get-account-authorization-details", "--filter", "User", "Role", "--page-size", "2")

    (user,) = [one for one in details["UserDetailList"] if one["UserName"] == name]
    (role,) = [one for one in details["RoleDetailList"] if one["RoleName"] == name]
    assert (user["GroupList"], user["Tags"]) == ([name], [{"Key": "team", "Value": "payments"}])
    assert role["AssumeRolePolicyDocument"] == json.loads(trust)
    assert role["RolePolicyList"] == [{"PolicyName": "one", "PolicyDocument": json.loads(may_read(two_secrets[0]))}]
    assert (details["GroupDetailList"], details["Policies"]) == ([], [])
