//! How denials and audit events name what an action was to be done to.

use super::kit::{POLICY, PROVIDER, ROLE, one_of_each};
use super::{a_group, allowing, arn, denial};
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn what_exists_is_called_by_its_kind_and_the_name_that_was_sent() {
    let h = Harness::new().await;
    one_of_each(&h).await;
    a_group(&h, "Readers", &[]).await;
    let mallory = h.a_user("mallory", None).await;
    let policy = format!("policy {POLICY}");

    for (action, parameter, resource) in [
        ("GetRole", ("RoleName", "rEADER"), "role rEADER"),
        ("GetRole", ("RoleName", "nobody"), "role nobody"),
        ("GetGroup", ("GroupName", "rEADERS"), "group rEADERS"),
        ("GetUser", ("UserName", "mALLORY"), "user mALLORY"),
        ("ListAttachedUserPolicies", ("UserName", "x"), "user x"),
        ("GetPolicy", ("PolicyArn", POLICY), &policy),
        (
            "GetOpenIDConnectProvider",
            ("OpenIDConnectProviderArn", PROVIDER),
            PROVIDER,
        ),
    ] {
        let refused = h.iam_as(&mallory, action, &[parameter]).await;

        let text = denial("mallory", action, resource);
        refused.xml_refused(403, "AccessDenied", &text);
    }
}

#[tokio::test]
async fn a_caller_who_sends_no_name_is_called_by_its_own() {
    let h = Harness::new().await;
    let mallory = h.a_user("mallory", None).await;

    for action in ["GetUser", "ListAccessKeys", "CreateAccessKey"] {
        let refused = h.iam_as(&mallory, action, &[]).await;

        let text = denial("mallory", action, "user mallory");
        refused.xml_refused(403, "AccessDenied", &text);
    }
}

#[tokio::test]
async fn policies_match_the_arn_with_its_path() {
    let h = Harness::new().await;
    one_of_each(&h).await;
    let reader = json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": "iam:Get*", "Resource": [ROLE, POLICY] },
    });
    let delegate = h.a_user("delegate", Some(&reader)).await;

    let role = h.iam_as(&delegate, "GetRole", &[("RoleName", "Reader")]);
    let role = role.await;
    let policy = h.iam_as(&delegate, "GetPolicy", &[("PolicyArn", POLICY)]);
    let policy = policy.await;
    let other = h.iam_as(&delegate, "GetRole", &[("RoleName", "Other")]);
    let other = other.await;

    assert_eq!((role.status, policy.status), (200, 200));
    let text = denial("delegate", "GetRole", "role Other");
    other.xml_refused(403, "AccessDenied", &text);
}

#[tokio::test]
async fn audit_events_have_the_arn_or_nothing() {
    let h = Harness::new().await;
    one_of_each(&h).await;
    let user = h.a_user("ada", Some(&allowing(&["*"]))).await;
    let key = user.access_key_id().to_owned();
    let user_arn = arn("user/ada");

    for (action, parameters, expected) in [
        ("GetRole", vec![("RoleName", "rEADER")], Some(ROLE)),
        ("GetPolicy", vec![("PolicyArn", POLICY)], Some(POLICY)),
        ("GetUser", vec![], Some(user_arn.as_str())),
        (
            "GetAccessKeyLastUsed",
            vec![("AccessKeyId", key.as_str())],
            Some(&user_arn),
        ),
        ("ListPolicies", vec![], None),
        ("GetAccountSummary", vec![], None),
        ("ListAccountAliases", vec![], None),
    ] {
        let reply = h.iam_as(&user, action, &parameters).await;

        let event = h.audit.events_of(&reply.request_id).remove(0);
        let resources = expected.map_or(
            Value::Null,
            |expected| json!([{ "accountId": "123456789012", "ARN": expected }]),
        );
        assert_eq!(
            (reply.status, &event["resources"]),
            (200, &resources),
            "{action}"
        );
    }
}
