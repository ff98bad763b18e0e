//! From the parameters of a form to typed values.
//!
//! - A structure's members are named with dots (`Login.User`), a list's items are numbered from 1
//!   under `member` (`Tags.member.1.Key`). A map is declared as the list of its entries, which are
//!   numbered under `entry` (`Attributes.entry.1.key`). A parameter that the shape does not name is
//!   ignored.
//! - Parameters stand in the order of their names' parts, so each level of the shape cuts its run of
//!   them into shorter runs: the work is proportional to the input times the depth of the shape.
//! - INVARIANT: the depth of recursion is that of the shape, never that of the body.
//! - COMPAT: an empty list comes as `Tags=`; items are taken in ascending order and gaps between
//!   their numbers do not count; an empty value is an empty text;
//!   a moment may be a number of seconds too.
//! - SECURITY: a member that is named but cannot be read as its type is refused, never ignored
//!   (`PolicyArns.1.arn` without `member`, `UserName.x`): to pass over it would act on less than the
//!   caller sent. The refusal has no text, so that it cannot carry a piece of the body.

#[cfg(test)]
mod tests;

use super::{Parameter, QueryRequest};
use crate::parse::{Parsed, decode_base64, moment_of};
use crate::rejection::Rejection;
use crate::shape::{List, Shape, Structure};
use crate::value::{Members, Value};
use base::{Plaintext, Timestamp};

impl QueryRequest {
    /// Reads the parameters as the members of `shape`. Checks types, not constraints.
    ///
    /// SECURITY: takes the request, so that what was decoded lives no longer than it must.
    pub fn parse_input(mut self, shape: &'static Structure) -> Result<Parsed, Rejection> {
        let members = read_members(&mut self.parameters, 0, shape)?;
        Ok(Parsed { members })
    }
}

/// Reads a structure. The names of `parameters` agree in what is before byte `start`, where the
/// names of the members begin.
fn read_members(
    parameters: &mut [Parameter],
    start: usize,
    structure: &'static Structure,
) -> Result<Members, Rejection> {
    let mut members = Members::empty(structure);
    for run in runs(parameters, start) {
        let name = part(run, start)?;
        let after = start + name.len() + 1;
        let mut known = structure.members.iter().enumerate();
        if let Some((index, member)) = known.find(|(_, member)| member.name == name) {
            members.set(index, Some(read_value(run, after, member.shape)?));
        }
    }
    Ok(members)
}

/// Reads one value. The names of `parameters` agree in what is before byte `start`, or end there.
fn read_value(
    parameters: &mut [Parameter],
    start: usize,
    shape: &'static Shape,
) -> Result<Value, Rejection> {
    match shape {
        Shape::Text(text) if text.sensitive => {
            let given = std::mem::take(leaf(parameters, start)?);
            Ok(Value::Secret(Plaintext::from(given)))
        }
        Shape::Text(_) => Ok(Value::Text(std::mem::take(leaf(parameters, start)?))),
        Shape::Blob { .. } => {
            let given = leaf(parameters, start)?;
            let mut bytes = decode_base64(given.as_bytes()).ok_or(UNREADABLE)?;
            Ok(Value::Secret(Plaintext::new(std::mem::take(&mut *bytes))))
        }
        Shape::Integer(_) => {
            let number = leaf(parameters, start)?.parse();
            number.map(Value::Integer).map_err(|_| UNREADABLE)
        }
        Shape::Double => {
            let number = finite(leaf(parameters, start)?);
            number.map(Value::Double).ok_or(UNREADABLE)
        }
        Shape::Timestamp => {
            let given = leaf(parameters, start)?;
            let moment = Timestamp::parse_iso(given).or_else(|| finite(given).map(moment_of));
            moment.map(Value::Timestamp).ok_or(UNREADABLE)
        }
        Shape::Boolean => match leaf(parameters, start)?.as_str() {
            "true" => Ok(Value::Boolean(true)),
            "false" => Ok(Value::Boolean(false)),
            _ => Err(UNREADABLE),
        },
        Shape::List(list) => read_items(parameters, start, list).map(Value::List),
        // No operation of a Query service takes a map.
        Shape::Map(_) => Err(UNREADABLE),
        Shape::Structure(structure) => {
            read_members(parameters, start, structure).map(Value::Structure)
        }
    }
}

/// Reads a list.
fn read_items(
    parameters: &mut [Parameter],
    start: usize,
    list: &'static List,
) -> Result<Vec<Value>, Rejection> {
    if leaf(parameters, start).is_ok_and(|given| given.is_empty()) {
        return Ok(Vec::new());
    }
    let all_under = |name| {
        let mut segments = parameters.iter().map(|parameter| parameter.segment(start));
        segments.all(|segment| segment == Some(name))
    };
    let Some(numbered_under) = [MEMBER, ENTRY].into_iter().find(|name| all_under(name)) else {
        return Err(UNREADABLE);
    };
    let start = start + numbered_under.len() + 1;
    let mut items = Vec::new();
    for run in runs(parameters, start) {
        let number = part(run, start)?;
        let index = index(number).ok_or(UNREADABLE)?;
        let after = start + number.len() + 1;
        items.push((index, read_value(run, after, list.item)?));
    }
    items.sort_unstable_by_key(|(index, _)| *index);
    Ok(items.into_iter().map(|(_, item)| item).collect())
}

/// Cuts `parameters` where the part of their names that begins at `start` changes.
fn runs(parameters: &mut [Parameter], start: usize) -> impl Iterator<Item = &mut [Parameter]> {
    parameters.chunk_by_mut(move |one, next| one.segment(start) == next.segment(start))
}

/// The part that the names in `run` have in common from `start`. Errors when there is none: a plain
/// value was given where a structure or a list is wanted.
fn part(run: &[Parameter], start: usize) -> Result<&str, Rejection> {
    run.first()
        .and_then(|parameter| parameter.segment(start))
        .ok_or(UNREADABLE)
}

/// The value of the only parameter, when its name ends before `start`.
fn leaf(parameters: &mut [Parameter], start: usize) -> Result<&mut String, Rejection> {
    match parameters {
        [only] if only.segment(start).is_none() => Ok(&mut only.value),
        _ => Err(UNREADABLE),
    }
}

/// A number, in decimal.
fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// An item's number, in its only spelling, so that no two parameters name the same item.
fn index(digits: &str) -> Option<u16> {
    let is_canonical = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    digits
        .parse()
        .ok()
        .filter(|index| is_canonical && *index <= MOST_ITEMS)
}

const UNREADABLE: Rejection = Rejection::Serialization(None);
const MEMBER: &str = "member";
const ENTRY: &str = "entry";

/// The greatest number of an item.
const MOST_ITEMS: u16 = 10_000;
