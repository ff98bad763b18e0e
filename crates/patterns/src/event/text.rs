//! Matching of text.

/// A text with places where anything may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wildcard {
    /// What stands before the first such place, between two, and behind the last.
    pieces: Vec<String>,
}

impl Wildcard {
    /// Reads `*` as such a place, and `\*` and `\\` as `*` and `\`. `None`: two stand side by side, or a
    /// `\` escapes nothing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut pieces = vec![String::new()];
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let letter = match letter {
                '*' if letters.peek() == Some(&'*') => return None,
                '*' => {
                    pieces.push(String::new());
                    continue;
                }
                '\\' => letters.next_if(|next| matches!(next, '*' | '\\'))?,
                other => other,
            };
            if let Some(last) = pieces.last_mut() {
                last.push(letter);
            }
        }
        Some(Self { pieces })
    }

    /// SECURITY: goes through `text` once, however many stars there are: the first place where a piece
    /// stands is as good as any later one. A text that is too short is not gone through at all: an event
    /// may have very many of them.
    pub(super) fn matches(&self, text: &str) -> bool {
        if text.len() < self.pieces.iter().map(String::len).sum() {
            return false;
        }
        let Some((first, rest)) = self.pieces.split_first() else {
            return false;
        };
        let Some((last, middle)) = rest.split_last() else {
            return text == first;
        };
        // Most patterns begin and end with a star. To compare with nothing takes long on some processors:
        // an empty text has no address.
        let is_between = (first.is_empty() || text.starts_with(first.as_str()))
            && (last.is_empty() || text.ends_with(last.as_str()));
        if !is_between {
            return false;
        }
        let Some(mut text) = text.get(first.len()..text.len() - last.len()) else {
            return false;
        };
        for piece in middle {
            match behind(text, piece) {
                Some(rest) => text = rest,
                None => return false,
            }
        }
        true
    }
}

/// What stands in `text` behind the first `piece`.
///
/// To search well takes some preparation, which takes longer than to search a short text badly.
fn behind<'a>(text: &'a str, piece: &str) -> Option<&'a str> {
    if text.len() > SHORT || piece.is_empty() {
        return text.split_once(piece).map(|(_, behind)| behind);
    }
    let mut starts = text.as_bytes().windows(piece.len());
    let at = starts.position(|found| found == piece.as_bytes())?;
    text.get(at + piece.len()..)
}

/// Whether two texts differ in case alone.
pub(super) fn same_letters(one: &str, other: &str) -> bool {
    folded(one).eq(folded(other))
}

/// Whether `text` begins with `prefix`, in any case.
pub(super) fn begins_with_letters(text: &str, prefix: &str) -> bool {
    let mut letters = folded(text);
    folded(prefix).all(|wanted| letters.next() == Some(wanted))
}

/// Whether `text` ends with `suffix`, in any case.
pub(super) fn ends_with_letters(text: &str, suffix: &str) -> bool {
    let mut letters = folded(text).rev();
    folded(suffix)
        .rev()
        .all(|wanted| letters.next() == Some(wanted))
}

fn folded(text: &str) -> impl DoubleEndedIterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// Bytes of a text that is not worth preparing for.
const SHORT: usize = 128;
