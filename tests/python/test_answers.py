"""The check of answers itself: it must see what is wrong."""

import datetime
import types

import botocore.session
import pytest
from answers import Recorder

MODEL = botocore.session.get_session().get_service_model("iam")
NAMESPACE = MODEL.metadata["xmlNamespace"]
CREATED = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
GROUP = (
    "<Path>/</Path><GroupName>a</GroupName><GroupId>AGPAAAAAAAAAAAAAAAAA</GroupId>"
    "<Arn>arn:aws:iam::123456789012:group/a</Arn><CreateDate>2026-01-02T00:00:00Z</CreateDate>"
)
PARSED = {
    "Path": "/",
    "GroupName": "a",
    "GroupId": "AGPAAAAAAAAAAAAAAAAA",
    "Arn": "arn:aws:iam::123456789012:group/a",
    "CreateDate": CREATED,
}


def look(text, parsed=None, status=200, operation="ListGroups"):
    answer = types.SimpleNamespace(
        content=text.encode(), status_code=status, headers={"x-amzn-requestid": "r"}
    )
    Recorder().look(answer, parsed or {"Groups": [PARSED]}, MODEL.operation_model(operation))


def groups(members, more="<IsTruncated>false</IsTruncated>"):
    return (
        f'<ListGroupsResponse xmlns="{NAMESPACE}"><ListGroupsResult><Groups><member>{members}</member></Groups>{more}'
        "</ListGroupsResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></ListGroupsResponse>"
    )


def error(code, kind="Sender"):
    return (
        f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>{kind}</Type><Code>{code}</Code><Message>m</Message></Error>'
        "<RequestId>r</RequestId></ErrorResponse>"
    )


def test_what_the_model_describes_is_right():
    look(groups(GROUP))
    look(error("NoSuchEntity"), status=404, operation="GetGroup")


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (groups(GROUP.replace("<Path>/</Path>", "")), "ListGroups.Groups[] has no Path"),
        (groups(GROUP + "<Tags></Tags>"), "ListGroups.Groups[] knows no Tags"),
        (groups(GROUP + "<Path>/</Path>"), "ListGroups.Groups[] has Path twice"),
        (groups(GROUP.replace("T00:00:00Z", "")), "ListGroups.Groups[].CreateDate is no timestamp"),
        (groups(GROUP.replace(">/<", ">no path<")), "ListGroups.Groups[].Path does not match"),
        (groups(GROUP.replace(">AGPAAAAAAAAAAAAAAAAA<", ">A<")), "ListGroups.Groups[].GroupId is too short"),
        (groups(GROUP, "<IsTruncated>no</IsTruncated>"), "ListGroups.IsTruncated is no boolean"),
        (groups(GROUP).replace("member>", "item>"), "ListGroups.Groups holds item"),
        (groups(GROUP).replace("ListGroupsResult>", "Result>"), "ListGroupsResponse holds"),
        (groups(GROUP).replace("<RequestId>r<", "<RequestId>other<"), "another request id"),
        (groups(GROUP).replace(NAMESPACE, "https://example.test/"), "is not in the namespace"),
    ],
)
def test_what_the_model_does_not_describe_is_a_fault(wrong, fault):
    with pytest.raises(AssertionError) as found:
        look(wrong)

    assert fault in str(found.value)


def test_what_the_client_cannot_read_is_a_fault():
    for parsed, fault in [
        ({"Groups": [{**PARSED, "CreateDate": "2026-01-02"}]}, "ListGroups.Groups[].CreateDate is read as"),
        ({"IsTruncated": False}, "ListGroups lacks Groups"),
    ]:
        with pytest.raises(AssertionError) as found:
            look(groups(GROUP), parsed)
        assert fault in str(found.value)


@pytest.mark.parametrize("wrong", [error("MalformedPolicyDocument"), error("NoSuchEntity", "Receiver"), groups(GROUP)])
def test_an_error_that_the_operation_does_not_have_is_a_fault(wrong):
    with pytest.raises(AssertionError):
        look(wrong, status=404, operation="GetGroup")
