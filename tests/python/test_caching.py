"""AWS's caching library for Python, unchanged."""

import pytest
from aws_secretsmanager_caching import InjectKeywordedSecretString, SecretCache, SecretCacheConfig


@pytest.fixture
def cache(client):
    return SecretCache(config=SecretCacheConfig(), client=client)


def test_a_text_is_cached_until_it_is_refreshed(client, cache, name):
    client.create_secret(Name=name, SecretString="one")

    first = cache.get_secret_string(name)
    client.put_secret_value(SecretId=name, SecretString="two")
    cached = cache.get_secret_string(name)
    cache.refresh_secret_now(name)
    fresh = cache.get_secret_string(name)

    assert (first, cached, fresh) == ("one", "one", "two")


def test_a_cache_that_never_trusts_itself_sees_a_new_value_at_once(client, name):
    cache = SecretCache(config=SecretCacheConfig(secret_refresh_interval=0), client=client)
    client.create_secret(Name=name, SecretString="one")

    first = cache.get_secret_string(name)
    client.put_secret_value(SecretId=name, SecretString="two")
    second = cache.get_secret_string(name)

    assert (first, second) == ("one", "two")


def test_stages_are_cached_apart(client, cache, name):
    client.create_secret(Name=name, SecretString="one")
    client.put_secret_value(SecretId=name, SecretString="two")

    previous = cache.get_secret_string(name, version_stage="AWSPREVIOUS")
    current = cache.get_secret_string(name)

    assert (previous, current) == ("one", "two")


def test_bytes_are_cached(client, cache, name):
    client.create_secret(Name=name, SecretBinary=b"\0\xff")

    assert cache.get_secret_binary(name) == b"\0\xff"
    assert cache.get_secret_string(name) is None


def test_a_missing_secret_stays_an_error(client, cache, name):
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        cache.get_secret_string(name)


def test_a_decorated_function_gets_the_keys_of_the_secret(client, cache, name):
    client.create_secret(Name=name, SecretString='{"username": "saanvi", "password": "hunter2"}')

    @InjectKeywordedSecretString(secret_id=name, cache=cache, user="username", password="password")
    def connect(host, user, password):
        return host, user, password

    assert connect("db") == ("db", "saanvi", "hunter2")
