//! `DescribeChangeSet`.

use super::kit::{STACK, TEMPLATE, a_change_set, call, result, with_templates};
use serde_json::{Value, json};

#[tokio::test]
async fn a_change_set_says_what_it_would_add() {
    let h = with_templates().await;
    let arn = a_change_set(&h).await;
    let name = arn.split('/').nth(1).unwrap();

    let shown = result(&h, "DescribeChangeSet", &[("ChangeSetName", &arn)]).await;

    assert_eq!(shown["ChangeSetId"], arn);
    assert_eq!(shown["ChangeSetName"], name);
    assert_eq!(shown["StackName"], STACK);
    assert_eq!(shown["Status"], "CREATE_COMPLETE");
    assert_eq!(shown["ExecutionStatus"], "AVAILABLE");
    let capabilities = json!(["CAPABILITY_IAM"]);
    assert_eq!(shown["Capabilities"], capabilities);
    let changes = shown["Changes"].as_array().unwrap();
    let added: Vec<(&Value, &Value)> = changes
        .iter()
        .map(|change| &change["ResourceChange"])
        .map(|change| (&change["Action"], &change["LogicalResourceId"]))
        .collect();
    let add = json!("Add");
    let names = [
        format!("{TEMPLATE}Role"),
        TEMPLATE.to_owned(),
        String::from("LambdaPermission"),
        format!("{TEMPLATE}Policy"),
    ];
    let mut names = names.map(Value::from);
    names.sort_unstable_by_key(ToString::to_string);
    let mut added_names: Vec<Value> = added.iter().map(|(_, name)| (*name).clone()).collect();
    added_names.sort_unstable_by_key(ToString::to_string);
    assert_eq!(added_names, names);
    assert!(added.iter().all(|(action, _)| **action == add));
    let named = [("ChangeSetName", name), ("StackName", STACK)];
    assert_eq!(result(&h, "DescribeChangeSet", &named).await, shown);
}

#[tokio::test]
async fn an_executed_change_set_can_still_be_seen() {
    let h = with_templates().await;
    let arn = a_change_set(&h).await;
    call(&h, "ExecuteChangeSet", &[("ChangeSetName", &arn)])
        .await
        .xml_ok();

    let shown = result(&h, "DescribeChangeSet", &[("ChangeSetName", &arn)]).await;

    assert_eq!(shown["ExecutionStatus"], "EXECUTE_COMPLETE");
}

#[tokio::test]
async fn one_that_is_not_there_is_said_not_to_be() {
    let h = with_templates().await;
    a_change_set(&h).await;

    let named = [("ChangeSetName", "none"), ("StackName", STACK)];
    let reply = call(&h, "DescribeChangeSet", &named).await;

    reply.xml_refused(404, "ChangeSetNotFound", "ChangeSet [none] does not exist");
}
