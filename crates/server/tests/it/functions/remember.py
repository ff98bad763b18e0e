

def handler(event, context):
    """Puts a value, and prints it in later steps that read nothing, as a function does that remembers."""
    if event["Step"] == "createSecret":
        call(
            "PutSecretValue",
            {
                "SecretId": event["SecretId"],
                "ClientRequestToken": event["ClientRequestToken"],
                "SecretString": "made-in-createSecret",
                "VersionStages": ["AWSPENDING"],
            },
        )
        call(
            "PutSecretValue",
            {
                "SecretId": "master",
                "ClientRequestToken": event["ClientRequestToken"],
                "SecretString": "read-in-createSecret",
            },
        )
    print("before it was hunter2")
    print("now it is made-in-createSecret")
    print("the master has read-in-createSecret")
    if event["Step"] == "setSecret":
        raise ValueError("cannot set made-in-createSecret")
