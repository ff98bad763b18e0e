//! `ListStackResources`.

use super::kit::{FUNCTION, STACK, a_stack, call, result, with_templates};

#[tokio::test]
async fn every_resource_is_listed() {
    let h = with_templates().await;
    a_stack(&h).await;

    let listed = result(&h, "ListStackResources", &[("StackName", STACK)]).await;

    let all = listed["StackResourceSummaries"].as_array().unwrap();
    assert_eq!(all.len(), 4);
    assert_eq!(all[1]["PhysicalResourceId"], FUNCTION);
    assert!(
        all.iter()
            .all(|one| one["ResourceStatus"] == "CREATE_COMPLETE")
    );
}

#[tokio::test]
async fn a_stack_that_is_not_there_is_said_not_to_be() {
    let h = with_templates().await;

    let reply = call(&h, "ListStackResources", &[("StackName", "none")]).await;

    let text = "Stack with id none does not exist";
    reply.xml_refused(400, "ValidationError", text);
}
