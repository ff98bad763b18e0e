//! The test for policies that let in the world.
//!
//! COMPAT: follows the test S3 documents for public policies, which Secrets Manager's documentation
//! refers to: a wildcard principal is broad unless a condition holds some key, of those that say
//! where a request comes from, to fixed values. A fixed value has no wildcard and no variable; a
//! range of addresses is fixed up to a /8 (/32 of IPv6).

use crate::condition::{Operand, Operands, Quantifier, Test};
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
        Operands::Network(list) => list.iter().all(|operand| match operand {
            Operand::Known(network) => !network.is_huge(),
            Operand::Open(_) => false,
        }),
        Operands::Absent(_)
        | Operands::Binary(_)
        | Operands::Bool(_)
        | Operands::Date(..)
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

const NARROWING: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
];
