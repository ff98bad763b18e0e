//! `UpdateStack`, which is not there yet.

use super::kit::{STACK, a_stack, call, described, with_templates};

#[tokio::test]
async fn it_says_that_it_is_not_there_and_does_nothing() {
    let h = with_templates().await;
    a_stack(&h).await;
    let before = described(&h, STACK).await;

    for name in [STACK, "new"] {
        let parameters = [
            ("StackName", name),
            ("ChangeSetName", "changes"),
            ("TemplateBody", "{}"),
        ];
        let reply = call(&h, "UpdateStack", &parameters).await;

        let text = "UpdateStack is not supported by this server yet.";
        reply.xml_refused(400, "ValidationError", text);
    }

    assert_eq!(described(&h, STACK).await, before);
    let created = call(&h, "DescribeStacks", &[("StackName", "new")]).await;
    assert_eq!(created.status, 400);
}
