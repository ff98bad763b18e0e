//! `DescribeStackEvents`.

use super::kit::{STACK, TEMPLATE, a_stack, call, result, told, with_templates};
use serde_json::Value;

#[tokio::test]
async fn events_tell_the_story_the_latest_first() {
    let h = with_templates().await;
    a_stack(&h).await;

    let told = told(&h, STACK).await;

    let role = format!("{TEMPLATE}Role");
    let policy = format!("{TEMPLATE}Policy");
    let made = |name: &str| {
        ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"].map(|it| (it.to_owned(), name.to_owned()))
    };
    let own = |status: &str| (status.to_owned(), STACK.to_owned());
    let mut expected = vec![own("REVIEW_IN_PROGRESS"), own("CREATE_IN_PROGRESS")];
    for name in [&role, TEMPLATE, "LambdaPermission", &policy] {
        expected.extend(made(name));
    }
    expected.push(own("CREATE_COMPLETE"));
    assert_eq!(told, expected);
}

#[tokio::test]
async fn every_event_has_an_id_of_its_own_and_those_of_resources_their_properties() {
    let h = with_templates().await;
    a_stack(&h).await;

    let result = result(&h, "DescribeStackEvents", &[("StackName", STACK)]).await;

    let events = result["StackEvents"].as_array().unwrap();
    let mut ids: Vec<&str> = events
        .iter()
        .map(|it| it["EventId"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), events.len());
    for event in events {
        let is_own = event["ResourceType"] == "AWS::CloudFormation::Stack";
        assert_eq!(
            event["ResourceProperties"] == Value::Null,
            is_own,
            "{event}"
        );
    }
}

#[tokio::test]
async fn a_stack_that_is_not_there_is_said_not_to_be() {
    let h = with_templates().await;

    let reply = call(&h, "DescribeStackEvents", &[("StackName", "none")]).await;

    reply.xml_refused(400, "ValidationError", "Stack [none] does not exist");
}
