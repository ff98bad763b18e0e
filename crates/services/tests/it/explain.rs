//! What the operator is told and may do, against what callers then see.

use base::{AccountId, RegionName};
use serde_json::{Value, json};
use strongroom_services::{Operator, Question};
use testkit::{Caller, Harness, Reply};

mod agreement;
mod keys;
mod names;

const ACCOUNT: &str = "123456789012";

fn operator() -> Operator {
    Operator {
        uid: 7,
        request_id: String::from("operators-request"),
    }
}

fn account() -> AccountId {
    AccountId::parse(ACCOUNT).unwrap()
}

fn region() -> RegionName {
    RegionName::parse("us-east-1").unwrap()
}

/// Creates an administrator, who then may call.
async fn administrator(h: &Harness, name: &str) -> Caller {
    let new = h
        .app
        .create_administrator(&account(), name, &operator())
        .await
        .unwrap();
    let secret = String::from_utf8(new.secret_access_key.expose().to_vec()).unwrap();
    h.root
        .with_access_key_id(&new.access_key_id)
        .with_secret(&secret)
}

/// The decision on reading the secret `id`.
async fn explained(h: &Harness, principal: &str, id: &str) -> Value {
    let explanation = h.app.explain(&reading(principal, id)).await.unwrap();
    serde_json::to_value(explanation).unwrap()
}

/// May `principal` read the secret `id`?
fn reading(principal: &str, id: &str) -> Question {
    Question {
        principal: principal.to_owned(),
        action: String::from("secretsmanager:GetSecretValue"),
        resource: id.to_owned(),
        account: None,
        region: None,
        home: region(),
        context: Vec::new(),
    }
}

/// A role that everyone of the account may assume with tags, and that may do everything if its one
/// statement about reading, of `effect`, denies.
async fn a_role(h: &Harness, name: &str, effect: &str, element: &str, resource: &str) -> String {
    let trust = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "AWS": "123456789012" },
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }})
    .to_string();
    let parameters = [("RoleName", name), ("AssumeRolePolicyDocument", &trust)];
    let created = h.iam("CreateRole", &parameters).await.xml_ok();
    let mut statements = vec![json!({
        "Effect": effect, "Action": "secretsmanager:GetSecretValue", element: resource,
    })];
    if effect == "Deny" {
        statements.push(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }));
    }
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let parameters = [
        ("RoleName", name),
        ("PolicyName", "p"),
        ("PolicyDocument", &policy),
    ];
    h.iam("PutRolePolicy", &parameters).await.xml_ok();
    let arn = &created["CreateRoleResult"]["Role"]["Arn"];
    arn.as_str().unwrap().to_owned()
}

/// A session of `role` with the tag `team`, of `caller`.
async fn tagged(h: &Harness, caller: &Caller, role: &str, team: &str) -> Caller {
    let parameters = [
        ("RoleArn", role),
        ("RoleSessionName", "session"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", team),
    ];
    let reply = h.sts_as(caller, "AssumeRole", &parameters).await;
    Caller::of_session(ACCOUNT, &reply.xml_ok()["AssumeRoleResult"]["Credentials"])
}

async fn read(h: &Harness, caller: &Caller, id: &str) -> Reply {
    h.call_as(caller, "GetSecretValue", json!({ "SecretId": id }))
        .await
}

#[tokio::test]
async fn an_administrator_is_a_user_that_iam_shows() {
    let h = Harness::new().await;

    let ada = administrator(&h, "Ada").await;

    let own = h.iam_as(&ada, "GetUser", &[("UserName", "ada")]).await;
    let user = &own.xml_ok()["GetUserResult"]["User"];
    assert_eq!(user["UserName"], "Ada");
    assert_eq!(user["Arn"], "arn:aws:iam::123456789012:user/Ada");
    assert_eq!(user["Path"], "/");
    let taken = h.iam("CreateUser", &[("UserName", "ADA")]).await;
    assert_eq!(taken.status, 409);
}

#[tokio::test]
async fn an_explanation_agrees_with_what_the_caller_sees() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "hunter2").await;
    let ada = administrator(&h, "ada").await;
    let eve = h.another_account("999988887777").await;

    let of_ada = explained(&h, "arn:aws:iam::123456789012:user/ada", "db").await;
    let of_root = explained(&h, "arn:aws:iam::123456789012:root", &arn).await;
    let of_eve = explained(&h, "arn:aws:iam::999988887777:root", &arn).await;

    assert_eq!(of_ada["Decision"], "allowed");
    assert_eq!(read(&h, &ada, "db").await.status, 200);
    assert_eq!(of_root["Decision"], "allowed");
    assert_eq!(read(&h, &h.root, &arn).await.status, 200);
    assert_eq!(of_eve["Decision"], "implicitDeny");
    let refused = read(&h, &eve, &arn).await;
    let reason = of_eve["Reason"].as_str().unwrap();
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains(reason), "{} {reason}", refused.text);
}

#[tokio::test]
async fn who_can_is_who_then_does() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let ada = administrator(&h, "ada").await;
    h.iam("CreateUser", &[("UserName", "bob")]).await.xml_ok();

    let action = "secretsmanager:GetSecretValue";
    let found = h.app.who_can(action, "db", &account(), &region()).await;

    let found: Vec<(String, bool)> = found
        .unwrap()
        .into_iter()
        .map(|access| (access.principal, access.conditional))
        .collect();
    assert_eq!(
        found,
        [
            (String::from("arn:aws:iam::123456789012:root"), false),
            (String::from("arn:aws:iam::123456789012:user/ada"), false),
        ]
    );
    assert_eq!(read(&h, &ada, "db").await.status, 200);
}

/// Whatever tags the sessions of a role bring, who may is listed, and who may not by all of them is
/// listed under a condition.
#[tokio::test]
async fn who_can_foresees_what_sessions_with_tags_are_then_told() {
    let h = Harness::new().await;
    h.a_secret("red/db", "hunter2").await;
    let of_team = "arn:aws:secretsmanager:*:*:secret:${aws:PrincipalTag/team}/*";
    let elsewhere = "arn:aws:secretsmanager:eu-*:*:secret:${aws:PrincipalTag/team}/*";
    let team = vec![String::from("aws:PrincipalTag/team")];
    let ada = administrator(&h, "ada").await;
    let may = ["root", "user/ada"].map(|name| format!("arn:aws:iam::123456789012:{name}"));
    let mut expected: Vec<_> = may.map(|arn| (arn, vec![])).into();
    for (name, effect, element, resource) in [
        ("allow-but", "Allow", "NotResource", of_team),
        ("allow-but-elsewhere", "Allow", "NotResource", elsewhere),
        ("allow-elsewhere", "Allow", "Resource", elsewhere),
        ("allow-of", "Allow", "Resource", of_team),
        ("deny-but", "Deny", "NotResource", of_team),
        ("deny-but-elsewhere", "Deny", "NotResource", elsewhere),
        ("deny-elsewhere", "Deny", "Resource", elsewhere),
        ("deny-of", "Deny", "Resource", of_team),
    ] {
        let role = a_role(&h, name, effect, element, resource).await;

        let red = tagged(&h, &ada, &role, "red").await;
        let blue = tagged(&h, &ada, &role, "blue").await;
        let red = read(&h, &red, "red/db").await;
        let blue = read(&h, &blue, "red/db").await;

        match (red.status, blue.status) {
            (200, 200) => expected.push((role, vec![])),
            (200, _) | (_, 200) => expected.push((role, team.clone())),
            _ => {}
        }
    }

    let action = "secretsmanager:GetSecretValue";
    let found = h.app.who_can(action, "red/db", &account(), &region()).await;

    let found: Vec<(String, Vec<String>)> = found
        .unwrap()
        .into_iter()
        .map(|access| (access.principal, access.keys))
        .collect();
    assert_eq!(found, expected);
    // Root and administrator, two more that always may, and four by their team.
    assert_eq!(found.iter().filter(|(_, keys)| keys.is_empty()).count(), 4);
    assert_eq!(found.iter().filter(|(_, keys)| *keys == team).count(), 4);
}

/// A policy may want a secret asked for by one of its names, and a caller has the choice.
#[tokio::test]
async fn by_which_name_a_secret_is_asked_for_is_foreseen_as_open() {
    let h = Harness::new().await;
    let arn = h.a_secret("t5/x", "hunter2").await;
    let key = "secretsmanager:SecretId";
    let under = |condition: Value| {
        json!({ "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
            "Condition": condition,
        }})
    };
    let by_name = under(json!({ "StringEquals": { key: "t5/x" } }));
    let by_arn = under(json!({ "ArnLike": { key: arn } }));
    let ann = h.a_user("ann", Some(&by_arn)).await;
    let nat = h.a_user("nat", Some(&by_name)).await;

    let action = "secretsmanager:GetSecretValue";
    let found = h.app.who_can(action, "t5/x", &account(), &region()).await;
    let mut seen = Vec::new();
    for caller in [&ann, &nat] {
        let named = read(&h, caller, "t5/x").await.status;
        seen.push((named, read(&h, caller, &arn).await.status));
    }

    let found: Vec<(String, Vec<String>)> = found
        .unwrap()
        .into_iter()
        .map(|access| (access.principal, access.keys))
        .collect();
    let listed = |name, keys| (format!("arn:aws:iam::123456789012:{name}"), keys);
    let key = vec![key.to_owned()];
    assert_eq!(
        found,
        [
            listed("root", vec![]),
            listed("user/ann", key.clone()),
            listed("user/nat", key),
        ]
    );
    assert_eq!(seen, [(400, 200), (200, 400)]);
}

/// Who asks one Region for a secret of another is refused, root too.
#[tokio::test]
async fn a_secret_of_another_region_is_refused_as_foreseen() {
    let h = Harness::new().await;
    let there = h.root.in_region("eu-west-1");
    let token = "11111111-1111-4111-8111-111111111111";
    let body = json!({ "Name": "db", "SecretString": "x", "ClientRequestToken": token });
    let created = h.call_as(&there, "CreateSecret", body).await.ok();
    let arn = created["ARN"].as_str().unwrap();
    let root = "arn:aws:iam::123456789012:root";

    let asked_there = explained(&h, root, arn).await;
    let asked_here = Question {
        region: Some(region()),
        ..reading(root, arn)
    };
    let asked_here = h.app.explain(&asked_here).await.unwrap();

    assert_eq!(asked_there["Decision"], "allowed");
    assert_eq!(read(&h, &there, arn).await.status, 200);
    assert_eq!(asked_here.decision, "implicitDeny");
    let refused = read(&h, &h.root, arn).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.text.contains(&asked_here.reason),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn rotated_root_keys_count_from_the_next_request_on() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;

    let new = h.app.rotate_root_credentials(&account(), &operator()).await;

    let new = new.unwrap();
    let secret = String::from_utf8(new.secret_access_key.expose().to_vec()).unwrap();
    let root = h
        .root
        .with_access_key_id(&new.access_key_id)
        .with_secret(&secret);
    assert_eq!(read(&h, &h.root, "db").await.status, 400);
    assert_eq!(read(&h, &root, "db").await.status, 200);
}

#[tokio::test]
async fn every_change_leaves_an_event_that_names_the_operator() {
    let h = Harness::new().await;

    administrator(&h, "ada").await;
    h.app
        .restore_access(&account(), None, &operator())
        .await
        .unwrap();

    let events = h.audit.events_of("operators-request");
    let seen: Vec<(&str, &Value)> = events
        .iter()
        .map(|event| {
            let name = event["eventName"].as_str().unwrap();
            (name, &event["additionalEventData"]["uid"])
        })
        .collect();
    let uid = json!(7);
    assert_eq!(
        seen,
        [
            ("CreateAdministrator", &uid),
            ("RenewRootCredentials", &uid)
        ]
    );
}

#[tokio::test]
async fn an_administrators_key_is_traced_to_its_making() {
    let h = Harness::new().await;

    let new = h
        .app
        .create_administrator(&account(), "ada", &operator())
        .await
        .unwrap();

    let event = h.audit.events_of("operators-request").remove(0);
    assert_eq!(
        event["responseElements"],
        json!({
            "accessKey": {
                "accessKeyId": new.access_key_id, "status": "Active", "userName": "ada",
            },
            "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
        })
    );
    let secret = std::str::from_utf8(new.secret_access_key.expose()).unwrap();
    assert!(!event.to_string().contains(secret));
}

#[tokio::test]
async fn questions_leave_the_records_and_the_log_alone() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let before = h.everything().await;
    let events = h.audit.events().len();

    explained(&h, "arn:aws:iam::123456789012:root", "db").await;
    let action = "secretsmanager:GetSecretValue";
    let found = h.app.who_can(action, "db", &account(), &region()).await;

    assert!(found.is_ok());
    assert_eq!(h.audit.events().len(), events);
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn what_the_policy_of_a_function_decides_is_left_open() {
    let h = Harness::new().await;
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:f";
    let question = Question {
        action: "lambda:InvokeFunction".to_owned(),
        ..reading(&format!("arn:aws:iam::{ACCOUNT}:root"), arn)
    };

    let refused = h.app.explain(&question).await.unwrap_err().to_string();

    assert!(refused.starts_with("the policies of functions are not explained yet"));
}
