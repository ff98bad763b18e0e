//! What is foreseen of keys, and of secrets under them, against what callers are then told.

use super::*;
use std::collections::BTreeMap;

/// In worlds of policies, boundaries, key policies and grants, every answer of `explain` is that of
/// the call, and `who-can` leaves out nobody who may.
#[tokio::test]
async fn every_answer_about_a_key_is_that_of_the_call() {
    let mut stage = Stage::new().await;
    for seed in 0..WORLDS {
        stage.shuffle(&mut Dice(seed)).await;
        for action in USES {
            stage.compare_uses(action, seed).await;
        }
        for (action, operation) in [
            ("kms:DescribeKey", "DescribeKey"),
            ("kms:GetKeyPolicy", "GetKeyPolicy"),
            ("kms:ListGrants", "ListGrants"),
        ] {
            let body = json!({ "KeyId": stage.key });
            stage.compare(action, operation, &body, seed).await;
        }
        for secret in [stage.secret.clone(), stage.plain.clone()] {
            stage.compare_reads(&secret, seed).await;
        }
    }

    // Enough of each: allowed or not, by a call or listed under a condition.
    for ((what, answer), count) in &stage.seen {
        assert!(*count >= 5, "{what} {answer}: {count}");
    }
    assert_eq!(stage.seen.len(), 16, "{:?}", stage.seen);
}

struct Stage {
    h: Harness,
    /// With the ARN by which each is asked about, and that by which it may be listed as well.
    callers: Vec<(Caller, String, String)>,
    key: String,
    alias: String,
    /// A ciphertext for each of [`contexts`].
    blobs: Vec<Value>,
    secret: String,
    /// A secret under the key of Secrets Manager's own.
    plain: String,
    worlds: usize,
    seen: BTreeMap<(String, bool), u32>,
}

impl Stage {
    async fn new() -> Self {
        let h = Harness::new().await;
        let other = h.another_account(OTHER).await;
        let ana = h.a_user("ana", None).await;
        let bob = h.a_user("bob", None).await;
        let role = a_role(&h, "r", "Allow", "Resource", "*").await;
        let session = tagged(&h, &administrator(&h, "ada").await, &role, "red").await;
        let user = |name: &str| format!("arn:aws:iam::{ACCOUNT}:user/{name}");
        let of_session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/session");
        let root = |account: &str| format!("arn:aws:iam::{account}:root");
        let eve = eve(&h, &other).await;
        let plain = h.a_secret("plain", "x").await;
        let of_eve = format!("arn:aws:iam::{OTHER}:user/eve");
        let callers = vec![
            (h.root.clone(), root(ACCOUNT), root(ACCOUNT)),
            (other, root(OTHER), root(OTHER)),
            (ana, user("ana"), user("ana")),
            (bob, user("bob"), user("bob")),
            (session, of_session, role),
            (eve, of_eve.clone(), of_eve),
        ];
        Self {
            h,
            callers,
            key: String::new(),
            alias: String::new(),
            blobs: Vec::new(),
            secret: String::new(),
            plain,
            worlds: 0,
            seen: BTreeMap::new(),
        }
    }

    /// Makes another key and secret, and other policies and grants for all.
    async fn shuffle(&mut self, dice: &mut Dice) {
        self.worlds += 1;
        let h = &self.h;
        let before = std::mem::replace(&mut self.key, h.a_key().await);
        self.alias = self.key.split("key/").next().unwrap().to_owned();
        self.alias.push_str(&format!("alias/k{}", self.worlds));
        let name = self.alias.rsplit_once(':').unwrap().1;
        let body = json!({ "AliasName": name, "TargetKeyId": self.key });
        h.kms("CreateAlias", body).await.ok();
        self.blobs.clear();
        for context in contexts() {
            let body =
                json!({ "KeyId": self.key, "Plaintext": "eA==", "EncryptionContext": context });
            let sealed = h.kms("Encrypt", body).await.ok();
            self.blobs.push(sealed["CiphertextBlob"].clone());
        }
        let body = json!({ "Name": format!("s{}", self.worlds), "SecretString": "x",
            "KmsKeyId": self.key, "ClientRequestToken": testkit::token(0) });
        let created = h.call("CreateSecret", body).await.ok();
        self.secret = created["ARN"].as_str().unwrap().to_owned();
        if dice.percent(40) {
            // Under two keys, if root may use the other; perhaps with a version under that alone.
            let body = json!({ "SecretId": self.secret, "KmsKeyId": before });
            h.call("UpdateSecret", body).await;
            if dice.percent(50) {
                let body = json!({ "SecretId": self.secret, "SecretString": "y",
                    "ClientRequestToken": testkit::token(1) });
                h.call("PutSecretValue", body).await;
            }
        }
        self.grant(dice).await;
        self.put_policies(dice).await;
    }

    async fn grant(&self, dice: &mut Dice) {
        let named = [2, 3, 5].map(|at: usize| self.callers[at].1.clone());
        let role = self.callers[4].2.clone();
        for grantee in named.iter().chain([&role]) {
            if !dice.percent(35) {
                continue;
            }
            let mut body = json!({
                "KeyId": self.key,
                "GranteePrincipal": grantee,
                "Operations": [*dice.of(&["Encrypt", "Decrypt"]), "GenerateDataKey"],
            });
            if dice.percent(25) {
                body["Operations"] = json!(["DescribeKey", "Decrypt"]);
            }
            let secret = json!({ "SecretARN": self.secret });
            match dice.below(5) {
                0 => body["Constraints"] = json!({ "EncryptionContextEquals": { "team": "blue" } }),
                1 => body["Constraints"] = json!({ "EncryptionContextSubset": { "team": "blue" } }),
                2 => body["Constraints"] = json!({ "EncryptionContextSubset": secret }),
                _ => {}
            }
            self.h.kms("CreateGrant", body).await.ok();
        }
    }

    async fn put_policies(&self, dice: &mut Dice) {
        let h = &self.h;
        for name in ["ana", "bob"] {
            h.allow(name, &self.policy(dice, false)).await;
        }
        let parameters = |kind, name, policy| [(kind, name), ("PolicyName", "p"), policy];
        let policy = self.policy(dice, false).to_string();
        let of_role = parameters("RoleName", "r", ("PolicyDocument", &policy));
        h.iam("PutRolePolicy", &of_role).await.xml_ok();
        let policy = self.policy(dice, false).to_string();
        let of_eve = parameters("UserName", "eve", ("PolicyDocument", &policy));
        let other = &self.callers[1].0;
        h.iam_as(other, "PutUserPolicy", &of_eve).await.xml_ok();
        let bound = ("PermissionsBoundary", READ_ONLY);
        if dice.percent(30) {
            let parameters = [("UserName", "bob"), bound];
            h.iam("PutUserPermissionsBoundary", &parameters)
                .await
                .xml_ok();
        } else {
            let parameters = [("UserName", "bob")];
            h.iam("DeleteUserPermissionsBoundary", &parameters).await;
        }
        let policy = self.policy(dice, true).to_string();
        let secret = json!({ "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": { "AWS": dice.of(&[OTHER, "*"]) },
            "Action": "secretsmanager:GetSecretValue", "Resource": "*",
        }});
        if dice.percent(60) {
            let body = json!({ "SecretId": self.secret, "ResourcePolicy": secret.to_string() });
            h.call("PutResourcePolicy", body).await.ok();
        }
        let body = json!({
            "KeyId": self.key, "Policy": policy, "BypassPolicyLockoutSafetyCheck": true,
        });
        h.kms("PutKeyPolicy", body).await.ok();
    }

    /// Some statements; of a key policy, with principals.
    fn policy(&self, dice: &mut Dice, is_of_key: bool) -> Value {
        let mut statements = Vec::new();
        if is_of_key && dice.percent(65) {
            statements.push(json!({
                "Effect": "Allow", "Principal": { "AWS": ACCOUNT }, "Action": "kms:*",
                "Resource": "*",
            }));
        }
        for _ in 0..=dice.below(3) {
            let effect = if dice.percent(80) { "Allow" } else { "Deny" };
            let mut statement = json!({
                "Effect": effect,
                "Action": dice.of(&ACTIONS),
                "Resource": if dice.percent(70) { "*" } else { self.key.as_str() },
            });
            if !is_of_key && dice.percent(50) {
                statement["Action"] = json!(["secretsmanager:GetSecretValue", "kms:Decrypt"]);
                statement["Resource"] = json!("*");
            }
            if is_of_key {
                let names = [OTHER, "*", &self.callers[2].1, &self.callers[5].1];
                let of_role = [self.callers[4].1.as_str(), self.callers[4].2.as_str()];
                let all = [names.as_slice(), of_role.as_slice()].concat();
                statement["Principal"] = json!({ "AWS": dice.of(&all) });
            }
            let condition = match dice.below(9) {
                0 => json!({ "StringEquals": { "kms:EncryptionContext:team": "blue" } }),
                1 => json!({ "StringNotEquals": { "kms:EncryptionContext:TEAM": "blue" } }),
                2 => json!({ "StringEquals": {
                    "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com" } }),
                3 => json!({ "StringEquals": { "kms:CallerAccount": ACCOUNT } }),
                4 => json!({ "StringLike": { "kms:RequestAlias": "alias/*" } }),
                5 => json!({ "ForAnyValue:StringEquals": { "kms:EncryptionContextKeys": "env" } }),
                6 => json!({ "Bool": { "aws:ViaAWSService": "true" } }),
                _ => json!({}),
            };
            statement["Condition"] = condition;
            statements.push(statement);
        }
        json!({ "Version": "2012-10-17", "Statement": statements })
    }

    /// Uses of the key in every context, by its ARN and by its alias.
    async fn compare_uses(&mut self, action: &str, seed: u64) {
        let operation = action.strip_prefix("kms:").unwrap();
        let listed = self.listed(action, &self.key).await;
        for at in 0..self.callers.len() {
            let mut told = Vec::new();
            for (context, blob) in contexts().iter().zip(&self.blobs) {
                for name in [&self.key, &self.alias] {
                    let body = match operation {
                        "Decrypt" => json!({ "CiphertextBlob": blob, "KeyId": name }),
                        "Encrypt" => json!({ "KeyId": name, "Plaintext": "eA==" }),
                        _ => json!({ "KeyId": name, "KeySpec": "AES_256" }),
                    };
                    let body = testkit::with(body, json!({ "EncryptionContext": context }));
                    let may = self.calls(at, operation, &body).await;
                    let explained = self.ask(at, action, name, context).await;
                    let what = format!("seed {seed} {action} {name} {context} {explained:#?}");
                    assert_eq!(explained.decision == "allowed", may, "{what}");
                    told.push(may);
                }
            }
            told.iter().for_each(|may| self.count(action, *may));
            self.compare_all(at, action, &self.key.clone(), &told, seed)
                .await;
            self.compare_listed(at, &listed, &told, seed);
        }
    }

    async fn compare(&mut self, action: &str, operation: &str, body: &Value, seed: u64) {
        let listed = self.listed(action, &self.key).await;
        for at in 0..self.callers.len() {
            let may = self.calls(at, operation, body).await;
            let key = self.key.clone();
            let explained = self.ask(at, action, &key, &json!({})).await;
            let what = format!("seed {seed} {explained:#?}");
            assert_eq!(explained.decision == "allowed", may, "{what}");
            self.count(action, may);
            self.compare_listed(at, &listed, &[may], seed);
        }
    }

    async fn compare_reads(&mut self, secret: &str, seed: u64) {
        let action = "secretsmanager:GetSecretValue";
        let listed = self.listed(action, secret).await;
        for at in 0..self.callers.len() {
            let reply = read(&self.h, &self.callers[at].0, secret).await;
            let may = reply.status == 200;
            let explained = self.ask(at, action, secret, &json!({})).await;
            let what = format!("seed {seed} {explained:#?} {}", reply.text);
            assert_eq!(explained.decision == "allowed", may, "{what}");
            self.count(action, may);
            self.compare_all(at, action, secret, &[may], seed).await;
            self.compare_listed(at, &listed, &[may], seed);
        }
    }

    /// An answer that hangs on nothing holds for all of the requests.
    async fn compare_all(&self, at: usize, action: &str, on: &str, told: &[bool], seed: u64) {
        let principal = &self.callers[at].1;
        let question = Question {
            action: action.to_owned(),
            ..reading(principal, on)
        };
        let explained = self.h.app.explain(&question).await.unwrap();
        if !explained.conditional {
            let may = explained.decision == "allowed";
            let all = told.iter().all(|one| *one == may);
            assert!(all, "seed {seed} {told:?} {explained:#?}");
        }
    }

    /// Who may is listed, and who is listed without a condition may.
    fn compare_listed(
        &mut self,
        at: usize,
        listed: &BTreeMap<String, bool>,
        told: &[bool],
        seed: u64,
    ) {
        let (_, arn, role) = &self.callers[at];
        let found = listed.get(arn).or(listed.get(role));
        let (some, all) = (told.contains(&true), told.iter().all(|may| *may));
        let what = format!("seed {seed} {arn} {told:?} {listed:?}");
        assert!(!some || found.is_some(), "{what}");
        assert!(all || found != Some(&false), "{what}");
        if let Some(conditional) = found {
            *self
                .seen
                .entry((String::from("listed"), *conditional))
                .or_default() += 1;
        }
    }

    async fn listed(&self, action: &str, on: &str) -> BTreeMap<String, bool> {
        let found = self.h.app.who_can(action, on, &account(), &region()).await;
        let found = found.unwrap().into_iter();
        found
            .map(|access| (access.principal, access.conditional))
            .collect()
    }

    async fn ask(
        &self,
        at: usize,
        action: &str,
        on: &str,
        context: &Value,
    ) -> strongroom_services::Explanation {
        let pairs = context.as_object().unwrap().iter();
        let pairs = pairs.map(|(name, value)| {
            let value = value.as_str().unwrap().to_owned();
            (format!("kms:EncryptionContext:{name}"), value)
        });
        let mut given: Vec<(String, String)> = pairs.collect();
        if given.is_empty() {
            given.push((String::from("kms:EncryptionContextKeys"), String::new()));
        }
        let question = Question {
            action: action.to_owned(),
            context: given,
            ..reading(&self.callers[at].1, on)
        };
        self.h.app.explain(&question).await.unwrap()
    }

    /// Whether the call is answered: it may be refused for want of leave only.
    async fn calls(&self, at: usize, operation: &str, body: &Value) -> bool {
        let caller = &self.callers[at].0;
        let reply = self.h.kms_as(caller, operation, body.clone()).await;
        let may = reply.status == 200;
        assert!(
            may || reply.text.contains("AccessDeniedException"),
            "{}",
            reply.text
        );
        may
    }

    fn count(&mut self, action: &str, may: bool) {
        *self.seen.entry((action.to_owned(), may)).or_default() += 1;
    }
}

/// A user of the other account.
async fn eve(h: &Harness, root: &Caller) -> Caller {
    let eve = [("UserName", "eve")];
    h.iam_as(root, "CreateUser", &eve).await.xml_ok();
    let key = h.iam_as(root, "CreateAccessKey", &eve).await;
    let key = &key.xml_ok()["CreateAccessKeyResult"]["AccessKey"];
    root.with_access_key_id(key["AccessKeyId"].as_str().unwrap())
        .with_secret(key["SecretAccessKey"].as_str().unwrap())
}

fn contexts() -> [Value; 4] {
    [
        json!({}),
        json!({ "team": "blue" }),
        json!({ "team": "red" }),
        json!({ "team": "blue", "env": "x" }),
    ]
}

/// Chance that can be had again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

const OTHER: &str = "999988887777";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/AWSSecretsManagerClientReadOnlyAccess";
const USES: [&str; 3] = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"];
const ACTIONS: [&str; 7] = [
    "*",
    "kms:*",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:Generate*",
    "kms:Describe*",
    "kms:Get*",
];
const WORLDS: u64 = 16;
