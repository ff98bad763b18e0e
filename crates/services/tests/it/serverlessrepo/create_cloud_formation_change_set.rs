//! `CreateCloudFormationChangeSet`.

use crate::cloudformation::kit::{
    FUNCTION, STACK, a_stack, application, call, described, proposal, repository, result,
    with_runtimes, with_templates,
};
use serde_json::{Value, json};
use std::sync::Arc;
use strongroom_services::lambda::Concurrency;
use strongroom_services::ports::Executors;
use testkit::{Caller, Harness, Reply, ScriptedExecutor, with};

async fn propose(h: &Harness, more: Value) -> Reply {
    propose_as(h, &h.root, more).await
}

async fn propose_as(h: &Harness, caller: &Caller, more: Value) -> Reply {
    let body = with(proposal(), more);
    repository(h, caller, "CreateCloudFormationChangeSet", body).await
}

fn parameters(pairs: &[(&str, &str)]) -> Value {
    let pair = |(name, value): &(&str, &str)| json!({ "name": name, "value": value });
    let all: Vec<Value> = pairs.iter().map(pair).collect();
    json!({ "parameterOverrides": all })
}

async fn is_nothing_there(h: &Harness) -> bool {
    let listed = result(h, "ListStacks", &[]).await;
    listed["StackSummaries"] == ""
}

#[tokio::test]
async fn the_answer_names_the_change_set_and_the_stack() {
    let h = with_templates().await;

    let reply = propose(&h, json!({})).await.done(201);

    let change_set = reply["changeSetId"].as_str().unwrap();
    let stack = reply["stackId"].as_str().unwrap();
    let own = "arn:aws:cloudformation:us-east-1:123456789012:";
    assert!(
        change_set.starts_with(&format!("{own}changeSet/a")),
        "{change_set}"
    );
    assert!(
        stack.starts_with(&format!("{own}stack/{STACK}/")),
        "{stack}"
    );
    assert_eq!(
        reply,
        json!({
            "applicationId": proposal()["applicationId"],
            "changeSetId": change_set,
            "semanticVersion": "1.0.0",
            "stackId": stack,
        })
    );
    assert!(h.lambda("ListFunctions", json!({})).await.done(200)["Functions"] == json!([]));
    let event = &h.audit.named("CreateChangeSet")[0];
    let by = "serverlessrepo.amazonaws.com";
    assert_eq!(event["userIdentity"]["invokedBy"], by);
    assert_eq!(event["eventSource"], "cloudformation.amazonaws.com");
}

#[tokio::test]
async fn the_arns_that_the_guide_prints_are_the_same_applications() {
    let h = with_templates().await;
    for (number, arn) in [
        "arn:aws:serverlessrepo:us-east-1:1234456789012:applications/SecretsManagerRDSMariaDBRotationSingleUser",
        "arn:aws:serverlessrepo:us-west-2:123456789012:applications/SecretsManagerRedShiftRotationMultiUser",
        "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRotationTemplate",
    ]
    .into_iter()
    .enumerate()
    {
        let more = json!({ "applicationId": arn, "stackName": format!("s{number}") });
        let reply = propose(&h, more).await.done(201);

        assert_eq!(reply["applicationId"], arn);
    }
}

#[tokio::test]
async fn an_application_that_is_not_there_is_said_not_to_be() {
    let h = with_templates().await;
    for arn in [
        application("SecretsManagerNone"),
        application("Other"),
        String::from("SecretsManagerRotationTemplate"),
    ] {
        let reply = propose(&h, json!({ "applicationId": arn })).await;

        let text = format!("Application with id '{arn}' does not exist");
        reply.rest_refused(404, "NotFoundException", &text);
    }
    assert!(is_nothing_there(&h).await);
}

#[tokio::test]
async fn what_the_template_may_do_has_to_be_acknowledged() {
    let h = with_templates().await;
    for (given, missing) in [
        (json!([]), "CAPABILITY_IAM, CAPABILITY_RESOURCE_POLICY"),
        (json!(["CAPABILITY_IAM"]), "CAPABILITY_RESOURCE_POLICY"),
        (json!(["CAPABILITY_RESOURCE_POLICY"]), "CAPABILITY_IAM"),
    ] {
        let reply = propose(&h, json!({ "capabilities": given })).await;

        let text = format!("Required capabilities [{missing}] were not provided.");
        reply.rest_refused(400, "BadRequestException", &text);
    }
    assert!(is_nothing_there(&h).await);
}

#[tokio::test]
async fn parameters_are_those_of_the_template() {
    let h = with_templates().await;
    let both = [("endpoint", "e"), ("functionName", "f")];
    for (given, text) in [
        (
            vec![],
            "Parameters: [endpoint, functionName] must have values",
        ),
        (vec![both[0]], "Parameters: [functionName] must have values"),
        (
            vec![both[0], both[1], ("functionname", "x")],
            "Parameters: [functionname] do not exist in the template",
        ),
        (
            vec![both[0], both[1], ("masterSecretArn", "x")],
            "Parameters: [masterSecretArn] do not exist in the template",
        ),
    ] {
        let reply = propose(&h, parameters(&given)).await;

        reply.rest_refused(400, "BadRequestException", text);
    }
    assert!(is_nothing_there(&h).await);
}

#[tokio::test]
async fn every_parameter_reaches_what_it_is_for() {
    let h = with_templates().await;
    let key = h.a_key().await;
    let master = h.a_secret("master", "{}").await;
    let given = parameters(&[
        ("endpoint", "https://e"),
        ("functionName", FUNCTION),
        ("excludeCharacters", "/@"),
        ("kmsKeyArn", &key),
        ("masterSecretArn", &master),
        ("vpcSubnetIds", "subnet-1,subnet-2"),
        ("vpcSecurityGroupIds", "sg-1"),
        ("invokingServicePrincipal", "secretsmanager.amazonaws.com"),
    ]);
    let application = application("SecretsManagerRDSMySQLRotationMultiUser");
    let more = with(given, json!({ "applicationId": application }));
    let proposed = propose(&h, more).await.done(201);
    let change_set = proposed["changeSetId"].as_str().unwrap();

    call(&h, "ExecuteChangeSet", &[("ChangeSetName", change_set)])
        .await
        .xml_ok();

    let stack = described(&h, STACK).await;
    assert_eq!(stack["StackStatus"], "CREATE_COMPLETE");
    let named = json!({ "FunctionName": FUNCTION });
    let function = h.lambda("GetFunction", named).await.done(200);
    assert_eq!(
        function["Configuration"]["Environment"]["Variables"],
        json!({ "EXCLUDE_CHARACTERS": "/@", "SECRETS_MANAGER_ENDPOINT": "https://e" })
    );
    let put = &h.audit.named("PutRolePolicy")[0]["requestParameters"];
    let document: Value = serde_json::from_str(put["policyDocument"].as_str().unwrap()).unwrap();
    let statements = document["Statement"].as_array().unwrap();
    assert_eq!(statements[2]["Resource"], master);
    assert_eq!(statements[3]["Resource"], key);
}

#[tokio::test]
async fn the_generic_template_is_a_program_to_be_completed() {
    let h = with_templates().await;
    let generic = application("SecretsManagerRotationTemplate");
    let proposed = propose(&h, json!({ "applicationId": generic }))
        .await
        .done(201);
    let change_set = proposed["changeSetId"].as_str().unwrap();

    call(&h, "ExecuteChangeSet", &[("ChangeSetName", change_set)])
        .await
        .xml_ok();

    assert_eq!(described(&h, STACK).await["StackStatus"], "CREATE_COMPLETE");
    let named = json!({ "FunctionName": FUNCTION });
    let function = h.lambda("GetFunctionConfiguration", named).await.done(200);
    assert_eq!(function["Runtime"], "python3.11", "the newest of the host");
    assert_eq!(function["Handler"], "index.lambda_handler");
}

#[tokio::test]
async fn a_template_whose_function_nothing_could_run_is_refused_before_there_is_a_stack() {
    let switched_off = {
        let executors = Executors {
            builtin: Some(Arc::new(ScriptedExecutor::default())),
            ..Executors::default()
        };
        Harness::running(executors, Concurrency::default()).await
    };
    let without_python = with_runtimes(&["nodejs22.x"]).await;
    for (h, why) in [
        (
            switched_off,
            "Running functions in processes is switched off on this server.",
        ),
        (
            without_python,
            "This server has found no interpreter of Python 3 to run it.",
        ),
    ] {
        let generic = application("SecretsManagerRotationTemplate");

        let refused = propose(&h, json!({ "applicationId": generic })).await;

        let text = format!(
            "Template error: the function SecretsManagerRotationTemplate cannot run on this \
             server. {why}"
        );
        refused.rest_refused(400, "BadRequestException", &text);
        assert!(is_nothing_there(&h).await);
        propose(&h, json!({})).await.done(201);
    }
}

#[tokio::test]
async fn a_caller_needs_leave_for_both_the_application_and_the_change_set() {
    let h = with_templates().await;
    let policy = |action: &str| {
        json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }],
        })
    };
    let first = policy("serverlessrepo:CreateCloudFormationChangeSet");
    let half = h.a_user("half", Some(&first)).await;
    let other = policy("cloudformation:*");
    let other = h.a_user("other", Some(&other)).await;

    let half = propose_as(&h, &half, json!({})).await;
    let other = propose_as(&h, &other, json!({})).await;

    let text = "User: arn:aws:iam::123456789012:user/half is not authorized to perform: \
        cloudformation:CreateChangeSet on resource: \
        arn:aws:cloudformation:us-east-1:123456789012:stack/serverlessrepo-db/* because no \
        identity-based policy allows the cloudformation:CreateChangeSet action";
    assert_eq!((half.status, &half.json()["Message"]), (403, &json!(text)));
    let application = proposal()["applicationId"].as_str().unwrap().to_owned();
    let text = format!(
        "User: arn:aws:iam::123456789012:user/other is not authorized to perform: \
         serverlessrepo:CreateCloudFormationChangeSet on resource: {application} because no \
         identity-based policy allows the serverlessrepo:CreateCloudFormationChangeSet action"
    );
    assert_eq!(
        (other.status, &other.json()["Message"]),
        (403, &json!(text))
    );
    assert!(is_nothing_there(&h).await);
    let refused = &h.audit.named("CreateChangeSet")[0];
    assert_eq!(refused["errorCode"], "AccessDenied");
}

#[tokio::test]
async fn a_stack_that_was_made_is_not_updated() {
    let h = with_templates().await;
    a_stack(&h).await;
    let before = described(&h, STACK).await;

    let reply = propose(&h, json!({})).await;

    let text = format!(
        "Stack [{STACK}] exists already, and updating a stack is not supported by this server yet."
    );
    reply.rest_refused(400, "BadRequestException", &text);
    assert_eq!(described(&h, STACK).await, before);
}

#[tokio::test]
async fn names_are_names() {
    let h = with_templates().await;
    let long = "x".repeat(114);
    for name in ["a b", "a_b", &long] {
        let reply = propose(&h, json!({ "stackName": name })).await;

        assert_eq!(reply.status, 400, "{name}");
        assert_eq!(reply.error_type.as_deref(), Some("BadRequestException"));
    }
    let twice = json!({ "changeSetName": "changes" });
    propose(&h, twice.clone()).await.done(201);
    let again = propose(&h, twice).await;
    assert_eq!(again.status, 400);
    let listed = result(&h, "ListChangeSets", &[("StackName", STACK)]).await;
    assert_eq!(listed["Summaries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_not_here_is_refused() {
    let h = with_templates().await;
    for (more, text) in [
        (
            json!({ "semanticVersion": "2.0.0" }),
            "the application has no version `2.0.0`",
        ),
        (
            json!({ "templateId": "x" }),
            "TemplateId is not supported by this server yet.",
        ),
        (
            json!({ "rollbackConfiguration": { "monitoringTimeInMinutes": 5 } }),
            "RollbackConfiguration is not supported by this server yet.",
        ),
    ] {
        let reply = propose(&h, more).await;

        reply.rest_refused(400, "BadRequestException", text);
    }
    let version = json!({ "semanticVersion": "1.0.0" });
    propose(&h, version).await.done(201);
}

#[tokio::test]
async fn tags_are_those_of_the_caller_and_the_repositorys_own() {
    let h = with_templates().await;
    let tags = json!({ "tags": [{ "key": "team", "value": "db" }] });
    propose(&h, tags).await.done(201);

    let reserved = json!({ "stackName": "b", "tags": [{ "key": "aws:x", "value": "" }] });
    let reserved = propose(&h, reserved).await;

    let text = "Tag keys starting with aws: are reserved for system use.";
    reserved.rest_refused(400, "BadRequestException", text);
    let keys: Vec<Value> = described(&h, STACK).await["Tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["Key"].clone())
        .collect();
    assert_eq!(
        keys,
        [
            "serverlessrepo:applicationId",
            "serverlessrepo:semanticVersion",
            "team"
        ]
    );
}
