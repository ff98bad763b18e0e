use super::kit::{assert_denied, document};
use super::{allowing, told};
use serde_json::{Value, json};
use testkit::Harness;

/// The results of a simulation.
async fn simulate(h: &Harness, parameters: &[(&str, &str)]) -> Vec<Value> {
    let mut told = told(h, "SimulateCustomPolicy", parameters).await;
    assert_eq!(told["IsTruncated"], "false");
    super::items(told["EvaluationResults"].take())
}

/// The decision of the only result.
async fn decision(h: &Harness, parameters: &[(&str, &str)]) -> String {
    let results = simulate(h, parameters).await;
    assert_eq!(results.len(), 1);
    results[0]["EvalDecision"].as_str().unwrap().to_owned()
}

fn statement(effect: &str, action: &str, condition: Value) -> String {
    let mut statement = json!({ "Effect": effect, "Action": action, "Resource": "*" });
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
}

#[tokio::test]
async fn a_result_names_the_statement_and_its_place() {
    let h = Harness::new().await;
    let text = "{\"Version\": \"2012-10-17\",\n \"Statement\": [\n  {\"Effect\": \"Allow\", \
                \"Action\": \"s3:Get*\", \"Resource\": \"*\"}\n ]}";
    let parameters = [
        ("PolicyInputList.member.1", text),
        ("ActionNames.member.1", "s3:GetObject"),
    ];

    let results = simulate(&h, &parameters).await;

    let expected = json!({
        "EvalActionName": "s3:GetObject", "EvalResourceName": "*", "EvalDecision": "allowed",
        "MatchedStatements": [{
            "SourcePolicyId": "PolicyInputList.1", "SourcePolicyType": "none",
            "StartPosition": { "Line": "3", "Column": "3" },
            "EndPosition": { "Line": "3", "Column": "60" },
        }],
        "MissingContextValues": "",
    });
    assert_eq!(results, [expected]);
}

#[tokio::test]
async fn after_a_denial_only_what_denies_is_told() {
    let h = Harness::new().await;
    let (allow, deny) = (document("s3:*"), statement("Deny", "s3:Put*", Value::Null));
    let parameters = [
        ("PolicyInputList.member.1", allow.as_str()),
        ("PolicyInputList.member.2", deny.as_str()),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ActionNames.member.2", "s3:PutObject"),
        ("ActionNames.member.3", "ec2:RunInstances"),
    ];

    let results = simulate(&h, &parameters).await;

    let told: Vec<(&str, Option<&str>)> = results
        .iter()
        .map(|one| {
            let matched = one["MatchedStatements"][0]["SourcePolicyId"].as_str();
            (one["EvalDecision"].as_str().unwrap(), matched)
        })
        .collect();
    let expected = [
        ("allowed", Some("PolicyInputList.1")),
        ("explicitDeny", Some("PolicyInputList.2")),
        ("implicitDeny", None),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_boundary_bounds_and_says_so() {
    let h = Harness::new().await;
    let (allow, bound) = (document("*"), document("s3:GetObject"));
    let parameters = [
        ("PolicyInputList.member.1", allow.as_str()),
        (
            "PermissionsBoundaryPolicyInputList.member.1",
            bound.as_str(),
        ),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ActionNames.member.2", "s3:PutObject"),
    ];

    let results = simulate(&h, &parameters).await;

    let detail = |one: &Value| {
        let detail =
            one["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"].clone();
        (one["EvalDecision"].clone(), detail)
    };
    let expected = [
        (json!("allowed"), json!("true")),
        (json!("implicitDeny"), json!("false")),
    ];
    assert_eq!(results.iter().map(detail).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn every_level_of_an_organization_must_allow() {
    let h = Harness::new().await;
    let (all, s3) = (document("*"), document("s3:*"));
    let deny = statement("Deny", "s3:PutObject", Value::Null);
    let level = "OrderedOrganizationPolicyInputList.member";
    let names: Vec<String> = [(1, 1), (1, 2), (2, 1)]
        .map(|(at, n)| format!("{level}.{at}.ServiceControlPolicyInputList.member.{n}"))
        .to_vec();
    let parameters = [
        ("PolicyInputList.member.1", all.as_str()),
        (names[0].as_str(), s3.as_str()),
        (names[1].as_str(), deny.as_str()),
        (names[2].as_str(), all.as_str()),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ActionNames.member.2", "s3:PutObject"),
        ("ActionNames.member.3", "ec2:RunInstances"),
    ];

    let results = simulate(&h, &parameters).await;

    let told: Vec<_> = results
        .iter()
        .map(|one| {
            let detail = &one["OrganizationsDecisionDetail"]["AllowedByOrganizations"];
            (
                one["EvalDecision"].as_str().unwrap(),
                detail.as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("allowed", "true"),
        ("explicitDeny", "false"),
        ("implicitDeny", "false"),
    ];
    assert_eq!(told, expected);
    let denying = &results[1]["MatchedStatements"][0]["SourcePolicyId"];
    let id = "OrderedOrganizationPolicyInputList.1.ServiceControlPolicyInputList.2";
    assert_eq!(denying, id);
}

#[tokio::test]
async fn conditions_see_what_is_given_and_the_rest_is_missing() {
    let h = Harness::new().await;
    let condition = json!({
        "StringEquals": { "aws:RequestTag/Team": "red" },
        "ForAnyValue:StringEquals": { "aws:TagKeys": "b" },
    });
    let text = statement("Allow", "s3:A", condition);
    let mut parameters = vec![
        ("PolicyInputList.member.1", text.as_str()),
        ("ActionNames.member.1", "s3:A"),
    ];

    let without = simulate(&h, &parameters).await;
    parameters.extend([
        (
            "ContextEntries.member.1.ContextKeyName",
            "AWS:requesttag/TEAM",
        ),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "red"),
        ("ContextEntries.member.1.ContextKeyType", "string"),
        ("ContextEntries.member.2.ContextKeyName", "aws:TagKeys"),
        ("ContextEntries.member.2.ContextKeyValues.member.1", "a"),
        ("ContextEntries.member.2.ContextKeyValues.member.2", "b"),
        ("ContextEntries.member.2.ContextKeyType", "stringList"),
    ]);
    let with = simulate(&h, &parameters).await;

    assert_eq!(without[0]["EvalDecision"], "implicitDeny");
    let missing = json!(["aws:RequestTag/Team", "aws:TagKeys"]);
    assert_eq!(without[0]["MissingContextValues"], missing);
    assert_eq!(with[0]["EvalDecision"], "allowed");
    assert_eq!(with[0]["MissingContextValues"], "");
}

#[tokio::test]
async fn a_caller_brings_its_keys() {
    let h = Harness::new().await;
    let text = statement(
        "Allow",
        "s3:A",
        json!({ "StringEquals": { "aws:username": "bob" } }),
    );
    let mut parameters = vec![
        ("PolicyInputList.member.1", text.as_str()),
        ("ActionNames.member.1", "s3:A"),
    ];

    assert_eq!(decision(&h, &parameters).await, "implicitDeny");
    parameters.push(("CallerArn", "arn:aws:iam::123456789012:user/path/bob"));
    assert_eq!(decision(&h, &parameters).await, "allowed");
}

#[tokio::test]
async fn across_accounts_the_resource_must_allow_too() {
    let h = Harness::new().await;
    let allow = document("s3:A");
    let bucket = |account: &str| {
        let statement = json!({
            "Effect": "Allow", "Action": "s3:A", "Resource": "*",
            "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
        });
        json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
    };
    let (ours, theirs) = (bucket("123456789012"), bucket("210987654321"));
    let identity = ("PolicyInputList.member.1", allow.as_str());
    let asked = [
        ("ActionNames.member.1", "s3:A"),
        ("ResourceArns.member.1", "arn:aws:s3:::bucket"),
        ("ResourceOwner", "arn:aws:iam::210987654321:root"),
        ("CallerArn", "arn:aws:iam::123456789012:user/bob"),
    ];
    let none = document("ec2:B");
    let no_identity = ("PolicyInputList.member.1", none.as_str());

    for (identity, resource, expected) in [
        (identity, ours.as_str(), "allowed"),
        (identity, theirs.as_str(), "implicitDeny"),
        (no_identity, ours.as_str(), "implicitDeny"),
    ] {
        let parameters = [&[identity, ("ResourcePolicy", resource)][..], &asked].concat();
        assert_eq!(decision(&h, &parameters).await, expected);
    }
}

#[tokio::test]
async fn pages_have_every_pair_once() {
    let h = Harness::new().await;
    let allow = document("*");
    let parameters = [
        ("PolicyInputList.member.1", allow.as_str()),
        ("ActionNames.member.1", "s3:A"),
        ("ActionNames.member.2", "s3:B"),
        ("ResourceArns.member.1", "x"),
        ("ResourceArns.member.2", "y"),
        ("ResourceArns.member.3", "z"),
    ];

    let list = "EvaluationResults";
    let pages = super::pages(&h, "SimulateCustomPolicy", &parameters, list, "4").await;

    let told: Vec<(&str, &str)> = pages
        .iter()
        .flat_map(|page| page.as_array().unwrap())
        .map(|one| {
            let action = one["EvalActionName"].as_str().unwrap();
            (action, one["EvalResourceName"].as_str().unwrap())
        })
        .collect();
    let a = [("s3:A", "x"), ("s3:A", "y"), ("s3:A", "z")];
    let b = [("s3:B", "x"), ("s3:B", "y"), ("s3:B", "z")];
    assert_eq!(told, [a, b].concat());
    assert_eq!(pages.len(), 2);
}

#[tokio::test]
async fn dear_policies_make_short_pages() {
    let h = Harness::new().await;
    let statement = json!({ "Effect": "Allow", "Action": "s3:A", "Resource": "*" });
    let text = json!({ "Version": "2012-10-17", "Statement": vec![statement; 1_000] }).to_string();
    let names: Vec<String> = (1..=60)
        .map(|n| format!("ActionNames.member.{n}"))
        .collect();
    let mut parameters = vec![
        ("PolicyInputList.member.1", text.as_str()),
        ("MaxItems", "1000"),
    ];
    parameters.extend(names.iter().map(|name| (name.as_str(), "s3:B")));

    let told = told(&h, "SimulateCustomPolicy", &parameters).await;

    assert_eq!(told["IsTruncated"], "true");
    assert_eq!(told["EvaluationResults"].as_array().unwrap().len(), 49);
}

#[tokio::test]
async fn what_cannot_be_simulated_is_refused() {
    let h = Harness::new().await;
    let all = document("*");
    let policy = ("PolicyInputList.member.1", all.as_str());
    let action = ("ActionNames.member.1", "s3:A");
    let boundary = "PermissionsBoundaryPolicyInputList.member";
    let (one, two) = (format!("{boundary}.1"), format!("{boundary}.2"));

    for (parameters, text) in [
        (
            vec![("PolicyInputList.member.1", "[]"), action],
            "PolicyInputList.1: a policy is not an object (line 1, column 1)",
        ),
        (
            vec![policy, ("ActionNames.member.1", "GetObject")],
            "the action name `GetObject` has no service prefix; write `service:Action`",
        ),
        (
            vec![policy, action, ("ResourceOwner", "nobody")],
            "Invalid ResourceOwner: nobody",
        ),
        (
            vec![
                policy,
                action,
                ("CallerArn", "arn:aws:iam::123456789012:role/r"),
            ],
            "CallerArn arn:aws:iam::123456789012:role/r is not the ARN of a user.",
        ),
        (
            vec![
                policy,
                action,
                ("CallerArn", "arn:aws-cn:iam::123456789012:user/u"),
            ],
            "CallerArn arn:aws-cn:iam::123456789012:user/u is not the ARN of a user.",
        ),
        (
            vec![
                policy,
                action,
                (one.as_str(), all.as_str()),
                (two.as_str(), all.as_str()),
            ],
            "PermissionsBoundaryPolicyInputList must contain only one policy",
        ),
    ] {
        let refused = h.iam("SimulateCustomPolicy", &parameters).await;
        refused.xml_refused(400, "InvalidInput", text);
    }
}

#[tokio::test]
async fn who_may_simulate_learns_nothing_more() {
    let h = Harness::new().await;
    let caller = h
        .a_user("sim", Some(&allowing(&["iam:SimulateCustomPolicy"])))
        .await;
    let all = document("*");
    let parameters = [
        ("PolicyInputList.member.1", all.as_str()),
        ("ActionNames.member.1", "s3:A"),
    ];

    let reply = h.iam_as(&caller, "SimulateCustomPolicy", &parameters).await;

    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(h.iam_as(&caller, "ListUsers", &[]).await.status, 403);
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [
        ("PolicyInputList.member.1", "{}"),
        ("ActionNames.member.1", "s3:A"),
    ];
    assert_denied("SimulateCustomPolicy", &parameters, "*", None).await;
}
