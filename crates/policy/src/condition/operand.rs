//! The values a condition names, compiled for their operator.

use std::collections::BTreeSet;

use super::binary::Binary;
use super::date::Moment;
use super::network::Network;
use super::number::Number;
use super::operator::{Comparison, Order};
use crate::document::{Language, quoted};
use crate::pattern::{ArnPattern, ArnText, Literal, Template};
use crate::request::Context;
use crate::resolve::{Bound, Open};

/// The operands of one test, all of one type.
#[derive(Clone, Debug)]
pub(crate) enum Operands {
    /// Of `Null`: whether the key is wanted to be absent.
    Absent(Vec<bool>),
    Arn(Vec<ArnPattern>),
    Binary(Vec<Operand<Binary>>),
    Bool(Vec<Operand<bool>>),
    Date(Order, Vec<Operand<Moment>>),
    Exact(Vec<Literal>),
    IgnoringCase(Vec<Literal>),
    Like(Vec<Template>),
    Network(Vec<Operand<Network>>),
    Number(Order, Vec<Operand<Number>>),
}

/// A value that has a type of its own.
#[derive(Clone, Debug)]
pub(crate) enum Operand<T> {
    Known(T),
    /// Known when its variables are.
    Open(Literal),
}

/// A type that operands have.
pub(super) trait Typed: Sized {
    /// How a request's value is held.
    type Value;
    /// Reads the text of an operand.
    fn operand(text: &str) -> Option<Self>;
    /// Reads the text of a request's value.
    fn value(text: &str) -> Option<Self::Value>;
    /// What the texts should have been.
    const FORM: &'static str;
}

impl Typed for bool {
    type Value = Self;
    fn operand(text: &str) -> Option<Self> {
        match text {
            _ if text.eq_ignore_ascii_case("true") => Some(true),
            _ if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
    fn value(text: &str) -> Option<Self> {
        Self::operand(text)
    }
    const FORM: &'static str = "`true` or `false`";
}

impl Operands {
    /// No operands yet, of the type that `comparison` asks for.
    pub(super) fn none(comparison: Comparison) -> Self {
        match comparison {
            Comparison::Absent => Self::Absent(Vec::new()),
            Comparison::Arn => Self::Arn(Vec::new()),
            Comparison::Binary => Self::Binary(Vec::new()),
            Comparison::Bool => Self::Bool(Vec::new()),
            Comparison::Date(order) => Self::Date(order, Vec::new()),
            Comparison::Exact => Self::Exact(Vec::new()),
            Comparison::IgnoringCase => Self::IgnoringCase(Vec::new()),
            Comparison::Like => Self::Like(Vec::new()),
            Comparison::Network => Self::Network(Vec::new()),
            Comparison::Number(order) => Self::Number(order, Vec::new()),
        }
    }

    /// Compiles one more operand.
    pub(super) fn push(&mut self, text: &str, language: Language) -> Result<(), String> {
        match self {
            Self::Absent(list) => list.push(read(text)?),
            Self::Arn(list) => list.push(ArnPattern::parse_operand(text, language)?),
            Self::Binary(list) => list.push(typed(text, language)?),
            Self::Bool(list) => list.push(typed(text, language)?),
            Self::Date(_, list) => list.push(typed(text, language)?),
            Self::Exact(list) | Self::IgnoringCase(list) => {
                list.push(Literal::parse(text, language)?);
            }
            Self::Like(list) => list.push(Template::parse(text, language)?),
            Self::Network(list) => list.push(typed(text, language)?),
            Self::Number(_, list) => list.push(typed(text, language)?),
        }
        Ok(())
    }

    /// Whether any operand fits the value.
    pub(super) fn fit(&self, value: &str, context: &dyn Context) -> bool {
        let resolved = |literal: &Literal, fits: &dyn Fn(&str) -> bool| {
            literal.resolve(context).is_some_and(|text| fits(&text))
        };
        match self {
            Self::Absent(_) => false,
            Self::Arn(list) => {
                let value = ArnText::new(value);
                list.iter().any(|arn| arn.matches(&value, context))
            }
            Self::Binary(list) => any(list, value, context, |value, operand| value == operand),
            Self::Bool(list) => any(list, value, context, |value, operand| value == operand),
            Self::Date(order, list) => any(list, value, context, |v, o| order.holds(v, o)),
            Self::Exact(list) => list.iter().any(|o| resolved(o, &|text| text == value)),
            Self::IgnoringCase(list) => list
                .iter()
                .any(|o| resolved(o, &|text| same_letters(text, value))),
            Self::Like(list) => list.iter().any(|like| like.matches(value, context)),
            Self::Network(list) => any(list, value, context, |v, o| o.contains(*v)),
            Self::Number(order, list) => any(list, value, context, |v, o| order.holds(v, o)),
        }
    }

    /// Without the open keys: operands that fit whatever these may, or surely, fit.
    pub(super) fn resolved(&self, open: Open<'_>) -> Self {
        match self {
            Self::Absent(_) => self.clone(),
            Self::Arn(list) => {
                Self::Arn(list.iter().filter_map(|arn| arn.resolved(open)).collect())
            }
            Self::Binary(list) => typed_resolved(list, open, Self::Binary),
            Self::Bool(list) => typed_resolved(list, open, Self::Bool),
            Self::Date(order, list) => typed_resolved(list, open, |list| Self::Date(*order, list)),
            Self::Exact(list) if open.bound == Bound::Most => {
                Self::Like(list.iter().map(|literal| literal.widened(open)).collect())
            }
            Self::Exact(list) => Self::Exact(closed(list, |literal| literal.is_open(open))),
            Self::IgnoringCase(list) => either(
                list,
                open,
                |literal| literal.is_open(open),
                Self::IgnoringCase,
            ),
            Self::Like(list) => {
                Self::Like(list.iter().filter_map(|like| like.resolved(open)).collect())
            }
            Self::Network(list) => typed_resolved(list, open, Self::Network),
            Self::Number(order, list) => {
                typed_resolved(list, open, |list| Self::Number(*order, list))
            }
        }
    }

    pub(super) fn keys(&self, into: &mut BTreeSet<String>) {
        match self {
            Self::Absent(_) => {}
            Self::Arn(list) => list.iter().for_each(|arn| arn.keys(into)),
            Self::Binary(list) => open(list, into),
            Self::Bool(list) => open(list, into),
            Self::Date(_, list) => open(list, into),
            Self::Exact(list) | Self::IgnoringCase(list) => {
                list.iter().for_each(|literal| literal.keys(into));
            }
            Self::Like(list) => list.iter().for_each(|like| like.keys(into)),
            Self::Network(list) => open(list, into),
            Self::Number(_, list) => open(list, into),
        }
    }

    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Absent(list) => list.len(),
            Self::Arn(list) => {
                size_of_val(&**list) + list.iter().map(ArnPattern::weight).sum::<usize>()
            }
            Self::Binary(list) => held(list),
            Self::Bool(list) => held(list),
            Self::Date(_, list) => held(list),
            Self::Exact(list) | Self::IgnoringCase(list) => {
                size_of_val(&**list) + list.iter().map(Literal::weight).sum::<usize>()
            }
            Self::Like(list) => {
                size_of_val(&**list) + list.iter().map(Template::weight).sum::<usize>()
            }
            Self::Network(list) => held(list),
            Self::Number(_, list) => held(list),
        }
    }
}

fn typed<T: Typed>(text: &str, language: Language) -> Result<Operand<T>, String> {
    match Literal::parse(text, language)? {
        Literal::Fixed(text) => Ok(Operand::Known(read(&text)?)),
        open @ Literal::Open(_) => Ok(Operand::Open(open)),
    }
}

fn read<T: Typed>(text: &str) -> Result<T, String> {
    T::operand(text).ok_or_else(|| format!("{} is not {}", quoted(text), T::FORM))
}

fn any<T: Typed>(
    operands: &[Operand<T>],
    value: &str,
    context: &dyn Context,
    fits: impl Fn(&T::Value, &T) -> bool,
) -> bool {
    let Some(value) = T::value(value) else {
        return false;
    };
    operands.iter().any(|operand| match operand {
        Operand::Known(operand) => fits(&value, operand),
        Operand::Open(literal) => literal
            .resolve(context)
            .and_then(|text| T::operand(&text))
            .is_some_and(|operand| fits(&value, &operand)),
    })
}

/// Equal but for case. SECURITY: a letter of ASCII equals only letters of ASCII, so that `K`, the
/// sign for kelvin, does not pass for `k`.
fn same_letters(left: &str, right: &str) -> bool {
    let same = |(a, b): (char, char)| {
        a == b || (a.is_ascii() == b.is_ascii() && a.to_lowercase().eq(b.to_lowercase()))
    };
    left.chars().count() == right.chars().count() && left.chars().zip(right.chars()).all(same)
}

fn typed_resolved<T: Clone>(
    operands: &[Operand<T>],
    open: Open<'_>,
    of: impl FnOnce(Vec<Operand<T>>) -> Operands,
) -> Operands {
    let is_open = |operand: &Operand<T>| match operand {
        Operand::Known(_) => false,
        Operand::Open(literal) => literal.is_open(open),
    };
    either(operands, open, is_open, of)
}

/// The operands that are not open; or, when one is that may fit, what fits every value.
fn either<T: Clone>(
    operands: &[T],
    open: Open<'_>,
    is_open: impl Fn(&T) -> bool,
    of: impl FnOnce(Vec<T>) -> Operands,
) -> Operands {
    let closed = closed(operands, is_open);
    if open.bound == Bound::Most && closed.len() < operands.len() {
        Operands::Like(vec![Template::everything()])
    } else {
        of(closed)
    }
}

fn closed<T: Clone>(operands: &[T], is_open: impl Fn(&T) -> bool) -> Vec<T> {
    let closed = operands.iter().filter(|operand| !is_open(operand));
    closed.cloned().collect()
}

fn open<T>(operands: &[Operand<T>], into: &mut BTreeSet<String>) {
    for operand in operands {
        if let Operand::Open(literal) = operand {
            literal.keys(into);
        }
    }
}

fn held<T>(operands: &[Operand<T>]) -> usize {
    let text = |operand: &Operand<T>| match operand {
        Operand::Known(_) => 0,
        Operand::Open(literal) => literal.weight(),
    };
    size_of_val(operands) + operands.iter().map(text).sum::<usize>()
}
