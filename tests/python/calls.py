"""What calls answer, and how they are refused."""

import pytest
from botocore.exceptions import ClientError


def error_of(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]


def refusal(call, **arguments):
    return error_of(call, **arguments)["Code"]


def answer(call, **arguments):
    """What an operation says, apart from what every answer has."""
    return {key: value for key, value in call(**arguments).items() if key != "ResponseMetadata"}
