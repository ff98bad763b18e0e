"""AWS's Encryption SDK, unmodified, with keys of ours."""

import io

import aws_encryption_sdk
import botocore.session
import pytest
from aws_encryption_sdk import DiscoveryAwsKmsMasterKeyProvider, StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.exceptions import DecryptKeyError
from botocore.exceptions import ClientError

PLAINTEXT = b"correct horse battery staple " * 1000
CONTEXT = {"team": "payments", "purpose": "größer & <besser>"}


@pytest.fixture(scope="module")
def sdk():
    """The client as its documentation makes it."""
    return aws_encryption_sdk.EncryptionSDKClient()


@pytest.fixture
def provider(session):
    """Makes providers of keys. They find the server and make their clients by themselves."""

    def make(*keys):
        return StrictAwsKmsMasterKeyProvider(key_ids=keys, botocore_session=botocore.session.Session())

    return make


@pytest.fixture
def refusal(sdk, caplog):
    """Finds the code of KMS's refusal, which the SDK logs. Its caller is told only that no key opened the message."""

    def find(message, key_provider):
        caplog.clear()
        with pytest.raises(DecryptKeyError):
            sdk.decrypt(source=message, key_provider=key_provider)
        logged = [record.exc_info[1] for record in caplog.records if record.exc_info]
        (refused,) = [error for error in logged if isinstance(error, ClientError)]
        return refused.response["Error"]["Code"]

    return find


def test_a_message_comes_back(sdk, provider, key):
    message, sealed = sdk.encrypt(source=PLAINTEXT, key_provider=provider(key), encryption_context=CONTEXT)
    plaintext, opened = sdk.decrypt(source=message, key_provider=provider(key))

    assert plaintext == PLAINTEXT and PLAINTEXT[:30] not in message
    assert CONTEXT.items() <= opened.encryption_context.items()
    assert opened.encryption_context == sealed.encryption_context
    (data_key,) = opened.encrypted_data_keys
    assert data_key.key_provider.key_info.decode() == key


def test_a_stream_comes_back(sdk, provider, key):
    with sdk.stream(mode="e", source=io.BytesIO(PLAINTEXT), key_provider=provider(key), frame_length=1024) as sealing:
        message = b"".join(sealing)
    with sdk.stream(mode="d", source=io.BytesIO(message), key_provider=provider(key)) as opening:
        plaintext = b"".join(opening)

    assert plaintext == PLAINTEXT


def test_either_of_two_keys_opens_a_message(sdk, refusal, provider, kms, key):
    other = kms.create_key()["KeyMetadata"]["Arn"]
    message, _ = sdk.encrypt(source=PLAINTEXT, key_provider=provider(key, other), encryption_context=CONTEXT)

    kms.disable_key(KeyId=key)

    assert sdk.decrypt(source=message, key_provider=provider(other))[0] == PLAINTEXT
    discovering = DiscoveryAwsKmsMasterKeyProvider(botocore_session=botocore.session.Session())
    assert sdk.decrypt(source=message, key_provider=discovering)[0] == PLAINTEXT
    assert refusal(message, provider(key)) == "DisabledException"


def test_a_message_of_an_older_generation_comes_back(sdk, provider, kms, key):
    message, _ = sdk.encrypt(source=PLAINTEXT, key_provider=provider(key))

    kms.rotate_key_on_demand(KeyId=key)

    assert sdk.decrypt(source=message, key_provider=provider(key))[0] == PLAINTEXT


def test_another_context_opens_nothing(sdk, refusal, provider, key):
    message, _ = sdk.encrypt(source=PLAINTEXT, key_provider=provider(key), encryption_context=CONTEXT)
    assert message.count(b"payments") == 1

    # The context is in the message's head, in the clear, and sent to KMS as it is read there.
    moved = message.replace(b"payments", b"payrolls")

    assert refusal(moved, provider(key)) == "InvalidCiphertextException"


def test_another_key_opens_nothing(sdk, refusal, provider, kms, key):
    other = kms.create_key()["KeyMetadata"]["Arn"]
    message, _ = sdk.encrypt(source=PLAINTEXT, key_provider=provider(key))

    moved = message.replace(key.encode(), other.encode())

    assert moved != message
    assert refusal(moved, provider(other)) == "IncorrectKeyException"
