//! `DescribeStackResources`.

use super::kit::{FUNCTION, STACK, TEMPLATE, a_stack, call, call_as, result, with_templates};
use serde_json::Value;

fn kinds(shown: &Value) -> Vec<&str> {
    let all = shown["StackResources"].as_array().unwrap().iter();
    all.map(|one| one["ResourceType"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn every_resource_is_shown() {
    let h = with_templates().await;
    a_stack(&h).await;

    let by_stack = result(&h, "DescribeStackResources", &[("StackName", STACK)]).await;
    let by_function = [("PhysicalResourceId", FUNCTION)];
    let by_function = result(&h, "DescribeStackResources", &by_function).await;
    let one = [("StackName", STACK), ("LogicalResourceId", TEMPLATE)];
    let one = result(&h, "DescribeStackResources", &one).await;

    assert_eq!(
        kinds(&by_stack),
        [
            "AWS::IAM::Role",
            "AWS::Lambda::Function",
            "AWS::Lambda::Permission",
            "AWS::IAM::Policy"
        ]
    );
    assert_eq!(by_function, by_stack);
    assert_eq!(kinds(&one), ["AWS::Lambda::Function"]);
}

#[tokio::test]
async fn a_stack_is_named_in_one_way() {
    let h = with_templates().await;

    for parameters in [&[][..], &[("StackName", "a"), ("PhysicalResourceId", "b")]] {
        let reply = call(&h, "DescribeStackResources", parameters).await;

        let text = "Exactly one of StackName and PhysicalResourceId must be specified.";
        reply.xml_refused(400, "ValidationError", text);
    }
    let reply = call(&h, "DescribeStackResources", &[("PhysicalResourceId", "b")]).await;
    let text = "Stack with id b does not exist";
    reply.xml_refused(400, "ValidationError", text);
}

#[tokio::test]
async fn who_may_not_learns_of_no_stack_by_its_resources() {
    let h = with_templates().await;
    a_stack(&h).await;
    let nobody = h.a_user("nobody", None).await;

    let there = [("PhysicalResourceId", FUNCTION)];
    let there = call_as(&h, &nobody, "DescribeStackResources", &there).await;
    let nowhere = [("PhysicalResourceId", "none")];
    let nowhere = call_as(&h, &nobody, "DescribeStackResources", &nowhere).await;

    assert_eq!(there.status, 403);
    assert_eq!(there.xml()["Error"], nowhere.xml()["Error"]);
}
