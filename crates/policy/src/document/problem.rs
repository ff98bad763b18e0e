use std::fmt;

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
