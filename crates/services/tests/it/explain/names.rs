//! What policies are called.

use super::*;

/// The same policy has the same name to the operator and in the event of a request.
#[tokio::test]
async fn an_event_tells_whose_policy_decided_as_the_explanation_does() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let alice = h.a_user("alice", None).await;
    let member = [("GroupName", "H"), ("UserName", "alice")];
    h.iam("CreateGroup", &member[..1]).await.xml_ok();
    h.iam("AddUserToGroup", &member).await.xml_ok();
    let role = a_role(&h, "R", "Allow", "Resource", "*").await;
    let reads = |effect: &str| {
        json!({ "Version": "2012-10-17", "Statement": {
            "Effect": effect, "Action": "secretsmanager:GetSecretValue", "Resource": "*",
        }})
        .to_string()
    };
    let put = async |action: &str, holder: (&str, &str), effect: &str| {
        let document = reads(effect);
        let parameters = [holder, ("PolicyName", "q"), ("PolicyDocument", &document)];
        h.iam(action, &parameters).await.xml_ok();
    };
    let named = async |caller: &Caller, principal: &str| {
        let reply = read(&h, caller, "db").await;
        let event = &h.audit.events_of(&reply.request_id)[0];
        let explained = explained(&h, principal, "db").await;
        let decision = &event["additionalEventData"]["decision"];
        assert_eq!(decision["policy"], explained["By"]["Policy"]);
        assert_eq!(decision["policyType"], explained["PolicyType"]);
        decision["policy"].clone()
    };
    let user = "arn:aws:iam::123456789012:user/alice";

    put("PutGroupPolicy", ("GroupName", "H"), "Allow").await;
    let by_group = named(&alice, user).await;
    put("PutUserPolicy", ("UserName", "alice"), "Allow").await;
    let by_user = named(&alice, user).await;
    put("PutGroupPolicy", ("GroupName", "H"), "Deny").await;
    let denied = named(&alice, user).await;
    let session = tagged(&h, &administrator(&h, "ada").await, &role, "red").await;
    let by_role = named(&session, &role).await;
    let of_root = named(&h.root, "arn:aws:iam::123456789012:root").await;
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }});
    let body = json!({ "SecretId": "db", "ResourcePolicy": policy.to_string() });
    h.call("PutResourcePolicy", body).await.ok();
    let by_resource = named(&session, &role).await;

    assert_eq!(by_group, "group/H policy q");
    assert_eq!(by_user, "user/alice policy q");
    assert_eq!(denied, "group/H policy q");
    assert_eq!(by_role, "role/R policy p");
    assert_eq!(of_root, Value::Null);
    assert_eq!(by_resource, "resource policy default");
}

#[tokio::test]
async fn an_event_names_a_policy_that_is_attached_by_its_arn() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let ada = administrator(&h, "ada").await;

    let reply = read(&h, &ada, "db").await;

    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(
        event["additionalEventData"]["decision"]["policy"],
        "arn:aws:iam::aws:policy/AdministratorAccess"
    );
}
