//! A second evaluator, written to be obviously right rather than fast.
//!
//! It reads the JSON of the policies afresh for every request, tries every way a wildcard can
//! match, and shares no code with the engine: only the plain types in which a question is put.
//! Documents have to be valid already.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;
use strongroom_policy::{Caller, Identity, Kind, Rule};

use crate::naive_condition;

/// A policy as the naive evaluator takes it.
#[derive(Clone, Copy)]
pub(crate) struct Document<'a> {
    pub(crate) name: &'a str,
    pub(crate) json: &'a Value,
    pub(crate) ids: &'a BTreeMap<String, String>,
}

/// A question.
pub(crate) struct Question<'a> {
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) resource_account: Option<&'a str>,
    pub(crate) caller: Caller<'a>,
    pub(crate) keys: &'a BTreeMap<String, Held>,
    pub(crate) guardrails: Vec<Document<'a>>,
    pub(crate) endpoint: Option<Document<'a>>,
    pub(crate) resource_policy: Option<Document<'a>>,
    pub(crate) identity: Vec<Document<'a>>,
    pub(crate) boundary: Option<Document<'a>>,
    pub(crate) session: Option<Vec<Document<'a>>>,
    pub(crate) rule: Rule,
    /// How often each operator held and did not.
    pub(crate) seen: &'a RefCell<BTreeMap<String, (u64, u64)>>,
}

/// What a condition key holds.
#[derive(Clone, Debug)]
pub(crate) enum Held {
    One(String),
    Many(Vec<String>),
}

/// An answer: policy kind, policy name and statement of what decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    Root,
    Allowed(String, String, usize),
    Denied(String, String, usize),
    Missing(String),
}

/// A statement that matches: where it is, what it does, and how it means the caller.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub(crate) kind: Kind,
    pub(crate) policy: String,
    pub(crate) index: usize,
    pub(crate) allows: bool,
    ways: Vec<&'static str>,
}

pub(crate) fn answer(question: &Question<'_>) -> Answer {
    let Some(owner) = question.resource_account else {
        return missing(Kind::Resource);
    };
    let mut matches = matches(question);
    if let Some(deny) = matches.iter().find(|m| !m.allows) {
        return Answer::Denied(format!("{:?}", deny.kind), deny.policy.clone(), deny.index);
    }
    // Whom it lets in along with everyone, a trust policy does not mean.
    if matches!(question.caller.identity, Identity::Federated { .. }) {
        matches.retain(|m| m.kind != Kind::Resource || m.ways != ["account"]);
    }
    let allows =
        |kind: Kind, policy: &str| matches.iter().any(|m| m.kind == kind && m.policy == policy);
    if question
        .guardrails
        .iter()
        .any(|d| !allows(Kind::Guardrail, d.name))
    {
        return missing(Kind::Guardrail);
    }
    if question
        .endpoint
        .is_some_and(|d| !allows(Kind::Endpoint, d.name))
    {
        return missing(Kind::Endpoint);
    }
    by_paths(question, &matches, owner == question.caller.account)
}

/// Each way to be allowed is a list of those who must agree. The first complete one allows; if
/// none is, the one that asks for least says what is missing.
fn by_paths(question: &Question<'_>, matches: &[Match], local: bool) -> Answer {
    let has = |kind: Kind| matches.iter().any(|m| m.kind == kind);
    let agrees = |kind: &Kind| match kind {
        Kind::Boundary => question.boundary.is_none() || has(Kind::Boundary),
        Kind::Session => question.session.is_none() || has(Kind::Session),
        other => has(*other),
    };
    let paths = paths(question, matches, local);
    for (by, needs) in &paths {
        if needs.iter().all(agrees) {
            return match by {
                None => Answer::Root,
                Some(m) => Answer::Allowed(format!("{:?}", m.kind), m.policy.clone(), m.index),
            };
        }
    }
    let (_, needs) = paths.iter().min_by_key(|(_, needs)| needs.len()).unwrap();
    missing(*needs.iter().find(|kind| !agrees(kind)).unwrap())
}

/// Who would be the cause, and who must agree.
type Path = (Option<Match>, Vec<Kind>);

fn paths(question: &Question<'_>, matches: &[Match], local: bool) -> Vec<Path> {
    use Kind::{Boundary, Identity as Own, Resource, Session};
    let required = question.rule == Rule::ResourceRequired;
    let way = |way: &str| {
        let mut granted = matches.iter().filter(|m| m.kind == Resource);
        granted.find(|m| m.ways.contains(&way)).cloned()
    };
    let direct = || {
        way("itself")
            .or(way("user"))
            .or(way("role"))
            .or(way("account"))
    };
    let identity = matches.iter().find(|m| m.kind == Own).cloned();
    match question.caller.identity {
        Identity::Root { .. } if local && !required => vec![(None, vec![Session])],
        Identity::Root { .. } => vec![(direct(), vec![Session, Resource])],
        Identity::User { .. } | Identity::Session { .. } if !local => {
            let mut needs = vec![Own, Boundary, Session, Resource];
            if required {
                needs.insert(0, Resource);
            }
            vec![(identity, needs)]
        }
        Identity::User { .. } | Identity::Session { .. } => {
            if required && direct().is_none() {
                return vec![(None, vec![Resource])];
            }
            let mut paths = Vec::new();
            if !required || way("account").is_some() {
                paths.push((identity, vec![Own, Boundary, Session]));
            }
            let direct = [
                ("itself", vec![]),
                ("user", vec![Session]),
                ("role", vec![Boundary, Session]),
            ];
            for (name, needs) in direct {
                paths.extend(way(name).map(|by| (Some(by), needs)));
            }
            paths
        }
        _ => vec![(direct(), vec![Resource])],
    }
}

/// All statements that match, in the order in which denials are reported.
pub(crate) fn matches(question: &Question<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    let mut look = |kind: Kind, document: &Document<'_>| {
        let statements = match &document.json["Statement"] {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        let variables = document.json["Version"] == "2012-10-17";
        for (index, statement) in statements.into_iter().enumerate() {
            let ways = ways(statement, question, document.ids);
            if applies(statement, question, variables) && !ways.is_empty() {
                found.push(Match {
                    kind,
                    policy: document.name.to_owned(),
                    index,
                    allows: statement["Effect"] == "Allow",
                    ways,
                });
            }
        }
    };
    question
        .guardrails
        .iter()
        .for_each(|d| look(Kind::Guardrail, d));
    question
        .endpoint
        .iter()
        .for_each(|d| look(Kind::Endpoint, d));
    question
        .resource_policy
        .iter()
        .for_each(|d| look(Kind::Resource, d));
    question
        .identity
        .iter()
        .for_each(|d| look(Kind::Identity, d));
    question
        .boundary
        .iter()
        .for_each(|d| look(Kind::Boundary, d));
    question
        .session
        .iter()
        .flatten()
        .for_each(|d| look(Kind::Session, d));
    found
}

fn applies(statement: &Value, question: &Question<'_>, variables: bool) -> bool {
    let action = |pattern: &str| {
        let plain: Vec<Symbol> = symbols(&pattern.to_lowercase(), false, &BTreeMap::new()).unwrap();
        pattern == "*" || glob(&plain, &chars(&question.action.to_lowercase()))
    };
    let resource = |pattern: &str| arn(pattern, question.resource, variables, question.keys);
    let listed = |name: &str, test: &dyn Fn(&str) -> bool| {
        texts(&statement[name]).iter().any(|text| test(text))
    };
    let action_fits = match statement.get("Action") {
        Some(_) => listed("Action", &action),
        None => !listed("NotAction", &action),
    };
    let resource_fits = match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(_), _) => listed("Resource", &resource),
        (None, Some(_)) => !listed("NotResource", &resource),
        (None, None) => true,
    };
    action_fits
        && resource_fits
        && naive_condition::holds(
            &statement["Condition"],
            question.keys,
            variables,
            question.seen,
        )
}

/// In which ways the statement means the caller: `account`, `role`, `user`, `itself`.
fn ways(
    statement: &Value,
    question: &Question<'_>,
    ids: &BTreeMap<String, String>,
) -> Vec<&'static str> {
    let named = |element: &Value| {
        let mut ways = Vec::new();
        if element == "*" {
            ways.extend(way("AWS", "*", &question.caller, ids));
        }
        for (kind, list) in element.as_object().into_iter().flatten() {
            for text in texts(list) {
                ways.extend(way(kind, text, &question.caller, ids));
            }
        }
        ways
    };
    if let Some(listed) = statement.get("NotPrincipal") {
        let exempt = named(listed).iter().any(|way| *way != "account");
        return if exempt { vec![] } else { vec!["itself"] };
    }
    match statement.get("Principal") {
        None => vec!["itself"],
        // The strongest way only: a statement that names a user and its account grants as one that
        // names the user.
        Some(listed) => {
            let ways = named(listed);
            ["itself", "user", "role", "account"]
                .into_iter()
                .find(|way| ways.contains(way))
                .into_iter()
                .collect()
        }
    }
}

fn way(
    kind: &str,
    text: &str,
    caller: &Caller<'_>,
    ids: &BTreeMap<String, String>,
) -> Option<&'static str> {
    let account = text == caller.account || text == format!("arn:aws:iam::{}:root", caller.account);
    let bound = ids.get(text).map(String::as_str);
    match (kind, caller.identity) {
        ("AWS", Identity::Root { .. }) if account || text == "*" => Some("itself"),
        ("AWS", Identity::User { arn, id }) => {
            if bound.unwrap_or(text) == id || (bound.is_none() && text == arn) {
                Some("user")
            } else if text == "*" {
                Some("role")
            } else {
                account.then_some("account")
            }
        }
        (
            "AWS",
            Identity::Session {
                session_arn,
                role_arn,
                role_id,
            },
        ) => {
            if text == session_arn && bound.is_none_or(|bound| bound == role_id) {
                return Some("itself");
            }
            let is_session = text.contains(":assumed-role/");
            let by_id = !is_session && bound.unwrap_or(text) == role_id;
            if text == "*" || by_id || (bound.is_none() && text == role_arn) {
                return Some("role");
            }
            account.then_some("account")
        }
        ("AWS", Identity::Federated { .. }) if text == "*" => Some("account"),
        ("AWS", _) if text == "*" => Some("itself"),
        ("Service", Identity::Service { name }) if name == text => Some("itself"),
        ("Federated", Identity::Federated { provider }) if provider == text => Some("itself"),
        _ => None,
    }
}

fn missing(kind: Kind) -> Answer {
    Answer::Missing(format!("{kind:?}"))
}

pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(list) => list.iter().map(|item| item.as_str().unwrap()).collect(),
        one => vec![one.as_str().unwrap()],
    }
}

/// A character of a pattern; `own` when it stands in the policy itself, not in a variable's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Symbol {
    Star,
    Question,
    Plain { c: char, own: bool },
}

/// `None` when a variable has no value.
pub(crate) fn symbols(
    text: &str,
    variables: bool,
    keys: &BTreeMap<String, Held>,
) -> Option<Vec<Symbol>> {
    let chars = chars(text);
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if variables && chars[at] == '$' && chars.get(at + 1) == Some(&'{') {
            let end = (at..chars.len()).find(|i| chars[*i] == '}').unwrap();
            let inside: String = chars[at + 2..end].iter().collect();
            let value = match inside.as_str() {
                "*" | "?" | "$" => inside.clone(),
                _ => {
                    let mut halves = inside.splitn(2, ',').map(str::trim);
                    let key = halves.next().unwrap().to_ascii_lowercase();
                    match (keys.get(&key), halves.next()) {
                        (Some(Held::One(value)), _) => value.clone(),
                        (_, Some(default)) => default.trim_matches('\'').to_owned(),
                        (_, None) => return None,
                    }
                }
            };
            out.extend(value.chars().map(|c| Symbol::Plain { c, own: false }));
            at = end + 1;
            continue;
        }
        out.push(match chars[at] {
            '*' => Symbol::Star,
            '?' => Symbol::Question,
            c => Symbol::Plain { c, own: true },
        });
        at += 1;
    }
    Some(out)
}

/// Tries everything.
pub(crate) fn glob(pattern: &[Symbol], text: &[char]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some(Symbol::Star), _) => {
            glob(&pattern[1..], text) || (!text.is_empty() && glob(pattern, &text[1..]))
        }
        (Some(Symbol::Question), Some(_)) => glob(&pattern[1..], &text[1..]),
        (Some(Symbol::Plain { c, .. }), Some(found)) => {
            c == found && glob(&pattern[1..], &text[1..])
        }
        _ => false,
    }
}

pub(crate) fn arn(
    pattern: &str,
    text: &str,
    variables: bool,
    keys: &BTreeMap<String, Held>,
) -> bool {
    if pattern == "*" {
        return true;
    }
    if !text.starts_with("arn:") || text.split(':').count() < 6 {
        return false;
    }
    let Some(symbols) = symbols(pattern, variables, keys) else {
        return false;
    };
    let colon = Symbol::Plain { c: ':', own: true };
    let wanted: Vec<&[Symbol]> = symbols.splitn(6, |s| *s == colon).collect();
    let there: Vec<&str> = text.splitn(wanted.len(), ':').collect();
    wanted.len() == there.len()
        && wanted
            .iter()
            .zip(there)
            .all(|(wanted, there)| glob(wanted, &chars(there)))
}

pub(crate) fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}
