//! `DescribeStackResource`.

use super::kit::{FUNCTION, STACK, TEMPLATE, a_stack, call, result, with_templates};
use serde_json::json;

#[tokio::test]
async fn a_resource_is_shown_whole() {
    let h = with_templates().await;
    let arn = a_stack(&h).await;

    let named = [("StackName", STACK), ("LogicalResourceId", TEMPLATE)];
    let shown = result(&h, "DescribeStackResource", &named).await;

    assert_eq!(
        shown["StackResourceDetail"],
        json!({
            "StackName": STACK,
            "StackId": arn,
            "LogicalResourceId": TEMPLATE,
            "PhysicalResourceId": FUNCTION,
            "ResourceType": "AWS::Lambda::Function",
            "LastUpdatedTimestamp": "2026-01-15T12:00:00Z",
            "ResourceStatus": "CREATE_COMPLETE",
            "DriftInformation": { "StackResourceDriftStatus": "NOT_CHECKED" },
            "Metadata": "{}",
        })
    );
}

#[tokio::test]
async fn what_is_not_there_is_said_not_to_be() {
    let h = with_templates().await;
    a_stack(&h).await;

    let no_resource = [("StackName", STACK), ("LogicalResourceId", "None")];
    let no_resource = call(&h, "DescribeStackResource", &no_resource).await;
    let no_stack = [("StackName", "none"), ("LogicalResourceId", TEMPLATE)];
    let no_stack = call(&h, "DescribeStackResource", &no_stack).await;

    let text = format!("Resource None does not exist for stack {STACK}");
    no_resource.xml_refused(400, "ValidationError", &text);
    no_stack.xml_refused(400, "ValidationError", "Stack 'none' does not exist");
}
