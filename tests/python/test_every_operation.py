"""Every operation of IAM and STS by boto3, through the lives of what they are about.

Each answer is held against AWS's own model of the service (see `answers.py`), and says what was
asked for. The last test fails for an operation of the server that none of these calls.
"""

import datetime
import json
import re
import uuid

import pytest
from calls import answer, refusal
from answers import operations_of
from policies import document, may, may_read, trusting

READ_ONLY = "arn:aws:iam::aws:policy/AWSSecretsManagerClientReadOnlyAccess"
TAGS = [{"Key": "team", "Value": "payments + co = @a"}, {"Key": "Größe", "Value": "größer"}, {"Key": "empty", "Value": ""}]
# What a document must survive on its way into XML, a percent encoding and back.
AWKWARD = document(
    {
        "Sid": "Awkward",
        "Effect": "Allow",
        "Action": ["secretsmanager:Get*", "secretsmanager:List*"],
        "Resource": "*",
        "Condition": {"StringLike": {"aws:PrincipalTag/team": ["payments & <co> +%20", "größe \"ß\" \U0001f511"]}},
    }
)
TRUST = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})


@pytest.fixture
def unique():
    """Begins the names of one test."""
    return f"op-{uuid.uuid4().hex}"


@pytest.fixture
def path(unique):
    """A path that only one test uses."""
    return f"/{unique}/"


@pytest.fixture
def user(root, unique, path):
    """A user, as it was made."""
    return root.create_user(UserName=unique, Path=path)["User"]


@pytest.fixture
def policy(root, unique, path):
    """A managed policy, as it was made."""
    return root.create_policy(PolicyName=unique, Path=path, PolicyDocument=AWKWARD)["Policy"]


def is_recent(moment):
    return abs(datetime.datetime.now(datetime.timezone.utc) - moment) < datetime.timedelta(minutes=5)


def boundary(arn):
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


def listed(items):
    """The answer of a list that is whole."""
    return {**items, "IsTruncated": False}


def test_the_life_of_a_user(root, server, unique, path):
    arn = f"arn:aws:iam::{server.account}:user{path}{unique}"
    given = {"UserName": unique, "Path": path, "Tags": TAGS}

    made = root.create_user(**given, PermissionsBoundary=READ_ONLY)["User"]
    created, user_id = made.pop("CreateDate"), made.pop("UserId")
    assert made == {**given, "Arn": arn, "PermissionsBoundary": boundary(READ_ONLY)}
    assert is_recent(created) and re.fullmatch("AIDA[A-Z2-7]{17}", user_id)
    shown = {**made, "CreateDate": created, "UserId": user_id}
    assert answer(root.get_user, UserName=unique) == {"User": shown}
    in_list = {key: shown[key] for key in ("Path", "UserName", "UserId", "Arn", "CreateDate")}
    assert answer(root.list_users, PathPrefix=path) == listed({"Users": [in_list]})
    assert refusal(root.create_user, UserName=unique) == "EntityAlreadyExists"

    root.delete_user_permissions_boundary(UserName=unique)
    assert "PermissionsBoundary" not in root.get_user(UserName=unique)["User"]
    root.put_user_permissions_boundary(UserName=unique, PermissionsBoundary=READ_ONLY)
    assert root.get_user(UserName=unique)["User"]["PermissionsBoundary"] == boundary(READ_ONLY)

    root.update_user(UserName=unique, NewUserName=f"{unique}-2", NewPath="/moved/")
    moved = root.get_user(UserName=f"{unique}-2")["User"]
    assert moved == {
        **shown,
        "UserName": f"{unique}-2",
        "Path": "/moved/",
        "Arn": f"arn:aws:iam::{server.account}:user/moved/{unique}-2",
    }
    assert refusal(root.get_user, UserName=unique) == "NoSuchEntity"
    root.delete_user(UserName=f"{unique}-2")
    assert refusal(root.delete_user, UserName=f"{unique}-2") == "NoSuchEntity"


def test_what_users_here_never_have(root, user):
    name = {"UserName": user["UserName"]}

    assert refusal(root.get_login_profile, **name) == "NoSuchEntity"
    assert answer(root.list_mfa_devices, **name) == listed({"MFADevices": []})
    assert answer(root.list_signing_certificates, **name) == listed({"Certificates": []})
    assert answer(root.list_ssh_public_keys, **name) == listed({"SSHPublicKeys": []})
    credentials = answer(root.list_service_specific_credentials, **name)
    assert credentials["ServiceSpecificCredentials"] == []
    assert answer(root.list_account_aliases) == listed({"AccountAliases": []})


def test_the_life_of_an_access_key(root, recorded, user, unique):
    made = root.create_access_key(UserName=unique)["AccessKey"]
    assert re.fullmatch("AKIA[A-Z2-7]{16}", made["AccessKeyId"]) and len(made["SecretAccessKey"]) == 40
    assert is_recent(made["CreateDate"])
    key = {name: made[name] for name in ("UserName", "AccessKeyId", "Status", "CreateDate")}
    assert (key["UserName"], key["Status"]) == (unique, "Active")
    assert answer(root.list_access_keys, UserName=unique) == listed({"AccessKeyMetadata": [key]})
    unused = answer(root.get_access_key_last_used, AccessKeyId=key["AccessKeyId"])
    assert unused == {"UserName": unique, "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}

    # Its holder needs no name to mean itself.
    root.put_user_policy(UserName=unique, PolicyName="self", PolicyDocument=may("iam:*", user["Arn"]))
    own = recorded("iam", made)
    assert own.get_user()["User"] == user
    assert answer(own.list_access_keys) == listed({"AccessKeyMetadata": [key]})
    used = answer(root.get_access_key_last_used, AccessKeyId=key["AccessKeyId"])
    assert is_recent(used["AccessKeyLastUsed"].pop("LastUsedDate"))
    assert used == {"UserName": unique, "AccessKeyLastUsed": {"ServiceName": "iam", "Region": "us-east-1"}}

    root.create_access_key(UserName=unique)
    assert refusal(root.create_access_key, UserName=unique) == "LimitExceeded"
    root.update_access_key(UserName=unique, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    keys = root.list_access_keys(UserName=unique)["AccessKeyMetadata"]
    statuses = {one["AccessKeyId"]: one["Status"] for one in keys}
    assert len(statuses) == 2 and statuses[key["AccessKeyId"]] == "Inactive"
    root.delete_access_key(UserName=unique, AccessKeyId=key["AccessKeyId"])
    assert key["AccessKeyId"] not in str(root.list_access_keys(UserName=unique))


def test_the_life_of_a_group(root, server, unique, path, user):
    made = root.create_group(GroupName=unique, Path=path)["Group"]
    created, group_id = made.pop("CreateDate"), made.pop("GroupId")
    assert made == {"GroupName": unique, "Path": path, "Arn": f"arn:aws:iam::{server.account}:group{path}{unique}"}
    assert is_recent(created) and re.fullmatch("AGPA[A-Z2-7]{17}", group_id)
    shown = {**made, "CreateDate": created, "GroupId": group_id}
    assert answer(root.get_group, GroupName=unique) == listed({"Group": shown, "Users": []})
    assert answer(root.list_groups, PathPrefix=path) == listed({"Groups": [shown]})

    root.add_user_to_group(GroupName=unique, UserName=unique)
    assert answer(root.get_group, GroupName=unique) == listed({"Group": shown, "Users": [user]})
    assert answer(root.list_groups_for_user, UserName=unique) == listed({"Groups": [shown]})
    assert refusal(root.delete_group, GroupName=unique) == "DeleteConflict"
    root.remove_user_from_group(GroupName=unique, UserName=unique)
    assert answer(root.list_groups_for_user, UserName=unique) == listed({"Groups": []})

    root.update_group(GroupName=unique, NewGroupName=f"{unique}-2", NewPath="/moved/")
    moved = root.get_group(GroupName=f"{unique}-2")["Group"]
    assert (moved["Path"], moved["GroupId"]) == ("/moved/", group_id)
    root.delete_group(GroupName=f"{unique}-2")
    assert refusal(root.get_group, GroupName=f"{unique}-2") == "NoSuchEntity"


def test_the_life_of_a_role(root, server, unique, path, user):
    given = {"RoleName": unique, "Path": path, "Description": "<one> & only", "MaxSessionDuration": 7200, "Tags": TAGS}

    made = root.create_role(**given, AssumeRolePolicyDocument=TRUST, PermissionsBoundary=READ_ONLY)["Role"]
    created, role_id = made.pop("CreateDate"), made.pop("RoleId")
    expected = {
        **given,
        "Arn": f"arn:aws:iam::{server.account}:role{path}{unique}",
        "AssumeRolePolicyDocument": json.loads(TRUST),
        "PermissionsBoundary": boundary(READ_ONLY),
    }
    assert made == expected
    assert is_recent(created) and re.fullmatch("AROA[A-Z2-7]{17}", role_id)
    shown = {**expected, "CreateDate": created, "RoleId": role_id}
    assert root.get_role(RoleName=unique)["Role"] == {**shown, "RoleLastUsed": {}}
    in_list = {key: shown[key] for key in shown.keys() - {"Tags", "PermissionsBoundary"}}
    assert answer(root.list_roles, PathPrefix=path) == listed({"Roles": [in_list]})
    assert answer(root.list_instance_profiles_for_role, RoleName=unique) == listed({"InstanceProfiles": []})

    root.delete_role_permissions_boundary(RoleName=unique)
    assert "PermissionsBoundary" not in root.get_role(RoleName=unique)["Role"]
    root.put_role_permissions_boundary(RoleName=unique, PermissionsBoundary=READ_ONLY)
    assert root.get_role(RoleName=unique)["Role"]["PermissionsBoundary"] == boundary(READ_ONLY)

    assert answer(root.update_role, RoleName=unique, Description="Zwei", MaxSessionDuration=3600) == {}
    updated = root.get_role(RoleName=unique)["Role"]
    assert (updated["Description"], updated["MaxSessionDuration"]) == ("Zwei", 3600)
    described = root.update_role_description(RoleName=unique, Description="Drei")["Role"]
    assert (described["RoleId"], described["Description"]) == (role_id, "Drei")
    root.update_assume_role_policy(RoleName=unique, PolicyDocument=trusting(user["Arn"]))
    assert root.get_role(RoleName=unique)["Role"]["AssumeRolePolicyDocument"] == json.loads(trusting(user["Arn"]))
    assert refusal(root.update_assume_role_policy, RoleName=unique, PolicyDocument="{") == "MalformedPolicyDocument"

    root.delete_role(RoleName=unique)
    assert refusal(root.get_role, RoleName=unique) == "NoSuchEntity"


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_the_policies_of_an_identity(root, unique, kind):
    """Inline and attached policies, which users, groups and roles have in the same way."""

    def call(operation):
        return getattr(root, operation.replace("KIND", kind))

    needed = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
    who = {f"{kind.title()}Name": unique}
    call("create_KIND")(**who, **needed)

    call("put_KIND_policy")(**who, PolicyName="one", PolicyDocument=may_read("*"))
    call("put_KIND_policy")(**who, PolicyName="one", PolicyDocument=AWKWARD)
    got = answer(call("get_KIND_policy"), **who, PolicyName="one")
    assert got == {**who, "PolicyName": "one", "PolicyDocument": json.loads(AWKWARD)}
    assert answer(call("list_KIND_policies"), **who) == listed({"PolicyNames": ["one"]})
    assert refusal(call("delete_KIND"), **who) == "DeleteConflict"
    call("delete_KIND_policy")(**who, PolicyName="one")
    assert refusal(call("get_KIND_policy"), **who, PolicyName="one") == "NoSuchEntity"
    assert answer(call("list_KIND_policies"), **who) == listed({"PolicyNames": []})

    call("attach_KIND_policy")(**who, PolicyArn=READ_ONLY)
    attached = [{"PolicyName": READ_ONLY.rpartition("/")[2], "PolicyArn": READ_ONLY}]
    assert answer(call("list_attached_KIND_policies"), **who) == listed({"AttachedPolicies": attached})
    assert unique in str(root.list_entities_for_policy(PolicyArn=READ_ONLY, EntityFilter=kind.title()))
    assert refusal(call("delete_KIND"), **who) == "DeleteConflict"
    call("detach_KIND_policy")(**who, PolicyArn=READ_ONLY)
    assert answer(call("list_attached_KIND_policies"), **who) == listed({"AttachedPolicies": []})
    assert refusal(call("detach_KIND_policy"), **who, PolicyArn=READ_ONLY) == "NoSuchEntity"
    call("delete_KIND")(**who)


def test_the_life_of_a_managed_policy(root, server, unique, path, user):
    given = {"PolicyName": unique, "Path": path, "Description": "Reads <one> & only", "Tags": TAGS}
    arn = f"arn:aws:iam::{server.account}:policy{path}{unique}"

    made = root.create_policy(**given, PolicyDocument=AWKWARD)["Policy"]
    assert is_recent(made["CreateDate"]) and made["UpdateDate"] == made["CreateDate"]
    assert re.fullmatch("ANPA[A-Z2-7]{17}", made["PolicyId"])
    expected = {
        **given,
        "Arn": arn,
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        **{key: made[key] for key in ("PolicyId", "CreateDate", "UpdateDate")},
    }
    # What was just made is told without its description.
    assert {**made, "Description": given["Description"]} == expected
    assert root.get_policy(PolicyArn=arn)["Policy"] == expected

    second = root.create_policy_version(PolicyArn=arn, PolicyDocument=may_read("*"), SetAsDefault=True)["PolicyVersion"]
    assert is_recent(second.pop("CreateDate"))
    assert second == {"VersionId": "v2", "IsDefaultVersion": True}
    first = root.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert first == {
        "Document": json.loads(AWKWARD),
        "VersionId": "v1",
        "IsDefaultVersion": False,
        "CreateDate": made["CreateDate"],
    }
    versions = root.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in versions] == [("v2", True), ("v1", False)]
    assert refusal(root.delete_policy_version, PolicyArn=arn, VersionId="v2") == "DeleteConflict"
    root.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    assert root.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v1"
    root.delete_policy_version(PolicyArn=arn, VersionId="v2")
    assert [one["VersionId"] for one in root.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v1"]

    root.attach_user_policy(UserName=unique, PolicyArn=arn)
    root.put_user_permissions_boundary(UserName=unique, PermissionsBoundary=arn)
    (in_list,) = root.list_policies(Scope="Local", OnlyAttached=True, PathPrefix=path)["Policies"]
    assert (in_list["AttachmentCount"], in_list["PermissionsBoundaryUsageCount"]) == (1, 1)
    assert {key: in_list[key] for key in ("PolicyName", "PolicyId", "Arn", "Path", "CreateDate")} == {
        key: made[key] for key in ("PolicyName", "PolicyId", "Arn", "Path", "CreateDate")
    }
    entities = answer(root.list_entities_for_policy, PolicyArn=arn, PolicyUsageFilter="PermissionsPolicy")
    only_user = [{"UserName": unique, "UserId": user["UserId"]}]
    assert entities == listed({"PolicyUsers": only_user, "PolicyGroups": [], "PolicyRoles": []})
    assert refusal(root.delete_policy, PolicyArn=arn) == "DeleteConflict"
    root.detach_user_policy(UserName=unique, PolicyArn=arn)
    root.delete_user_permissions_boundary(UserName=unique)
    root.delete_policy(PolicyArn=arn)
    assert refusal(root.get_policy, PolicyArn=arn) == "NoSuchEntity"


def test_every_aws_managed_policy_is_shown(root):
    for one in root.list_policies(Scope="AWS")["Policies"]:
        shown = root.get_policy(PolicyArn=one["Arn"])["Policy"]
        version = root.get_policy_version(PolicyArn=one["Arn"], VersionId=shown["DefaultVersionId"])["PolicyVersion"]

        assert {**one, "Description": shown["Description"], "Tags": []} == {"Tags": [], **shown}
        assert version["IsDefaultVersion"] and version["Document"]["Version"] == "2012-10-17"


@pytest.mark.parametrize("kind", ["user", "role", "policy", "open_id_connect_provider"])
def test_the_tags_of_everything_that_has_tags(root, unique, kind):
    url = f"https://{unique}.example.test/a"
    if kind == "policy":
        which = {"PolicyArn": root.create_policy(PolicyName=unique, PolicyDocument=AWKWARD)["Policy"]["Arn"]}
    elif kind == "open_id_connect_provider":
        which = answer(root.create_open_id_connect_provider, Url=url)
    else:
        needed = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
        which = {f"{kind.title()}Name": unique}
        getattr(root, f"create_{kind}")(**which, **needed)
    tag, untag, tags_of = (getattr(root, name) for name in (f"tag_{kind}", f"untag_{kind}", f"list_{kind}_tags"))
    assert answer(tags_of, **which) == listed({"Tags": []})

    tag(**which, Tags=TAGS)
    tag(**which, Tags=[{"Key": "team", "Value": "other"}])
    untag(**which, TagKeys=["empty", "never there"])

    tags = {tag["Key"]: tag["Value"] for tag in tags_of(**which)["Tags"]}
    assert tags == {"team": "other", "Größe": "größer"}
    getattr(root, f"delete_{kind}")(**which)


def test_the_life_of_a_provider(root, unique):
    url, thumbprint = f"{unique}.example.test/cluster", "a" * 40
    made = answer(
        root.create_open_id_connect_provider,
        Url=f"https://{url}", ClientIDList=["one"], ThumbprintList=[thumbprint], Tags=TAGS,
    )
    arn = made["OpenIDConnectProviderArn"]
    which = {"OpenIDConnectProviderArn": arn}
    assert arn.endswith(f":oidc-provider/{url}") and made["Tags"] == TAGS
    assert {"Arn": arn} in root.list_open_id_connect_providers()["OpenIDConnectProviderList"]

    root.add_client_id_to_open_id_connect_provider(**which, ClientID="two")
    root.remove_client_id_from_open_id_connect_provider(**which, ClientID="one")
    root.update_open_id_connect_provider_thumbprint(**which, ThumbprintList=["b" * 40])
    shown = answer(root.get_open_id_connect_provider, **which)
    assert is_recent(shown.pop("CreateDate"))
    assert shown == {"Url": url, "ClientIDList": ["two"], "ThumbprintList": ["b" * 40], "Tags": TAGS}

    root.delete_open_id_connect_provider(**which)
    assert refusal(root.get_open_id_connect_provider, **which) == "NoSuchEntity"


def test_the_account_in_numbers_and_in_full(root, unique, path, user, policy):
    before = root.get_account_summary()["SummaryMap"]
    root.create_group(GroupName=unique, Path=path)
    root.add_user_to_group(GroupName=unique, UserName=unique)
    root.put_group_policy(GroupName=unique, PolicyName="one", PolicyDocument=AWKWARD)
    root.create_role(RoleName=unique, Path=path, AssumeRolePolicyDocument=TRUST, Tags=TAGS)
    root.attach_role_policy(RoleName=unique, PolicyArn=policy["Arn"])
    root.put_role_permissions_boundary(RoleName=unique, PermissionsBoundary=policy["Arn"])
    after = root.get_account_summary()["SummaryMap"]

    grown = {key: after[key] - before[key] for key in ("Users", "Groups", "Roles", "Policies")}
    assert grown == {"Users": 0, "Groups": 1, "Roles": 1, "Policies": 0}
    details = root.get_paginator("get_account_authorization_details").paginate().build_full_result()
    (found_user,) = [one for one in details["UserDetailList"] if one["UserName"] == unique]
    (found_group,) = [one for one in details["GroupDetailList"] if one["GroupName"] == unique]
    (found_role,) = [one for one in details["RoleDetailList"] if one["RoleName"] == unique]
    (found_policy,) = [one for one in details["Policies"] if one["PolicyName"] == unique]
    inline = [{"PolicyName": "one", "PolicyDocument": json.loads(AWKWARD)}]
    assert found_user == {**user, "UserPolicyList": [], "GroupList": [unique], "AttachedManagedPolicies": []}
    assert (found_group["GroupPolicyList"], found_group["AttachedManagedPolicies"]) == (inline, [])
    assert found_role == {
        **{key: found_role[key] for key in ("RoleId", "CreateDate", "Arn")},
        "RoleName": unique,
        "Path": path,
        "AssumeRolePolicyDocument": json.loads(TRUST),
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": [{"PolicyName": unique, "PolicyArn": policy["Arn"]}],
        "PermissionsBoundary": boundary(policy["Arn"]),
        "Tags": TAGS,
        "RoleLastUsed": {},
    }
    (version,) = found_policy.pop("PolicyVersionList")
    assert found_policy == {**policy, "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 1}
    assert (version["VersionId"], version["IsDefaultVersion"], version["Document"]) == ("v1", True, json.loads(AWKWARD))
    only = root.get_account_authorization_details(Filter=["Group"])
    assert only["GroupDetailList"] and not only["UserDetailList"] + only["RoleDetailList"] + only["Policies"]


def test_simulations(root, unique, user):
    read, one, other = "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:1:secret:a", "arn:x:y:::b"
    conditional = document(
        {
            "Effect": "Allow",
            "Action": read,
            "Resource": one,
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "payments", "aws:RequestedRegion": "us-east-1"}},
        }
    )
    root.put_user_policy(UserName=unique, PolicyName="one", PolicyDocument=conditional)
    region = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string", "ContextKeyValues": ["us-east-1"]}
    team = {"ContextKeyName": "aws:PrincipalTag/team", "ContextKeyType": "string", "ContextKeyValues": ["payments"]}
    question = {"ActionNames": [read], "ResourceArns": [one, other]}

    custom = root.simulate_custom_policy(
        PolicyInputList=[conditional],
        PermissionsBoundaryPolicyInputList=[may("secretsmanager:*")],
        ContextEntries=[region, team],
        **question,
    )
    allowed, denied = custom["EvaluationResults"]
    principal = root.simulate_principal_policy(PolicySourceArn=user["Arn"], ContextEntries=[region], **question)
    missing = principal["EvaluationResults"][0]

    assert (allowed["EvalActionName"], allowed["EvalResourceName"], allowed["EvalDecision"]) == (read, one, "allowed")
    (statement,) = allowed["MatchedStatements"]
    assert statement["SourcePolicyId"] == "PolicyInputList.1"
    assert statement["StartPosition"].keys() == statement["EndPosition"].keys() == {"Line", "Column"}
    assert allowed["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    assert (denied["EvalDecision"], denied["MatchedStatements"]) == ("implicitDeny", [])
    assert (missing["EvalDecision"], missing["MissingContextValues"]) == ("implicitDeny", ["aws:PrincipalTag/team"])
    keys = {"aws:PrincipalTag/team", "aws:RequestedRegion"}
    of_custom = root.get_context_keys_for_custom_policy(PolicyInputList=[conditional])["ContextKeyNames"]
    of_principal = root.get_context_keys_for_principal_policy(PolicySourceArn=user["Arn"])["ContextKeyNames"]
    assert (set(of_custom), set(of_principal)) == (keys, keys)


def test_sessions(root, recorded, server, issuer, provider, unique, user):
    host = issuer.url.removeprefix("https://")
    trust = json.loads(trusting(user["Arn"], "sts:TagSession", "sts:SetSourceIdentity"))
    trust["Statement"].append(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{host}:sub": unique}},
        }
    )
    role = root.create_role(RoleName=unique, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    keys = root.create_access_key(UserName=unique)["AccessKey"]
    sts = recorded("sts", keys)

    caller = answer(sts.get_caller_identity)
    session = sts.get_session_token(DurationSeconds=900)["Credentials"]
    assumed = answer(
        sts.assume_role,
        RoleArn=role["Arn"], RoleSessionName="app@1", DurationSeconds=900, ExternalId="x1", SourceIdentity="somebody",
        Policy=may("secretsmanager:*"), PolicyArns=[{"arn": READ_ONLY}], Tags=TAGS, TransitiveTagKeys=["team"],
    )
    token = issuer.token(unique)
    of_web = answer(
        sts.assume_role_with_web_identity, RoleArn=role["Arn"], RoleSessionName="pod", WebIdentityToken=token
    )

    assert caller == {"UserId": user["UserId"], "Account": server.account, "Arn": user["Arn"]}
    for credentials, seconds in [(session, 900), (assumed["Credentials"], 900), (of_web["Credentials"], 3600)]:
        left = credentials["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
        assert datetime.timedelta(seconds=seconds - 100) < left <= datetime.timedelta(seconds=seconds)
        assert re.fullmatch("ASIA[A-Z2-7]{16}", credentials["AccessKeyId"])
    arn = f"arn:aws:sts::{server.account}:assumed-role/{unique}"
    assert assumed["AssumedRoleUser"] == {"AssumedRoleId": f"{role['RoleId']}:app@1", "Arn": f"{arn}/app@1"}
    assert assumed["SourceIdentity"] == "somebody" and 0 < assumed["PackedPolicySize"] <= 100
    assert of_web["AssumedRoleUser"] == {"AssumedRoleId": f"{role['RoleId']}:pod", "Arn": f"{arn}/pod"}
    assert (of_web["SubjectFromWebIdentityToken"], of_web["Audience"]) == (unique, "sts.amazonaws.com")
    assert of_web["Provider"] == provider
    assert answer(recorded("sts", session).get_caller_identity) == caller
    in_role = answer(recorded("sts", assumed["Credentials"]).get_caller_identity)
    assert (in_role["Arn"], in_role["UserId"]) == (f"{arn}/app@1", f"{role['RoleId']}:app@1")
    assert is_recent(root.get_role(RoleName=unique)["Role"]["RoleLastUsed"]["LastUsedDate"])
    assert refusal(sts.assume_role, RoleArn=role["Arn"] + "x", RoleSessionName="app") == "AccessDenied"


@pytest.mark.parametrize("service", ["iam", "sts"])
def test_every_operation_of_the_server_was_called(whole_module, recorder, service):
    operations = operations_of(service)
    # Nobody has a password here, and so no profile to get.
    refused = recorder.refused[service] & {"GetLoginProfile"}

    assert operations - recorder.done[service] - refused == set()
