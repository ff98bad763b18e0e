//! `DescribeStacks`.

use super::kit::{
    STACK, a_change_set, a_stack, application, call, described, proposal, repository, result,
    with_templates,
};
use serde_json::{Value, json};
use testkit::{Harness, with};

#[tokio::test]
async fn a_stack_is_shown_whole() {
    let h = with_templates().await;
    let arn = a_stack(&h).await;

    let shown = described(&h, STACK).await;

    let parameter =
        |name: &str, value: &str| json!({ "ParameterKey": name, "ParameterValue": value });
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    let application = application("SecretsManagerRDSMariaDBRotationSingleUser");
    assert_eq!(
        shown,
        json!({
            "StackId": arn,
            "StackName": STACK,
            "ChangeSetId": shown["ChangeSetId"],
            "Description":
                "Rotates a secret of AWS Secrets Manager: SecretsManagerRDSMariaDBRotationSingleUser",
            "Parameters": [
                parameter("endpoint", "https://localhost:8443"),
                parameter("excludeCharacters", ""),
                parameter("functionName", "rotate-db"),
                parameter("invokingServicePrincipal", "secretsmanager.amazonaws.com"),
                parameter("kmsKeyArn", ""),
                parameter("vpcSecurityGroupIds", ""),
                parameter("vpcSubnetIds", ""),
            ],
            "CreationTime": "2026-01-15T12:00:00Z",
            "LastUpdatedTime": "2026-01-15T12:00:00Z",
            "RollbackConfiguration": "",
            "StackStatus": "CREATE_COMPLETE",
            "DisableRollback": "false",
            "NotificationARNs": "",
            "Capabilities": ["CAPABILITY_IAM"],
            "Outputs": [{
                "OutputKey": "RotationLambdaARN",
                "OutputValue": "arn:aws:lambda:us-east-1:123456789012:function:rotate-db",
                "Description": "The ARN of the rotation lambda",
            }],
            "Tags": [
                tag("serverlessrepo:applicationId", &application),
                tag("serverlessrepo:semanticVersion", "1.0.0"),
            ],
            "EnableTerminationProtection": "false",
            "DriftInformation": { "StackDriftStatus": "NOT_CHECKED" },
        })
    );
    assert_eq!(described(&h, &arn).await, shown);
}

#[tokio::test]
async fn a_stack_that_was_only_proposed_awaits_review() {
    let h = with_templates().await;
    a_change_set(&h).await;

    let shown = described(&h, STACK).await;

    assert_eq!(shown["StackStatus"], "REVIEW_IN_PROGRESS");
    assert_eq!(shown["StackStatusReason"], "User Initiated");
    assert_eq!(shown["Outputs"], Value::Null);
}

#[tokio::test]
async fn a_stack_that_is_not_there_is_said_not_to_be() {
    let h = with_templates().await;

    let reply = call(&h, "DescribeStacks", &[("StackName", "none")]).await;

    let text = "Stack with id none does not exist";
    reply.xml_refused(400, "ValidationError", text);
}

#[tokio::test]
async fn without_a_name_every_stack_is_shown_that_is_not_deleted() {
    let h = with_templates().await;
    let mut expected = Vec::new();
    for number in 0..101 {
        expected.push(format!("serverlessrepo-s{number:03}"));
        propose(&h, &format!("s{number:03}")).await;
    }
    propose(&h, "gone").await;
    let gone = [("StackName", "serverlessrepo-gone")];
    call(&h, "DeleteStack", &gone).await.xml_ok();

    let first = result(&h, "DescribeStacks", &[]).await;
    let token = first["NextToken"].as_str().unwrap();
    let second = result(&h, "DescribeStacks", &[("NextToken", token)]).await;

    let names = |page: &Value| -> Vec<String> {
        let stacks = page["Stacks"].as_array().unwrap().iter();
        stacks
            .map(|stack| stack["StackName"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!([names(&first), names(&second)].concat(), expected);
    assert_eq!(second["NextToken"], Value::Null);
    let other = call(&h, "ListStacks", &[("NextToken", token)]).await;
    let text = "The specified NextToken is not valid.";
    other.xml_refused(400, "ValidationError", text);
}

async fn propose(h: &Harness, name: &str) {
    let body = with(proposal(), json!({ "stackName": name }));
    let reply = repository(h, &h.root, "CreateCloudFormationChangeSet", body).await;
    reply.done(201);
}
