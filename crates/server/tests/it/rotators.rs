//! Rotators, by operator commands against a running server.

use crate::server::{Data, complaint};
use serde_json::json;

const ACCOUNT: &str = "111111111111";

#[test]
fn rotators_are_listed_and_one_that_is_not_there_cannot_be_removed() {
    let data = Data::new();
    let _server = data.start_with(&["--account-id", ACCOUNT]);

    let listed = data.json(&["rotator", "list", "--json"]);
    let table = data.command(&["rotator", "list"]);
    let removed = data.command(&["rotator", "disable", "none"]);
    let elsewhere = data.command(&["rotator", "list", "--account-id", "222222222222"]);

    assert_eq!(listed, json!([]));
    assert_eq!(
        String::from_utf8(table.stdout).unwrap(),
        "NAME  REGION  TEMPLATE  STATUS  CREATED\n"
    );
    assert_eq!(
        complaint(&removed),
        "the account `111111111111` has no rotator `none` in `us-east-1`"
    );
    assert_eq!(complaint(&elsewhere), "there is no account `222222222222`");
}

#[test]
fn a_template_that_is_none_is_refused_before_anybody_is_asked() {
    let data = Data::new();

    let refused = data.command(&["rotator", "enable", "postgres"]);

    let text = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{text}");
    assert!(text.contains("postgresql-single-user"), "{text}");
}

#[test]
fn users_do_not_alternate_without_a_master() {
    let data = Data::new();

    let refused = data.command(&["rotator", "enable", "postgresql-multi-user"]);

    assert!(complaint(&refused).contains("give `--master-secret ARN`"));
}

#[test]
fn every_command_is_on_file() {
    let data = Data::new();
    let _server = data.start_with(&["--account-id", ACCOUNT]);

    data.command(&["rotator", "disable", "none"]);
    data.command(&["rotator", "list"]);

    let log = data.audit();
    let events: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|event: &serde_json::Value| event["eventSource"] == "admin.strongroom.internal")
        .collect();
    let names: Vec<&serde_json::Value> = events.iter().map(|event| &event["eventName"]).collect();
    assert_eq!(names, ["DisableRotator", "DisableRotator", "ListRotators"]);
    assert_eq!(
        events[0]["requestParameters"],
        json!({ "accountId": ACCOUNT, "region": null, "name": "none" })
    );
}
