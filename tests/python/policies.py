"""Policy documents for tests."""

import json


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def may(action, resource="*"):
    return document({"Effect": "Allow", "Action": action, "Resource": resource})


def may_read(arn):
    return may("secretsmanager:GetSecretValue", arn)


def trusting(arn, *more_actions):
    """The trust policy of a role that a user may assume."""
    actions = ["sts:AssumeRole", *more_actions] if more_actions else "sts:AssumeRole"
    return document({"Effect": "Allow", "Principal": {"AWS": arn}, "Action": actions})
