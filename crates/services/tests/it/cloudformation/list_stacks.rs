//! `ListStacks`.

use super::kit::{STACK, a_change_set, a_stack, call, result, with_templates};
use serde_json::{Value, json};
use testkit::Harness;

async fn statuses(h: &Harness, filter: &[(&str, &str)]) -> Vec<String> {
    let listed = result(h, "ListStacks", filter).await;
    let mut statuses: Vec<String> = match &listed["StackSummaries"] {
        Value::Array(all) => all
            .iter()
            .map(|one| one["StackStatus"].as_str().unwrap().to_owned())
            .collect(),
        _ => Vec::new(),
    };
    statuses.sort_unstable();
    statuses
}

#[tokio::test]
async fn deleted_stacks_are_listed_too() {
    let h = with_templates().await;
    let arn = a_stack(&h).await;
    call(&h, "DeleteStack", &[("StackName", STACK)])
        .await
        .xml_ok();
    a_change_set(&h).await;

    let all = statuses(&h, &[]).await;
    let deleted = [("StackStatusFilter.member.1", "DELETE_COMPLETE")];
    let deleted = result(&h, "ListStacks", &deleted).await;
    let none = statuses(&h, &[("StackStatusFilter.member.1", "CREATE_FAILED")]).await;

    assert_eq!(all, ["DELETE_COMPLETE", "REVIEW_IN_PROGRESS"]);
    assert_eq!(none, Vec::<String>::new());
    assert_eq!(
        deleted["StackSummaries"],
        json!([{
            "StackId": arn,
            "StackName": STACK,
            "TemplateDescription":
                "Rotates a secret of AWS Secrets Manager: SecretsManagerRDSMariaDBRotationSingleUser",
            "CreationTime": "2026-01-15T12:00:00Z",
            "LastUpdatedTime": "2026-01-15T12:00:00Z",
            "DeletionTime": "2026-01-15T12:00:00Z",
            "StackStatus": "DELETE_COMPLETE",
            "DriftInformation": { "StackDriftStatus": "NOT_CHECKED" },
        }])
    );
}
