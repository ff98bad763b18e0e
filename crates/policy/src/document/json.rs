//! A JSON reader that keeps positions and is stricter than JSON where policies need it.
//!
//! Rules kept here: a name given twice in one object is refused, since readers disagree on which
//! of the two counts; nesting and length are bounded, so that recursion is; what is not JSON to
//! the letter (comments, trailing commas, lone surrogates) is refused.

use std::collections::BTreeSet;
use std::str::Chars;

use super::Place;
use super::problem::{Problem, quoted};

/// A JSON value and where it stands.
#[derive(Debug)]
pub(crate) struct Node<'t> {
    pub(crate) start: Place,
    /// The place just after its last character.
    pub(crate) end: Place,
    pub(crate) value: Value<'t>,
}

#[derive(Debug)]
pub(crate) enum Value<'t> {
    Null,
    Bool(bool),
    /// The number as written.
    Number(&'t str),
    Text(String),
    List(Vec<Node<'t>>),
    Object(Vec<Member<'t>>),
}

/// One name and value of an object.
#[derive(Debug)]
pub(crate) struct Member<'t> {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) node: Node<'t>,
}

/// Reads the one value that `text` consists of.
pub(crate) fn read(text: &str) -> Result<Node<'_>, Problem> {
    let mut reader = Reader {
        rest: text.chars(),
        place: Place { line: 1, column: 1 },
    };
    if text.chars().nth(MAX_CHARACTERS).is_some() {
        return Err(reader.problem(format!("longer than {MAX_CHARACTERS} characters")));
    }
    reader.skip_space();
    if reader.peek().is_none() {
        return Err(reader.problem("the document is empty"));
    }
    let node = reader.node(0)?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(node),
        Some(next) => Err(reader.problem(format!("{} after the end of the document", shown(next)))),
    }
}

struct Reader<'t> {
    rest: Chars<'t>,
    place: Place,
}

impl<'t> Reader<'t> {
    /// `depth` is how many lists and objects this value is inside of.
    fn node(&mut self, depth: usize) -> Result<Node<'t>, Problem> {
        if depth > MAX_DEPTH {
            return Err(self.problem(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let start = self.place;
        let value = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Value::Text(self.text()?),
            Some('-' | '0'..='9') => Value::Number(self.number()?),
            Some('t' | 'f' | 'n') => self.word()?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Node {
            start,
            end: self.place,
            value,
        })
    }

    fn object(&mut self, depth: usize) -> Result<Value<'t>, Problem> {
        self.bump();
        let mut members = Vec::new();
        let mut names = BTreeSet::new();
        self.skip_space();
        if self.take('}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            let place = self.place;
            if self.peek() != Some('"') {
                return Err(self.unexpected("a name in double quotes"));
            }
            let name = self.text()?;
            if !names.insert(name.clone()) {
                let message = format!("{} is given twice", quoted(&name));
                return Err(Problem::new(place, message));
            }
            self.skip_space();
            if !self.take(':') {
                return Err(self.unexpected("`:`"));
            }
            self.skip_space();
            let node = self.node(depth + 1)?;
            members.push(Member { name, place, node });
            self.skip_space();
            if self.take('}') {
                return Ok(Value::Object(members));
            }
            if !self.take(',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value<'t>, Problem> {
        self.bump();
        let mut items = Vec::new();
        self.skip_space();
        if self.take(']') {
            return Ok(Value::List(items));
        }
        loop {
            self.skip_space();
            items.push(self.node(depth + 1)?);
            self.skip_space();
            if self.take(']') {
                return Ok(Value::List(items));
            }
            if !self.take(',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn text(&mut self) -> Result<String, Problem> {
        let start = self.place;
        self.bump();
        let mut text = String::new();
        loop {
            let place = self.place;
            match self.bump() {
                None => return Err(Problem::new(start, "a string that is not closed")),
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape(place)?),
                Some(c) if u32::from(c) < 0x20 => {
                    return Err(Problem::new(place, "a control character within a string"));
                }
                Some(c) => text.push(c),
            }
        }
    }

    /// What follows a backslash, which stands at `place`.
    fn escape(&mut self, place: Place) -> Result<char, Problem> {
        let bad = || Problem::new(place, "an escape that JSON does not know");
        Ok(match self.bump().ok_or_else(bad)? {
            c @ ('"' | '\\' | '/') => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => self.unicode().ok_or_else(bad)?,
            _ => return Err(bad()),
        })
    }

    fn unicode(&mut self) -> Option<char> {
        let high = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&high) {
            return char::from_u32(high);
        }
        if !(self.take('\\') && self.take('u')) {
            return None;
        }
        let low = self.four_digits()?;
        if !(0xdc00..0xe000).contains(&low) {
            return None;
        }
        char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
    }

    fn four_digits(&mut self) -> Option<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code * 16 + self.bump()?.to_digit(16)?;
        }
        Some(code)
    }

    fn number(&mut self) -> Result<&'t str, Problem> {
        let text = self.rest.as_str();
        self.take('-');
        if !self.take('0') {
            self.digits()?;
        }
        if self.take('.') {
            self.digits()?;
        }
        if self.take('e') || self.take('E') {
            let _ = self.take('+') || self.take('-');
            self.digits()?;
        }
        let length = text.len() - self.rest.as_str().len();
        text.get(..length)
            .ok_or_else(|| self.unexpected("a number"))
    }

    fn digits(&mut self) -> Result<(), Problem> {
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return Err(self.unexpected("a digit"));
        }
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.bump();
        }
        Ok(())
    }

    fn word(&mut self) -> Result<Value<'t>, Problem> {
        for (word, value) in [
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("null", Value::Null),
        ] {
            if self.rest.as_str().starts_with(word) {
                word.chars().for_each(|_| {
                    self.bump();
                });
                return Ok(value);
            }
        }
        Err(self.unexpected("a value"))
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.bump();
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.bump();
        }
        there
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.place.line += 1;
            self.place.column = 1;
        } else {
            self.place.column += 1;
        }
        Some(c)
    }

    fn unexpected(&self, wanted: &str) -> Problem {
        match self.peek() {
            Some(c) => self.problem(format!("{} where {wanted} is expected", shown(c))),
            None => self.problem(format!("the document ends where {wanted} is expected")),
        }
    }

    fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.place, message)
    }
}

fn shown(c: char) -> String {
    quoted(c.encode_utf8(&mut [0; 4]))
}

/// The most text that any of AWS's operations takes as a policy.
const MAX_CHARACTERS: usize = 131_072;
/// A policy needs six.
const MAX_DEPTH: usize = 16;
