//! `ListChangeSets`.

use super::kit::{STACK, a_change_set, call, result, with_templates};

#[tokio::test]
async fn every_change_set_of_the_stack_is_listed() {
    let h = with_templates().await;
    let mut arns = vec![a_change_set(&h).await, a_change_set(&h).await];

    let listed = result(&h, "ListChangeSets", &[("StackName", STACK)]).await;

    let listed = listed["Summaries"].as_array().unwrap();
    let mut shown: Vec<&str> = listed
        .iter()
        .map(|one| one["ChangeSetId"].as_str().unwrap())
        .collect();
    shown.sort_unstable();
    arns.sort_unstable();
    assert_eq!(shown, arns);
    assert!(
        listed
            .iter()
            .all(|one| one["ExecutionStatus"] == "AVAILABLE")
    );
}

#[tokio::test]
async fn a_stack_that_is_not_there_is_said_not_to_be() {
    let h = with_templates().await;

    let reply = call(&h, "ListChangeSets", &[("StackName", "none")]).await;

    reply.xml_refused(400, "ValidationError", "Stack [none] does not exist");
}
