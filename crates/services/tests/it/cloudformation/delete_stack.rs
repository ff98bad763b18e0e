//! `DeleteStack`.

use super::kit::{
    FUNCTION, NEEDED, STACK, TEMPLATE, a_change_set, a_deployer, a_stack, call, call_as, described,
    made, told, with_templates,
};
use serde_json::{Value, json};

#[tokio::test]
async fn what_a_stack_made_is_gone_with_it() {
    let h = with_templates().await;
    let before = made(&h).await;
    let stack = a_stack(&h).await;

    call(&h, "DeleteStack", &[("StackName", STACK)])
        .await
        .xml_ok();

    assert_eq!(made(&h).await, before);
    let gone = call(&h, "DescribeStacks", &[("StackName", STACK)]).await;
    let text = format!("Stack with id {STACK} does not exist");
    gone.xml_refused(400, "ValidationError", &text);
    let described = described(&h, &stack).await;
    assert_eq!(described["StackStatus"], "DELETE_COMPLETE");
    assert_eq!(described["DeletionTime"], "2026-01-15T12:00:00Z");
    let told = told(&h, &stack).await;
    let deletions: Vec<&str> = told
        .iter()
        .filter(|(status, name)| status == "DELETE_COMPLETE" && name != STACK)
        .map(|(_, name)| name.as_str())
        .collect();
    let policy = format!("{TEMPLATE}Policy");
    let role = format!("{TEMPLATE}Role");
    assert_eq!(
        deletions,
        [policy.as_str(), "LambdaPermission", TEMPLATE, &role]
    );
    for name in [
        "DeleteRole",
        "DeleteFunction20150331",
        "RemovePermission20150331v2",
    ] {
        let events = h.audit.named(name);
        assert_eq!(events.len(), 1, "{name}");
        let invoked_by = &events[0]["userIdentity"]["invokedBy"];
        assert_eq!(*invoked_by, "cloudformation.amazonaws.com");
    }
}

#[tokio::test]
async fn deleting_twice_is_idempotent() {
    let h = with_templates().await;
    let stack = a_stack(&h).await;

    for name in [STACK, STACK, &stack, "never-was"] {
        call(&h, "DeleteStack", &[("StackName", name)])
            .await
            .xml_ok();
    }

    assert_eq!(h.audit.named("DeleteRole").len(), 1);
}

#[tokio::test]
async fn what_is_gone_already_does_not_matter() {
    let h = with_templates().await;
    let before = made(&h).await;
    let stack = a_stack(&h).await;
    h.lambda("DeleteFunction", json!({ "FunctionName": FUNCTION }))
        .await;

    call(&h, "DeleteStack", &[("StackName", STACK)])
        .await
        .xml_ok();

    assert_eq!(made(&h).await, before);
    assert_eq!(
        described(&h, &stack).await["StackStatus"],
        "DELETE_COMPLETE"
    );
    let refused: Vec<Value> = h.audit.named("RemovePermission20150331v2");
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["errorCode"], "ResourceNotFoundException");
}

#[tokio::test]
async fn what_cannot_be_removed_keeps_everything() {
    let h = with_templates().await;
    let stack = a_stack(&h).await;
    let before = made(&h).await;
    let deployer = a_deployer(&h, "deployer", &["iam:Delete*", "lambda:*"]).await;

    call_as(&h, &deployer, "DeleteStack", &[("StackName", STACK)])
        .await
        .xml_ok();

    assert_eq!(made(&h).await["functions"], before["functions"]);
    assert_eq!(made(&h).await["roles"], before["roles"]);
    let described = described(&h, &stack).await;
    assert_eq!(described["StackStatus"], "DELETE_FAILED");
    let role = format!("{TEMPLATE}Role");
    let reason = format!("The following resource(s) failed to delete: [{role}]. ");
    assert_eq!(described["StackStatusReason"], reason);
    assert_eq!(h.audit.named("DeleteFunction20150331").len(), 0);
    let refused = h.audit.named("DetachRolePolicy");
    assert_eq!(refused[0]["errorCode"], "AccessDenied");

    let retained = [
        ("StackName", STACK),
        ("RetainResources.member.1", role.as_str()),
    ];
    call_as(&h, &deployer, "DeleteStack", &retained)
        .await
        .xml_ok();

    let after = made(&h).await;
    assert_eq!(after["functions"], json!([]));
    assert_eq!(after["roles"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = with_templates().await;
    let stack = a_stack(&h).await;
    let before = (made(&h).await, described(&h, &stack).await);
    let nobody = h.a_user("nobody", None).await;

    let reply = call_as(&h, &nobody, "DeleteStack", &[("StackName", STACK)]).await;

    let text = format!(
        "User: arn:aws:iam::123456789012:user/nobody is not authorized to perform: \
         cloudformation:DeleteStack on resource: {stack} because no identity-based policy allows \
         the cloudformation:DeleteStack action"
    );
    reply.xml_refused(403, "AccessDenied", &text);
    assert_eq!((made(&h).await, described(&h, &stack).await), before);
}

#[tokio::test]
async fn a_stack_that_was_only_proposed_is_deleted_with_its_change_sets() {
    let h = with_templates().await;
    let change_set = a_change_set(&h).await;

    call(&h, "DeleteStack", &[("StackName", STACK)])
        .await
        .xml_ok();

    let reply = call(&h, "DescribeChangeSet", &[("ChangeSetName", &change_set)]).await;
    let text = format!("ChangeSet [{change_set}] does not exist");
    reply.xml_refused(404, "ChangeSetNotFound", &text);
    a_stack(&h).await;
}

#[tokio::test]
async fn only_what_could_not_be_removed_may_be_retained() {
    let h = with_templates().await;
    let stack = a_stack(&h).await;

    let retained = [("StackName", STACK), ("RetainResources.member.1", TEMPLATE)];
    let reply = call(&h, "DeleteStack", &retained).await;

    let text = format!(
        "Invalid operation on stack [{stack}]. Retaining resources on delete operation is allowed \
         only when the stack is in DELETE_FAILED state."
    );
    reply.xml_refused(400, "ValidationError", &text);
    assert_eq!(
        described(&h, &stack).await["StackStatus"],
        "CREATE_COMPLETE"
    );
}

#[tokio::test]
async fn what_is_not_here_is_refused() {
    let h = with_templates().await;
    a_stack(&h).await;
    for (name, value, what) in [
        ("RoleARN", "arn:aws:iam::123456789012:role/x", "RoleARN"),
        (
            "DeletionMode",
            "FORCE_DELETE_STACK",
            "DeletionMode FORCE_DELETE_STACK",
        ),
    ] {
        let reply = call(&h, "DeleteStack", &[("StackName", STACK), (name, value)]).await;

        let text = format!("{what} is not supported by this server yet.");
        reply.xml_refused(400, "ValidationError", &text);
    }
    assert_eq!(described(&h, STACK).await["StackStatus"], "CREATE_COMPLETE");
}

#[tokio::test]
async fn a_deployer_removes_what_they_made() {
    let h = with_templates().await;
    let all = [&NEEDED[..], &["iam:*", "lambda:*"]].concat();
    let deployer = a_deployer(&h, "deployer", &all).await;
    a_stack(&h).await;

    call_as(&h, &deployer, "DeleteStack", &[("StackName", STACK)])
        .await
        .xml_ok();

    assert_eq!(made(&h).await["functions"], json!([]));
}
