use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, Reply};

async fn look(h: &Harness, body: Value) -> Reply {
    h.cloudtrail("LookupEvents", body).await
}

fn by(key: &str, value: &str) -> Value {
    json!({ "LookupAttributes": [{ "AttributeKey": key, "AttributeValue": value }] })
}

fn names(page: &Value) -> Vec<&str> {
    let events = page["Events"].as_array().unwrap().iter();
    events
        .map(|event| event["EventName"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_event_is_shown_as_cloudtrail_shows_it() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "value").await;
    let read = h.call("GetSecretValue", json!({ "SecretId": "db" })).await;

    let found = look(&h, by("EventName", "GetSecretValue")).await.ok();

    let record = h.audit.events_of(&read.request_id).pop().unwrap();
    let event = &found["Events"][0];
    let text = event["CloudTrailEvent"].as_str().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(text).unwrap(),
        as_told(record.clone())
    );
    let kind = "AWS::SecretsManager::Secret";
    assert_eq!(
        found,
        json!({ "Events": [{
            "EventId": record["eventID"], "EventName": "GetSecretValue", "ReadOnly": "true",
            "AccessKeyId": h.root.access_key_id(), "EventTime": h.now().as_millis() / 1_000,
            "EventSource": "secretsmanager.amazonaws.com", "Username": "root",
            "Resources": [
                { "ResourceType": kind, "ResourceName": arn },
                { "ResourceType": kind, "ResourceName": "db" },
            ],
            "CloudTrailEvent": text,
        }] })
    );
}

#[tokio::test]
async fn events_are_found_by_each_attribute_newest_first() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allow("secretsmanager:*"))).await;
    let arn = h.a_secret("db", "value").await;
    h.call_as(&alice, "GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();
    h.call_as(&alice, "DescribeSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    let id = h.audit.named("DescribeSecret")[0]["eventID"].clone();

    let both = ["DescribeSecret", "GetSecretValue"];
    let all = ["DescribeSecret", "GetSecretValue", "CreateSecret"];
    for (key, value, expected) in [
        ("EventId", id.as_str().unwrap(), &both[..1]),
        ("EventName", "GetSecretValue", &both[1..]),
        ("Username", "alice", &both),
        ("AccessKeyId", alice.access_key_id(), &both),
        ("ResourceName", "db", &all),
        ("ResourceName", &arn, &all),
        ("ReadOnly", "true", &both),
        ("EventName", "getsecretvalue", &[]),
        ("Username", "bob", &[]),
    ] {
        let found = look(&h, by(key, value)).await.ok();
        let mut found = names(&found);
        // A look is an event too, and so are the uses of keys.
        found.retain(|name| all.contains(name));

        assert_eq!(found, expected, "{key} {value}");
    }
}

#[tokio::test]
async fn events_of_other_accounts_and_regions_are_not_shown() {
    let h = Harness::new().await;
    h.a_secret("db", "value").await;
    let other = h.another_account("444455556666").await;
    let elsewhere = h.root.in_region("eu-west-1");
    let body = by("EventName", "CreateSecret");

    let of_other = h
        .cloudtrail_as(&other, "LookupEvents", body.clone())
        .await
        .ok();
    let of_region = h
        .cloudtrail_as(&elsewhere, "LookupEvents", body.clone())
        .await
        .ok();
    let own = look(&h, body).await.ok();

    assert_eq!(of_other, json!({ "Events": [] }));
    assert_eq!(of_region, json!({ "Events": [] }));
    assert_eq!(names(&own), ["CreateSecret"]);
}

#[tokio::test]
async fn events_of_iam_are_in_the_first_region() {
    let h = Harness::new().await;
    let elsewhere = h.root.in_region("eu-west-1");
    h.iam_as(&elsewhere, "CreateUser", &[("UserName", "alice")])
        .await
        .xml_ok();
    let body = by("EventName", "CreateUser");

    let first = look(&h, body.clone()).await.ok();
    let other = h.cloudtrail_as(&elsewhere, "LookupEvents", body).await.ok();

    assert_eq!((names(&first).len(), names(&other).len()), (1, 0));
}

#[tokio::test]
async fn pages_go_on_where_they_ended_whatever_comes_between() {
    let h = Harness::new().await;
    for n in 0..5 {
        h.a_secret(&format!("s{n}"), "value").await;
    }
    let body = |token: &Value| {
        let mut body = by("EventName", "CreateSecret");
        body["MaxResults"] = json!(2);
        if token.is_string() {
            body["NextToken"] = token.clone();
        }
        body
    };

    let mut found = Vec::new();
    let mut token = Value::Null;
    loop {
        let page = look(&h, body(&token)).await.ok();
        for event in page["Events"].as_array().unwrap() {
            found.push(
                event["Resources"][1]["ResourceName"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
        h.a_secret(&format!("later{}", found.len()), "value").await;
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }

    assert_eq!(found, ["s4", "s3", "s2", "s1", "s0"]);
}

#[tokio::test]
async fn a_token_is_good_for_its_question_only() {
    let h = Harness::new().await;
    for n in 0..3 {
        h.a_secret(&format!("s{n}"), "value").await;
    }
    let mut first = by("EventName", "CreateSecret");
    first["MaxResults"] = json!(1);
    let token = look(&h, first.clone()).await.ok()["NextToken"].clone();
    let other = h.another_account("444455556666").await;
    first["NextToken"] = token.clone();

    let mut another = by("EventName", "GetSecretValue");
    another["NextToken"] = token;
    let torn = json!({ "NextToken": "x" });
    for refused in [
        look(&h, another).await,
        look(&h, torn).await,
        h.cloudtrail_as(&other, "LookupEvents", first.clone()).await,
        h.cloudtrail_as(&h.root.in_region("eu-west-1"), "LookupEvents", first)
            .await,
    ] {
        refused.refused("InvalidNextTokenException", "Invalid NextToken.");
    }
}

#[tokio::test]
async fn a_time_range_bounds_what_is_found() {
    let h = Harness::new().await;
    let start = h.now().as_millis() / 1_000;
    for n in 0..3 {
        h.a_secret(&format!("s{n}"), "value").await;
        h.clock.advance_seconds(10);
    }
    let between = |from: i64, to: i64| {
        let mut body = by("EventName", "CreateSecret");
        body["StartTime"] = json!(start + from);
        body["EndTime"] = json!(start + to);
        body
    };

    let both = look(&h, between(10, 20)).await.ok();
    let one = look(&h, between(11, 20)).await.ok();
    let none = look(&h, between(21, 90)).await.ok();
    let turned = look(&h, between(20, 10)).await;

    assert_eq!(
        (names(&both).len(), names(&one).len(), names(&none).len()),
        (2, 1, 0)
    );
    turned.refused(
        "InvalidTimeRangeException",
        "StartTime must not be after EndTime.",
    );
}

#[tokio::test]
async fn what_is_older_than_ninety_days_is_not_shown() {
    let h = Harness::new().await;
    let start = h.now().as_millis() / 1_000;
    h.a_secret("db", "value").await;
    let mut body = by("EventName", "CreateSecret");
    body["StartTime"] = json!(start - 1_000);

    h.clock.advance_days(90);
    let within = look(&h, body.clone()).await.ok();
    h.clock.advance_seconds(1);
    let beyond = look(&h, body).await.ok();

    assert_eq!((names(&within).len(), names(&beyond).len()), (1, 0));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let h = Harness::new().await;
    let mut two = by("EventName", "x");
    let again = two["LookupAttributes"][0].clone();
    two["LookupAttributes"].as_array_mut().unwrap().push(again);

    for most in [0, 51, -1] {
        let refused = look(&h, json!({ "MaxResults": most })).await;
        refused.refused(
            "InvalidMaxResultsException",
            "MaxResults must be between 1 and 50.",
        );
    }
    look(&h, two).await.refused(
        "InvalidLookupAttributesException",
        "You can specify only one lookup attribute.",
    );
    look(&h, by("ReadOnly", "yes")).await.refused(
        "InvalidLookupAttributesException",
        "The value of the lookup attribute ReadOnly must be true or false.",
    );
    let unknown = look(&h, by("Colour", "red")).await;
    assert_eq!(unknown.json()["__type"], "ValidationException");
}

#[tokio::test]
async fn there_are_no_insights() {
    let h = Harness::new().await;

    let found = look(&h, json!({ "EventCategory": "insight" })).await.ok();

    assert_eq!(found, json!({ "Events": [] }));
}

#[tokio::test]
async fn who_may_not_look_is_told_so() {
    let h = Harness::new().await;
    let user = h.a_user("bob", None).await;

    let refused = h.cloudtrail_as(&user, "LookupEvents", json!({})).await;

    refused.refused(
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: \
         cloudtrail:LookupEvents because no identity-based policy allows the \
         cloudtrail:LookupEvents action",
    );
}

#[tokio::test]
async fn the_owner_of_a_secret_sees_who_read_it_and_nothing_of_the_readers_policies() {
    let h = Harness::new().await;
    let (owner, alice) = read_across_accounts(&h).await;

    let body = by("EventName", "DescribeSecret");
    let found = h.cloudtrail_as(&owner, "LookupEvents", body).await.ok();
    let by_key = by("AccessKeyId", alice.access_key_id());
    let by_key = h.cloudtrail_as(&owner, "LookupEvents", by_key).await.ok();

    let kept = h.audit.named("DescribeSecret").pop().unwrap();
    assert!(
        kept["additionalEventData"]["decision"].is_object(),
        "{kept}"
    );
    let event = &found["Events"][0];
    assert_eq!(found["Events"].as_array().unwrap().len(), 1);
    assert_eq!(
        (event.get("AccessKeyId"), event.get("Username")),
        (None, None)
    );
    let text = event["CloudTrailEvent"].as_str().unwrap();
    let shown: Value = serde_json::from_str(text).unwrap();
    assert_eq!(shown, as_told_to_others(kept));
    assert_eq!(
        shown["userIdentity"]["arn"],
        "arn:aws:iam::123456789012:user/alice"
    );
    assert_eq!(by_key, json!({ "Events": [] }));
}

#[tokio::test]
async fn who_finds_too_many_looking_is_told_to_come_again() {
    let h = Harness::new().await;
    h.audit.keep_busy(true);
    let refused = look(&h, json!({})).await;
    h.audit.keep_busy(false);

    let again = look(&h, by("EventName", "LookupEvents")).await.ok();

    refused.refused("ThrottlingException", "Rate exceeded");
    let record = h.audit.events_of(&refused.request_id).pop().unwrap();
    assert_eq!(record["errorCode"], "ThrottlingException");
    assert_eq!(names(&again), ["LookupEvents"]);
}
