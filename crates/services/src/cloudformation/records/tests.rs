use super::*;
use crate::cloudformation::model::{
    Definition, Execution, Output, StackEvent, StackResource, Status,
};
use crate::fixtures;
use crate::tags::Tags;
use store::{Record as _, Value};

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_768_478_400_000 + seconds * 1_000)
}

fn definition() -> Definition {
    let mut tags = Tags::default();
    let tag = (Some(String::from("team")), String::from("db"));
    tags.set([tag].into_iter()).unwrap();
    Definition {
        template: String::from("{\"Resources\":{}}"),
        parameters: vec![(String::from("endpoint"), String::from("https://e"))],
        capabilities: vec![String::from("CAPABILITY_IAM")],
        notification_arns: vec![String::from("arn:aws:sns:us-east-1:123456789012:t")],
        tags,
    }
}

fn stack() -> Stack {
    let role = StackResource {
        logical_id: String::from("Role"),
        physical_id: String::from("serverlessrepo-db-Role-ABCDEFGHIJKL"),
        kind: String::from("AWS::IAM::Role"),
        properties: String::from("{\"Path\":\"/\"}"),
        status: Status::DeleteFailed,
        reason: Some(String::from("refused")),
        at: moment(2),
    };
    let event = StackEvent {
        id: String::from("Role-DELETE_FAILED-1768478402000-3"),
        logical_id: role.logical_id.clone(),
        physical_id: role.physical_id.clone(),
        kind: role.kind.clone(),
        at: moment(2),
        status: Status::DeleteFailed,
        reason: Some(String::from("refused")),
        properties: Some(role.properties.clone()),
        token: Some(String::from("token-1")),
    };
    Stack {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("us-east-1").unwrap(),
        name: String::from("serverlessrepo-db"),
        id: String::from("11111111-2222-4333-8444-555555555555"),
        status: Status::DeleteFailed,
        reason: Some(String::from("failed to delete")),
        created: moment(0),
        updated: Some(moment(1)),
        deleted: Some(moment(3)),
        change_set: Some(change_set().arn()),
        definition: definition(),
        resources: vec![role],
        outputs: vec![Output {
            key: String::from("RotationLambdaARN"),
            value: String::from("arn:aws:lambda:us-east-1:123456789012:function:f"),
            description: Some(String::from("The function")),
        }],
        events: vec![event],
    }
}

fn change_set() -> ChangeSet {
    ChangeSet {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("us-east-1").unwrap(),
        id: String::from("99999999-2222-4333-8444-555555555555"),
        name: String::from("changes"),
        stack_name: String::from("serverlessrepo-db"),
        stack_id: String::from("11111111-2222-4333-8444-555555555555"),
        created: moment(0),
        description: Some(String::from("first")),
        execution: Execution::Available,
        definition: definition(),
    }
}

#[test]
fn every_version_on_file_is_read() {
    fixtures::assert_reads(1, &stack());
    fixtures::assert_reads(1, &change_set());
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&stack());
    fixtures::write(&change_set());
}

#[test]
fn a_name_means_a_stack_until_it_is_deleted() {
    let live = |stack: &Stack| stack.columns().first().cloned();
    let deleted = stack();
    let kept = Stack {
        deleted: None,
        ..stack()
    };

    assert_eq!(live(&kept), Some(Value::from(1_i64)));
    assert_eq!(live(&deleted), Some(Value::Null));
    assert_eq!(kept.forgotten(), None);
    let days = 90 * 86_400;
    assert_eq!(deleted.forgotten(), Some(moment(3 + days).as_millis()));
}

#[test]
fn stacks_and_change_sets_survive_being_stored() {
    fixtures::assert_survives(&stack());
    fixtures::assert_survives(&change_set());
}
