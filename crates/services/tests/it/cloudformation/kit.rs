//! The shortest way to set a stage in CloudFormation.

use serde_json::{Value, json};
use std::sync::Arc;
use strongroom_services::lambda::Concurrency;
use strongroom_services::ports::Executors;
use testkit::{Caller, Harness, Reply, ScriptedExecutor, form};

/// The application that tests deploy.
pub(crate) const TEMPLATE: &str = "SecretsManagerRDSMariaDBRotationSingleUser";
/// Its stack's name as it is asked for.
pub(crate) const ASKED: &str = "db";
/// Its stack's name.
pub(crate) const STACK: &str = "serverlessrepo-db";
/// Its function's name.
pub(crate) const FUNCTION: &str = "rotate-db";
/// The function's ARN.
pub(crate) const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:rotate-db";

/// A deployment in which the templates are built in.
pub(crate) async fn with_templates() -> Harness {
    with_runtimes(&["python3.9", "python3.11", "nodejs22.x"]).await
}

/// The same on a host that has found these runtimes.
pub(crate) async fn with_runtimes(runtimes: &[&str]) -> Harness {
    let executors = Executors {
        builtin: Some(Arc::new(ScriptedExecutor::refusing("SecretsManagerNone"))),
        process: Some(Arc::new(ScriptedExecutor::having(runtimes))),
        ..Executors::default()
    };
    Harness::running(executors, Concurrency::default()).await
}

/// The ARN of AWS's application of that name.
pub(crate) fn application(name: &str) -> String {
    format!("arn:aws:serverlessrepo:us-east-1:297356227824:applications/{name}")
}

/// The request that proposes the stack.
pub(crate) fn proposal() -> Value {
    json!({
        "applicationId": application(TEMPLATE),
        "stackName": ASKED,
        "capabilities": ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
        "parameterOverrides": [
            { "name": "endpoint", "value": "https://localhost:8443" },
            { "name": "functionName", "value": FUNCTION },
        ],
    })
}

/// Calls an operation of the repository.
pub(crate) async fn repository(
    h: &Harness,
    caller: &Caller,
    operation: &str,
    body: Value,
) -> Reply {
    let signed = caller.signed_rest("serverlessrepo", operation, &body, h.now());
    let mut reply = h.send(signed).await;
    reply.text_member = "message";
    let own = h.audit.events_of(&reply.request_id);
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!(own[0]["eventName"], operation);
    reply
}

/// Proposes the stack, and gives the answer.
pub(crate) async fn proposed_as(h: &Harness, caller: &Caller) -> Value {
    let reply = repository(h, caller, "CreateCloudFormationChangeSet", proposal()).await;
    reply.done(201)
}

/// Proposes the stack, and gives the ARN of its change set.
pub(crate) async fn a_change_set(h: &Harness) -> String {
    let proposed = proposed_as(h, &h.root).await;
    proposed["changeSetId"].as_str().unwrap().to_owned()
}

/// Deploys the stack, and gives its ARN.
pub(crate) async fn a_stack(h: &Harness) -> String {
    let proposed = proposed_as(h, &h.root).await;
    let change_set = proposed["changeSetId"].as_str().unwrap();
    call(h, "ExecuteChangeSet", &[("ChangeSetName", change_set)])
        .await
        .xml_ok();
    proposed["stackId"].as_str().unwrap().to_owned()
}

/// Calls an operation of CloudFormation as root.
pub(crate) async fn call(h: &Harness, action: &str, parameters: &[(&str, &str)]) -> Reply {
    call_as(h, &h.root, action, parameters).await
}

/// Calls an operation of CloudFormation.
pub(crate) async fn call_as(
    h: &Harness,
    caller: &Caller,
    action: &str,
    parameters: &[(&str, &str)],
) -> Reply {
    let form = form(action, "2010-05-15", parameters);
    let signed = caller.signed_form("cloudformation", &form, h.now());
    let reply = h.send(signed).await;
    let own = h.audit.events_of(&reply.request_id);
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!(own[0]["eventName"], action);
    reply
}

/// What `action` answers.
pub(crate) async fn result(h: &Harness, action: &str, parameters: &[(&str, &str)]) -> Value {
    let reply = call(h, action, parameters).await;
    reply.xml_ok()[format!("{action}Result")].clone()
}

/// The stack as DescribeStacks shows it.
pub(crate) async fn described(h: &Harness, stack: &str) -> Value {
    result(h, "DescribeStacks", &[("StackName", stack)]).await["Stacks"][0].clone()
}

/// Status and logical id of every event, the first one first.
pub(crate) async fn told(h: &Harness, stack: &str) -> Vec<(String, String)> {
    let result = result(h, "DescribeStackEvents", &[("StackName", stack)]).await;
    let events = result["StackEvents"].as_array().unwrap().iter().rev();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    events
        .map(|event| {
            (
                text(&event["ResourceStatus"]),
                text(&event["LogicalResourceId"]),
            )
        })
        .collect()
}

/// Asks for an operation that is not there yet, of a stack that is there and of another one, and
/// looks whether anything was done.
pub(crate) async fn is_not_there_yet(operation: &str) {
    let h = with_templates().await;
    a_stack(&h).await;
    let before = described(&h, STACK).await;

    for name in [STACK, "new"] {
        let parameters = [
            ("StackName", name),
            ("ChangeSetName", "changes"),
            ("TemplateBody", "{}"),
        ];
        let reply = call(&h, operation, &parameters).await;

        let text = format!("{operation} is not supported by this server yet.");
        reply.xml_refused(400, "ValidationError", &text);
    }

    assert_eq!(described(&h, STACK).await, before);
    let created = call(&h, "DescribeStacks", &[("StackName", "new")]).await;
    assert_eq!(created.status, 400);
}

/// Everything that a stack could have made: functions, roles, what is attached to them.
pub(crate) async fn made(h: &Harness) -> Value {
    let functions = h.lambda("ListFunctions", json!({})).await.done(200);
    let identities = h.iam("GetAccountAuthorizationDetails", &[]).await.xml_ok();
    let identities = &identities["GetAccountAuthorizationDetailsResult"];
    json!({ "functions": functions["Functions"], "roles": identities["RoleDetailList"] })
}

/// A user who may propose stacks, execute them and look at them, and do `more`.
pub(crate) async fn a_deployer(h: &Harness, name: &str, more: &[&str]) -> Caller {
    let own = [
        "cloudformation:*",
        "serverlessrepo:CreateCloudFormationChangeSet",
    ];
    let actions = [&own, more].concat();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }],
    });
    h.a_user(name, Some(&policy)).await
}

/// What a caller needs beside that to deploy the stack.
pub(crate) const NEEDED: [&str; 6] = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "lambda:AddPermission",
    "lambda:CreateFunction",
];
