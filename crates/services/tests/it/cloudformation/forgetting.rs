//! Stacks that were deleted long ago.

use super::kit::{STACK, a_stack, call, described, with_templates};

#[tokio::test]
async fn a_deleted_stack_is_remembered_for_ninety_days() {
    let h = with_templates().await;
    let arn = a_stack(&h).await;
    call(&h, "DeleteStack", &[("StackName", STACK)])
        .await
        .xml_ok();
    let kept = a_stack(&h).await;

    h.clock.advance_seconds(90 * 86_400 - 1);
    h.app.tick().await.unwrap();
    let before = described(&h, &arn).await;
    h.clock.advance_seconds(1);
    h.app.tick().await.unwrap();
    let after = call(&h, "DescribeStacks", &[("StackName", &arn)]).await;

    assert_eq!(before["StackStatus"], "DELETE_COMPLETE");
    assert_eq!(after.status, 400);
    assert_eq!(described(&h, &kept).await["StackStatus"], "CREATE_COMPLETE");
    let events = h.audit.named("ForgetStack");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["additionalEventData"]["stackId"], arn);
}
