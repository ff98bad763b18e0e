//! Reads a `Condition` element.

use super::operand::Operands;
use super::operator::Operator;
use super::{Condition, Test};
use crate::document::json::{Node, Value};
use crate::document::{Findings, Language, Path, each, quoted};
use crate::pattern::is_key;

/// Reads the block, noting what is wrong with it. What is returned counts only when nothing is.
pub(crate) fn parse(
    node: &Node<'_>,
    language: Language,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Condition {
    let Value::Object(operators) = &node.value else {
        findings.add(node.start, path, "`Condition` is not an object");
        return Condition::default();
    };
    let mut tests = Vec::new();
    for member in operators {
        let path = path.name(&member.name);
        let Some(operator) = Operator::parse(&member.name) else {
            let message = format!("unknown condition operator {}", quoted(&member.name));
            findings.add(member.place, &path, message);
            continue;
        };
        let Value::Object(keys) = &member.node.value else {
            let message = "a condition operator takes an object of condition keys";
            findings.add(member.node.start, &path, message);
            continue;
        };
        for key in keys {
            let path = path.name(&key.name);
            if !is_key(&key.name) {
                let message = format!(
                    "{} is no condition key; write `service:key`",
                    quoted(&key.name)
                );
                findings.add(key.place, &path, message);
            }
            tests.push(Test {
                name: key.name.as_str().into(),
                key: key.name.to_ascii_lowercase().into(),
                quantifier: operator.quantifier,
                if_exists: operator.if_exists,
                negated: operator.negated,
                operands: operands(&key.node, operator, language, &path, findings),
            });
        }
    }
    Condition(tests.into())
}

fn operands(
    node: &Node<'_>,
    operator: Operator,
    language: Language,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Operands {
    let mut operands = Operands::none(operator.comparison);
    each(node, path, findings, |node, path, findings| {
        let text = match &node.value {
            Value::Text(text) => text.as_str(),
            Value::Number(text) => text,
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::Null | Value::List(_) | Value::Object(_) => {
                let message = "a condition value is a string, a number, `true` or `false`";
                findings.add(node.start, path, message);
                return;
            }
        };
        if let Err(message) = operands.push(text, language) {
            findings.add(node.start, path, message);
        }
    });
    operands
}
