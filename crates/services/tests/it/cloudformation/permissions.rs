//! What every operation asks before it answers.

use super::kit::{STACK, a_stack, call_as, with_templates};
use testkit::Harness;

/// Operations that are asked about one stack.
const OF_A_STACK: [&str; 11] = [
    "CreateChangeSet",
    "CreateStack",
    "DeleteStack",
    "DescribeStackEvents",
    "DescribeStackResource",
    "DescribeStackResources",
    "DescribeStacks",
    "GetTemplate",
    "ListChangeSets",
    "ListStackResources",
    "UpdateStack",
];

async fn refused(h: &Harness, action: &str, stack: &str) -> String {
    let caller = h
        .a_user(&format!("of-{action}-{}", stack.len()), None)
        .await;
    let resource = ("LogicalResourceId", "LambdaPermission");
    let parameters = match action {
        "DescribeStackResource" => vec![("StackName", stack), resource],
        _ => vec![("StackName", stack)],
    };
    let reply = call_as(h, &caller, action, &parameters).await;
    assert_eq!(reply.status, 403, "{action}: {}", reply.text);
    let error = &reply.xml()["Error"];
    assert_eq!(error["Code"], "AccessDenied");
    error["Message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn refusal_comes_before_existence() {
    let h = with_templates().await;
    let stack = a_stack(&h).await;

    for action in OF_A_STACK {
        let existing = refused(&h, action, STACK).await;
        let unknown = refused(&h, action, "unknown").await;

        let asked = format!("cloudformation:{action} on resource: ");
        assert!(existing.contains(&format!("{asked}{stack}")), "{existing}");
        let named = "arn:aws:cloudformation:us-east-1:123456789012:stack/unknown/*";
        assert!(unknown.contains(&format!("{asked}{named}")), "{unknown}");
    }
}

#[tokio::test]
async fn stacks_of_another_account_are_for_nobody() {
    let h = with_templates().await;
    let stack = a_stack(&h).await;
    let stranger = h.another_account("999999999999").await;

    for action in OF_A_STACK {
        let resource = ("LogicalResourceId", "LambdaPermission");
        let parameters = [("StackName", stack.as_str()), resource];
        let reply = call_as(&h, &stranger, action, &parameters).await;

        assert_eq!(reply.status, 403, "{action}: {}", reply.text);
    }
    let named = call_as(&h, &stranger, "DescribeStacks", &[("StackName", STACK)]).await;
    assert_eq!(named.status, 400);
}

#[tokio::test]
async fn stacks_of_another_region_are_not_there() {
    let h = with_templates().await;
    let stack = a_stack(&h).await;
    let elsewhere = h.root.in_region("eu-west-1");

    for name in [STACK, &stack] {
        let reply = call_as(&h, &elsewhere, "DescribeStacks", &[("StackName", name)]).await;

        let text = format!("Stack with id {name} does not exist");
        reply.xml_refused(400, "ValidationError", &text);
    }
}
