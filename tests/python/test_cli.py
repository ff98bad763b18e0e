"""The AWS CLI, unchanged, with the two files that the server writes and in another directory."""

import base64
import json
import re

# How version 1 of the CLI ends when the service refuses; version 2 ends with 254.
SERVICE_REFUSED = 255


def test_the_tutorial_of_the_user_guide_works(server, secretsmanager):
    created = secretsmanager(
        "create-secret",
        "--name", "tutorials/MyFirstTutorialSecret",
        "--description", "The secret I created for the first tutorial",
        "--secret-string", '{"username":"myserviceusername","password":"MyVerySecureP@ssw0rd!"}',
    )
    described = secretsmanager("describe-secret", "--secret-id", "tutorials/MyFirstTutorialSecret")
    value = secretsmanager(
        "get-secret-value",
        "--secret-id", "tutorials/MyFirstTutorialSecret",
        "--version-stage", "AWSCURRENT",
    )

    prefix = f"arn:aws:secretsmanager:us-east-1:{server.account}:secret:tutorials/MyFirstTutorialSecret-"
    assert re.fullmatch(re.escape(prefix) + "[0-9A-Za-z]{6}", created["ARN"])
    assert created["Name"] == "tutorials/MyFirstTutorialSecret"
    assert described["Description"] == "The secret I created for the first tutorial"
    assert described["VersionIdsToStages"] == {created["VersionId"]: ["AWSCURRENT"]}
    assert json.loads(value["SecretString"]) == {
        "username": "myserviceusername",
        "password": "MyVerySecureP@ssw0rd!",
    }
    assert value["ARN"] == described["ARN"] == created["ARN"]


def test_a_query_gives_the_bare_value(cli, secretsmanager, name):
    secretsmanager("create-secret", "--name", name, "--secret-string", "hunter2")

    finished = cli(
        "secretsmanager", "get-secret-value", "--secret-id", name,
        "--query", "SecretString", "--output", "text",
    )

    assert finished.stdout == "hunter2\n"


def test_a_new_value_becomes_current(secretsmanager, name):
    first = secretsmanager("create-secret", "--name", name, "--secret-string", "one")

    put = secretsmanager("put-secret-value", "--secret-id", name, "--secret-string", "two")
    current = secretsmanager("get-secret-value", "--secret-id", name)
    previous = secretsmanager("get-secret-value", "--secret-id", name, "--version-stage", "AWSPREVIOUS")
    versions = secretsmanager("list-secret-version-ids", "--secret-id", name)

    assert put["VersionStages"] == ["AWSCURRENT"]
    assert (current["SecretString"], current["VersionId"]) == ("two", put["VersionId"])
    assert (previous["SecretString"], previous["VersionId"]) == ("one", first["VersionId"])
    assert {version["VersionId"] for version in versions["Versions"]} == {
        first["VersionId"],
        put["VersionId"],
    }


def test_values_come_from_files(secretsmanager, name, tmp_path):
    (tmp_path / "value.json").write_text('{"password": "ünïcödé"}\n', encoding="utf-8")
    (tmp_path / "value.bin").write_bytes(bytes(range(256)))

    secretsmanager("create-secret", "--name", name, "--secret-string", "file://value.json")
    text = secretsmanager("get-secret-value", "--secret-id", name)
    secretsmanager("put-secret-value", "--secret-id", name, "--secret-binary", "fileb://value.bin")
    binary = secretsmanager("get-secret-value", "--secret-id", name)

    assert text["SecretString"] == '{"password": "ünïcödé"}\n'
    assert base64.b64decode(binary["SecretBinary"]) == bytes(range(256))


def test_lists_are_filtered_and_paged(secretsmanager, name):
    names = [f"{name}/{number}" for number in range(5)]
    for one in names:
        secretsmanager("create-secret", "--name", one, "--secret-string", "x")
    filters = ["--filters", f"Key=name,Values={name}/"]

    everything = secretsmanager("list-secrets", *filters)
    in_pages = secretsmanager("list-secrets", *filters, "--page-size", "2")
    first = secretsmanager("list-secrets", *filters, "--max-items", "3")
    rest = secretsmanager("list-secrets", *filters, "--starting-token", first["NextToken"])

    def listed(output):
        return [secret["Name"] for secret in output["SecretList"]]

    assert sorted(listed(everything)) == names
    assert listed(in_pages) == listed(everything)
    assert len(listed(first)) == 3
    assert listed(first) + listed(rest) == listed(everything)


def test_tags_are_set_and_removed(secretsmanager, name):
    secretsmanager("create-secret", "--name", name, "--tags", '[{"Key":"team","Value":"one"}]')

    secretsmanager("tag-resource", "--secret-id", name, "--tags", "Key=stage,Value=test")
    tagged = secretsmanager("describe-secret", "--secret-id", name)
    secretsmanager("untag-resource", "--secret-id", name, "--tag-keys", "team", "stage")
    untagged = secretsmanager("describe-secret", "--secret-id", name)

    assert tagged["Tags"] == [{"Key": "team", "Value": "one"}, {"Key": "stage", "Value": "test"}]
    assert untagged["Tags"] == []


def test_a_deletion_is_taken_back(cli, secretsmanager, name):
    secretsmanager("create-secret", "--name", name, "--secret-string", "one")

    deleted = secretsmanager("delete-secret", "--secret-id", name, "--recovery-window-in-days", "7")
    refused = cli("secretsmanager", "get-secret-value", "--secret-id", name)
    secretsmanager("restore-secret", "--secret-id", name)
    value = secretsmanager("get-secret-value", "--secret-id", name)

    assert deleted["Name"] == name and deleted["DeletionDate"]
    assert refused.returncode == SERVICE_REFUSED
    assert "(InvalidRequestException)" in refused.stderr
    assert value["SecretString"] == "one"


def test_a_forced_deletion_frees_the_name(secretsmanager, name):
    first = secretsmanager("create-secret", "--name", name, "--secret-string", "one")

    secretsmanager("delete-secret", "--secret-id", name, "--force-delete-without-recovery")
    second = secretsmanager("create-secret", "--name", name, "--secret-string", "two")

    assert first["ARN"] != second["ARN"]


def test_a_label_is_moved_and_a_description_changed(secretsmanager, name):
    old = secretsmanager("create-secret", "--name", name, "--secret-string", "one")["VersionId"]
    new = secretsmanager("update-secret", "--secret-id", name, "--secret-string", "two")["VersionId"]

    secretsmanager(
        "update-secret-version-stage", "--secret-id", name, "--version-stage", "AWSCURRENT",
        "--remove-from-version-id", new, "--move-to-version-id", old,
    )
    secretsmanager("update-secret", "--secret-id", name, "--description", "rolled back")
    described = secretsmanager("describe-secret", "--secret-id", name)

    assert described["VersionIdsToStages"] == {old: ["AWSCURRENT"], new: ["AWSPREVIOUS"]}
    assert described["Description"] == "rolled back"


def test_passwords_are_random(secretsmanager):
    options = ["get-random-password", "--password-length", "20", "--exclude-punctuation"]

    passwords = [secretsmanager(*options)["RandomPassword"] for _ in range(2)]

    assert all(re.fullmatch("[0-9A-Za-z]{20}", password) for password in passwords)
    assert passwords[0] != passwords[1]


def test_a_batch_is_read(secretsmanager, name):
    secretsmanager("create-secret", "--name", name, "--secret-string", "one")

    batch = secretsmanager("batch-get-secret-value", "--secret-id-list", name, f"{name}/none")

    assert [value["SecretString"] for value in batch["SecretValues"]] == ["one"]
    assert [error["ErrorCode"] for error in batch["Errors"]] == ["ResourceNotFoundException"]


def test_an_error_goes_to_standard_error_with_a_code_of_its_own(cli, name):
    finished = cli("secretsmanager", "get-secret-value", "--secret-id", name)

    assert (finished.returncode, finished.stdout) == (SERVICE_REFUSED, "")
    assert finished.stderr.strip().endswith(
        "An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation: "
        "Secrets Manager can't find the specified secret."
    )


def test_the_caller_is_the_root_of_the_account(server, cli):
    finished = cli("sts", "get-caller-identity")

    assert json.loads(finished.stdout) == {
        "UserId": server.account,
        "Account": server.account,
        "Arn": f"arn:aws:iam::{server.account}:root",
    }
