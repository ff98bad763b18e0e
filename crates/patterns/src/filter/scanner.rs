//! Reading a pattern from left to right.

use super::MOST_EXPRESSIONS;
use super::error::Malformed;
use regex_lite::{Regex, RegexBuilder};

/// A place in a pattern.
///
/// INVARIANT: `rest` is the end of the text after `position` characters of it.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    rest: &'a str,
    position: usize,
    expressions: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            position: 0,
            expressions: 0,
        }
    }

    /// The next character.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Takes the next character.
    pub(super) fn next(&mut self) -> Option<char> {
        let mut rest = self.rest.chars();
        let taken = rest.next()?;
        self.rest = rest.as_str();
        self.position += 1;
        Some(taken)
    }

    /// Takes `text` if it comes next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                self.position += text.chars().count();
                true
            }
            None => false,
        }
    }

    /// Takes the word `text`, in any case, if it comes next and ends there.
    pub(super) fn take_word(&mut self, text: &str) -> bool {
        let Some((word, rest)) = self.rest.split_at_checked(text.len()) else {
            return false;
        };
        let ends = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if !ends || !word.eq_ignore_ascii_case(text) {
            return false;
        }
        self.rest = rest;
        self.position += text.len();
        true
    }

    /// Takes what comes next as long as `admits` says so.
    pub(super) fn take_while(&mut self, admits: impl Fn(char) -> bool) -> &'a str {
        let length: usize = self
            .rest
            .chars()
            .take_while(|c| admits(*c))
            .map(char::len_utf8)
            .sum();
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        self.position += taken.chars().count();
        taken
    }

    pub(super) fn skip_spaces(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// A text in quotation marks, in which `\"` and `\\` stand for the second character.
    pub(super) fn quoted(&mut self) -> Result<String, Malformed> {
        let begin = self.position;
        let quote = self.next().unwrap_or('"');
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(Malformed::at(begin, "a quotation mark is missing")),
                Some(c) if c == quote => return Ok(text),
                Some('\\') if matches!(self.peek(), Some('"' | '\\')) => {
                    text.extend(self.next());
                }
                Some(c) => text.push(c),
            }
        }
    }

    /// A regular expression between percent signs.
    pub(super) fn expression(&mut self) -> Result<Regex, Malformed> {
        let begin = self.position;
        let wrong = |why| Malformed::at(begin, why);
        self.next();
        let text = self.take_while(|c| c != '%');
        if self.next() != Some('%') {
            return Err(wrong("a percent sign is missing"));
        }
        self.expressions += 1;
        if self.expressions > MOST_EXPRESSIONS {
            return Err(wrong("there are too many regular expressions"));
        }
        if text.is_empty() {
            return Err(wrong("a regular expression is empty"));
        }
        let mut builder = RegexBuilder::new(text);
        builder
            .size_limit(LARGEST_EXPRESSION)
            .nest_limit(DEEPEST_EXPRESSION);
        let built = builder.build();
        built.map_err(|_| wrong("this regular expression is not supported"))
    }

    /// That what comes next should not be there.
    pub(super) fn wrong(&self, why: &'static str) -> Malformed {
        Malformed::at(self.position, why)
    }

    /// Refuses a pattern that does not end here.
    pub(super) fn end(&mut self) -> Result<(), Malformed> {
        self.skip_spaces();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.wrong("the pattern should end here")),
        }
    }
}

/// In bytes of the compiled form, each part of which may cost something for each byte of an event.
const LARGEST_EXPRESSION: usize = 4 << 10;
const DEEPEST_EXPRESSION: u32 = 16;
