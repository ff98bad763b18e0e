"""Every operation of KMS by boto3, through the lives of what they are about.

Each answer is held against AWS's own model of the service (see `json_answers.py`), and says what was
asked for. The last test fails for an operation of the server that none of these calls.
"""

import datetime
import json
import re
import uuid

import pytest
from calls import answer, refusal
from answers import operations_of
from policies import document

CONTEXT = {"team": "payments", "purpose": "größer & <besser>"}
TAGS = [{"TagKey": "team", "TagValue": "payments + co = @a"}, {"TagKey": "Größe", "TagValue": ""}]
SYMMETRIC = "SYMMETRIC_DEFAULT"


@pytest.fixture
def which(key):
    """Names a new key in a request."""
    return {"KeyId": key}


@pytest.fixture
def alias():
    """A name for an alias that no other test uses."""
    return f"alias/op/{uuid.uuid4()}"


@pytest.fixture
def grantee(root):
    """A user to give grants to."""
    return root.create_user(UserName=f"op-{uuid.uuid4().hex}")["User"]["Arn"]


def is_in(moment, **delta):
    """Whether it is so far from now, more or less."""
    expected = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**delta)
    return abs(expected - moment) < datetime.timedelta(minutes=5)


def listed(items):
    """The answer of a list that is whole."""
    return {**items, "Truncated": False}


def plain(key):
    """The id in a key's ARN."""
    return key.rpartition("/")[2]


def material_of(kms, key):
    """The id of the material that encrypts now."""
    return kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]


def test_the_life_of_a_key(kms, server):
    made = kms.create_key(Description="größer", Tags=TAGS)["KeyMetadata"]
    created, key, material = made["CreationDate"], made["KeyId"], made["CurrentKeyMaterialId"]
    which = {"KeyId": key}
    assert is_in(created) and re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", key)
    assert made == {
        "AWSAccountId": server.account,
        "KeyId": key,
        "Arn": f"arn:aws:kms:{server.region}:{server.account}:key/{key}",
        "CreationDate": created,
        "Enabled": True,
        "Description": "größer",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": SYMMETRIC,
        "KeySpec": SYMMETRIC,
        "EncryptionAlgorithms": [SYMMETRIC],
        "MultiRegion": False,
        "CurrentKeyMaterialId": material,
    }
    assert answer(kms.describe_key, **which) == {"KeyMetadata": made}
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
    assert {"KeyId": key, "KeyArn": made["Arn"]} in pages.build_full_result()["Keys"]

    assert answer(kms.update_key_description, **which, Description="") == {}
    assert answer(kms.disable_key, **which) == {}
    shown = kms.describe_key(**which)["KeyMetadata"]
    assert shown == {**made, "Description": "", "Enabled": False, "KeyState": "Disabled"}
    assert refusal(kms.encrypt, **which, Plaintext=b"x") == "DisabledException"
    assert answer(kms.enable_key, **which) == {}
    assert kms.describe_key(**which)["KeyMetadata"] == {**made, "Description": ""}

    scheduled = answer(kms.schedule_key_deletion, **which, PendingWindowInDays=8)
    deletion = scheduled["DeletionDate"]
    assert is_in(deletion, days=8)
    assert scheduled == {
        "KeyId": made["Arn"], "DeletionDate": deletion, "KeyState": "PendingDeletion", "PendingWindowInDays": 8
    }
    shown = kms.describe_key(**which)["KeyMetadata"]
    assert shown == {
        **made, "Description": "", "Enabled": False, "KeyState": "PendingDeletion", "DeletionDate": deletion
    }
    assert refusal(kms.encrypt, **which, Plaintext=b"x") == "KMSInvalidStateException"
    assert refusal(kms.enable_key, **which) == "KMSInvalidStateException"
    assert answer(kms.cancel_key_deletion, **which) == {"KeyId": made["Arn"]}
    assert kms.describe_key(**which)["KeyMetadata"]["KeyState"] == "Disabled"
    assert refusal(kms.cancel_key_deletion, **which) == "KMSInvalidStateException"
    assert refusal(kms.describe_key, KeyId=str(uuid.uuid4())) == "NotFoundException"


def test_ciphertexts(kms, key, which):
    other = kms.create_key()["KeyMetadata"]["Arn"]
    material, new_material = material_of(kms, key), material_of(kms, other)

    encrypted = answer(kms.encrypt, **which, Plaintext=b"hunter2", EncryptionContext=CONTEXT)
    blob = encrypted.pop("CiphertextBlob")
    decrypted = answer(kms.decrypt, CiphertextBlob=blob, EncryptionContext=CONTEXT)
    moved = answer(
        kms.re_encrypt,
        CiphertextBlob=blob, SourceEncryptionContext=CONTEXT,
        DestinationKeyId=other, DestinationEncryptionContext={"a": "b"},
    )
    new_blob = moved.pop("CiphertextBlob")

    assert encrypted == {"KeyId": key, "EncryptionAlgorithm": SYMMETRIC}
    opened = {"KeyId": key, "Plaintext": b"hunter2", "EncryptionAlgorithm": SYMMETRIC, "KeyMaterialId": material}
    assert decrypted == opened
    assert moved == {
        "SourceKeyId": key,
        "KeyId": other,
        "SourceEncryptionAlgorithm": SYMMETRIC,
        "DestinationEncryptionAlgorithm": SYMMETRIC,
        "SourceKeyMaterialId": material,
        "DestinationKeyMaterialId": new_material,
    }
    of_new = answer(kms.decrypt, CiphertextBlob=new_blob, EncryptionContext={"a": "b"}, KeyId=other)
    assert of_new == {**opened, "KeyId": other, "KeyMaterialId": new_material}
    assert refusal(kms.decrypt, CiphertextBlob=new_blob, EncryptionContext=CONTEXT) == "InvalidCiphertextException"
    assert refusal(kms.decrypt, CiphertextBlob=blob) == "InvalidCiphertextException"
    assert refusal(kms.decrypt, CiphertextBlob=blob[:-1], EncryptionContext=CONTEXT) == "InvalidCiphertextException"
    asked = {"CiphertextBlob": blob, "EncryptionContext": CONTEXT, "KeyId": other}
    assert refusal(kms.decrypt, **asked) == "IncorrectKeyException"
    assert refusal(kms.encrypt, **which, Plaintext=b"x", DryRun=True) == "DryRunOperationException"


def test_data_keys_and_random_bytes(kms, key, which):
    material = material_of(kms, key)

    data_key = answer(kms.generate_data_key, **which, KeySpec="AES_256", EncryptionContext=CONTEXT)
    hidden = answer(kms.generate_data_key_without_plaintext, **which, NumberOfBytes=7, EncryptionContext=CONTEXT)
    first, second = (answer(kms.generate_random, NumberOfBytes=1024)["Plaintext"] for _ in range(2))

    plaintext, blob = data_key.pop("Plaintext"), data_key.pop("CiphertextBlob")
    hidden_blob = hidden.pop("CiphertextBlob")
    assert data_key == hidden == {"KeyId": key, "KeyMaterialId": material}
    assert len(plaintext) == 32
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)["Plaintext"] == plaintext
    assert len(kms.decrypt(CiphertextBlob=hidden_blob, EncryptionContext=CONTEXT)["Plaintext"]) == 7
    assert len(first) == len(second) == 1024 and first != second
    assert refusal(kms.generate_data_key, **which) == "ValidationException"


def test_the_policy_of_a_key(kms, server, which):
    policy = kms.get_key_policy(**which)
    assert policy["PolicyName"] == "default"
    (statement,) = json.loads(policy["Policy"])["Statement"]
    root = f"arn:aws:iam::{server.account}:root"
    assert statement == {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "kms:*",
        "Resource": "*",
    }

    text = document({**statement, "Sid": "Größer"})
    assert answer(kms.put_key_policy, **which, Policy=text, PolicyName="default") == {}

    assert answer(kms.get_key_policy, **which) == {"Policy": text, "PolicyName": "default"}
    assert answer(kms.list_key_policies, **which) == listed({"PolicyNames": ["default"]})
    assert refusal(kms.get_key_policy, **which, PolicyName="other") == "NotFoundException"
    locking_out = document({**statement, "Action": "kms:DescribeKey"})
    assert refusal(kms.put_key_policy, **which, Policy=locking_out) == "MalformedPolicyDocumentException"
    assert answer(kms.put_key_policy, **which, Policy=locking_out, BypassPolicyLockoutSafetyCheck=True) == {}
    assert refusal(kms.get_key_policy, **which) == "AccessDeniedException"


def test_the_life_of_an_alias(kms, server, key, which, alias):
    other = kms.create_key()["KeyMetadata"]["Arn"]

    assert answer(kms.create_alias, AliasName=alias, TargetKeyId=key) == {}
    (shown,) = kms.list_aliases(**which)["Aliases"]
    created, updated = shown["CreationDate"], shown["LastUpdatedDate"]
    assert is_in(created) and created == updated
    assert shown == {
        "AliasName": alias,
        "AliasArn": f"arn:aws:kms:{server.region}:{server.account}:{alias}",
        "TargetKeyId": plain(key),
        "CreationDate": created,
        "LastUpdatedDate": updated,
    }
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"] == key
    assert refusal(kms.create_alias, AliasName=alias, TargetKeyId=other) == "AlreadyExistsException"

    assert answer(kms.update_alias, AliasName=alias, TargetKeyId=other) == {}
    assert answer(kms.list_aliases, **which) == listed({"Aliases": []})
    pages = kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 2}).build_full_result()
    (moved,) = [one for one in pages["Aliases"] if one["AliasName"] == alias]
    assert moved == {**shown, "TargetKeyId": plain(other), "LastUpdatedDate": moved["LastUpdatedDate"]}
    assert kms.describe_key(KeyId=shown["AliasArn"])["KeyMetadata"]["Arn"] == other

    assert answer(kms.delete_alias, AliasName=alias) == {}
    assert refusal(kms.describe_key, KeyId=alias) == "NotFoundException"
    assert refusal(kms.delete_alias, AliasName=alias) == "NotFoundException"


def test_the_life_of_grants(kms, server, key, which, grantee):
    root = f"arn:aws:iam::{server.account}:root"
    given = {
        "Name": "one",
        "GranteePrincipal": grantee,
        "RetiringPrincipal": root,
        "Operations": ["Decrypt", "GenerateDataKey"],
        "Constraints": {"EncryptionContextEquals": CONTEXT},
    }

    made = answer(kms.create_grant, **which, **given)
    again = answer(kms.create_grant, **which, **given)
    assert made.keys() == {"GrantId", "GrantToken"}
    assert (again["GrantId"], again["GrantToken"] != made["GrantToken"]) == (made["GrantId"], True)
    (shown,) = kms.list_grants(**which, GranteePrincipal=grantee)["Grants"]
    assert is_in(shown["CreationDate"])
    expected = {
        **given,
        "KeyId": key,
        "GrantId": made["GrantId"],
        "IssuingAccount": root,
        "CreationDate": shown["CreationDate"],
    }
    assert shown == expected
    pages = kms.get_paginator("list_retirable_grants").paginate(
        RetiringPrincipal=root, PaginationConfig={"PageSize": 1}
    )
    assert expected in pages.build_full_result()["Grants"]

    second = kms.create_grant(**which, GranteePrincipal=grantee, Operations=["Encrypt"])["GrantId"]
    assert answer(kms.retire_grant, GrantToken=again["GrantToken"]) == {}
    (left,) = kms.list_grants(**which)["Grants"]
    assert (left["GrantId"], left["Name"]) == (second, "")
    assert answer(kms.revoke_grant, **which, GrantId=second) == {}
    assert answer(kms.list_grants, **which) == listed({"Grants": []})
    assert refusal(kms.revoke_grant, **which, GrantId=second) == "NotFoundException"
    nobody = {**given, "GranteePrincipal": f"{grantee}x"}
    assert refusal(kms.create_grant, **which, **nobody) == "InvalidArnException"


def test_tags(kms, which):
    assert answer(kms.list_resource_tags, **which) == listed({"Tags": []})

    assert answer(kms.tag_resource, **which, Tags=TAGS) == {}
    assert answer(kms.tag_resource, **which, Tags=[{"TagKey": "team", "TagValue": "other"}]) == {}
    assert answer(kms.untag_resource, **which, TagKeys=["Größe", "never there"]) == {}

    assert answer(kms.list_resource_tags, **which) == listed({"Tags": [{"TagKey": "team", "TagValue": "other"}]})
    assert refusal(kms.tag_resource, **which, Tags=[{"TagKey": "aws:x", "TagValue": ""}]) == "TagException"


def test_rotation(kms, key, which):
    first = material_of(kms, key)
    assert answer(kms.get_key_rotation_status, **which) == {"KeyId": plain(key), "KeyRotationEnabled": False}

    assert answer(kms.enable_key_rotation, **which, RotationPeriodInDays=90) == {}
    status = answer(kms.get_key_rotation_status, **which)
    assert is_in(status.pop("NextRotationDate"), days=90)
    assert status == {"KeyId": plain(key), "KeyRotationEnabled": True, "RotationPeriodInDays": 90}
    assert answer(kms.disable_key_rotation, **which) == {}
    assert kms.get_key_rotation_status(**which)["KeyRotationEnabled"] is False

    assert answer(kms.rotate_key_on_demand, **which) == {"KeyId": plain(key)}
    second = material_of(kms, key)
    (rotation,) = kms.list_key_rotations(**which)["Rotations"]
    assert is_in(rotation["RotationDate"])
    assert (rotation["KeyMaterialId"], rotation["RotationType"]) == (second, "ON_DEMAND")
    all_material = kms.list_key_rotations(**which, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    states = {one["KeyMaterialId"]: one["KeyMaterialState"] for one in all_material}
    assert states == {first: "NON_CURRENT", second: "CURRENT"}


# botocore reads either name, and so do most clients; the model of KMS has this one only.
def test_an_error_names_its_text_as_the_model_does(session):
    kms, bodies = session.client("kms"), []
    keep = lambda http_response, **_: bodies.append(json.loads(http_response.content))
    kms.meta.events.register("after-call.kms", keep)
    missing = f"alias/{uuid.uuid4()}"

    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId=missing)

    (body,) = bodies
    assert body.keys() == {"__type", "message"}


def test_every_operation_of_the_server_was_called(whole_module, recorder):
    assert operations_of("kms") - recorder.done["kms"] == set()
