//! Filter patterns: which lines are shown.
//!
//! - Terms, all of which a line must have; `"…"` is one term with spaces; `-term` must not be there;
//!   of `?term`s one must. Case counts.
//! - COMPAT: patterns for JSON (`{ … }`), for columns (`[ … ]`) and regular expressions (`%…%`) are
//!   refused, and so is a mixture of `?term` with others, of which AWS ignores a part.

use super::error::Error;

/// A pattern, read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Filter {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`].
    pub(super) fn parse(pattern: &str) -> Result<Self, Error> {
        let pattern = pattern.trim();
        if pattern.starts_with(['{', '[']) || pattern.contains('%') {
            return Err(Error::unsupported(
                "A filter pattern other than terms, such as one for JSON, for columns or a regular expression,",
            ));
        }
        let mut filter = Self::default();
        let mut rest = pattern;
        while !rest.is_empty() {
            let (list, after) = match rest.split_at_checked(1) {
                Some(("-", after)) => (&mut filter.none, after),
                Some(("?", after)) => (&mut filter.any, after),
                _ => (&mut filter.all, rest),
            };
            let (term, after) =
                term(after).ok_or_else(|| invalid("a quotation mark is missing"))?;
            if term.is_empty() {
                return Err(invalid("a term is empty"));
            }
            list.push(term.to_owned());
            rest = after.trim_start();
        }
        let has_others = !filter.all.is_empty() || !filter.none.is_empty();
        if !filter.any.is_empty() && has_others {
            return Err(Error::unsupported("A mixture of ?terms with others"));
        }
        Ok(filter)
    }

    /// Whether a line is shown.
    pub(super) fn matches(&self, line: &str) -> bool {
        let has = |term: &String| line.contains(term.as_str());
        self.all.iter().all(has)
            && !self.none.iter().any(has)
            && (self.any.is_empty() || self.any.iter().any(has))
    }
}

/// The first term, and what comes after it. `None` when a quotation does not end.
fn term(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"'),
        None => Some(text.split_once(char::is_whitespace).unwrap_or((text, ""))),
    }
}

fn invalid(why: &str) -> Error {
    Error::InvalidParameter(format!("Invalid filter pattern: {why}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_shown_by_their_terms() {
        let line = "REPORT RequestId: a-b Duration: 3 ms";
        for (pattern, expected) in [
            ("", true),
            ("  ", true),
            ("REPORT", true),
            ("report", false),
            ("REPORT Duration:", true),
            ("REPORT ERROR", false),
            ("\"Duration: 3\"", true),
            ("\"Duration:  3\"", false),
            ("-ERROR", true),
            ("REPORT -ms", false),
            ("?ERROR ?REPORT", true),
            ("?ERROR ?WARN", false),
            ("-\"3 ms\"", false),
        ] {
            assert_eq!(
                Filter::parse(pattern).unwrap().matches(line),
                expected,
                "{pattern}"
            );
        }
    }

    #[test]
    fn what_is_not_here_is_refused() {
        for pattern in ["{ $.a = 1 }", "[a, b]", "%x%", "?a b", "\"a", "- a", "\"\""] {
            assert!(Filter::parse(pattern).is_err(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_a_quoted_text_finds_itself(pattern in ".{0,20}", text in "[a-z é]{1,9}") {
            let _ = Filter::parse(&pattern);

            let filter = Filter::parse(&format!("\"{text}\"")).unwrap();

            let line = format!("x{text}y");
            prop_assert!(filter.matches(&line));
        }
    }
}
