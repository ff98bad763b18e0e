use super::kit::*;
use serde_json::{Value, json};
use std::sync::Arc;
use strongroom_services::lambda::Concurrency;
use strongroom_services::ports::Executors;
use testkit::{EMPTY_ZIP, Harness, ScriptedExecutor};

const CANNOT_ASSUME: &str = "The role defined for the function cannot be assumed by Lambda.";

#[tokio::test]
async fn a_function_is_shown_as_aws_shows_it() {
    let h = Harness::new().await;
    let role = h.a_function_role("r", None).await;
    let more = json!({
        "Description": "d", "Timeout": 900, "MemorySize": 10240, "Architectures": ["arm64"],
        "Environment": { "Variables": { "NAME": "CANARY" } }, "Tags": { "team": "a" },
    });

    let reply = h.lambda("CreateFunction", creating(&role, more)).await;

    let made = reply.done(201);
    assert_eq!(
        made,
        json!({
            "FunctionName": "f", "FunctionArn": ARN, "Runtime": "python3.12", "Role": role,
            "Handler": "f.handler", "CodeSize": 22, "Description": "d", "Timeout": 900,
            "MemorySize": 10240, "LastModified": "2026-01-15T12:00:00.000+0000",
            "CodeSha256": "hznHbmgfkAkjuQDJ3w73XPQh05yrtUZQxLmtGbanbYU=",
            "Version": "$LATEST", "Environment": { "Variables": { "NAME": "CANARY" } },
            "TracingConfig": { "Mode": "PassThrough" }, "RevisionId": made["RevisionId"],
            "State": "Active", "LastUpdateStatus": "Successful", "PackageType": "Zip",
            "Architectures": ["arm64"], "EphemeralStorage": { "Size": 512 },
            "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
            "LoggingConfig": { "LogFormat": "Text", "LogGroup": "/aws/lambda/f" },
        })
    );
    let shown = shown(&h).await;
    assert_eq!(shown["Configuration"], made);
    assert_eq!(shown["Tags"], json!({ "team": "a" }));
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "CreateFunction20150331");
    assert_eq!(event["requestParameters"]["functionName"], "f");
    assert_eq!(event["resources"][0]["ARN"], ARN);
    for secret in ["CANARY", EMPTY_ZIP] {
        assert!(!event.to_string().contains(secret), "{event}");
    }
}

#[tokio::test]
async fn what_is_not_given_has_aws_defaults() {
    let h = Harness::new().await;
    let role = h.a_function_role("r", None).await;

    let made = h.lambda("CreateFunction", creation(&role)).await.done(201);

    let members = [
        "Timeout",
        "MemorySize",
        "Description",
        "Environment",
        "Architectures",
    ];
    let given = members.map(|member| made[member].clone());
    assert_eq!(
        given,
        [
            json!(3),
            json!(128),
            json!(""),
            Value::Null,
            json!(["x86_64"])
        ]
    );
}

#[tokio::test]
async fn a_name_is_taken_once_and_has_64_letters() {
    let h = Harness::new().await;
    let role = h.a_function_role("r", None).await;
    h.a_function("f", &role).await;

    let again = h.lambda("CreateFunction", creation(&role)).await;
    let long = creating(&role, json!({ "FunctionName": "x".repeat(65) }));
    let long = h.lambda("CreateFunction", long).await;
    let elsewhere = creating(
        &role,
        json!({ "FunctionName": ARN.replace("us-east-1", "eu-west-1") }),
    );
    let elsewhere = h.lambda("CreateFunction", elsewhere).await;

    again.rest_refused(
        409,
        "ResourceConflictException",
        "Function already exist: f",
    );
    let text = format!(
        "1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: \
         Member must have length less than or equal to 64",
        "x".repeat(65)
    );
    long.rest_refused(400, "ValidationException", &text);
    let text = "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')";
    elsewhere.rest_refused(404, "ResourceNotFoundException", text);
    assert_eq!(
        again.text,
        r#"{"Type":"User","message":"Function already exist: f"}"#
    );
}

#[tokio::test]
async fn a_role_has_to_trust_lambda_and_be_the_callers_to_give() {
    let h = Harness::new().await;
    let role = h.a_function_role("r", None).await;
    let trust = policy(&[json!({
        "Effect": "Allow", "Principal": { "AWS": "123456789012" }, "Action": "sts:AssumeRole",
    })]);
    let parameters = [
        ("RoleName", "other"),
        ("AssumeRolePolicyDocument", &trust.to_string()),
    ];
    h.iam("CreateRole", &parameters).await.xml_ok();
    let user = h.a_user("ana", Some(&allow("lambda:*", "*"))).await;

    let of_nobody = h.lambda(
        "CreateFunction",
        creation("arn:aws:iam::123456789012:role/none"),
    );
    let of_nobody = of_nobody.await;
    let of_others = h.lambda(
        "CreateFunction",
        creation("arn:aws:iam::123456789012:role/other"),
    );
    let of_others = of_others.await;
    let foreign = h
        .lambda(
            "CreateFunction",
            creation("arn:aws:iam::210987654321:role/r"),
        )
        .await;
    let unpassed = h.lambda_as(&user, "CreateFunction", creation(&role)).await;
    let passing = json!({
        "Effect": "Allow", "Action": "iam:PassRole", "Resource": role,
        "Condition": { "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } },
    });
    let all = json!({ "Effect": "Allow", "Action": "lambda:*", "Resource": "*" });
    h.allow("ana", &policy(&[all, passing])).await;
    let passed = h.lambda_as(&user, "CreateFunction", creation(&role)).await;

    of_nobody.rest_refused(400, "InvalidParameterValueException", CANNOT_ASSUME);
    of_others.rest_refused(400, "InvalidParameterValueException", CANNOT_ASSUME);
    let text = "Cross-account pass role is not allowed.";
    foreign.rest_refused(403, "AccessDeniedException", text);
    let text = denial("ana", "iam:PassRole", &role);
    unpassed.rest_refused(403, "AccessDeniedException", &text);
    passed.done(201);
}

#[tokio::test]
async fn what_is_not_here_is_refused_clearly() {
    let h = Harness::new().await;
    let role = h.a_function_role("r", None).await;

    for (more, what) in [
        (json!({ "Runtime": "java21" }), "The runtime java21"),
        (json!({ "Publish": true }), "Publish"),
        (
            json!({ "Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:l:1"] }),
            "Layers",
        ),
        (
            json!({ "VpcConfig": { "SubnetIds": ["subnet-1"] } }),
            "VpcConfig",
        ),
        (
            json!({ "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k" }),
            "KMSKeyArn",
        ),
        (
            json!({ "DeadLetterConfig": { "TargetArn": "arn:aws:sqs:q" } }),
            "DeadLetterConfig",
        ),
        (
            json!({ "TracingConfig": { "Mode": "Active" } }),
            "TracingConfig with Mode Active",
        ),
        (
            json!({ "EphemeralStorage": { "Size": 600 } }),
            "EphemeralStorage other than 512 MB",
        ),
        (
            json!({ "SnapStart": { "ApplyOn": "PublishedVersions" } }),
            "SnapStart",
        ),
        (
            json!({ "LoggingConfig": { "LogFormat": "JSON" } }),
            "LoggingConfig",
        ),
        (json!({ "FileSystemConfigs": [{}] }), "FileSystemConfigs"),
        (
            json!({ "Code": { "S3Bucket": "b", "S3Key": "k" } }),
            "Code in S3",
        ),
        (
            json!({ "Code": { "ImageUri": "1.dkr.ecr/x" }, "PackageType": "Image" }),
            "A container image",
        ),
    ] {
        let refused = h.lambda("CreateFunction", creating(&role, more)).await;
        let text = format!("{what} is not supported by this server yet.");
        refused.rest_refused(400, "InvalidParameterValueException", &text);
    }
    let harmless = json!({
        "VpcConfig": { "SubnetIds": [] }, "Layers": [], "KMSKeyArn": "", "Publish": false,
        "TracingConfig": { "Mode": "PassThrough" }, "EphemeralStorage": { "Size": 512 },
        "SnapStart": { "ApplyOn": "None" }, "LoggingConfig": { "LogFormat": "Text" },
        "PackageType": "Zip",
    });
    h.lambda("CreateFunction", creating(&role, harmless))
        .await
        .done(201);
}

#[tokio::test]
async fn wrong_code_and_wrong_variables_are_refused_and_nothing_is_made() {
    let h = Harness::new().await;
    let role = h.a_function_role("r", None).await;

    for (more, text) in [
        (
            json!({ "Code": { "ZipFile": "aGVsbG8=" } }),
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ),
        (
            json!({ "Code": { "ZipFile": "" } }),
            "Uploaded file must be a non-empty zip",
        ),
        (
            json!({ "Code": {} }),
            "Please provide a source for function code.",
        ),
        (
            json!({ "Handler": null }),
            "Runtime and Handler are mandatory parameters for functions created with deployment \
             packages.",
        ),
        (
            json!({ "Environment": { "Variables": { "AWS_REGION": "x" } } }),
            "Lambda was unable to configure your environment variables because the environment \
             variables you have provided contains reserved keys that are currently not supported \
             for modification. Reserved keys used in this request: AWS_REGION",
        ),
        (
            json!({ "Tags": { "aws:x": "" } }),
            "Tag keys starting with aws: are reserved for system use.",
        ),
    ] {
        let refused = h.lambda("CreateFunction", creating(&role, more)).await;
        refused.rest_refused(400, "InvalidParameterValueException", text);
    }

    let listed = h.lambda("ListFunctions", json!({})).await.done(200);
    assert_eq!(listed, json!({ "Functions": [] }));
}

#[tokio::test]
async fn built_in_and_remote_functions_are_named_by_their_image() {
    let (h, _) = running().await;
    let role = h.a_function_role("r", None).await;
    let create = |name: &str, uri: &str| {
        json!({
            "FunctionName": name, "Role": role, "PackageType": "Image",
            "Code": { "ImageUri": uri },
        })
    };

    let builtin = create("f", "builtin:SecretsManagerRDSPostgreSQLRotationSingleUser");
    let made = h.lambda("CreateFunction", builtin).await.done(201);
    let remote = create("g", "https://functions.example/rotate");
    h.lambda("CreateFunction", remote).await.done(201);

    assert_eq!(
        (&made["PackageType"], &made["Runtime"]),
        (&json!("Image"), &Value::Null)
    );
    let code =
        |uri: &str| json!({ "RepositoryType": "ECR", "ImageUri": uri, "ResolvedImageUri": uri });
    let expected = code("builtin:SecretsManagerRDSPostgreSQLRotationSingleUser");
    assert_eq!(shown(&h).await["Code"], expected);
    let shown = h
        .lambda("GetFunction", json!({ "FunctionName": "g" }))
        .await
        .done(200);
    assert_eq!(shown["Code"], code("https://functions.example/rotate"));
}

#[tokio::test]
async fn what_no_executor_takes_is_not_made() {
    let none = Harness::new().await;
    let role = none.a_function_role("r", None).await;
    let executor = Arc::new(ScriptedExecutor::refusing("Nope"));
    let executors = Executors {
        builtin: Some(executor),
        ..Executors::default()
    };
    let builtin = Harness::running(executors, Concurrency::default()).await;
    builtin.a_function_role("r", None).await;
    let create = |uri: &str| json!({ "FunctionName": "f", "Role": role, "PackageType": "Image", "Code": { "ImageUri": uri } });

    let off = none
        .lambda("CreateFunction", create("https://x.example/"))
        .await;
    let unknown = builtin
        .lambda("CreateFunction", create("builtin:Nope"))
        .await;

    let code = "InvalidParameterValueException";
    off.rest_refused(
        400,
        code,
        "Calling functions elsewhere is switched off on this server.",
    );
    unknown.rest_refused(400, code, "there is no `Nope` here");
}

#[tokio::test]
async fn tags_of_a_new_function_need_leave_of_their_own() {
    let h = Harness::new().await;
    let role = h.a_function_role("r", None).await;
    let statement = |action: &str| json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
    let allowed = policy(&[
        statement("lambda:CreateFunction"),
        statement("iam:PassRole"),
    ]);
    let user = h.a_user("ana", Some(&allowed)).await;

    let tagged = creating(&role, json!({ "Tags": { "team": "a" } }));
    let refused = h.lambda_as(&user, "CreateFunction", tagged).await;
    let plain = h.lambda_as(&user, "CreateFunction", creation(&role)).await;

    let text = denial("ana", "lambda:TagResource", ARN);
    refused.rest_refused(403, "AccessDeniedException", &text);
    plain.done(201);
}
