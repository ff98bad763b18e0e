"""Every list of IAM that boto3 can walk page by page, with pages of two."""

import uuid

import pytest
from answers import operations_of
from botocore import xform_name
from policies import document, may, trusting

PREFIX = f"/pages-{uuid.uuid4().hex}/"
MANY = [f"{n}-{uuid.uuid4().hex}" for n in range(5)]
CENTRE = MANY[0]
TAGS = [{"Key": f"key-{n}", "Value": f"value-{n}"} for n in range(5)]
TRUST = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
ACTIONS = [f"secretsmanager:{verb}Secret" for verb in ("Create", "Delete", "Describe", "Restore", "Update")]


class Population:
    """Five of everything, around one user, one group, one role and one policy that have five of everything."""

    def __init__(self, root, account):
        for name in MANY:
            root.create_user(UserName=name, Path=PREFIX)
            root.create_group(GroupName=name, Path=PREFIX)
            root.create_role(RoleName=name, Path=PREFIX, AssumeRolePolicyDocument=TRUST)
            root.create_policy(PolicyName=name, Path=PREFIX, PolicyDocument=may("*"))
        self.policies = [f"arn:aws:iam::{account}:policy{PREFIX}{name}" for name in MANY]
        self.user = f"arn:aws:iam::{account}:user{PREFIX}{CENTRE}"
        url = f"https://{uuid.uuid4().hex}.example.test/"
        self.provider = root.create_open_id_connect_provider(Url=url, Tags=TAGS)["OpenIDConnectProviderArn"]
        for name, arn in zip(MANY, self.policies):
            root.add_user_to_group(GroupName=CENTRE, UserName=name)
            root.add_user_to_group(GroupName=name, UserName=CENTRE)
            for kind in ("user", "group", "role"):
                centre = {f"{kind.title()}Name": CENTRE}
                getattr(root, f"attach_{kind}_policy")(**centre, PolicyArn=arn)
                getattr(root, f"put_{kind}_policy")(**centre, PolicyName=name, PolicyDocument=may("*"))
        for name in MANY[1:]:
            root.attach_user_policy(UserName=name, PolicyArn=self.policies[0])
        for n in range(4):
            root.create_policy_version(PolicyArn=self.policies[0], PolicyDocument=may(f"a:{n}"))
        root.tag_user(UserName=CENTRE, Tags=TAGS)
        root.tag_role(RoleName=CENTRE, Tags=TAGS)
        root.tag_policy(PolicyArn=self.policies[0], Tags=TAGS)
        root.create_access_key(UserName=CENTRE)
        root.create_access_key(UserName=CENTRE)


def of_user(_):
    return {"UserName": CENTRE}


def of_group(_):
    return {"GroupName": CENTRE}


def of_role(_):
    return {"RoleName": CENTRE}


def of_policy(all):
    return {"PolicyArn": all.policies[0]}


def under_prefix(_):
    return {"PathPrefix": PREFIX}


# What each list is asked, and how much there is.
LISTS = {
    "GetGroup": (of_group, 5),
    "ListAccessKeys": (of_user, 2),
    "ListAccountAliases": (lambda _: {}, 0),
    "ListAttachedGroupPolicies": (of_group, 5),
    "ListAttachedRolePolicies": (of_role, 5),
    "ListAttachedUserPolicies": (of_user, 5),
    "ListEntitiesForPolicy": (of_policy, 7),
    "ListGroupPolicies": (of_group, 5),
    "ListGroups": (under_prefix, 5),
    "ListGroupsForUser": (of_user, 5),
    "ListInstanceProfilesForRole": (of_role, 0),
    "ListMFADevices": (of_user, 0),
    "ListOpenIDConnectProviderTags": (lambda all: {"OpenIDConnectProviderArn": all.provider}, 5),
    "ListPolicies": (lambda _: {"PathPrefix": PREFIX, "Scope": "Local"}, 5),
    "ListPolicyTags": (of_policy, 5),
    "ListPolicyVersions": (of_policy, 5),
    "ListRolePolicies": (of_role, 5),
    "ListRoleTags": (of_role, 5),
    "ListRoles": (under_prefix, 5),
    "ListSSHPublicKeys": (of_user, 0),
    "ListSigningCertificates": (of_user, 0),
    "ListUserPolicies": (of_user, 5),
    "ListUserTags": (of_user, 5),
    "ListUsers": (under_prefix, 5),
    "SimulateCustomPolicy": (lambda _: {"ActionNames": ACTIONS, "PolicyInputList": [may("*")]}, 5),
    "SimulatePrincipalPolicy": (lambda all: {"ActionNames": ACTIONS, "PolicySourceArn": all.user}, 5),
}
DETAILS = "GetAccountAuthorizationDetails"


@pytest.fixture(scope="module")
def population(root, server):
    return Population(root, server.account)


@pytest.mark.parametrize("operation", LISTS)
def test_the_pages_of_a_list_are_the_list(root, population, operation):
    question, count = LISTS[operation]
    paginator = root.get_paginator(xform_name(operation))

    whole = getattr(root, xform_name(operation))(**question(population))
    pages = list(paginator.paginate(**question(population), PaginationConfig={"PageSize": 2}))

    assert len(items(paginator, whole)) == count
    assert_turned(paginator, pages, whole)


@pytest.mark.parametrize("operation", LISTS.keys() - {"ListEntitiesForPolicy"})
def test_a_list_that_was_broken_off_is_resumed(root, population, operation):
    """As `aws --max-items 3` and then `--starting-token` do, from the middle of a page."""
    question, _ = LISTS[operation]
    paginator = root.get_paginator(xform_name(operation))
    walk = {"PageSize": 2, "MaxItems": 3}

    whole = items(paginator, paginator.paginate(**question(population)).build_full_result())
    begun = paginator.paginate(**question(population), PaginationConfig=walk).build_full_result()
    walk["StartingToken"] = begun.get("NextToken")
    ended = paginator.paginate(**question(population), PaginationConfig=walk).build_full_result()

    assert len(items(paginator, begun)) == min(3, len(whole))
    if walk["StartingToken"]:
        assert items(paginator, begun) + items(paginator, ended) == whole


def test_the_pages_of_the_whole_account_are_the_account(root, population):
    paginator = root.get_paginator("get_account_authorization_details")

    whole = paginator.paginate(PaginationConfig={"PageSize": 1000}).build_full_result()
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 2}))

    for kind, key in zip(["User", "Group", "Role", "Policy"], paginator.result_keys):
        assert {one[f"{kind}Name"] for one in key.search(whole)} >= set(MANY)
    assert_turned(paginator, pages, whole)


def test_every_list_of_the_server_is_walked(root):
    walked = {name for name in operations_of("iam") if root.can_paginate(xform_name(name))}

    assert walked == {*LISTS, DETAILS}


def assert_turned(paginator, pages, whole):
    """The pages together are the whole, of each kind that there is. None is larger than asked for,
    and all but the last say that there is more, and where."""
    for key in paginator.result_keys:
        assert [one for page in pages for one in key.search(page) or []] == (key.search(whole) or [])
    assert all(len(items(paginator, page)) <= 2 for page in pages)
    turns = [(page["IsTruncated"], "Marker" in page) for page in pages]
    assert turns == [(True, True)] * (len(pages) - 1) + [(False, False)]


def items(paginator, page):
    """What is on a page, of all kinds."""
    return [one for key in paginator.result_keys for one in key.search(page) or []]
