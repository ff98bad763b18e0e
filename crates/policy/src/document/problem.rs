use std::fmt;

use super::Place;

/// Why a text is no policy: one problem or more, in the order they stand in the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", joined(.0))]
pub struct Problems(
    /// The problems; never empty.
    pub Vec<Problem>,
);

/// One thing wrong with a policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line it is on, from 1.
    pub line: usize,
    /// The character of that line it begins at, from 1.
    pub column: usize,
    /// Where it is in the document: `Statement[0].Condition.StringEquals`. Empty at the top.
    pub path: String,
    /// What is wrong, and what to write instead where that is known.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            path,
            message,
        } = self;
        write!(f, "{message} (line {line}, column {column}")?;
        if !path.is_empty() {
            write!(f, ", in {path}")?;
        }
        f.write_str(")")
    }
}

fn joined(problems: &[Problem]) -> String {
    let texts: Vec<String> = problems.iter().map(Problem::to_string).collect();
    texts.join("; ")
}

impl Problem {
    /// A problem of the text as such, before it has any structure.
    pub(crate) fn new(place: Place, message: impl Into<String>) -> Self {
        Self {
            line: place.line,
            column: place.column,
            path: String::new(),
            message: message.into(),
        }
    }
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Problem>);

impl Findings {
    /// Notes a problem. Beyond a number that nobody reads to the end, drops it.
    pub(crate) fn add(&mut self, place: Place, path: &Path<'_>, message: impl Into<String>) {
        if self.0.len() < MAX_PROBLEMS {
            let mut problem = Problem::new(place, message);
            problem.path = path.to_string();
            self.0.push(problem);
        }
    }

    /// `Err` with the problems in the order of the text, when there are any.
    pub(crate) fn into_result(self) -> Result<(), Problems> {
        let mut problems = self.0;
        if problems.is_empty() {
            return Ok(());
        }
        problems.sort_by_key(|problem| (problem.line, problem.column));
        Err(Problems(problems))
    }
}

/// The way from the top of a document to one of its values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl Path<'_> {
    /// The document itself.
    pub(crate) const TOP: Path<'static> = Path {
        parent: None,
        step: Step::Name(""),
    };

    /// The element `name` of the object here.
    pub(crate) fn name<'s>(&'s self, name: &'s str) -> Path<'s> {
        Path {
            parent: Some(self),
            step: Step::Name(name),
        }
    }

    /// The item `index` of the list here.
    pub(crate) fn index(&self, index: usize) -> Path<'_> {
        Path {
            parent: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = self.parent else {
            return Ok(());
        };
        parent.fmt(f)?;
        match self.step {
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Name(name) if parent.parent.is_none() => f.write_str(name),
            Step::Name(name) => write!(f, ".{name}"),
        }
    }
}

/// `text` in backticks, cut to a readable length, without characters that act on a terminal.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(MAX_QUOTED)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(MAX_QUOTED).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

const MAX_PROBLEMS: usize = 100;
const MAX_QUOTED: usize = 100;
