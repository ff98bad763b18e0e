"""The check of answers in JSON itself: it must see what is wrong."""

import types

import botocore.session
import pytest
from json_answers import faults

MODEL = botocore.session.get_session().get_service_model("kms")
HEADERS = {"x-amzn-requestid": "r", "content-type": "application/x-amz-json-1.1"}


def look(operation, text, is_done=True, headers=HEADERS):
    answer = types.SimpleNamespace(content=text.encode(), headers=headers)
    return faults(MODEL.operation_model(operation), answer, is_done)


@pytest.mark.parametrize(
    "operation, text",
    [
        ("EnableKey", ""),
        ("EnableKey", "{}"),
        ("CreateKey", '{"KeyMetadata":{"KeyId":"a","Enabled":true,"CreationDate":1.5,"EncryptionAlgorithms":[]}}'),
        ("GenerateRandom", '{"Plaintext":"AAAA"}'),
        ("ListGrants", '{"Grants":[{"Constraints":{"EncryptionContextEquals":{"a":"b"}}}],"Truncated":false}'),
    ],
)
def test_a_right_answer_has_no_faults(operation, text):
    assert look(operation, text) == []


@pytest.mark.parametrize(
    "operation, text, fault",
    [
        ("EnableKey", '{"KeyId":"a"}', "EnableKey answers something"),
        ("CreateKey", '{"KeyMetadata":{}}', "CreateKey.KeyMetadata has no KeyId"),
        ("CreateKey", '{"Key":{}}', "CreateKey knows no Key"),
        ("CreateKey", '{"KeyMetadata":[]}', "CreateKey.KeyMetadata is no structure: []"),
        ("ListKeys", '{"Truncated":"false"}', "ListKeys.Truncated is no boolean: 'false'"),
        ("ListKeys", '{"Keys":[{"KeyId":1}]}', "ListKeys.Keys[].KeyId is no string: 1"),
        ("ListKeys", '{"NextMarker":""}', "ListKeys.NextMarker is too small or too large: ''"),
        ("GenerateRandom", '{"Plaintext":"?"}', "GenerateRandom.Plaintext is no blob: '?'"),
        ("ListGrants", '{"Grants":[{"CreationDate":"1"}]}', "ListGrants.Grants[].CreationDate is no timestamp: '1'"),
        (
            "ScheduleKeyDeletion",
            '{"PendingWindowInDays":true}',
            "ScheduleKeyDeletion.PendingWindowInDays is no integer: True",
        ),
        (
            "ScheduleKeyDeletion",
            '{"PendingWindowInDays":0}',
            "ScheduleKeyDeletion.PendingWindowInDays is too small or too large: 0",
        ),
    ],
)
def test_a_wrong_answer_has_a_fault(operation, text, fault):
    assert look(operation, text) == [fault]


def test_a_value_that_the_model_does_not_list_is_a_fault():
    (fault,) = look("Decrypt", '{"EncryptionAlgorithm":"ROT13"}')

    assert fault.startswith("Decrypt.EncryptionAlgorithm is none of [")


@pytest.mark.parametrize(
    "text, expected",
    [
        ('{"__type":"NotFoundException","message":"a"}', []),
        ('{"__type":"AccessDeniedException","Message":"a"}', []),
        ('{"message":"a"}', ["Decrypt may not answer None"]),
        ('{"__type":"LimitExceededException"}', ["Decrypt may not answer LimitExceededException"]),
        ('{"__type":"NotFoundException","text":"a"}', ["NotFoundException knows no text"]),
    ],
)
def test_a_refusal_is_one_of_the_operation(text, expected):
    assert look("Decrypt", text, is_done=False) == expected


def test_headers_are_part_of_an_answer():
    assert look("EnableKey", "", headers={}) == ["there is no request id", "the answer says that it is something else"]
