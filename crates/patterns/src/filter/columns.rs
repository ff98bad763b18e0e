//! `[ip, user, ..., status = 4*, bytes > 1000]`: lines that spaces divide.
//!
//! Each column has a name and perhaps conditions, joined by `&&` or `||` from left to right. `...` stands
//! for any number of columns. A part of a line in `"…"` or `[…]` is one column.

use super::cost::Cost;
use super::error::Malformed;
use super::operand::Comparison;
use super::scanner::Scanner;
use crate::steps;
use std::collections::BTreeMap;

/// A pattern of columns.
#[derive(Debug)]
pub(super) struct Columns {
    /// Those before `...`, or all.
    before: Vec<Column>,
    /// Those after `...`, if it is there.
    after: Option<Vec<Column>>,
}

#[derive(Debug)]
struct Column {
    /// Empty for one that is not named.
    name: String,
    /// One of these lists must hold whole.
    conditions: Vec<Vec<Comparison>>,
}

impl Columns {
    /// Reads a whole pattern, from its `[`.
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, Malformed> {
        scanner.next();
        let mut columns = Self {
            before: Vec::new(),
            after: None,
        };
        loop {
            scanner.skip_spaces();
            if scanner.take("...") {
                if columns.after.is_some() {
                    return Err(scanner.wrong("`...` stands there twice"));
                }
                columns.after = Some(Vec::new());
            } else {
                let column = Column::parse(scanner)?;
                columns
                    .after
                    .as_mut()
                    .unwrap_or(&mut columns.before)
                    .push(column);
            }
            scanner.skip_spaces();
            if scanner.take("]") {
                scanner.end()?;
                return Ok(columns);
            }
            if !scanner.take(",") {
                return Err(scanner.wrong("a `,` or `]` is missing"));
            }
        }
    }

    pub(super) fn matches(&self, line: &str) -> bool {
        self.assigned(line).is_some_and(|assigned| {
            let mut assigned = assigned.into_iter();
            assigned.all(|(column, text)| column.holds(text))
        })
    }

    pub(super) fn cost(&self) -> Cost {
        let columns = self.before.iter().chain(self.after.iter().flatten());
        let conditions = columns.flat_map(|column| column.conditions.iter().flatten());
        Cost::PASS + conditions.map(Comparison::cost).sum()
    }

    /// Whether there is a column called `name`.
    pub(super) fn has(&self, name: &str) -> bool {
        let after = self.after.iter().flatten();
        !name.is_empty()
            && self
                .before
                .iter()
                .chain(after)
                .any(|column| column.name == name)
    }

    /// The column called `name` in a line.
    pub(super) fn value_of<'a>(&self, name: &str, line: &'a str) -> Option<&'a str> {
        let mut assigned = self.assigned(line)?.into_iter();
        let found = assigned.find(|(column, _)| column.name == name);
        found.map(|(_, text)| text)
    }

    /// Every column that has a name.
    pub(super) fn extracted(&self, line: &str) -> BTreeMap<String, String> {
        let assigned = self.assigned(line).unwrap_or_default().into_iter();
        let named = assigned.filter(|(column, _)| !column.name.is_empty());
        named
            .map(|(column, text)| (format!("${}", column.name), text.to_owned()))
            .collect()
    }

    /// Which part of a line each column is. `None`: there are more or fewer parts.
    fn assigned<'a, 'b>(&'a self, line: &'b str) -> Option<Vec<(&'a Column, &'b str)>> {
        // Without `...` one part too many tells as much as all of them.
        let most = match self.after {
            Some(_) => usize::MAX,
            None => self.before.len() + 1,
        };
        let parts: Vec<&str> = Parts::of(line).take(most).collect();
        let after = self.after.as_deref().unwrap_or_default();
        let skipped = parts
            .len()
            .checked_sub(self.before.len() + after.len())
            .filter(|skipped| self.after.is_some() || *skipped == 0)?;
        let first = self.before.iter().zip(parts.iter().copied());
        let last = parts.iter().copied().skip(self.before.len() + skipped);
        Some(first.chain(after.iter().zip(last)).collect())
    }
}

impl Column {
    fn parse(scanner: &mut Scanner<'_>) -> Result<Self, Malformed> {
        let name = scanner.take_while(is_of_name);
        scanner.skip_spaces();
        let mut conditions: Vec<Vec<Comparison>> = Vec::new();
        let mut begins_list = true;
        while let Some(comparison) = Comparison::parse(scanner)? {
            match conditions.last_mut() {
                Some(list) if !begins_list => list.push(comparison),
                _ => conditions.push(vec![comparison]),
            }
            scanner.skip_spaces();
            begins_list = scanner.take("||");
            if !begins_list && !scanner.take("&&") {
                return Self::of(scanner, name, conditions);
            }
            scanner.skip_spaces();
            let again = scanner.take_while(is_of_name);
            if again != name {
                return Err(scanner.wrong("the conditions of a column name that column"));
            }
            scanner.skip_spaces();
        }
        if conditions.is_empty() {
            return Self::of(scanner, name, conditions);
        }
        Err(scanner.wrong("an operator is missing"))
    }

    fn of(
        scanner: &Scanner<'_>,
        name: &str,
        conditions: Vec<Vec<Comparison>>,
    ) -> Result<Self, Malformed> {
        if name.is_empty() && !matches!(scanner.peek(), Some(',' | ']')) {
            return Err(scanner.wrong("the name of a column is missing"));
        }
        Ok(Self {
            name: name.to_owned(),
            conditions,
        })
    }

    fn holds(&self, text: &str) -> bool {
        let holds = |list: &Vec<Comparison>| list.iter().all(|one| one.holds_for_text(text));
        self.conditions.is_empty() || self.conditions.iter().any(holds)
    }
}

/// The parts of a line, without the marks around them.
///
/// SECURITY: goes through the line three times at most: a closing mark that was not found once is not
/// behind any later place either, and is not sought again.
struct Parts<'a> {
    rest: &'a str,
    has_quotation_mark: bool,
    has_bracket: bool,
}

impl<'a> Parts<'a> {
    fn of(line: &'a str) -> Self {
        Self {
            rest: line.trim_start(),
            has_quotation_mark: true,
            has_bracket: true,
        }
    }

    /// The part in marks that comes next, and what is behind it.
    fn enclosed(&mut self) -> Option<(&'a str, &'a str)> {
        let (closing, may_be_there) = match self.rest.chars().next()? {
            '"' => ('"', &mut self.has_quotation_mark),
            '[' => (']', &mut self.has_bracket),
            _ => return None,
        };
        if !*may_be_there {
            return None;
        }
        let inner = self.rest.get(1..)?;
        let found = inner.split_once(closing);
        steps::add(found.map_or(inner.len(), |(part, _)| part.len() + 1));
        *may_be_there = found.is_some();
        found
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (part, behind) = match self.enclosed() {
            Some(found) => found,
            None => {
                let found = self.rest.split_once(char::is_whitespace);
                let (part, behind) = found.unwrap_or((self.rest, ""));
                steps::add(part.len() + 1);
                (part, behind)
            }
        };
        self.rest = behind.trim_start();
        Some(part)
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}
