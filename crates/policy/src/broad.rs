//! The test for policies that let in the world.
//!
//! COMPAT: a wildcard principal is broad unless a condition holds one of the four keys that Secrets
//! Manager's documentation names to fixed values (behaviour reference §8.1). A fixed value has no
//! wildcard and no variable. S3's test for public policies knows more keys, addresses among them;
//! whether Secrets Manager counts those is not recorded, and who asks for a broad policy to be
//! refused is better served by a refusal too many.

use crate::condition::{Operands, Quantifier, Test};
use crate::document::Effect;
use crate::pattern::{ArnPattern, Literal, Template};
use crate::statement::Statement;

/// Whether the statement alone lets in everyone.
pub(crate) fn is_broad(statement: &Statement) -> bool {
    statement.effect == Effect::Allow
        && statement
            .principals
            .as_ref()
            .is_some_and(|principals| principals.is_open())
        && !statement.condition.tests().any(narrows)
}

/// A test that an absent key passes narrows nothing.
fn narrows(test: &Test) -> bool {
    let demands = !test.negated && !test.if_exists && test.quantifier != Quantifier::All;
    demands && NARROWING.contains(&&*test.key) && is_fixed(&test.operands)
}

fn is_fixed(operands: &Operands) -> bool {
    match operands {
        Operands::Exact(list) | Operands::IgnoringCase(list) => list.iter().all(literal_is_fixed),
        Operands::Like(list) => list.iter().all(Template::is_fixed),
        Operands::Arn(list) => list.iter().all(ArnPattern::is_fixed),
        Operands::Absent(_)
        | Operands::Binary(_)
        | Operands::Bool(_)
        | Operands::Date(..)
        | Operands::Network(_)
        | Operands::Number(..) => false,
    }
}

/// A wildcard that is none for its operator was meant as one.
fn literal_is_fixed(literal: &Literal) -> bool {
    match literal {
        Literal::Fixed(text) => !text.contains(['*', '?']),
        Literal::Open(_) => false,
    }
}

const NARROWING: [&str; 4] = [
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
];
