//! From JSON to statements.
//!
//! Rules kept here: an element that IAM does not know, or that this form of document may not have,
//! is a problem and never ignored; an element given without content is a problem; every problem
//! has its place.

use std::collections::BTreeSet;

use super::json::{Member, Node, Value};
use super::problem::{Findings, Path, quoted};
use super::{Effect, Form, Language, Place};
use crate::condition::{self, Condition};
use crate::pattern::{ActionPattern, ArnPattern};
use crate::principal::{self, Principals};
use crate::statement::{Selection, Statement};

/// Reads a document, noting what is wrong with it. What is returned counts only when nothing is.
pub(super) fn document(node: &Node<'_>, form: Form, findings: &mut Findings) -> Vec<Statement> {
    let path = Path::TOP;
    let Some(elements) = Elements::read(node, &path, &DOCUMENT, "a policy", findings) else {
        return Vec::new();
    };
    let language = match elements.text("Version", findings) {
        None => Language::Of2008,
        Some((text, place)) => Language::parse(text).unwrap_or_else(|| {
            let message = format!(
                "{} is no version of the policy language; write `2012-10-17`",
                quoted(text)
            );
            findings.add(place, &path.name("Version"), message);
            Language::Of2012
        }),
    };
    elements.text("Id", findings);
    let Some(member) = elements.required("Statement", findings) else {
        return Vec::new();
    };
    let mut reader = Reader {
        form,
        language,
        sids: BTreeSet::new(),
        findings,
    };
    let path = path.name("Statement");
    match &member.node.value {
        Value::List(items) if items.is_empty() => {
            reader
                .findings
                .add(member.node.start, &path, "`Statement` is empty");
            Vec::new()
        }
        Value::List(items) => items
            .iter()
            .enumerate()
            .filter_map(|(index, node)| reader.statement(node, &path.index(index)))
            .collect(),
        _ => reader.statement(&member.node, &path).into_iter().collect(),
    }
}

/// Calls `visit` for a value that stands alone, or for each of a list.
pub(crate) fn each(
    node: &Node<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
    mut visit: impl FnMut(&Node<'_>, &Path<'_>, &mut Findings),
) {
    match &node.value {
        Value::List(items) if items.is_empty() => {
            findings.add(node.start, path, "the list is empty")
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(item, &path.index(index), findings);
            }
        }
        _ => visit(node, path, findings),
    }
}

/// As [`each`], where all have to be strings.
pub(crate) fn each_text(
    node: &Node<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
    mut visit: impl FnMut(&str, Place, &Path<'_>, &mut Findings),
) {
    each(node, path, findings, |node, path, findings| {
        match &node.value {
            Value::Text(text) => visit(text, node.start, path, findings),
            _ => findings.add(node.start, path, "is not a string"),
        }
    });
}

/// The elements of a document or a statement.
struct Elements<'n, 't> {
    node: &'n Node<'t>,
    members: &'n [Member<'t>],
    path: &'n Path<'n>,
}

impl<'n, 't> Elements<'n, 't> {
    fn read(
        node: &'n Node<'t>,
        path: &'n Path<'n>,
        known: &[&str],
        what: &str,
        findings: &mut Findings,
    ) -> Option<Self> {
        let Value::Object(members) = &node.value else {
            findings.add(node.start, path, format!("{what} is not an object"));
            return None;
        };
        for member in members
            .iter()
            .filter(|member| !known.contains(&member.name.as_str()))
        {
            let mut message = format!("unknown element {}", quoted(&member.name));
            if let Some(meant) = known
                .iter()
                .find(|known| known.eq_ignore_ascii_case(&member.name))
            {
                message.push_str(&format!("; write `{meant}`"));
            }
            findings.add(member.place, path, message);
        }
        Some(Self {
            node,
            members,
            path,
        })
    }

    fn get(&self, name: &str) -> Option<&'n Member<'t>> {
        self.members.iter().find(|member| member.name == name)
    }

    fn required(&self, name: &str, findings: &mut Findings) -> Option<&'n Member<'t>> {
        let member = self.get(name);
        if member.is_none() {
            findings.add(self.node.start, self.path, format!("`{name}` is missing"));
        }
        member
    }

    fn text(&self, name: &str, findings: &mut Findings) -> Option<(&'n str, Place)> {
        let member = self.get(name)?;
        let Value::Text(text) = &member.node.value else {
            findings.add(member.node.start, &self.path.name(name), "is not a string");
            return None;
        };
        Some((text, member.node.start))
    }

    /// The element `name` or its negation, which exclude each other; and whether it is the latter.
    fn either(
        &self,
        name: &str,
        negation: &str,
        findings: &mut Findings,
    ) -> Option<(&'n Member<'t>, bool)> {
        match (self.get(name), self.get(negation)) {
            (Some(_), Some(second)) => {
                let message = format!("`{name}` and `{negation}` exclude each other");
                findings.add(second.place, self.path, message);
                None
            }
            (Some(member), None) => Some((member, false)),
            (None, Some(member)) => Some((member, true)),
            (None, None) => None,
        }
    }

    fn has_either(&self, name: &str, negation: &str) -> bool {
        self.get(name).or(self.get(negation)).is_some()
    }
}

struct Reader<'f> {
    form: Form,
    language: Language,
    sids: BTreeSet<String>,
    findings: &'f mut Findings,
}

impl Reader<'_> {
    fn statement(&mut self, node: &Node<'_>, path: &Path<'_>) -> Option<Statement> {
        let elements = Elements::read(node, path, &STATEMENT, "a statement", self.findings)?;
        let sid = self.sid(&elements);
        let effect = self.effect(&elements);
        let principals = self.principals(&elements, effect);
        let actions = self.actions(&elements);
        let resources = self.resources(&elements);
        let condition = match elements.get("Condition") {
            None => Condition::default(),
            Some(member) => {
                let path = path.name("Condition");
                condition::parse(&member.node, self.language, &path, self.findings)
            }
        };
        Some(Statement {
            sid: sid.map(Into::into),
            effect: effect?,
            start: node.start,
            end: node.end,
            principals,
            actions: actions?,
            resources,
            condition,
        })
    }

    fn sid<'n>(&mut self, elements: &Elements<'n, '_>) -> Option<&'n str> {
        let (sid, place) = elements.text("Sid", self.findings)?;
        let path = elements.path.name("Sid");
        if self.form == Form::Identity {
            if !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
                let message = format!("{} may hold letters and digits only", quoted(sid));
                self.findings.add(place, &path, message);
            }
            if !sid.is_empty() && !self.sids.insert(sid.to_owned()) {
                let message = format!("{} is the `Sid` of an earlier statement", quoted(sid));
                self.findings.add(place, &path, message);
            }
        } else if sid.chars().any(char::is_control) {
            let message = format!("{} holds a control character", quoted(sid));
            self.findings.add(place, &path, message);
        }
        Some(sid).filter(|sid| !sid.is_empty())
    }

    fn effect(&mut self, elements: &Elements<'_, '_>) -> Option<Effect> {
        elements.required("Effect", self.findings)?;
        let (text, place) = elements.text("Effect", self.findings)?;
        match text {
            "Allow" => Some(Effect::Allow),
            "Deny" => Some(Effect::Deny),
            _ => {
                let message = format!("{} is neither `Allow` nor `Deny`", quoted(text));
                self.findings
                    .add(place, &elements.path.name("Effect"), message);
                None
            }
        }
    }

    fn principals(
        &mut self,
        elements: &Elements<'_, '_>,
        effect: Option<Effect>,
    ) -> Option<Principals> {
        let Some((member, except)) = elements.either("Principal", "NotPrincipal", self.findings)
        else {
            let needed = matches!(self.form, Form::Resource | Form::Trust);
            if needed && !elements.has_either("Principal", "NotPrincipal") {
                elements.required("Principal", self.findings);
            }
            return None;
        };
        if self.form == Form::Identity {
            let message = format!(
                "`{}` has no place in a policy that is attached to identities",
                member.name
            );
            self.findings.add(member.place, elements.path, message);
            return None;
        }
        if except && effect == Some(Effect::Allow) {
            let message = "`NotPrincipal` with `Allow` would let in everyone else; name who is \
                           meant, or use `Deny`";
            self.findings.add(member.place, elements.path, message);
        }
        let path = elements.path.name(&member.name);
        Some(principal::parse(&member.node, except, &path, self.findings))
    }

    fn actions(&mut self, elements: &Elements<'_, '_>) -> Option<Selection<ActionPattern>> {
        let Some((member, except)) = elements.either("Action", "NotAction", self.findings) else {
            if !elements.has_either("Action", "NotAction") {
                elements.required("Action", self.findings);
            }
            return None;
        };
        let trust = self.form == Form::Trust;
        if trust && except {
            let message = "`NotAction` has no place in a trust policy";
            self.findings.add(member.place, elements.path, message);
        }
        let mut patterns = Vec::new();
        let path = elements.path.name(&member.name);
        each_text(
            &member.node,
            &path,
            self.findings,
            |text, place, path, findings| match ActionPattern::parse(text) {
                Ok(pattern) if trust && !pattern.is_of("sts") => {
                    let message = format!("{} is not an action of `sts`", quoted(text));
                    findings.add(place, path, message);
                }
                Ok(pattern) => patterns.push(pattern),
                Err(message) => findings.add(place, path, message),
            },
        );
        Some(Selection { patterns, except })
    }

    fn resources(&mut self, elements: &Elements<'_, '_>) -> Option<Selection<ArnPattern>> {
        let found = elements.either("Resource", "NotResource", self.findings);
        if self.form == Form::Trust {
            if let Some((member, _)) = found {
                let message = format!("`{}` has no place in a trust policy", member.name);
                self.findings.add(member.place, elements.path, message);
            }
            return None;
        }
        let Some((member, except)) = found else {
            if !elements.has_either("Resource", "NotResource") {
                elements.required("Resource", self.findings);
            }
            return None;
        };
        let language = self.language;
        let mut patterns = Vec::new();
        let path = elements.path.name(&member.name);
        each_text(
            &member.node,
            &path,
            self.findings,
            |text, place, path, findings| match ArnPattern::parse_resource(text, language) {
                Ok(pattern) => patterns.push(pattern),
                Err(message) => findings.add(place, path, message),
            },
        );
        Some(Selection { patterns, except })
    }
}

const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
