use super::kit::*;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_rule_is_made_and_put_again() {
    let h = Harness::new().await;

    let reply = put_rule(&h, &pattern()).await;
    let again = json!({
        "Name": "r", "EventPattern": json!({ "source": ["x"] }).to_string(),
        "Description": "all", "State": "DISABLED", "EventBusName": "default",
    });
    h.rules("PutRule", again).await.ok();

    assert_eq!(reply.ok(), json!({ "RuleArn": RULE }));
    let described = h.rules("DescribeRule", json!({ "Name": "r" })).await.ok();
    let expected = json!({
        "Name": "r", "Arn": RULE, "EventPattern": "{\"source\":[\"x\"]}", "State": "DISABLED",
        "Description": "all", "EventBusName": "default", "CreatedBy": "123456789012",
    });
    assert_eq!(described, expected);
}

#[tokio::test]
async fn what_cannot_be_a_rule_is_refused_with_a_reason() {
    let h = Harness::new().await;
    let pattern = |text: &str| json!({ "Name": "r", "EventPattern": text });
    let more = |name: &str, value: &str| {
        let mut body = pattern(r#"{"a":["b"]}"#);
        body[name] = json!(value);
        body
    };
    let long = format!(r#"{{"a":["{}"]}}"#, "x".repeat(2_100));
    let no_pattern = "InvalidEventPatternException";
    let invalid = "ValidationException";

    for (body, code, text) in [
        (
            pattern("x"),
            no_pattern,
            "Event pattern is not valid. Reason: Filter is not an object",
        ),
        (
            pattern(r#"{"a":"b"}"#),
            no_pattern,
            "Event pattern is not valid. Reason: \"a\" must be an object or an array",
        ),
        (
            pattern(&long),
            no_pattern,
            "Event pattern is not valid. Reason: Pattern is longer than 2048 characters",
        ),
        (
            json!({ "Name": "r" }),
            invalid,
            "Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ),
        (
            more("ScheduleExpression", "rate(1 day)"),
            invalid,
            "ScheduleExpression is not supported by this server yet.",
        ),
        (
            more("RoleArn", "arn:aws:iam::123456789012:role/x"),
            invalid,
            "RoleArn is not supported by this server yet.",
        ),
        (
            more("EventBusName", "other"),
            "ResourceNotFoundException",
            "Event bus other does not exist.",
        ),
    ] {
        h.rules("PutRule", body).await.refused(code, text);
    }

    assert_eq!(
        h.rules("ListRules", json!({})).await.ok()["Rules"],
        json!([])
    );
}

#[tokio::test]
async fn a_user_needs_leave_and_is_refused_in_aws_words() {
    let h = with_rule().await;
    let user = h.a_user("ana", None).await;

    let body = json!({ "Name": "r", "EventPattern": "{\"a\":[1]}" });
    let refused = h.rules_as(&user, "PutRule", body).await;

    let text = format!(
        "User: arn:aws:iam::123456789012:user/ana is not authorized to perform: events:PutRule on \
         resource: {RULE} because no identity-based policy allows the events:PutRule action"
    );
    refused.refused("AccessDeniedException", &text);
}
