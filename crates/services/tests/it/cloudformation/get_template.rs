//! `GetTemplate`.

use super::kit::{STACK, TEMPLATE, a_change_set, call, result, with_templates};
use serde_json::{Value, json};

#[tokio::test]
async fn the_template_is_that_of_the_stack_or_of_the_change_set() {
    let h = with_templates().await;
    let change_set = a_change_set(&h).await;

    let proposed = result(&h, "GetTemplate", &[("ChangeSetName", &change_set)]).await;
    call(&h, "ExecuteChangeSet", &[("ChangeSetName", &change_set)])
        .await
        .xml_ok();
    let made = result(&h, "GetTemplate", &[("StackName", STACK)]).await;

    assert_eq!(made, proposed);
    assert_eq!(made["StagesAvailable"], json!(["Original", "Processed"]));
    let template: Value = serde_json::from_str(made["TemplateBody"].as_str().unwrap()).unwrap();
    let kind = &template["Resources"][TEMPLATE]["Type"];
    assert_eq!(*kind, "AWS::Lambda::Function");
}

#[tokio::test]
async fn what_is_not_there_is_said_not_to_be() {
    let h = with_templates().await;

    a_change_set(&h).await;

    let proposed = call(&h, "GetTemplate", &[("StackName", STACK)]).await;
    let no_stack = call(&h, "GetTemplate", &[("StackName", "none")]).await;
    let neither = call(&h, "GetTemplate", &[]).await;

    let text = format!("Stack {STACK} has no template until a change set is executed.");
    proposed.xml_refused(400, "ValidationError", &text);
    let text = "Stack with id none does not exist";
    no_stack.xml_refused(400, "ValidationError", text);
    let text = "Either StackName or ChangeSetName must be specified.";
    neither.xml_refused(400, "ValidationError", text);
}
