"""Rotates a secret of Secrets Manager: complete create_secret, set_secret and test_secret.

Secrets Manager calls the function four times for each rotation, with the steps createSecret, setSecret,
testSecret and finishSecret. Each call may come more than once.
"""

import logging
import os

import boto3

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def lambda_handler(event, context):
    arn = event["SecretId"]
    token = event["ClientRequestToken"]
    step = event["Step"]
    client = boto3.client("secretsmanager", endpoint_url=os.environ.get("SECRETS_MANAGER_ENDPOINT"))

    secret = client.describe_secret(SecretId=arn)
    if not secret.get("RotationEnabled"):
        raise ValueError("secret %s is not enabled for rotation" % arn)
    stages = secret["VersionIdsToStages"].get(token)
    if stages is None:
        raise ValueError("secret version %s has no stage for rotation of secret %s" % (token, arn))
    if "AWSCURRENT" in stages:
        logger.info("secret version %s is already AWSCURRENT of secret %s", token, arn)
        return
    if "AWSPENDING" not in stages:
        raise ValueError("secret version %s is not AWSPENDING of secret %s" % (token, arn))

    steps = {
        "createSecret": create_secret,
        "setSecret": set_secret,
        "testSecret": test_secret,
        "finishSecret": finish_secret,
    }
    if step not in steps:
        raise ValueError("unknown step %s" % step)
    steps[step](client, arn, token)


def create_secret(client, arn, token):
    """Stores a new value as AWSPENDING, unless an earlier call did."""
    client.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")
    try:
        client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
        logger.info("createSecret: the pending version of secret %s is there", arn)
    except client.exceptions.ResourceNotFoundException:
        excluded = os.environ.get("EXCLUDE_CHARACTERS", "/@\"'\\")
        password = client.get_random_password(ExcludeCharacters=excluded)
        client.put_secret_value(
            SecretId=arn,
            ClientRequestToken=token,
            SecretString=password["RandomPassword"],
            VersionStages=["AWSPENDING"],
        )
        logger.info("createSecret: stored the pending version of secret %s", arn)


def set_secret(client, arn, token):
    """Makes the service accept the pending value."""
    raise NotImplementedError("setSecret: write how the service takes the new value")


def test_secret(client, arn, token):
    """Uses the service with the pending value."""
    raise NotImplementedError("testSecret: write how the new value is tried")


def finish_secret(client, arn, token):
    """Makes the pending version the current one."""
    versions = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
    current = next((version for version, stages in versions.items() if "AWSCURRENT" in stages), None)
    if current == token:
        return
    client.update_secret_version_stage(
        SecretId=arn,
        VersionStage="AWSCURRENT",
        MoveToVersionId=token,
        RemoveFromVersionId=current,
    )
    logger.info("finishSecret: version %s is AWSCURRENT of secret %s", token, arn)
