//! Conditions: what must be true of a request's keys for a statement to apply.
//!
//! Rules kept here:
//! - Every test of a block must hold. A test holds when any operand fits a value of the key, or,
//!   for a negated operator, when none does.
//! - An absent key fails a plain operator, passes a negated one and `…IfExists`. An empty
//!   multi-valued key counts as absent.
//! - `ForAllValues` holds of no values at all, `ForAnyValue` does not.
//! - An operand that no request could meet is refused when the policy is read. What comes out of a
//!   variable, and the request's own values, can only be judged then: what is no number, date or
//!   address there fits nothing.

mod binary;
mod date;
mod network;
mod number;
mod operand;
mod operator;
mod parse;

use std::collections::BTreeSet;
use std::mem::size_of_val;

pub(crate) use operand::Operands;
pub(crate) use parse::parse;

use crate::request::{Context, Values};
use crate::resolve::{Bound, Open};

/// A `Condition` element.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition(Box<[Test]>);

impl Condition {
    pub(crate) fn holds(&self, context: &dyn Context) -> bool {
        self.0.iter().all(|test| test.holds(context))
    }

    pub(crate) fn tests(&self) -> impl Iterator<Item = &Test> {
        self.0.iter()
    }

    /// Without the open keys; `None` when it does not surely hold.
    ///
    /// A test of an open key may hold and may not. For the operands of another the bound turns
    /// round with the operator: what they fit, a negated operator refuses.
    pub(crate) fn resolved(&self, open: Open<'_>) -> Option<Self> {
        let (doubtful, closed): (Vec<&Test>, Vec<&Test>) =
            self.0.iter().partition(|test| open.has(&test.key));
        if open.bound == Bound::Least && !doubtful.is_empty() {
            return None;
        }
        let resolved = closed.into_iter().map(|test| Test {
            operands: test.operands.resolved(open.reversed_if(test.negated)),
            ..test.clone()
        });
        Some(Self(resolved.collect()))
    }

    pub(crate) fn keys(&self, into: &mut BTreeSet<String>) {
        for test in &self.0 {
            into.insert(String::from(&*test.name));
            test.operands.keys(into);
        }
    }

    pub(crate) fn weight(&self) -> usize {
        let held = |test: &Test| test.key.len() + test.name.len() + test.operands.weight();
        size_of_val(&*self.0) + self.0.iter().map(held).sum::<usize>()
    }
}

/// One operator applied to one key.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// As written.
    name: Box<str>,
    /// As the request's context is asked for it.
    pub(crate) key: Box<str>,
    pub(crate) quantifier: Quantifier,
    pub(crate) if_exists: bool,
    pub(crate) negated: bool,
    pub(crate) operands: Operands,
}

/// How the values of a multi-valued key count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// No prefix: the operator looks at the values as at one.
    None,
    /// `ForAllValues:`.
    All,
    /// `ForAnyValue:`.
    Any,
}

impl Test {
    fn holds(&self, context: &dyn Context) -> bool {
        let values = context.values(&self.key).filter(|values| match values {
            Values::One(_) => true,
            Values::Many(values) => !values.is_empty(),
        });
        if let Operands::Absent(wanted) = &self.operands {
            return wanted.contains(&values.is_none());
        }
        match values {
            None if self.if_exists => true,
            None => match self.quantifier {
                Quantifier::None => self.negated,
                Quantifier::All => true,
                Quantifier::Any => false,
            },
            Some(Values::One(value)) => self.operands.fit(&value, context) != self.negated,
            Some(Values::Many(values)) => {
                let mut values = values.iter();
                let fits = |value: &str| self.operands.fit(value, context);
                match self.quantifier {
                    Quantifier::None => values.any(|value| fits(value)) != self.negated,
                    Quantifier::All => values.all(|value| fits(value) != self.negated),
                    Quantifier::Any => values.any(|value| fits(value) != self.negated),
                }
            }
        }
    }
}
