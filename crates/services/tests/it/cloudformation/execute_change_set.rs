//! `ExecuteChangeSet`.

use super::kit::{
    FUNCTION, FUNCTION_ARN, NEEDED, STACK, TEMPLATE, a_change_set, a_deployer, a_stack, call,
    call_as, described, made, proposal, proposed_as, repository, told, with_templates,
};
use serde_json::{Value, json};
use testkit::{Harness, with};

#[tokio::test]
async fn a_stack_is_the_function_its_role_and_its_permissions() {
    let h = with_templates().await;
    let change_set = a_change_set(&h).await;

    let reply = call(&h, "ExecuteChangeSet", &[("ChangeSetName", &change_set)]).await;

    let nothing = json!({ "ExecuteChangeSetResult": "" });
    assert_eq!(reply.xml_ok(), nothing);
    let stack = described(&h, STACK).await;
    assert_eq!(stack["StackStatus"], "CREATE_COMPLETE");
    assert_eq!(stack["ChangeSetId"], change_set);
    let output = json!([{
        "OutputKey": "RotationLambdaARN", "OutputValue": FUNCTION_ARN,
        "Description": "The ARN of the rotation lambda",
    }]);
    assert_eq!(stack["Outputs"], output);
    let function = function(&h).await;
    assert_eq!(function["Code"]["ImageUri"], format!("builtin:{TEMPLATE}"));
    assert_eq!(
        function["Configuration"]["Environment"]["Variables"],
        json!({ "SECRETS_MANAGER_ENDPOINT": "https://localhost:8443" })
    );
    let role = role_of(&function);
    assert!(
        role.starts_with("serverlessrepo-db-SecretsManagerRDSMariaDB-"),
        "{role}"
    );
    assert_eq!(attached(&h, role).await, BASIC_EXECUTION);
    assert_eq!(embedded(&h, role).await, expected_policy());
    let policy = h
        .lambda("GetPolicy", json!({ "FunctionName": FUNCTION }))
        .await
        .done(200);
    let policy: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
    let statement = &policy["Statement"][0];
    assert_eq!(statement["Action"], "lambda:InvokeFunction");
    let service = json!({ "Service": "secretsmanager.amazonaws.com" });
    assert_eq!(statement["Principal"], service);
}

#[tokio::test]
async fn each_call_is_told_of_as_one_of_the_callers_own() {
    let h = with_templates().await;
    let deployer = a_deployer(&h, "deployer", &NEEDED).await;
    let proposed = proposed_as(&h, &deployer).await;
    let change_set = proposed["changeSetId"].as_str().unwrap();

    call_as(
        &h,
        &deployer,
        "ExecuteChangeSet",
        &[("ChangeSetName", change_set)],
    )
    .await
    .xml_ok();

    for name in [
        "CreateRole",
        "AttachRolePolicy",
        "CreateFunction20150331",
        "PutRolePolicy",
        "AddPermission20150331v2",
    ] {
        let events = h.audit.named(name);
        assert_eq!(events.len(), 1, "{name}");
        let event = &events[0];
        assert_eq!(event["userIdentity"]["userName"], "deployer");
        let service = "cloudformation.amazonaws.com";
        assert_eq!(event["userIdentity"]["invokedBy"], service);
        assert_eq!(event["sourceIPAddress"], service);
        assert_eq!(event["errorCode"], Value::Null);
    }
    let execution = &h.audit.named("ExecuteChangeSet")[0];
    assert_eq!(execution["resources"][0]["ARN"], proposed["stackId"]);
}

#[tokio::test]
async fn what_one_call_is_refused_leaves_nothing_of_the_others() {
    let h = with_templates().await;
    for missing in NEEDED {
        let rest: Vec<&str> = NEEDED.into_iter().filter(|one| *one != missing).collect();
        let name = missing.replace(':', "-");
        let deployer = a_deployer(&h, &name, &rest).await;
        let before = made(&h).await;
        let proposed = proposed_as(&h, &deployer).await;
        let change_set = proposed["changeSetId"].as_str().unwrap();
        let stack = proposed["stackId"].as_str().unwrap();
        let created = h.audit.named("CreateRole").len();

        let parameters = [("ChangeSetName", change_set)];
        let reply = call_as(&h, &deployer, "ExecuteChangeSet", &parameters).await;

        assert_eq!(reply.status, 200, "{missing}: {}", reply.text);
        assert_eq!(made(&h).await, before, "{missing}");
        let described = described(&h, stack).await;
        assert_eq!(described["StackStatus"], "ROLLBACK_COMPLETE");
        let reason = reason_of_failure(&h, stack).await;
        assert!(
            reason.contains(&format!("is not authorized to perform: {missing}")),
            "{reason}"
        );
        assert!(
            reason.contains("HandlerErrorCode: AccessDenied"),
            "{reason}"
        );
        let roles = h.audit.named("CreateRole");
        let of_this = &roles[created..];
        let only_refusals = of_this
            .iter()
            .all(|event| event["errorCode"] == "AccessDenied");
        assert!(
            only_refusals,
            "{missing}: an event tells of a role that was never there"
        );
        call(&h, "DeleteStack", &[("StackName", stack)])
            .await
            .xml_ok();
    }
}

#[tokio::test]
async fn a_name_that_is_taken_rolls_back_and_says_so() {
    let h = with_templates().await;
    let role = h.a_function_role("other", None).await;
    h.a_function(FUNCTION, &role).await;
    let before = made(&h).await;
    let change_set = a_change_set(&h).await;

    call(&h, "ExecuteChangeSet", &[("ChangeSetName", &change_set)])
        .await
        .xml_ok();

    assert_eq!(made(&h).await, before);
    let reason = reason_of_failure(&h, STACK).await;
    assert!(
        reason.contains("Function already exist: rotate-db"),
        "{reason}"
    );
    assert!(
        reason.contains("HandlerErrorCode: AlreadyExists"),
        "{reason}"
    );
    let role = format!("{TEMPLATE}Role");
    let line = |status: &str, name: &str| (status.to_owned(), name.to_owned());
    assert_eq!(
        told(&h, STACK).await,
        [
            line("REVIEW_IN_PROGRESS", STACK),
            line("CREATE_IN_PROGRESS", STACK),
            line("CREATE_IN_PROGRESS", &role),
            line("CREATE_COMPLETE", &role),
            line("CREATE_IN_PROGRESS", TEMPLATE),
            line("CREATE_FAILED", TEMPLATE),
            line("ROLLBACK_IN_PROGRESS", STACK),
            line("DELETE_COMPLETE", &role),
            line("ROLLBACK_COMPLETE", STACK),
        ]
    );
}

#[tokio::test]
async fn a_change_set_is_executed_once() {
    let h = with_templates().await;
    let change_set = a_change_set(&h).await;
    call(&h, "ExecuteChangeSet", &[("ChangeSetName", &change_set)])
        .await
        .xml_ok();
    let before = made(&h).await;

    let reply = call(&h, "ExecuteChangeSet", &[("ChangeSetName", &change_set)]).await;

    let text = format!(
        "ChangeSet [{change_set}] cannot be executed in its current execution status of \
         [EXECUTE_COMPLETE]"
    );
    reply.xml_refused(400, "InvalidChangeSetStatus", &text);
    assert_eq!(made(&h).await, before);
}

#[tokio::test]
async fn the_other_change_sets_of_the_stack_are_no_more() {
    let h = with_templates().await;
    let one = a_change_set(&h).await;
    let other = a_change_set(&h).await;

    call(&h, "ExecuteChangeSet", &[("ChangeSetName", &one)])
        .await
        .xml_ok();

    let reply = call(&h, "ExecuteChangeSet", &[("ChangeSetName", &other)]).await;
    let text = format!("ChangeSet [{other}] does not exist");
    reply.xml_refused(404, "ChangeSetNotFound", &text);
}

#[tokio::test]
async fn a_change_set_is_named_by_its_arn_or_with_its_stack() {
    let h = with_templates().await;
    let change_set = a_change_set(&h).await;
    let name = change_set.split('/').nth(1).unwrap();

    let unnamed = call(&h, "ExecuteChangeSet", &[("ChangeSetName", name)]).await;
    let wrong = [
        ("ChangeSetName", change_set.as_str()),
        ("StackName", "other"),
    ];
    let wrong = call(&h, "ExecuteChangeSet", &wrong).await;
    let named = [("ChangeSetName", name), ("StackName", STACK)];
    let named = call(&h, "ExecuteChangeSet", &named).await;

    let text = "StackName must be specified if ChangeSetName is not specified as an ARN.";
    unnamed.xml_refused(400, "ValidationError", text);
    let text = format!("ChangeSet [{change_set}] does not exist");
    wrong.xml_refused(404, "ChangeSetNotFound", &text);
    named.xml_ok();
}

#[tokio::test]
async fn a_role_session_learns_only_after_the_change_set_is_permitted() {
    let h = with_templates().await;
    let change_set = a_change_set(&h).await;
    let nobody = h.a_user("nobody", None).await;
    let before = made(&h).await;

    let real = call_as(
        &h,
        &nobody,
        "ExecuteChangeSet",
        &[("ChangeSetName", &change_set)],
    )
    .await;
    let none = [("ChangeSetName", "none"), ("StackName", "none")];
    let none = call_as(&h, &nobody, "ExecuteChangeSet", &none).await;

    assert_eq!((real.status, none.status), (403, 403));
    assert_eq!(made(&h).await, before);
}

#[tokio::test]
async fn two_executions_at_once_make_one_stack() {
    let h = with_templates().await;
    let change_set = a_change_set(&h).await;
    let parameters = [("ChangeSetName", change_set.as_str())];

    let (one, other) = tokio::join!(
        call(&h, "ExecuteChangeSet", &parameters),
        call(&h, "ExecuteChangeSet", &parameters)
    );

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    let roles = made(&h).await["roles"].as_array().unwrap().len();
    assert_eq!(roles, 1);
}

#[tokio::test]
async fn when_the_audit_log_fails_the_answer_is_withheld() {
    let h = with_templates().await;
    let change_set = a_change_set(&h).await;
    h.audit.fail(true);
    let form = testkit::form(
        "ExecuteChangeSet",
        "2010-05-15",
        &[("ChangeSetName", &change_set)],
    );

    let reply = h
        .send(h.root.signed_form("cloudformation", &form, h.now()))
        .await;

    assert_eq!(reply.status, 500);
}

#[tokio::test]
async fn a_function_may_be_rotated_by_its_stack_alone() {
    let h = with_templates().await;
    a_stack(&h).await;

    let policy = h
        .lambda("GetPolicy", json!({ "FunctionName": FUNCTION }))
        .await
        .done(200);

    let policy: Value = serde_json::from_str(policy["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
    let sid = policy["Statement"][0]["Sid"].as_str().unwrap();
    assert!(
        sid.starts_with("serverlessrepo-db-LambdaPermission-"),
        "{sid}"
    );
}

#[tokio::test]
async fn the_managed_policies_that_the_guide_names_are_enough() {
    let h = with_templates().await;
    let user = h.a_user("admin", None).await;
    for policy in ["SecretsManagerReadWrite", "IAMFullAccess"] {
        let arn = format!("arn:aws:iam::aws:policy/{policy}");
        let attached = [("UserName", "admin"), ("PolicyArn", arn.as_str())];
        h.iam("AttachUserPolicy", &attached).await.xml_ok();
    }
    let parameters = json!([
        { "name": "endpoint", "value": "https://localhost:8443" },
        { "name": "functionName", "value": "SecretsManagerRotation" },
    ]);
    let body = with(proposal(), json!({ "parameterOverrides": parameters }));
    let proposed = repository(&h, &user, "CreateCloudFormationChangeSet", body).await;
    let proposed = proposed.done(201);
    let change_set = proposed["changeSetId"].as_str().unwrap();

    call_as(
        &h,
        &user,
        "ExecuteChangeSet",
        &[("ChangeSetName", change_set)],
    )
    .await
    .xml_ok();

    let stack = described(&h, STACK).await;
    assert_eq!(stack["StackStatus"], "CREATE_COMPLETE");
}

async fn reason_of_failure(h: &Harness, stack: &str) -> String {
    let result = super::kit::result(h, "DescribeStackEvents", &[("StackName", stack)]).await;
    let events = result["StackEvents"].as_array().unwrap();
    let failed = events
        .iter()
        .find(|it| it["ResourceStatus"] == "CREATE_FAILED");
    failed.unwrap()["ResourceStatusReason"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn function(h: &Harness) -> Value {
    h.lambda("GetFunction", json!({ "FunctionName": FUNCTION }))
        .await
        .done(200)
}

fn role_of(function: &Value) -> &str {
    let arn = function["Configuration"]["Role"].as_str().unwrap();
    arn.rsplit('/').next().unwrap()
}

async fn attached(h: &Harness, role: &str) -> Value {
    let listed = h
        .iam("ListAttachedRolePolicies", &[("RoleName", role)])
        .await
        .xml_ok();
    let all = &listed["ListAttachedRolePoliciesResult"]["AttachedPolicies"];
    assert_eq!(all.as_array().unwrap().len(), 1);
    all[0]["PolicyArn"].clone()
}

async fn embedded(h: &Harness, role: &str) -> Value {
    let name = format!("{TEMPLATE}Policy");
    let parameters = [("RoleName", role), ("PolicyName", name.as_str())];
    let shown = h.iam("GetRolePolicy", &parameters).await.xml_ok();
    let text = shown["GetRolePolicyResult"]["PolicyDocument"]
        .as_str()
        .unwrap();
    let text = percent_decoded(text);
    serde_json::from_str(&text).unwrap()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(&others[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &others[2..];
        } else {
            bytes.push(*first);
            rest = others;
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn expected_policy() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:UpdateSecretVersionStage",
                ],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {
                        "secretsmanager:resource/AllowRotationLambdaArn": FUNCTION_ARN,
                    },
                },
            },
            {
                "Effect": "Allow",
                "Action": ["secretsmanager:GetRandomPassword"],
                "Resource": "*",
            },
        ],
    })
}

const BASIC_EXECUTION: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
