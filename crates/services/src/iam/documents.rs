//! Policy documents as requests bring them: read, and measured.

use super::error::Error;
use crate::document::{Document, DocumentForm};

/// The document with this text.
///
/// # Errors
/// [`Error::MalformedPolicy`] with every problem and its place.
pub(crate) fn parse<F: DocumentForm>(text: &str) -> Result<Document<F>, Error> {
    Document::parse(text).map_err(|problems| Error::MalformedPolicy(problems.to_string()))
}

/// How long a document is where IAM limits it: white space does not count.
pub(crate) fn size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::IdentityDocument;

    #[test]
    fn white_space_has_no_size() {
        assert_eq!(size(" { \"a\" :\r\n\t\"é\" }\n"), 9);
        assert_eq!(size(""), 0);
    }

    #[test]
    fn what_is_no_policy_is_refused_with_its_place() {
        let text = "{\n  \"Version\": \"2012-10-17\",\n  x\n}";

        let refused: Result<IdentityDocument, _> = parse(text);

        let text = refused.unwrap_err().to_string();
        assert!(text.contains("line 3, column 3"), "{text}");
    }
}
