use super::*;
use crate::authorize::Permit;
use crate::document::{IdentityDocument, ResourceDocument, TrustDocument};
use crate::identity::model::{Grants, Group, Role, User};
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::model::tests::a_secret;
use crate::secretsmanager::resource_policy::ResourcePolicy;
use crate::secretsmanager::world::World;
use crate::tags::Tags;
use crate::tx::Lines;
use base::Timestamp;
use serde_json::{Value, json};

mod asking;
mod open;
mod regions;
mod searching;

const OWN: &str = "123456789012";
const OTHER: &str = "999988887777";
const GET: &str = "secretsmanager:GetSecretValue";
const DESCRIBE: &str = "secretsmanager:DescribeSecret";

/// Two accounts, and the secret `db` of the first.
struct Rig(App);

impl Rig {
    async fn new() -> Self {
        let app = World::new().app;
        for id in [OWN, OTHER] {
            app.create_account(account(id)).await.unwrap();
        }
        let rig = Self(app);
        rig.secret(None).await;
        rig
    }

    async fn insert<R: store::Record>(&self, record: R) {
        let mut tx = self.0.ledger.begin();
        tx.insert(&Permit::of_tests(), record);
        tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();
    }

    /// The secret `db`, or one more that shares its policy's name.
    async fn secret(&self, policy: Option<&Value>) {
        let name = if policy.is_some() { "shared" } else { "db" };
        let mut secret: Secret = a_secret(name);
        secret.set_tags([("team", "blue")]);
        secret.has_resource_policy = policy.is_some();
        if let Some(policy) = policy {
            let document = ResourceDocument::parse(&policy.to_string()).unwrap();
            self.insert(ResourcePolicy::of(&secret, document)).await;
        }
        self.insert(secret).await;
    }

    async fn user(&self, account: &str, name: &str, grants: Grants) {
        self.insert(user(account, name, grants)).await;
    }

    async fn role(&self, account: &str, name: &str, grants: Grants) {
        let trust = allow("sts:AssumeRole", &json!({}), Some("*"));
        self.insert(Role {
            account: self::account(account),
            name: name.to_owned(),
            path: String::from("/app/"),
            id: format!("AROA{name}"),
            created: Timestamp::from_millis(0),
            description: None,
            trust: TrustDocument::parse(&trust.to_string()).unwrap(),
            max_session_seconds: 3_600,
            tags: Tags::default(),
            boundary: None,
            grants,
        })
        .await;
    }

    async fn ask(&self, principal: &str, action: &str, resource: &str) -> Explanation {
        self.ask_with(principal, action, resource, &[]).await
    }

    async fn ask_with(
        &self,
        principal: &str,
        action: &str,
        resource: &str,
        context: &[(&str, &str)],
    ) -> Explanation {
        self.0
            .explain(&question(principal, action, resource, context))
            .await
            .unwrap()
    }

    async fn who(&self, action: &str, id: &str) -> Vec<Access> {
        let region = a_secret("db").region;
        let found = self.0.who_can(action, id, &account(OWN), &region).await;
        found.unwrap()
    }
}

fn question(principal: &str, action: &str, resource: &str, context: &[(&str, &str)]) -> Question {
    let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    Question {
        principal: principal.to_owned(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        account: Some(account(OWN)),
        region: None,
        home: a_secret("db").region,
        context: context.iter().map(pair).collect(),
    }
}

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

fn user(account: &str, name: &str, grants: Grants) -> User {
    User {
        account: self::account(account),
        name: name.to_owned(),
        path: String::from("/"),
        id: format!("AIDA{name}"),
        created: Timestamp::from_millis(0),
        tags: Tags::default(),
        boundary: None,
        grants,
        groups: Vec::new(),
        access_keys: Vec::new(),
    }
}

fn group(name: &str, grants: Grants) -> Group {
    Group {
        account: account(OWN),
        name: name.to_owned(),
        path: String::from("/"),
        id: format!("AGPA{name}"),
        created: Timestamp::from_millis(0),
        grants,
    }
}

/// One inline policy called `p`.
fn inline(policy: &Value) -> Grants {
    let document = IdentityDocument::parse(&policy.to_string()).unwrap();
    Grants {
        attached: Vec::new(),
        inline: [(String::from("p"), document)].into(),
    }
}

fn attached(arns: &[&str]) -> Grants {
    Grants {
        attached: arns.iter().map(|arn| (*arn).to_owned()).collect(),
        ..Grants::default()
    }
}

/// A policy that allows `action` under `condition`, to `principal` if one is given.
fn allow(action: &str, condition: &Value, principal: Option<&str>) -> Value {
    let mut statement = json!({ "Sid": "S", "Effect": "Allow", "Action": action });
    let is_trust = action.starts_with("sts:");
    if !is_trust {
        statement["Resource"] = json!("*");
    }
    if let Some(principal) = principal {
        statement["Principal"] = json!({ "AWS": principal });
    }
    if condition.as_object().is_some_and(|tests| !tests.is_empty()) {
        statement["Condition"] = condition.clone();
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn deny(action: &str, condition: &Value) -> Value {
    let mut policy = allow(action, condition, None);
    policy["Statement"][0]["Effect"] = json!("Deny");
    let any = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    policy["Statement"].as_array_mut().unwrap().push(any);
    policy
}

fn of_user(name: &str) -> String {
    format!("arn:aws:iam::{OWN}:user/{name}")
}

fn of_role(name: &str) -> String {
    format!("arn:aws:iam::{OWN}:role/app/{name}")
}

fn root_of(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

fn matched(effect: &str, kind: &str, policy: &str, statement: usize, sid: Option<&str>) -> Matched {
    Matched {
        effect: effect.to_owned(),
        policy_type: kind.to_owned(),
        policy: policy.to_owned(),
        statement,
        sid: sid.map(str::to_owned),
    }
}

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const READER: &str = "arn:aws:iam::aws:policy/AWSSecretsManagerClientReadOnlyAccess";
