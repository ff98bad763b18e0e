//! `ERROR "in quotation marks" -without`, or `?any ?of`.
//!
//! All terms must be there; case counts; no `-term` may be there; of `?term`s one must.

use super::cost::Cost;
use super::error::Malformed;
use super::scanner::Scanner;
use regex_lite::Regex;

/// A pattern of terms.
#[derive(Debug, Default)]
pub(super) struct Terms {
    all: Vec<Term>,
    any: Vec<Term>,
    none: Vec<Term>,
}

#[derive(Debug)]
enum Term {
    Expression(Regex),
    Text(String),
}

impl Terms {
    /// Reads a whole pattern.
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, Malformed> {
        let mut terms = Self::default();
        let begin = scanner.clone();
        while scanner.peek().is_some() {
            let list = if scanner.take("-") {
                &mut terms.none
            } else if scanner.take("?") {
                &mut terms.any
            } else {
                &mut terms.all
            };
            list.push(Term::parse(scanner)?);
            scanner.skip_spaces();
        }
        let has_others = !terms.all.is_empty() || !terms.none.is_empty();
        if !terms.any.is_empty() && has_others {
            return Err(begin.wrong("a mixture of ?terms with others is not supported"));
        }
        Ok(terms)
    }

    pub(super) fn cost(&self) -> Cost {
        let terms = self.all.iter().chain(&self.any).chain(&self.none);
        terms.map(Term::cost).sum()
    }

    /// Whether a line is meant.
    pub(super) fn match_text(&self, line: &str) -> bool {
        let is_there = |term: &Term| term.is_in(line);
        self.all.iter().all(is_there)
            && !self.none.iter().any(is_there)
            && (self.any.is_empty() || self.any.iter().any(is_there))
    }
}

impl Term {
    fn parse(scanner: &mut Scanner<'_>) -> Result<Self, Malformed> {
        let begin = scanner.clone();
        let text = match scanner.peek() {
            Some('"') => scanner.quoted()?,
            Some('%') => return scanner.expression().map(Self::Expression),
            _ => scanner.take_while(|c| !c.is_whitespace()).to_owned(),
        };
        if text.is_empty() {
            return Err(begin.wrong("a term is empty"));
        }
        Ok(Self::Text(text))
    }

    fn cost(&self) -> Cost {
        match self {
            Self::Expression(_) => Cost::EXPRESSION,
            Self::Text(_) => Cost::PASS,
        }
    }

    fn is_in(&self, line: &str) -> bool {
        match self {
            Self::Expression(expression) => expression.is_match(line),
            Self::Text(text) => line.contains(text.as_str()),
        }
    }
}
