//! `DeleteChangeSet`.

use super::kit::{STACK, a_change_set, call, call_as, described, result, with_templates};

#[tokio::test]
async fn a_deleted_change_set_cannot_be_executed_and_its_stack_stays() {
    let h = with_templates().await;
    let arn = a_change_set(&h).await;

    for _ in 0..2 {
        call(&h, "DeleteChangeSet", &[("ChangeSetName", &arn)])
            .await
            .xml_ok();
    }

    let reply = call(&h, "ExecuteChangeSet", &[("ChangeSetName", &arn)]).await;
    let text = format!("ChangeSet [{arn}] does not exist");
    reply.xml_refused(404, "ChangeSetNotFound", &text);
    assert_eq!(
        described(&h, STACK).await["StackStatus"],
        "REVIEW_IN_PROGRESS"
    );
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = with_templates().await;
    let arn = a_change_set(&h).await;
    let nobody = h.a_user("nobody", None).await;

    let reply = call_as(&h, &nobody, "DeleteChangeSet", &[("ChangeSetName", &arn)]).await;

    assert_eq!(reply.status, 403);
    let shown = result(&h, "DescribeChangeSet", &[("ChangeSetName", &arn)]).await;
    assert_eq!(shown["ExecutionStatus"], "AVAILABLE");
}
