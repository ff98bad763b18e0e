"""Keys of customers with real clients: who has no use of the key cannot read the secret."""

import json
import re
import subprocess
import uuid

import botocore.config
import pytest
from calls import error_of
from conftest import BINARY
from policies import document, may

ONCE = botocore.config.Config(retries={"total_max_attempts": 1})
USE = ["kms:Decrypt", "kms:GenerateDataKey"]


@pytest.fixture
def by_cli(cli):
    """Runs `aws` with success. Gives what it prints, read as JSON."""

    def run(*words):
        finished = cli(*words)
        assert (finished.returncode, finished.stderr) == (0, "")
        return json.loads(finished.stdout) if finished.stdout.strip() else None

    return run


@pytest.fixture
def secret(client, key, name):
    """The ARN of a secret under the key."""
    return client.create_secret(Name=name, SecretString="hunter2", KmsKeyId=key)["ARN"]


@pytest.fixture(scope="session")
def other_account(server):
    """The number of a second account, and its root's keys."""
    command = [BINARY, "account", "create", "--data-dir", server.data_dir]
    created = json.loads(subprocess.run(command, env={}, capture_output=True, check=True, timeout=60).stdout)
    return created["AccountId"], created


@pytest.fixture
def user(root):
    """Makes a user with these policies. Gives its ARN and its keys."""

    def make(iam=root, **policies):
        name = f"app-{uuid.uuid4().hex}"
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        for policy, text in policies.items():
            iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=text)
        return arn, iam.create_access_key(UserName=name)["AccessKey"]

    return make


@pytest.fixture
def holder(session):
    """Makes clients of services for the holder of keys."""

    def make(service, keys):
        return session.client(
            service,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            config=ONCE,
        )

    return make


def refusal(call, **arguments):
    error = error_of(call, **arguments)
    return error["Code"], error["Message"]


def read(client, secret, **which):
    return client.get_secret_value(SecretId=secret, **which)["SecretString"]


def failure(server, verb, text, code):
    """What Secrets Manager says when KMS refused its last call; it names that call's id."""
    (*_, event) = [event for event in server.events() if event["eventSource"] == "kms.amazonaws.com"]
    return (
        f"{verb.title()}ionFailure",
        f"Secrets Manager can't {verb} the secret value: {text} (Service: AWSKMS; Status Code: 400; "
        f"Error Code: {code}; Request ID: {event['requestID']}; Proxy: null)",
    )


def delegating(account, *statements):
    """A key's policy: its account may allow everything by its own policies, and more."""
    return document(statement("Allow", account, "kms:*"), *statements)


def statement(effect, principal, action, **more):
    return {"Effect": effect, "Principal": {"AWS": principal}, "Action": action, "Resource": "*", **more}


def test_a_secret_is_read_only_while_its_key_can_be_used(server, by_cli, client, name):
    alias = f"alias/{uuid.uuid4()}"
    key = by_cli("kms", "create-key", "--description", "of one secret")["KeyMetadata"]
    by_cli("kms", "create-alias", "--alias-name", alias, "--target-key-id", key["KeyId"])
    secret = by_cli(
        "secretsmanager", "create-secret", "--name", name, "--secret-string", "hunter2", "--kms-key-id", alias
    )["ARN"]
    assert read(client, secret) == "hunter2"

    by_cli("kms", "disable-key", "--key-id", key["KeyId"])
    # The text has the shape that AWS publishes, word by word.
    code, text = refusal(client.get_secret_value, SecretId=secret)
    assert (code, text) == failure(server, "decrypt", f"{key['Arn']} is disabled.", "DisabledException")
    assert re.fullmatch(
        rf"Secrets Manager can't decrypt the secret value: arn:aws:kms:{server.region}:{server.account}:key/"
        r"[0-9a-f-]{36} is disabled\. \(Service: AWSKMS; Status Code: 400; Error Code: DisabledException; "
        r"Request ID: [0-9a-f-]{36}; Proxy: null\)",
        text,
    )
    refused = refusal(client.put_secret_value, SecretId=secret, SecretString="new")
    assert refused == failure(server, "encrypt", f"{key['Arn']} is disabled.", "DisabledException")
    by_cli("kms", "enable-key", "--key-id", key["KeyId"])
    assert read(client, secret) == "hunter2"

    scheduled = by_cli("kms", "schedule-key-deletion", "--key-id", key["KeyId"], "--pending-window-in-days", "7")
    assert (scheduled["KeyState"], scheduled["PendingWindowInDays"]) == ("PendingDeletion", 7)
    refused = refusal(client.get_secret_value, SecretId=secret)
    pending = f"{key['Arn']} is pending deletion."
    assert refused == failure(server, "decrypt", pending, "KMSInvalidStateException")
    by_cli("kms", "cancel-key-deletion", "--key-id", key["KeyId"])
    refused = refusal(client.get_secret_value, SecretId=secret)
    assert refused == failure(server, "decrypt", f"{key['Arn']} is disabled.", "DisabledException")
    by_cli("kms", "enable-key", "--key-id", key["KeyId"])
    assert read(client, secret) == "hunter2"


def test_an_alias_names_the_key_that_encrypts_next(kms, client, secret, key):
    alias, second = f"alias/{uuid.uuid4()}", kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    client.update_secret(SecretId=secret, KmsKeyId=alias)
    kms.update_alias(AliasName=alias, TargetKeyId=second)

    put = client.put_secret_value(SecretId=secret, SecretString="new")

    versions = client.list_secret_version_ids(SecretId=secret)["Versions"]
    keys = {one["VersionId"]: one["KmsKeyIds"] for one in versions}
    assert keys.pop(put["VersionId"]) == [second]
    assert list(keys.values()) == [[key]]
    kms.disable_key(KeyId=key)
    assert read(client, secret) == "new"
    assert refusal(client.get_secret_value, SecretId=secret, VersionStage="AWSPREVIOUS")[0] == "DecryptionFailure"


def test_another_account_reads_when_key_and_secret_both_allow_it(
    server, kms, client, secret, key, holder, user, other_account
):
    _, root_keys = other_account
    reader = document(
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key},
    )
    arn, keys = user(holder("iam", root_keys), both=reader)
    theirs = holder("secretsmanager", keys)
    via = {"StringEquals": {"kms:ViaService": f"secretsmanager.{server.region}.amazonaws.com"}}
    open_key = delegating(server.account, statement("Allow", arn, "kms:Decrypt", Condition=via))
    open_secret = document(statement("Allow", arn, "secretsmanager:GetSecretValue"))

    neither = refusal(theirs.get_secret_value, SecretId=secret)
    client.put_resource_policy(SecretId=secret, ResourcePolicy=open_secret)
    without_key = refusal(theirs.get_secret_value, SecretId=secret)
    kms.put_key_policy(KeyId=key, Policy=open_key)
    assert read(theirs, secret) == "hunter2"
    client.delete_resource_policy(SecretId=secret)
    without_secret = refusal(theirs.get_secret_value, SecretId=secret)

    assert neither[0] == without_secret[0] == "AccessDeniedException"
    assert neither[1] == without_secret[1]
    assert without_secret[1].endswith(
        "because no resource-based policy allows the secretsmanager:GetSecretValue action"
    )
    assert without_key == ("AccessDeniedException", "Access to KMS is not allowed")
    # The key is for Secrets Manager only, and not for the user itself.
    assert refusal(holder("kms", keys).describe_key, KeyId=key)[0] == "AccessDeniedException"


def test_another_account_reads_nothing_without_a_policy_of_its_own(
    server, kms, client, secret, key, holder, user, other_account
):
    account, root_keys = other_account
    kms.put_key_policy(KeyId=key, Policy=delegating(server.account, statement("Allow", account, "kms:Decrypt")))
    open_secret = document(statement("Allow", account, "secretsmanager:GetSecretValue"))
    client.put_resource_policy(SecretId=secret, ResourcePolicy=open_secret)
    iam = holder("iam", root_keys)
    _, only_secret = user(iam, secret=may("secretsmanager:GetSecretValue", secret))
    _, only_key = user(iam, key=may("kms:Decrypt", key))

    without_key = refusal(holder("secretsmanager", only_secret).get_secret_value, SecretId=secret)
    without_secret = refusal(holder("secretsmanager", only_key).get_secret_value, SecretId=secret)

    assert without_key == ("AccessDeniedException", "Access to KMS is not allowed")
    assert without_secret[0] == "AccessDeniedException"
    assert read(holder("secretsmanager", root_keys), secret) == "hunter2"


def test_a_secret_under_the_default_key_is_for_its_account_only(client, name, holder, other_account):
    account, root_keys = other_account
    secret = client.create_secret(Name=name, SecretString="hunter2")["ARN"]
    open_secret = document(statement("Allow", account, "secretsmanager:GetSecretValue"))
    client.put_resource_policy(SecretId=secret, ResourcePolicy=open_secret)

    refused = refusal(holder("secretsmanager", root_keys).get_secret_value, SecretId=secret)

    assert refused[0] == "InvalidRequestException"
    assert refused[1].startswith("You can't access a secret from a different AWS account if you encrypt the secret")


def test_a_denial_of_the_key_policy_beats_everything(server, kms, client, secret, key, holder, user):
    arn, keys = user(all=may("*"))
    theirs = holder("secretsmanager", keys)
    kms.create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Decrypt"])
    assert (read(theirs, secret), read(client, secret)) == ("hunter2", "hunter2")

    allowed = statement("Allow", [arn, server.account], "kms:*")
    denied = {**statement("Deny", "*", USE), "Principal": "*"}
    kms.put_key_policy(KeyId=key, Policy=delegating(server.account, allowed, denied))

    # Neither administrators, nor who has a grant, nor the root of the account.
    nobody = ("AccessDeniedException", "Access to KMS is not allowed")
    assert refusal(theirs.get_secret_value, SecretId=secret) == nobody
    assert refusal(client.get_secret_value, SecretId=secret) == nobody
    assert refusal(client.put_secret_value, SecretId=secret, SecretString="new") == nobody
    code, text = refusal(kms.generate_data_key, KeyId=key, KeySpec="AES_256")
    assert code == "AccessDeniedException"
    assert text == (
        f"User: arn:aws:iam::{server.account}:root is not authorized to perform: kms:GenerateDataKey on resource: "
        f"{key} with an explicit deny in a resource-based policy"
    )
    kms.put_key_policy(KeyId=key, Policy=delegating(server.account))
    assert (read(theirs, secret), read(client, secret)) == ("hunter2", "hunter2")


def test_what_older_material_encrypted_is_read_after_rotation(kms, by_cli, client, secret, key):
    context = {"purpose": "rotation"}
    old = kms.encrypt(KeyId=key, Plaintext=b"old", EncryptionContext=context)["CiphertextBlob"]
    before = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]

    assert by_cli("kms", "rotate-key-on-demand", "--key-id", key) == {"KeyId": key.rpartition("/")[2]}
    new = kms.encrypt(KeyId=key, Plaintext=b"new", EncryptionContext=context)["CiphertextBlob"]
    client.put_secret_value(SecretId=secret, SecretString="correct horse")

    after = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    opened = [kms.decrypt(CiphertextBlob=blob, EncryptionContext=context) for blob in (old, new)]
    assert before != after
    assert [(one["Plaintext"], one["KeyMaterialId"]) for one in opened] == [(b"old", before), (b"new", after)]
    assert read(client, secret, VersionStage="AWSPREVIOUS") == "hunter2"
    assert read(client, secret) == "correct horse"
    (rotation,) = by_cli("kms", "list-key-rotations", "--key-id", key)["Rotations"]
    assert rotation["RotationType"] == "ON_DEMAND"


def test_a_grant_of_the_cli_lets_its_grantee_decrypt_in_one_context(kms, by_cli, key, holder, user):
    arn, keys = user()
    theirs = holder("kms", keys)
    right, wrong = {"team": "payments", "stage": "prod"}, {"team": "web", "stage": "prod"}
    blobs = {
        context["team"]: kms.encrypt(KeyId=key, Plaintext=b"hunter2", EncryptionContext=context)["CiphertextBlob"]
        for context in (right, wrong)
    }
    asked = {"CiphertextBlob": blobs["payments"], "EncryptionContext": right}
    before = refusal(theirs.decrypt, **asked)

    grant = by_cli(
        "kms", "create-grant",
        "--key-id", key, "--grantee-principal", arn, "--operations", "Decrypt",
        "--constraints", "EncryptionContextSubset={team=payments}",
    )
    decrypted = theirs.decrypt(**asked, GrantTokens=[grant["GrantToken"]])
    elsewhere = refusal(theirs.decrypt, CiphertextBlob=blobs["web"], EncryptionContext=wrong)
    disguised = refusal(theirs.decrypt, CiphertextBlob=blobs["web"], EncryptionContext=right)
    encrypting = refusal(theirs.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext=right)
    (listed,) = by_cli("kms", "list-grants", "--key-id", key)["Grants"]
    by_cli("kms", "revoke-grant", "--key-id", key, "--grant-id", grant["GrantId"])
    revoked = refusal(theirs.decrypt, **asked)

    assert (decrypted["Plaintext"], decrypted["KeyId"]) == (b"hunter2", key)
    assert (listed["GrantId"], listed["GranteePrincipal"]) == (grant["GrantId"], arn)
    assert listed["Constraints"] == {"EncryptionContextSubset": {"team": "payments"}}
    assert disguised[0] == "InvalidCiphertextException"
    assert {before[0], elsewhere[0], encrypting[0], revoked[0]} == {"AccessDeniedException"}
    assert by_cli("kms", "list-grants", "--key-id", key)["Grants"] == []
