//! One file for each operation, and what several operations share.

mod assume_role;
mod assume_role_with_web_identity;
mod get_caller_identity;
mod get_session_token;
mod session_policies;
mod session_tags;
mod sessions;

use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use sigv4::presign;
use std::sync::Arc;
use strongroom_services::PrivateEndpoint;
use testkit::{Caller, Entrance, Harness, Reply, Signed};

/// A presigned GET of `query`, good for a minute.
fn presigned(h: &Harness, caller: &Caller, query: &str) -> Signed {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("localhost:8443"));
    let request = sigv4::Request {
        method: "GET",
        path: "/",
        query,
        headers: &headers,
        body: b"",
    };
    let query = presign(
        &request,
        &caller.credentials(),
        &caller.region,
        "sts",
        h.now(),
        60,
    )
    .unwrap();
    Signed {
        method: Method::GET,
        path: "/".to_owned(),
        query,
        headers,
        body: Vec::new(),
    }
}

/// A role of the first account that trusts as `trust` says, and its ARN.
async fn a_role(h: &Harness, name: &str, trust: &Value) -> String {
    let trust = trust.to_string();
    let parameters = [("RoleName", name), ("AssumeRolePolicyDocument", &trust)];
    let created = h.iam("CreateRole", &parameters).await.xml_ok();
    let arn = &created["CreateRoleResult"]["Role"]["Arn"];
    arn.as_str().unwrap().to_owned()
}

/// Puts the inline policy `p` of a role.
async fn allow_role(h: &Harness, role: &str, policy: &Value) {
    let policy = policy.to_string();
    let parameters = [
        ("RoleName", role),
        ("PolicyName", "p"),
        ("PolicyDocument", &policy),
    ];
    h.iam("PutRolePolicy", &parameters).await.xml_ok();
}

/// A policy that allows `actions` to whom it is attached.
fn allowing(actions: &Value, resource: &str) -> Value {
    let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": resource });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// A trust policy that lets `principal`, an ARN or account, do `actions`.
fn trusting(principal: &str, actions: &Value) -> Value {
    let statement =
        json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": actions });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// The same policy under a condition.
fn when(mut policy: Value, condition: Value) -> Value {
    policy["Statement"][0]["Condition"] = condition;
    policy
}

/// A user with an access key who may read the secret `db` by a role, `reader`, only.
async fn alice_and_reader(h: &Harness) -> (Caller, String) {
    let alice = h.a_user("alice", None).await;
    let role = a_role(h, "reader", &trusting(ALICE, &json!("sts:AssumeRole"))).await;
    let policy = allowing(&json!("secretsmanager:GetSecretValue"), "*");
    allow_role(h, "reader", &policy).await;
    (alice, role)
}

/// Calls `AssumeRole` under the session name `session`.
async fn assume(h: &Harness, caller: &Caller, role: &str, more: &[(&str, &str)]) -> Reply {
    let mut parameters = vec![("RoleArn", role), ("RoleSessionName", "session")];
    parameters.extend(more);
    h.sts_as(caller, "AssumeRole", &parameters).await
}

/// The holder of the credentials in the answer of `AssumeRole`.
fn holder(reply: &Reply) -> Caller {
    Caller::of_session(ACCOUNT, &reply.xml_ok()["AssumeRoleResult"]["Credentials"])
}

/// The operation `action` without parameters, by an endpoint whose policy has these statements.
async fn through_endpoint(
    h: &Harness,
    caller: &Caller,
    action: &str,
    statements: &[(&str, &str)],
) -> Reply {
    let statements: Vec<Value> = statements
        .iter()
        .map(|(effect, action)| {
            json!({ "Effect": effect, "Principal": "*", "Action": action, "Resource": "*" })
        })
        .collect();
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let endpoint = PrivateEndpoint::new("vpce-1".into(), "vpc-1".into(), Some(&policy));
    let entrance = Entrance {
        endpoint: Some(Arc::new(endpoint.unwrap())),
        ..Entrance::default()
    };
    let body = format!("Action={action}&Version=2011-06-15");
    h.send_through(caller.signed_form("sts", &body, h.now()), &entrance)
        .await
}

async fn read(h: &Harness, caller: &Caller, secret: &str) -> Reply {
    h.call_as(caller, "GetSecretValue", json!({ "SecretId": secret }))
        .await
}

async fn identity(h: &Harness, caller: &Caller) -> Reply {
    h.sts_as(caller, "GetCallerIdentity", &[]).await
}

/// AWS's refusal of somebody whom a role does not trust.
fn not_authorized(caller: &str, action: &str, role: &str) -> String {
    format!("User: {caller} is not authorized to perform: {action} on resource: {role}")
}

const ACCOUNT: &str = "123456789012";
const OTHER: &str = "999988887777";
const ALICE: &str = "arn:aws:iam::123456789012:user/alice";
const READER: &str = "arn:aws:iam::123456789012:role/reader";
const INVALID_TOKEN: &str = "The security token included in the request is invalid.";
