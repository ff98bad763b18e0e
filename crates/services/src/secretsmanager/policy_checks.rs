//! What is wrong with a resource policy that somebody wants to attach.
//!
//! Behaviour reference §8.1 and §8.3: the texts are AWS's. COMPAT: AWS tells neither where a syntax
//! error is nor which principal is unknown; `ValidateResourcePolicy` here tells it after AWS's text,
//! `PutResourcePolicy`, whose text clients compare, does not.

use super::error::Error;
use crate::document::ResourceDocument;
use crate::identity::known_principals;
use crate::tx::Tx;
use base::CommonError;
use policy::{Policy, PrincipalType, Problem};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::slice::from_ref;

/// One thing wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) check: Check,
    /// Which place or principal is meant.
    pub(crate) detail: Option<String>,
}

/// What a policy was looked at for, in the order in which findings are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    Access,
    Syntax,
    Principal,
    ServicePrincipal,
    LockOut,
}

impl Check {
    /// What the check is called. COMPAT: AWS's names are not recorded; these are ours.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Access => "BROAD_ACCESS_CHECK",
            Self::Syntax => "SYNTAX_CHECK",
            Self::Principal | Self::ServicePrincipal => "PRINCIPAL_CHECK",
            Self::LockOut => "LOCKOUT_CHECK",
        }
    }

    /// AWS's text.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Access => {
                "This resource policy grants broad access to your secret. Secrets Manager does not \
                 allow creating and applying such policies in the console."
            }
            Self::Syntax => "This resource policy contains a syntax error.",
            Self::Principal => "This resource policy contains an unsupported principal.",
            Self::ServicePrincipal => {
                "This resource policy contains an unsupported service principal."
            }
            Self::LockOut => {
                "Your requested changes will not allow you to manage this secret in the future."
            }
        }
    }
}

impl Finding {
    pub(crate) fn of(check: Check) -> Self {
        Self {
            check,
            detail: None,
        }
    }

    fn with(check: Check, detail: String) -> Self {
        Self {
            check,
            detail: Some(detail),
        }
    }

    /// AWS's text, and after it what is meant.
    pub(crate) fn message(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} {detail}", self.check.text()),
            None => self.check.text().to_owned(),
        }
    }
}

/// The policy with this text, its principals bound to those who have the names now; or all that is
/// wrong with it.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn examine(
    tx: &mut Tx<'_>,
    text: &str,
) -> Result<Result<ResourceDocument, Vec<Finding>>, CommonError> {
    let document = match ResourceDocument::parse(text) {
        Ok(document) => document,
        Err(problems) => {
            let mut findings: Vec<Finding> = problems.0.iter().map(of_problem).collect();
            findings.extend(unknown_in(tx, text).await?);
            return Ok(Err(findings));
        }
    };
    let principals = known_principals::look_up(tx, &document).await?;
    if principals.unknown.is_empty() {
        return Ok(Ok(document.bound_to(principals.ids)));
    }
    let unknown = principals.unknown.into_iter();
    Ok(Err(unknown.map(of_principal).collect()))
}

/// The principals that nobody is in a text that is no policy, as far as they can be made out: so that
/// they are told together with what else is wrong.
async fn unknown_in(tx: &mut Tx<'_>, text: &str) -> Result<Vec<Finding>, CommonError> {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return Ok(Vec::new());
    };
    let statements = each(value.get("Statement"));
    let elements = statements.flat_map(|statement| {
        let elements = ["Principal", "NotPrincipal"];
        elements.map(|name| statement.get(name))
    });
    let mut named = BTreeSet::new();
    for element in elements.flatten() {
        for (kind, member) in KINDS {
            let names = each(element.get(member)).filter_map(Value::as_str);
            let names = names.filter(|name| is_legible(member, name));
            named.extend(names.map(|name| (kind, name)));
        }
    }
    let principals = known_principals::look_up_each(tx, named).await?;
    Ok(principals.unknown.into_iter().map(of_principal).collect())
}

/// Whether the engine reads `name` as a principal: it has told what is wrong with any other.
fn is_legible(kind: &str, name: &str) -> bool {
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": { kind: name }, "Action": "*", "Resource": "*",
    }});
    Policy::parse(&policy.to_string(), policy::Form::Resource).is_ok()
}

/// The members of a list, or the one thing that is no list.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.into_iter().flat_map(|value| match value {
        Value::Array(items) => items.as_slice(),
        one => from_ref(one),
    })
}

/// Whether `text` is JSON at all.
pub(crate) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The refusal of a policy with these findings: every text once.
pub(crate) fn refusal(findings: &[Finding]) -> Error {
    let mut checks: Vec<Check> = findings.iter().map(|finding| finding.check).collect();
    checks.sort_unstable();
    checks.dedup();
    let texts: Vec<&str> = checks.into_iter().map(Check::text).collect();
    Error::MalformedPolicy(texts.join(" "))
}

/// What AWS's console warns of.
pub(crate) fn broad_access(policy: &Policy) -> Option<Finding> {
    policy
        .grants_broad_access()
        .then(|| Finding::of(Check::Access))
}

/// A text that no principal has is an unknown principal, not a mistake in the language.
fn of_problem(problem: &Problem) -> Finding {
    let path = problem.path.as_str();
    let check = if path.contains("Principal.AWS") || path.contains("Principal.CanonicalUser") {
        Check::Principal
    } else if path.contains("Principal.Service") {
        Check::ServicePrincipal
    } else {
        Check::Syntax
    };
    Finding::with(check, problem.to_string())
}

fn of_principal((kind, name): (PrincipalType, String)) -> Finding {
    let check = match kind {
        PrincipalType::Service => Check::ServicePrincipal,
        PrincipalType::Aws | PrincipalType::Federated | PrincipalType::CanonicalUser => {
            Check::Principal
        }
    };
    Finding::with(check, format!("`{name}`"))
}

const KINDS: [(PrincipalType, &str); 4] = [
    (PrincipalType::Aws, "AWS"),
    (PrincipalType::Service, "Service"),
    (PrincipalType::Federated, "Federated"),
    (PrincipalType::CanonicalUser, "CanonicalUser"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn checks_of(text: &str) -> Vec<Check> {
        let problems = ResourceDocument::parse(text).unwrap_err();
        problems.0.iter().map(|one| of_problem(one).check).collect()
    }

    fn with_principal(principal: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},
            "Action":"*","Resource":"*"}}}}"#
        )
    }

    #[test]
    fn a_principal_that_nobody_can_be_is_told_from_a_mistake_in_the_language() {
        let group = r#"{"AWS":"arn:aws:iam::123456789012:group/admins"}"#;

        assert_eq!(checks_of(&with_principal(group)), [Check::Principal]);
        assert_eq!(
            checks_of(&with_principal(r#"{"Service":""}"#)),
            [Check::ServicePrincipal]
        );
        assert_eq!(checks_of(&with_principal("7")), [Check::Syntax]);
        assert_eq!(checks_of("{}").first(), Some(&Check::Syntax));
    }

    #[test]
    fn a_refusal_says_each_text_once_in_order() {
        let findings = [
            Finding::with(Check::ServicePrincipal, String::from("`x`")),
            Finding::with(Check::Principal, String::from("`y`")),
            Finding::with(Check::ServicePrincipal, String::from("`z`")),
        ];

        let refusal = refusal(&findings);

        assert_eq!(
            refusal.to_string(),
            "This resource policy contains an unsupported principal. This resource policy \
             contains an unsupported service principal."
        );
    }

    #[test]
    fn what_is_no_json_is_known() {
        assert!(is_json(" {\"a\": [1]} "));
        for text in ["", "{", "{}}", "{'a':1}", "{\"a\":1,}"] {
            assert!(!is_json(text), "{text}");
        }
        assert!(!is_json(&"[".repeat(20_000)));
    }
}
