//! What the policies of users, groups and roles have in common, asserted for each kind.

use super::{
    ADMIN, LAMBDA, SECRETS, allowing, arn, assert_denied, assert_refused, denial, done, everything,
    items, pages, told,
};
use serde_json::{Value, json};
use testkit::Harness;

/// A kind of identity. Tests have one of it, called `Reader`, and name it in capitals.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// As operations call it.
    pub(super) name: &'static str,
    /// As messages and ARNs call it.
    pub(super) word: &'static str,
    /// The parameter that names it.
    pub(super) parameter: &'static str,
    /// How long its embedded policies may be together.
    pub(super) most_inline: usize,
}

pub(super) const USER: Kind = Kind {
    name: "User",
    word: "user",
    parameter: "UserName",
    most_inline: 2_048,
};
pub(super) const GROUP: Kind = Kind {
    name: "Group",
    word: "group",
    parameter: "GroupName",
    most_inline: 5_120,
};
pub(super) const ROLE: Kind = Kind {
    name: "Role",
    word: "role",
    parameter: "RoleName",
    most_inline: 10_240,
};

type Parameters<'a> = Vec<(&'a str, &'a str)>;

impl Kind {
    /// The harness with a `Reader`.
    async fn harness(self) -> Harness {
        let h = Harness::new().await;
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": { "AWS": "123456789012" },
                "Action": "sts:AssumeRole",
            },
        });
        let trust = trust.to_string();
        let mut parameters = vec![(self.parameter, "Reader")];
        if self.word == "role" {
            parameters.push(("AssumeRolePolicyDocument", &trust));
        }
        let action = format!("Create{}", self.name);
        h.iam(&action, &parameters).await.xml_ok();
        h
    }

    fn reader<'a>(self, more: &[(&'a str, &'a str)]) -> Parameters<'a> {
        let mut parameters = vec![(self.parameter, "READER")];
        parameters.extend(more);
        parameters
    }

    /// How denials call what [`Kind::reader`] names: as it was sent.
    fn sent(self) -> String {
        format!("{} READER", self.word)
    }

    async fn put(self, h: &Harness, name: &str, document: &str) {
        let policy = [("PolicyName", name), ("PolicyDocument", document)];
        let action = format!("Put{}Policy", self.name);
        done(h, &action, &self.reader(&policy)).await;
    }

    async fn attach(self, h: &Harness, policy_arn: &str) {
        let policy = [("PolicyArn", policy_arn)];
        let action = format!("Attach{}Policy", self.name);
        done(h, &action, &self.reader(&policy)).await;
    }

    async fn names(self, h: &Harness) -> Vec<Value> {
        let action = format!("List{}Policies", self.name);
        items(told(h, &action, &self.reader(&[])).await["PolicyNames"].take())
    }

    /// The ARNs of what is attached.
    async fn attached(self, h: &Harness) -> Vec<Value> {
        let action = format!("ListAttached{}Policies", self.name);
        let told = told(h, &action, &self.reader(&[])).await;
        let attached = items(told["AttachedPolicies"].clone());
        attached
            .iter()
            .map(|one| one["PolicyArn"].clone())
            .collect()
    }

    /// Asserts that an operation cannot find an identity that is not there, and says so only to
    /// those who may know.
    pub(super) async fn assert_missing(self, action: &str, more: &[(&str, &str)]) {
        let h = self.harness().await;
        let mut parameters = vec![(self.parameter, "nobody")];
        parameters.extend(more);

        let text = format!("The {} with name nobody cannot be found.", self.word);
        assert_refused(&h, action, &parameters, (404, "NoSuchEntity", &text)).await;
        let nobody = format!("{} nobody", self.word);
        assert_denied(&h, action, &parameters, &nobody).await;
    }

    /// Asserts that a caller without policies is refused.
    pub(super) async fn assert_denied(self, action: &str, more: &[(&str, &str)]) {
        let h = self.harness().await;
        self.put(&h, "p", &allowing(&["a:b"]).to_string()).await;
        self.attach(&h, SECRETS).await;

        assert_denied(&h, action, &self.reader(more), &self.sent()).await;
    }
}

/// A policy is told as it was put, and put again it is replaced.
pub(super) async fn assert_puts(kind: Kind) {
    let h = kind.harness().await;
    let first = "{\"Statement\":\n {\"Effect\":\"Deny\",\"Action\":\"a:b\",\"Resource\":\"*\"}}";
    let second = allowing(&["iam:Get*"]).to_string();

    kind.put(&h, "Policy+=,.@-", first).await;
    let put = get(kind, &h, "Policy+=,.@-").await;
    kind.put(&h, "Policy+=,.@-", &second).await;
    kind.put(&h, "other", first).await;
    let replaced = get(kind, &h, "Policy+=,.@-").await;

    let encoded = "%7B%22Statement%22%3A%0A%20%7B%22Effect%22%3A%22Deny%22%2C%22Action%22%3A%2\
                   2a%3Ab%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
    assert_eq!(
        put,
        json!({
            kind.parameter: "Reader", "PolicyName": "Policy+=,.@-", "PolicyDocument": encoded,
        })
    );
    let document = replaced["PolicyDocument"].as_str().unwrap();
    assert!(document.contains("iam%3AGet%2A"), "{document}");
    assert_eq!(kind.names(&h).await, ["Policy+=,.@-", "other"]);
}

/// Embedded policies have a size together, in which white space does not count.
pub(super) async fn assert_limits_size(kind: Kind) {
    let h = kind.harness().await;
    let half = kind.most_inline / 2;
    kind.put(&h, "a", &sized(half)).await;
    let too_large = sized(half + 1);
    let action = format!("Put{}Policy", kind.name);

    let text = format!(
        "Maximum policy size of {} bytes exceeded for {} Reader",
        kind.most_inline, kind.word
    );
    let policy = [("PolicyName", "b"), ("PolicyDocument", too_large.as_str())];
    let refusal = (409, "LimitExceeded", text.as_str());
    assert_refused(&h, &action, &kind.reader(&policy), refusal).await;
    kind.put(&h, "b", &sized(half).replace(',', " ,\r\n\t"))
        .await;
    assert_eq!(kind.names(&h).await, ["a", "b"]);
}

/// What is no policy is refused with the place of what is wrong.
pub(super) async fn assert_refuses_malformed(kind: Kind) {
    let h = kind.harness().await;
    kind.put(&h, "p", &allowing(&["a:b"]).to_string()).await;
    let before = everything(&h).await;
    let with_principal = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*",
        },
    });
    let documents = [
        (
            "{\n  \"Version\": \"2012-10-17\",\n  \"Statemen\": []\n}",
            "line 3, column 3",
        ),
        ("[", "line 1, column "),
        (&with_principal.to_string(), "Principal"),
    ];

    for (document, expected) in documents {
        let policy = [("PolicyName", "p"), ("PolicyDocument", document)];
        let action = format!("Put{}Policy", kind.name);
        let refused = h.iam(&action, &kind.reader(&policy)).await;

        let error = &refused.xml()["Error"];
        let code = &error["Code"];
        assert_eq!(
            (refused.status, code),
            (400, &json!("MalformedPolicyDocument"))
        );
        let text = error["Message"].as_str().unwrap();
        assert!(text.contains(expected), "{text}");
    }

    assert_eq!(everything(&h).await, before);
}

/// `operation` cannot find an embedded policy that is not there.
pub(super) async fn assert_no_such_policy(kind: Kind, operation: &str) {
    let h = kind.harness().await;
    kind.put(&h, "p", &allowing(&["a:b"]).to_string()).await;
    let action = format!("{operation}{}Policy", kind.name);

    let text = format!("The {} policy with name other cannot be found.", kind.word);
    let refusal = (404, "NoSuchEntity", text.as_str());
    let other = kind.reader(&[("PolicyName", "other")]);
    assert_refused(&h, &action, &other, refusal).await;
}

/// A deleted policy is gone, and no other.
pub(super) async fn assert_deletes(kind: Kind) {
    let h = kind.harness().await;
    let document = allowing(&["a:b"]).to_string();
    kind.put(&h, "p", &document).await;
    kind.put(&h, "q", &document).await;
    let action = format!("Delete{}Policy", kind.name);

    done(&h, &action, &kind.reader(&[("PolicyName", "p")])).await;

    assert_eq!(kind.names(&h).await, ["q"]);
    let text = format!("The {} policy with name p cannot be found.", kind.word);
    let refusal = (404, "NoSuchEntity", text.as_str());
    let again = kind.reader(&[("PolicyName", "p")]);
    assert_refused(&h, &action, &again, refusal).await;
}

/// Names are listed in order and in pages; the marker of one identity is none of another's.
pub(super) async fn assert_lists(kind: Kind) {
    let h = kind.harness().await;
    let action = format!("List{}Policies", kind.name);
    let none = told(&h, &action, &kind.reader(&[])).await;
    assert_eq!(none, json!({ "PolicyNames": "", "IsTruncated": "false" }));
    for name in ["c", "a", "b"] {
        kind.put(&h, name, &allowing(&["a:b"]).to_string()).await;
    }

    let all = told(&h, &action, &kind.reader(&[])).await;
    let paged = pages(&h, &action, &kind.reader(&[]), "PolicyNames", "2").await;

    let expected = json!({ "PolicyNames": ["a", "b", "c"], "IsTruncated": "false" });
    assert_eq!(all, expected);
    assert_eq!(paged, [json!(["a", "b"]), json!(["c"])]);
    let marker = kind.reader(&[("Marker", "x")]);
    let refusal = (400, "ValidationError", "Invalid Marker.");
    assert_refused(&h, &action, &marker, refusal).await;
}

/// An attached policy is listed once, and told by its ARN.
pub(super) async fn assert_attaches(kind: Kind) {
    let h = kind.harness().await;

    kind.attach(&h, SECRETS).await;
    kind.attach(&h, ADMIN).await;
    kind.attach(&h, SECRETS).await;

    assert_eq!(kind.attached(&h).await, [SECRETS, ADMIN]);
}

/// What is no policy of the account or of AWS cannot be attached.
pub(super) async fn assert_attaches_policies_only(kind: Kind) {
    let h = kind.harness().await;
    let action = format!("Attach{}Policy", kind.name);
    let missing = [
        &arn("policy/missing"),
        "arn:aws:iam::aws:policy/Missing",
        "arn:aws:iam::999988887777:policy/theirs",
        "arn:aws:s3:::a-bucket-of-somebody",
    ];

    for policy_arn in missing {
        let text = format!("Policy {policy_arn} does not exist or is not attachable.");
        let refusal = (404, "NoSuchEntity", text.as_str());
        let policy = [("PolicyArn", policy_arn)];
        assert_refused(&h, &action, &kind.reader(&policy), refusal).await;
    }
    let policy = [("PolicyArn", "SecretsManagerReadWrite")];
    let text = "ARN SecretsManagerReadWrite is not valid.";
    let refusal = (400, "InvalidInput", text);
    assert_refused(&h, &action, &kind.reader(&policy), refusal).await;
}

/// An identity has twenty attached policies at most.
pub(super) async fn assert_limits_attached(kind: Kind) {
    let h = kind.harness().await;
    let document = allowing(&["a:b"]).to_string();
    for n in 0..21 {
        let name = format!("p{n}");
        let policy = [("PolicyName", name.as_str()), ("PolicyDocument", &document)];
        h.iam("CreatePolicy", &policy).await.xml_ok();
    }
    for n in 0..20 {
        kind.attach(&h, &arn(&format!("policy/p{n}"))).await;
    }
    let action = format!("Attach{}Policy", kind.name);

    let last = arn("policy/p20");
    let text = format!("Cannot exceed quota for PoliciesPer{}: 20", kind.name);
    let refusal = (409, "LimitExceeded", text.as_str());
    let policy = kind.reader(&[("PolicyArn", &last)]);
    assert_refused(&h, &action, &policy, refusal).await;
    kind.attach(&h, &arn("policy/p0")).await;
    assert_eq!(kind.attached(&h).await.len(), 20);
}

/// Which policies a delegate may attach or detach can be said by their ARN.
pub(super) async fn assert_asks_for_the_policy(kind: Kind, operation: &str) {
    let h = kind.harness().await;
    kind.attach(&h, SECRETS).await;
    kind.attach(&h, ADMIN).await;
    let action = format!("{operation}{}Policy", kind.name);
    let delegate = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": format!("iam:{action}"),
            "Resource": "*",
            "Condition": { "ArnEquals": { "iam:PolicyARN": SECRETS } },
        },
    });
    let delegate = h.a_user("delegate", Some(&delegate)).await;

    let admin = kind.reader(&[("PolicyArn", ADMIN)]);
    let admin = h.iam_as(&delegate, &action, &admin).await;
    let secrets = kind.reader(&[("PolicyArn", SECRETS)]);
    let secrets = h.iam_as(&delegate, &action, &secrets).await;

    let text = denial("delegate", &action, &kind.sent());
    admin.xml_refused(403, "AccessDenied", &text);
    secrets.xml_ok();
    assert!(kind.attached(&h).await.contains(&json!(ADMIN)));
}

/// A detached policy is gone, and no other.
pub(super) async fn assert_detaches(kind: Kind) {
    let h = kind.harness().await;
    kind.attach(&h, SECRETS).await;
    kind.attach(&h, ADMIN).await;
    let action = format!("Detach{}Policy", kind.name);
    let policy = kind.reader(&[("PolicyArn", SECRETS)]);

    done(&h, &action, &policy).await;

    assert_eq!(kind.attached(&h).await, [ADMIN]);
    let text = format!("Policy {SECRETS} was not found.");
    let refusal = (404, "NoSuchEntity", text.as_str());
    assert_refused(&h, &action, &policy, refusal).await;
    kind.attach(&h, SECRETS).await;
    assert_eq!(kind.attached(&h).await, [ADMIN, SECRETS]);
}

/// Attached policies are listed with their names, by path and in pages.
pub(super) async fn assert_lists_attached(kind: Kind) {
    let h = kind.harness().await;
    let action = format!("ListAttached{}Policies", kind.name);
    let none = told(&h, &action, &kind.reader(&[])).await;
    assert_eq!(
        none,
        json!({ "AttachedPolicies": "", "IsTruncated": "false" })
    );
    for policy_arn in [SECRETS, LAMBDA, ADMIN] {
        kind.attach(&h, policy_arn).await;
    }

    let all = told(&h, &action, &kind.reader(&[])).await;
    let of_path = kind.reader(&[("PathPrefix", "/service-role/")]);
    let of_path = told(&h, &action, &of_path).await;
    let paged = pages(&h, &action, &kind.reader(&[]), "AttachedPolicies", "2").await;

    let shown =
        |name: &str, policy_arn: &str| json!({ "PolicyName": name, "PolicyArn": policy_arn });
    let secrets = shown("SecretsManagerReadWrite", SECRETS);
    let lambda = shown("AWSLambdaBasicExecutionRole", LAMBDA);
    let admin = shown("AdministratorAccess", ADMIN);
    assert_eq!(
        all,
        json!({ "AttachedPolicies": [secrets, lambda, admin], "IsTruncated": "false" })
    );
    assert_eq!(
        of_path,
        json!({ "AttachedPolicies": [lambda], "IsTruncated": "false" })
    );
    assert_eq!(paged, [json!([secrets, lambda]), json!([admin])]);
}

async fn get(kind: Kind, h: &Harness, name: &str) -> Value {
    let action = format!("Get{}Policy", kind.name);
    told(h, &action, &kind.reader(&[("PolicyName", name)])).await
}

/// A policy of `size` characters.
fn sized(size: usize) -> String {
    let of = |sid: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Sid":"{sid}","Effect":"Deny","Action":"*","Resource":"*"}}}}"#
        )
    };
    of(&"s".repeat(size - of("").len()))
}
