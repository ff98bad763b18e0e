//! Documented rules and every example policy of the Secrets Manager guide, as data.
//!
//! A file of `tests/corpus` holds policies by slot and cases; a case is a request with the
//! decision, the statement that makes it and the words of a refusal. A case may put policies of
//! its own in place of the file's.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use strongroom_policy::{
    Caller, Cause, Context, Decision, Form, Identity, Named, Policies, Policy, Request, Rule,
    Values, evaluate,
};

#[test]
fn every_case_is_decided_as_documented() {
    let files = files();
    let mut cases = 0;
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(file).unwrap();
        let corpus: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        for case in corpus["cases"].as_array().unwrap() {
            let expected = &case["expect"];
            assert_eq!(
                decided(&corpus, case),
                *expected,
                "{name}: {}",
                case["about"]
            );
            cases += 1;
        }
    }

    assert!(
        files.len() >= 30 && cases >= 200,
        "{} files, {cases} cases",
        files.len()
    );
}

#[test]
fn every_example_of_the_guide_is_allowed_somewhere_and_denied_somewhere() {
    for file in files() {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let corpus: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let cases = corpus["cases"].as_array().unwrap();
        let allowed = cases
            .iter()
            .filter(|c| c["expect"].get("allowed").is_some())
            .count();

        assert!(
            !name.starts_with("guide-") || (allowed > 0 && allowed < cases.len()),
            "{name}: {allowed} of {} allowed",
            cases.len()
        );
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    files
}

/// The decision as the corpus writes it.
fn decided(corpus: &Value, case: &Value) -> Value {
    let slot = |name: &str, form| loaded(case.get(name).unwrap_or(&corpus[name]), form);
    let trust = corpus["form"] == "trust";
    let resource = slot(
        "resource-policy",
        if trust { Form::Trust } else { Form::Resource },
    );
    let identity = slot("identity", Form::Identity);
    let boundary = slot("boundary", Form::Identity);
    let session = slot("session", Form::Identity);
    let endpoint = slot("endpoint", Form::Endpoint);
    let guardrails = slot("guardrails", Form::Identity);
    let (identity, guardrails_named) = (named(&identity), named(&guardrails));
    let session = session.as_ref().map(|list| named_all(list));
    let policies = Policies {
        identity: &identity,
        boundary: named(&boundary).first().copied(),
        session: session.as_deref(),
        resource: named(&resource).first().copied(),
        grants: &[],
        endpoint: named(&endpoint).first().copied(),
        guardrails: &guardrails_named,
        rule: if corpus["rule"] == "resource required" {
            Rule::ResourceRequired
        } else {
            Rule::Union
        },
    };
    let keys = case["keys"].as_object().cloned().unwrap_or_default();
    let action = text(case.get("action").unwrap_or(&corpus["action"]));
    let request = Request {
        action,
        resource: text(case.get("resource").unwrap_or(&corpus["resource"])),
        resource_account: match case.get("owner").unwrap_or(&corpus["owner"]) {
            Value::Null => None,
            owner => Some(text(owner)),
        },
        caller: caller(case.get("caller").unwrap_or(&corpus["caller"])),
        context: &Keys(&keys),
    };
    let decision = evaluate(&request, &policies);
    let reason = decision.reason(action);
    match &decision {
        Decision::Allowed { by: None } => json!({"allowed": "root"}),
        Decision::Allowed { by: Some(by) } => json!({"allowed": shown(by)}),
        Decision::ExplicitlyDenied { by } => json!({"denied": shown(by), "reason": reason}),
        Decision::ImplicitlyDenied { .. } => json!({"reason": reason}),
    }
}

fn shown(cause: &Cause<'_>) -> String {
    let kind = format!("{:?}", cause.kind).to_lowercase();
    let place = format!("{kind} {}[{}]", cause.policy, cause.statement);
    cause
        .sid
        .map_or(place.clone(), |sid| format!("{place} {sid}"))
}

/// A slot is a document, or an object of documents by name.
fn loaded(slot: &Value, form: Form) -> Option<Vec<(String, Policy)>> {
    let slot = slot.as_object()?;
    let read = |name: &str, document: &Value| {
        let text = document.to_string();
        let policy = Policy::parse(&text, form).unwrap_or_else(|e| panic!("{name}: {e}: {text}"));
        (name.to_owned(), policy)
    };
    if slot.contains_key("Statement") {
        return Some(vec![read("policy", &Value::Object(slot.clone()))]);
    }
    Some(
        slot.iter()
            .map(|(name, document)| read(name, document))
            .collect(),
    )
}

fn named(slot: &Option<Vec<(String, Policy)>>) -> Vec<Named<'_>> {
    slot.as_ref()
        .map(|list| named_all(list))
        .unwrap_or_default()
}

fn named_all(list: &[(String, Policy)]) -> Vec<Named<'_>> {
    list.iter()
        .map(|(name, policy)| Named { name, policy })
        .collect()
}

/// `{"user": arn}`, `{"session": arn, "role": arn}`, `{"root": account, "arn": arn}`, `{"service": name}`,
/// `{"federated": provider}` or `"anonymous"`.
fn caller(value: &Value) -> Caller<'_> {
    let id = value.get("id").map_or("", text);
    let of = |name: &str| value.get(name).map(text);
    if let Some(arn) = of("user") {
        let identity = Identity::User { arn, id };
        return Caller {
            account: account_of(arn),
            identity,
        };
    }
    if let Some(session_arn) = of("session") {
        let identity = Identity::Session {
            session_arn,
            role_arn: of("role").unwrap(),
            role_id: id,
        };
        return Caller {
            account: account_of(session_arn),
            identity,
        };
    }
    if let Some(account) = of("root") {
        let identity = Identity::Root {
            arn: text(&value["arn"]),
        };
        return Caller { account, identity };
    }
    let identity = match (of("service"), of("federated")) {
        (Some(name), _) => Identity::Service { name },
        (_, Some(provider)) => Identity::Federated { provider },
        _ => {
            assert_eq!(value, "anonymous");
            Identity::Anonymous
        }
    };
    Caller {
        account: "",
        identity,
    }
}

fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap()
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no string: {value}"))
}

struct Keys<'a>(&'a Map<String, Value>);

impl Context for Keys<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let found = self.0.iter().find(|(name, _)| name.to_lowercase() == key)?;
        Some(match found.1 {
            Value::Array(list) => {
                Values::Many(list.iter().map(|v| Cow::Borrowed(text(v))).collect())
            }
            one => Values::One(Cow::Borrowed(text(one))),
        })
    }
}
