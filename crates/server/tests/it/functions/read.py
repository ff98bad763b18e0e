"""Reads the secret that its event names, with nothing but the standard library, and tells too much."""

import hashlib
import hmac
import json
import os
import ssl
import urllib.request
from datetime import datetime, timezone


def handler(event, context):
    with open("/etc/hostname") as own:
        own.read()
    value = call("GetSecretValue", {"SecretId": event["SecretId"]})["SecretString"]
    print("the value is", value)
    print("the variable is", os.environ["API_KEY"])
    print("the token is", event["RotationToken"])
    print("seen by", os.environ["SECRETS_MANAGER_ENDPOINT"].split(":")[0])
    if event.get("fail"):
        raise ValueError("cannot use " + value)
    return {"length": len(value)}


def call(operation, parameters):
    endpoint = os.environ["SECRETS_MANAGER_ENDPOINT"]
    body = json.dumps(parameters).encode()
    request = urllib.request.Request(endpoint + "/", body, signed(endpoint, operation, body))
    trust = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
    with urllib.request.urlopen(request, context=trust) as answer:
        return json.load(answer)


def signed(endpoint, operation, body):
    region = os.environ["AWS_REGION"]
    now = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": endpoint.split("//")[1],
        "x-amz-date": now,
        "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"],
        "x-amz-target": "secretsmanager." + operation,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{now[:8]}/{region}/secretsmanager/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{digest}"
    key = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    credential = os.environ["AWS_ACCESS_KEY_ID"] + "/" + scope
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    return headers
